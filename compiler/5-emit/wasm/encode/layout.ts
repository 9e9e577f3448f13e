// WebAssembly text laid out to be read: what is short on one line, else what a form has inside below it, further in.

import { isForm } from "./types.js";
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
  const inside = items.map((item) => (isForm(item) ? linesOf(item) : [item]));
  const flat = `(${[head, ...inside.map(([line]) => line)].join(" ")})`;
  const fits = flat.length <= WIDTH && inside.every((lines) => lines.length === 1);
  if (fits && !MANY_LINES.has(head)) return [flat];
  const forms = items.findIndex(isForm);
  const first = forms < 0 ? items.length : forms;
  const words = `(${[head, ...items.slice(0, first)].join(" ")}`;
  const lines = filled(items.slice(first), inside.slice(first));
  const begin = isSignature(items[first]) ? `${words} ${lines.shift()}` : words;
  const body = lines.map((line) => `  ${line}`);
  const last = body.pop();
  return last === undefined ? [`${begin})`] : [begin, ...body, `${last})`];
}

/** Forms that begin a line for what they have inside, however short that is. */
const MANY_LINES: ReadonlySet<string> = new Set(["func", "loop"]);

const isSignature = (item: Item | undefined): boolean => isForm(item) && SIGNATURE.has(item.head);

/** The lines of items, of which those of a signature stand next to one another. */
function filled(items: readonly Item[], inside: readonly string[][]): string[] {
  const lines: string[] = [];
  let open = false;
  for (const [n, item] of items.entries()) {
    const fills = isSignature(item);
    const [text] = inside[n]!;
    if (fills && open && lines.at(-1)!.length + text!.length < WIDTH) lines.push(`${lines.pop()} ${text}`);
    else lines.push(...inside[n]!);
    open = fills;
  }
  return lines;
}
