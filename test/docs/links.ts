// The links of Markdown pages: where each points to, and which point to nothing.

import { dirname, join, normalize } from "node:path";

export interface Link {
  /** The page that has it, from the package's root. */
  readonly page: string;
  readonly line: number;
  readonly target: string;
}

/** Text without what is no text: fenced blocks and code within lines, each replaced by as many blanks. */
const prose = (page: string): string =>
  page.replaceAll(/^```[^]*?^```$|`[^`\n]*`/gm, (code) => code.replaceAll(/[^\n]/g, " "));

/** The links of a page that lead to a file or a place, and not to another site. */
export function linksOf(page: string, text: string): readonly Link[] {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(({ index, 1: target }) =>
    /^[a-z]+:/.test(target!) ? [] : [{ page, line: text.slice(0, index).split("\n").length, target: target! }],
  );
}

/** Of a heading, as GitHub makes it. */
export const anchorOf = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
    .trim()
    .replaceAll(" ", "-");

/** The anchors of a page, made of its headings; equal ones are numbered. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const lines = text.replaceAll(/^```[^]*?^```$/gm, "").split("\n");
  const anchors = lines.flatMap((line) => {
    const heading = /^#{1,6} (.*)$/.exec(line)?.[1];
    if (heading === undefined) return [];
    const anchor = anchorOf(heading);
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return [count === 0 ? anchor : `${anchor}-${count}`];
  });
  return new Set(anchors);
}

/** What files there are, and what stands in pages. */
export interface Files {
  readonly has: (path: string) => boolean;
  readonly read: (path: string) => string;
}

/** The links that lead nowhere: to no file, or to no heading of one. */
export function brokenLinks(pages: readonly string[], files: Files): readonly Link[] {
  return pages.flatMap((page) =>
    linksOf(page, files.read(page)).filter(({ target }) => {
      const [path, anchor] = target.split("#") as [string, string?];
      const file = path === "" ? page : normalize(join(dirname(page), path));
      if (!files.has(file)) return true;
      return anchor !== undefined && !(file.endsWith(".md") && anchorsOf(files.read(file)).has(anchor));
    }),
  );
}
