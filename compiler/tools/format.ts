// Lays out generated text with prettier.
//
// Most of a module is as it was before a change, so its top-level statements are laid out one by one, and remembered. Statements
// that a blank line parts do not look at one another: the result is that of the whole text.

import type { Plugin } from "prettier";
import { withLf } from "./write.js";

/** Beyond it prettier takes longer than it is worth, and the emitter's own layout stays. */
const FORMATTED_LINES = 5000;

/** How many characters are remembered. */
const REMEMBERED = 20_000_000;

const known = new Map<string, string>();
let remembered = 0;

/** No configuration file is read: the bytes are the same in every package. A blank first line stays. */
export async function format(text: string): Promise<string> {
  const ended = `${withLf(text).trimEnd()}\n`;
  if (ended.split("\n").length > FORMATTED_LINES) return ended;
  const pieces = statementsOf(ended);
  const formatted = (await formattedEach(pieces)) ?? (await formattedWhole(ended));
  return ended.startsWith("\n") ? `\n${formatted}` : formatted;
}

/** Cut where a blank line is followed by a line at the margin that ends nothing. */
const statementsOf = (text: string): readonly string[] => text.trim().split(/\n{2,}(?=[^\s})\]`])/);

/** undefined: a piece is no text of its own. */
async function formattedEach(pieces: readonly string[]): Promise<string | undefined> {
  const formatted: string[] = [];
  for (const piece of pieces) {
    const before = known.get(piece);
    const after = before ?? (await formattedWhole(piece).catch(() => undefined));
    if (after === undefined) return undefined;
    if (before === undefined) remember(piece, after);
    formatted.push(after);
  }
  return formatted.join("\n");
}

function remember(piece: string, formatted: string): void {
  remembered += piece.length + formatted.length;
  if (remembered > REMEMBERED) {
    known.clear();
    remembered = piece.length + formatted.length;
  }
  known.set(piece, formatted);
}

export async function formattedWhole(text: string, parser: "babel-ts" | "json" = "babel-ts"): Promise<string> {
  const [{ format }, babel, estree] = await Promise.all([
    import("prettier/standalone"),
    import("prettier/plugins/babel"),
    import("prettier/plugins/estree"),
  ]);
  return format(text, { parser, plugins: [babel, estree as Plugin], printWidth: 120, endOfLine: "lf" });
}
