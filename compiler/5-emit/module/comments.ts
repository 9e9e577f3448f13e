// Comments of the emitted module: what a kernel computes, as the loops that it was printed from, and what a call reads and
// writes. Names come from users: none of them may end its comment.

import type { Kernel } from "../../ir/kernel.js";
import type { Call } from "../../ir/program.js";
import { printMeaning } from "../../ir/print.js";

/** Longer ones say less than the code does. */
const MOST_LINES = 30;
const MOST_CHARACTERS = 2000;

const harmless = (text: string): string =>
  text
    .replaceAll("*/", "* /")
    .replace(/[\p{Cc}\u2028\u2029]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The docstring of a kernel's function; nothing for large kernels. `written`: the characters of its code. */
export function kernelComment(kernel: Kernel, written: number): string {
  if (written > 4 * MOST_CHARACTERS) return "";
  const lines = printMeaning(kernel).map(harmless);
  if (lines.length > MOST_LINES || lines.join("\n").length > MOST_CHARACTERS) return "";
  return lines.length === 1 ? `/** ${lines[0]} */` : ["/**", ...lines.map((line) => ` * ${line}`), " */"].join("\n");
}

/** `h1 <- image, h1.weight, h1.bias`: what a call writes and reads. */
export function callComment({ kernel, uses }: Call): string {
  const names = (access: (a: string) => boolean): string =>
    uses.flatMap(({ buffer }, slot) => (access(kernel.slots[slot]!.access) ? [buffer.name] : [])).join(", ");
  const [to, from] = [names((a) => a !== "read"), names((a) => a === "read")];
  return harmless(from === "" ? to : `${to} <- ${from}`);
}
