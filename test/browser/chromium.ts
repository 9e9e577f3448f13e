// Chromium without a window. The program is what CHROMIUM names, else the first of the usual ones on the PATH.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge"];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: programOf(process.env), args: ["--disable-gpu"] });
}

/** Throws, naming what was looked for, where there is none. */
function programOf({ CHROMIUM, PATH = "" }: NodeJS.ProcessEnv): string {
  if (CHROMIUM) {
    if (existsSync(CHROMIUM)) return CHROMIUM;
    throw new Error(`CHROMIUM names ${CHROMIUM}, where there is no program`);
  }
  const usual = NAMES.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  const found = [...usual, chromium.executablePath()].find(existsSync);
  if (found) return found;
  throw new Error(`none of ${NAMES.join(", ")} is on the PATH: install one, or set CHROMIUM to its path`);
}
