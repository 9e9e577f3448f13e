// Links between pages: whether the file and the heading that they name are there.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { anchorOf } from "./markdown.js";

/** Without code, in which brackets are no links. */
const prose = (text: string): string =>
  text.replace(/```[^]*?```/g, "").replace(/`[^`\n]*`/g, (code) => (code.includes("](") ? "" : code));

/** Anchors of a page's headings; equal ones are numbered, as code hosts do. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, title] of text.replace(/```[^]*?```/g, "").matchAll(/^#+ (.+)$/gm)) {
    const anchor = anchorOf(title!);
    let free = anchor;
    for (let i = 1; anchors.has(free); i++) free = `${anchor}-${i}`;
    anchors.add(free);
  }
  return anchors;
}

/** Links of pages in a folder that lead nowhere. `read` gives the text of a page, by its path from the folder. */
export function deadLinks(
  pages: ReadonlyMap<string, string>,
  folder: string,
  read: (path: string) => string,
): string[] {
  const anchors = new Map<string, Set<string>>();
  const anchorsAt = (path: string): Set<string> => {
    const known = anchors.get(path) ?? anchorsOf(pages.get(path) ?? read(path));
    anchors.set(path, known);
    return known;
  };
  return [...pages].flatMap(([name, text]) =>
    [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => {
      if (/^https?:/.test(link!)) return [];
      const [path, anchor] = link!.split("#") as [string, string?];
      const page = path === "" ? name : path;
      if (!pages.has(page) && !existsSync(join(folder, page))) return [`${name}: ${link!}`];
      return anchor === undefined || anchorsAt(page).has(anchor) ? [] : [`${name}: ${link!}`];
    }),
  );
}
