// Finds definition files: all of a package, those in a folder, those that a pattern matches.
//
// Where nobody names a folder, hidden ones, `node_modules`, what `.gitignore` names, and packages inside the package are left
// out. A folder that is named is looked through even where `.gitignore` names it.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ignore, { type Ignore } from "ignore";
import picomatch from "picomatch";
import { noDefinition } from "../../src/messages.js";
import { shownPath, slashed } from "./paths.js";

/** What tools find by themselves; any other file can be named. */
const DEFINITION = /\.net\.m?[jt]s$/;

export const isDefinition = (name: string): boolean => DEFINITION.test(name);

export const DEFINITIONS = "*.net.ts, .net.mts, .net.js or .net.mjs";

/** All definitions of the package in the folder, absolute and sorted. */
export const definitionsOf = (root: string): readonly string[] =>
  below(root, { rules: rulesAbove(root), nested: false });

/**
 * The files that words of a command line or of a configuration mean, absolute: files as they are, folders with all definitions
 * below them, patterns (`src/**`) with those that they match. Throws NO_DEFINITION for a folder or a pattern without any.
 */
export function filesNamed(words: readonly string[], cwd: string): readonly string[] {
  const found = words.flatMap((word) => {
    const path = resolve(cwd, word);
    // A file's own name may look like a pattern.
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return some(below(path, { rules: rulesAbove(path), nested: true }), word, cwd);
    return !stat && picomatch.scan(word).isGlob ? some(matching(slashed(word), cwd), word, cwd) : [path];
  });
  return [...new Set(found)];
}

function some(files: readonly string[], word: string, cwd: string): readonly string[] {
  if (files.length > 0) return files;
  throw noDefinition({ where: shownPath(resolve(cwd, word), cwd), hint: `definitions are called ${DEFINITIONS}` });
}

function matching(word: string, cwd: string): readonly string[] {
  const { base, glob } = picomatch.scan(word);
  const start = resolve(cwd, base);
  const matches = picomatch(glob);
  const walked = below(start, { rules: rulesAbove(start), nested: true });
  return walked.filter((path) => matches(slashed(relative(start, path))));
}

/** The rules of one `.gitignore`, for paths below its folder. */
interface Rules {
  readonly folder: string;
  readonly ignore: Ignore;
}

interface Walk {
  readonly rules: readonly Rules[];
  /** Are packages inside the folder looked through too? */
  readonly nested: boolean;
}

function below(folder: string, { rules, nested }: Walk): readonly string[] {
  const found: string[] = [];
  // Of a folder that is itself ignored, nothing above it counts.
  const known = isIgnored(folder, true, rules) ? [] : rules;
  const visit = (at: string, above: readonly Rules[]): void => {
    const here = [...above, ...rulesIn(at)];
    const entries = entriesOf(at);
    for (const entry of entries) {
      const path = join(at, entry.name);
      if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
      const isFolder = entry.isDirectory();
      if (isFolder ? !nested && existsSync(join(path, "package.json")) : !isDefinition(entry.name)) continue;
      if (isIgnored(path, isFolder, here)) continue;
      if (isFolder) visit(path, here);
      else found.push(path);
    }
  };
  visit(folder, known);
  const all = new Set(found);
  // What a compiler has written beside a definition is no second one.
  return found.filter((path) => !/\.m?js$/.test(path) || !all.has(path.replace(/js$/, "ts"))).sort();
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Nobody can be asked for what may not be read.
    return [];
  }
}

function rulesIn(folder: string): readonly Rules[] {
  const path = join(folder, ".gitignore");
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return [];
  return [{ folder, ignore: ignore().add(readFileSync(path, "utf8")) }];
}

/** Of the folders above, from the repository's down; of the package's where there is no repository. */
function rulesAbove(folder: string): readonly Rules[] {
  const above: string[] = [];
  let ofPackage: readonly string[] | undefined;
  for (let at = folder; ; at = dirname(at)) {
    if (at !== folder) above.unshift(at);
    if (existsSync(join(at, ".git"))) return above.flatMap(rulesIn);
    if (existsSync(join(at, "package.json"))) ofPackage ??= [...above];
    if (dirname(at) === at) return (ofPackage ?? []).flatMap(rulesIn);
  }
}

function isIgnored(path: string, isFolder: boolean, rules: readonly Rules[]): boolean {
  let ignored = false;
  for (const { folder, ignore: rule } of rules) {
    const name = slashed(relative(folder, path));
    if (name === "" || name.startsWith("..")) continue;
    const result = rule.test(isFolder ? `${name}/` : name);
    // The nearest file has the last word.
    ignored = result.ignored || (ignored && !result.unignored);
  }
  return ignored;
}
