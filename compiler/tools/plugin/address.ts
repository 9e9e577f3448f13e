// Which definition an import means: `./xor.net.compiled`, with or without `.js`, is the module of `./xor.net.ts` (or .mts, .js, .mjs).

import { createRequire } from "node:module";
import { statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { slashed } from "../paths.js";

/** What is imported: a path up to `.net`, and what a bundler may have added behind a question mark. */
const ADDRESS = /^(?<stem>[^?#]+\.net)\.compiled(?:\.js)?(?<query>\?.*)?$/s;

/** Specifiers that may mean a definition's module. */
export const SPECIFIERS = /\.net\.compiled(?:\.js)?(?:\?.*)?$/s;
/** The names that bundlers know the modules by. */
export const IDS = /\.net\.compiled\.js(?:\?.*)?$/s;

const ENDINGS = [".ts", ".mts", ".js", ".mjs"];

/** In queries: what asks a bundler for the file itself. */
const OTHER = /[?&](?:raw|url|worker|sharedworker|inline|no-inline)(?:[&=]|$)/;

/** The definition that an import means, as a path without its ending. `query` keeps copies apart that a bundler keeps apart. */
export interface Address {
  readonly stem: string;
  readonly query: string;
}

/** Asks the bundler where another module lies; undefined where it does not know. */
export type Resolve = (specifier: string) => Promise<string | undefined>;

/** The definition that an import means, there or not; undefined for an import that is none of ours. */
export async function addressOf(
  specifier: string,
  importer: string | undefined,
  resolveBy: Resolve | undefined,
): Promise<Address | undefined> {
  const match = ADDRESS.exec(specifier)?.groups;
  if (!match) return undefined;
  const { stem, query = "" } = match as { stem: string; query?: string };
  if (OTHER.test(query)) return undefined;
  const isRelative = /^\.{1,2}[\\/]/.test(stem);
  const at = resolve(importer === undefined ? process.cwd() : dirname(importer.replace(/[?#].*$/s, "")), stem);
  if (isRelative || (isAbsolute(stem) && definitionAt(at) !== undefined)) return { stem: at, query };
  // An alias, a package, or what a page calls a file: its own folder's name is a slash.
  const found = (resolveBy && (await asBundler(stem, resolveBy))) ?? (isAbsolute(stem) ? at : asNode(stem, importer));
  return found === undefined ? undefined : { stem: found, query };
}

/** An alias of the bundler's. */
async function asBundler(stem: string, resolveBy: Resolve): Promise<string | undefined> {
  for (const ending of ENDINGS) {
    const file = (await resolveBy(`${stem}${ending}`))?.replace(/[?#].*$/s, "");
    if (file !== undefined && isFile(file) && file.endsWith(ending)) return file.slice(0, -ending.length);
  }
  return undefined;
}

/** A file of a package, such as one of the same workspace. */
function asNode(stem: string, importer: string | undefined): string | undefined {
  const require = createRequire(importer ?? resolve("none.js"));
  for (const ending of ENDINGS) {
    try {
      return require.resolve(`${stem}${ending}`).slice(0, -ending.length);
    } catch {
      // The next one.
    }
  }
  return undefined;
}

/** The definition's file, absolute; undefined where there is none. Of several it is the first: `.ts` before what was made of it. */
export function definitionAt(stem: string): string | undefined {
  return ENDINGS.map((ending) => `${stem}${ending}`).find(isFile);
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** The name by which bundlers know the module, with forward slashes. */
export const idOf = ({ stem, query }: Address): string => `${slashed(stem)}.compiled.js${query}`;

/** What the name stands for. */
export function addressIn(id: string): Address {
  const { stem, query = "" } = ADDRESS.exec(id)!.groups as { stem: string; query?: string };
  return { stem: resolve(stem), query };
}

/** Where the types of the module are written, for editors. */
export const typesOf = (stem: string): string => `${stem}.compiled.d.ts`;
