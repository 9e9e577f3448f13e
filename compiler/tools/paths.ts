// Paths as people and generated files see them: relative, with forward slashes.

import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

export const slashed = (path: string): string => path.split(sep).join("/");

/** Relative to the working directory where the file lies below it. */
export function shownPath(path: string, from: string = process.cwd()): string {
  const short = relative(from, path);
  return short === "" || short.startsWith("..") || isAbsolute(short) ? slashed(path) : slashed(short);
}

/** The folder of the nearest package.json, or the folder itself where there is none. */
export function packageRoot(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return at;
    if (dirname(at) === at) return resolve(folder);
  }
}
