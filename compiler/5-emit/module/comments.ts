// Comments of the emitted module: what a kernel computes, as the loops that it was printed from, and what a call reads and
// writes. Names come from users: none of them may end its comment.

import type { Kernel } from "../../ir/kernel.js";
import type { Call } from "../../ir/program.js";
import type { KernelMeaning } from "../../ir/module.js";
import { printMeaning } from "../../ir/print.js";

/** Longer ones say less than the code does. */
const MOST_LINES = 30;
const MOST_CHARACTERS = 2000;

const harmless = (text: string): string =>
  text
    .replaceAll("*/", "* /")
    .replace(/[\p{Cc}\u2028\u2029]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The docstring of a kernel's function: its equations and the line that declared it, or the loops where those are not known. */
export function kernelComment(kernel: Kernel, meaning: KernelMeaning | undefined): string {
  const lines = meaning ? withPlace(meaning) : printMeaning(kernel);
  if (lines.length === 0 || lines.length > MOST_LINES || lines.join("\n").length > MOST_CHARACTERS) return "";
  const [first, ...more] = lines.map(harmless);
  return more.length === 0
    ? `/** ${first} */`
    : ["/**", ...[first, ...more].map((line) => ` * ${line}`), " */"].join("\n");
}

/** The longest line that a place is put behind. */
const LINE = 100;

function withPlace({ equations, at }: KernelMeaning): readonly string[] {
  if (at === undefined) return equations;
  const [only, ...more] = equations;
  if (only === undefined) return [at];
  const one = `${only} (${at})`;
  return more.length === 0 && one.length <= LINE ? [one] : [...equations, at];
}

/** `h1 <- image, h1.weight, h1.bias`: what a call writes and reads. */
export function callComment({ kernel, uses }: Call): string {
  const names = (access: (a: string) => boolean): string =>
    uses.flatMap(({ buffer }, slot) => (access(kernel.slots[slot]!.access) ? [buffer.name] : [])).join(", ");
  const [to, from] = [names((a) => a !== "read"), names((a) => a === "read")];
  return harmless(from === "" ? to : `${to} <- ${from}`);
}
