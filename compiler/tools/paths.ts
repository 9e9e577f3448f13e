// Paths as people and generated files see them: relative, with forward slashes.

import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

export const slashed = (path: string): string => path.split(sep).join("/");

/** Relative to the working directory where the file lies below it; on one line, as it is read. */
export function shownPath(path: string, from: string = process.cwd()): string {
  const short = relative(from, path);
  return visible(short === "" || short.startsWith("..") || isAbsolute(short) ? slashed(path) : slashed(short));
}

/**
 * Text with its control characters, line breaks and marks of writing direction spelt out: a file's name must not end the
 * comment that it is written into, move a terminal's cursor, or show another order of letters than it has.
 */
export const visible = (text: string): string =>
  text.replace(
    /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** The folder of the nearest package.json, or the folder itself where there is none. */
export function packageRoot(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return at;
    if (dirname(at) === at) return resolve(folder);
  }
}
