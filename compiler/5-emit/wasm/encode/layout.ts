// WebAssembly text laid out to be read: what is short on one line, else what a form has inside below it, further in.

import { partsOf, type Form, type Item } from "./reader.js";

/** The most characters of a form on one line, not counting what it is moved in by. */
const WIDTH = 80;

/** What stands in front of a function's instructions: as many to a line as it has room for. */
const SIGNATURE: ReadonlySet<string> = new Set(["export", "param", "result", "local"]);

/** The same text but for layout and comments, which are left out. Throws where it is no module. */
export function laidOut(text: string): string {
  const forms = partsOf(text).flatMap(({ read }) => linesOf(read()).map((line) => `  ${line}`));
  return ["(module", ...forms, ")", ""].join("\n");
}

function linesOf(form: Form): string[] {
  const { head, items } = form;
  const inside = items.map((item) => (typeof item === "string" ? [item] : linesOf(item)));
  const flat = `(${[head, ...inside.map(([line]) => line)].join(" ")})`;
  if (flat.length <= WIDTH && inside.every((lines) => lines.length === 1) && !MANY_LINES.has(head)) return [flat];
  const words = items.findIndex((item) => typeof item !== "string");
  const first = words < 0 ? items.length : words;
  const body = filled(items.slice(first), inside.slice(first)).map((line) => `  ${line}`);
  const last = body.pop();
  return [`(${[head, ...items.slice(0, first)].join(" ")}`, ...body, ...(last === undefined ? [] : [`${last})`])];
}

const MANY_LINES: ReadonlySet<string> = new Set(["func", "loop"]);

function filled(items: readonly Item[], inside: readonly string[][]): string[] {
  const lines: string[] = [];
  let open = false;
  for (const [n, item] of items.entries()) {
    const fills = typeof item === "object" && SIGNATURE.has(item.head);
    const [text] = inside[n]!;
    if (fills && open && lines.at(-1)!.length + text!.length < WIDTH) lines.push(`${lines.pop()} ${text}`);
    else lines.push(...inside[n]!);
    open = fills;
  }
  return lines;
}
