// Links between pages that are not written yet: whether the file and the heading that they name are there.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { brokenLinks } from "../links.js";

/** Links of pages in a folder that lead nowhere. `read` gives the text of another page, by its path from the folder. */
export const deadLinks = (
  pages: ReadonlyMap<string, string>,
  folder: string,
  read: (path: string) => string,
): string[] =>
  brokenLinks([...pages.keys()], {
    has: (path) => pages.has(path) || existsSync(join(folder, path)),
    read: (path) => pages.get(path) ?? read(path),
  }).map(({ page, target }) => `${page}: ${target}`);
