// Which definitions are compiled to where, and how: what was named, what the configuration says, what the package holds.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { badConfig, badUsage, fileNotFound, noDefinition, printValue, sameOutput } from "../../src/messages.js";
import { choose, flagsBetween, type BuildFlags, type BuildOptions } from "./build-options.js";
import { loadConfig, type LoadedConfig } from "./config-file.js";
import { definitionsOf, DEFINITIONS, filesNamed, isDefinition } from "./find.js";
import { nearest } from "./options.js";
import { packageRoot, shownPath, slashed } from "./paths.js";
import { stem } from "./schedule-file.js";
import { warn, type Surroundings } from "./surroundings.js";
import { isGenerated } from "./write.js";

export interface Job {
  /** The definition file, absolute. */
  readonly input: string;
  /** The module, absolute. */
  readonly output: string;
  readonly options: BuildOptions;
  /** Is that what is built without any option of the command line? */
  readonly asConfigured: boolean;
  /** The package's folder. */
  readonly root: string;
  /** What writes the module again, from the package's folder. */
  readonly command: string;
}

export interface Plan {
  readonly jobs: readonly Job[];
  readonly root: string;
  /** No files were named: the modules' folders should hold these and no others. */
  readonly whole: boolean;
}

/**
 * Without names: the configuration's definitions, or else every one of the package.
 * Throws NO_DEFINITION, BAD_CONFIG, SAME_OUTPUT, BAD_USAGE.
 */
export async function planJobs(to: Surroundings, files: readonly string[], flags: BuildFlags): Promise<Plan> {
  const root = packageRoot(to.cwd);
  const loaded = await loadConfig(root);
  warn(to, loaded);
  const whole = files.length === 0;
  const inputs = whole ? ownDefinitions(root, loaded) : filesNamed(files, to.cwd);
  if (inputs.length === 0) {
    throw noDefinition({
      where: root === to.cwd ? "this package" : shownPath(root, to.cwd),
      hint: `definitions are called ${DEFINITIONS}; tapeless init writes a first one`,
    });
  }
  const jobs = inputs.map((input) => jobOf(input, root, loaded, flags));
  requireApart(jobs, to.cwd);
  if (whole) requireKnown(jobs, loaded);
  return { jobs, root, whole };
}

/**
 * One definition: a file, or the name of one of the package's (`digits` for `digits.net.ts`), or without a name the only one.
 * Throws FILE_NOT_FOUND, NO_DEFINITION, BAD_USAGE.
 */
export async function jobNamed(to: Surroundings, name: string | undefined, flags: BuildFlags): Promise<Job> {
  if (name !== undefined) {
    const path = resolve(to.cwd, name);
    const isFile = statSync(path, { throwIfNoEntry: false })?.isFile();
    if (isFile) return (await planJobs(to, [name], flags)).jobs[0]!;
    if (isDefinition(name)) throw fileNotFound({ what: "definition file", path: shownPath(path, to.cwd) });
  }
  const { jobs } = await planJobs(to, [], flags);
  const names = jobs.map(({ input }) => stem(input));
  if (name === undefined && jobs.length === 1) return jobs[0]!;
  if (name === undefined)
    throw badUsage({ text: `there are ${jobs.length} definitions; name one`, hint: `there are: ${names.join(", ")}` });
  const found = jobs[names.indexOf(name)];
  if (found) return found;
  const near = nearest(name, names);
  const hint = `${near ? `did you mean ${near}? ` : ""}there are: ${names.join(", ")}`;
  throw fileNotFound({ what: "definition", path: printValue(name), hint });
}

function ownDefinitions(root: string, { config }: LoadedConfig): readonly string[] {
  const { definitions } = config;
  if (definitions === undefined) return definitionsOf(root);
  return filesNamed(typeof definitions === "string" ? [definitions] : definitions, root);
}

function jobOf(input: string, root: string, { config }: LoadedConfig, flags: BuildFlags): Job {
  const name = stem(input);
  const chosen = choose(config, name, root, flags);
  const configured = choose(config, name, root, {});
  const source = slashed(relative(root, input));
  const words = flagsBetween(chosen, configured, (folder) => slashed(relative(root, folder)) || ".");
  const shown = ["npx", "tapeless", "generate", source, ...words].map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word),
  );
  const { language } = chosen.options;
  return {
    input,
    output: join(chosen.out, `${name}.${language === "javascript" ? "js" : "ts"}`),
    options: chosen.options,
    asConfigured: words.length === 0,
    root,
    command: shown.join(" "),
  };
}

function requireApart(jobs: readonly Job[], cwd: string): void {
  const owners = new Map<string, string>();
  for (const { input, output } of jobs) {
    const other = owners.get(output);
    if (other !== undefined) {
      const [first, second] = [shownPath(other, cwd), shownPath(input, cwd)];
      throw sameOutput({ output: shownPath(output, cwd), first, second, hint: "rename one of the files" });
    }
    owners.set(output, input);
  }
}

/** A name in the configuration that no definition has would be ignored in silence. */
function requireKnown(jobs: readonly Job[], { config, path }: LoadedConfig): void {
  const names = jobs.map(({ input }) => stem(input));
  const unknown = Object.keys(config.networks ?? {}).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, names);
  const hint = near ? `did you mean ${near}?` : `there are: ${names.join(", ")}`;
  throw badConfig({ path: shownPath(path!), text: `networks.${unknown} names no definition`, hint });
}

/** The files of a module beside the module itself: types of JavaScript, bytes of WebAssembly. */
export const typesPath = (output: string): string => output.replace(/\.js$/, ".d.ts");
export const wasmPath = (output: string): string => output.replace(/\.[jt]s$/, ".wasm");

export const filesOf = ({ output, options }: Pick<Job, "output" | "options">): readonly string[] => [
  ...(options.wasmFile ? [wasmPath(output)] : []),
  ...(options.language === "javascript" ? [typesPath(output)] : []),
  output,
];

/** Files in the modules' folders that no definition stands for any more. */
export function orphans({ jobs, whole }: Plan): readonly string[] {
  if (!whole) return [];
  const expected = new Set(jobs.flatMap(filesOf));
  const folders = [...new Set(jobs.map(({ output }) => join(output, "..")))];
  return folders.flatMap((folder) => {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(folder, entry.name))
      .filter((path) => !expected.has(path) && isOurs(path))
      .sort();
  });
}

const isOurs = (path: string): boolean =>
  /\.[jt]s$/.test(path)
    ? isGenerated(readFileSync(path, "utf8"))
    : path.endsWith(".wasm") && isGenerated(readFileSync(path));
