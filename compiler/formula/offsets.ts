// Where in the text each part of a parsed formula begins. mathjs does not keep positions, but names and numbers appear
// in its tree in the order of the text.

import type { MathNode } from "mathjs/number";

const WORD = /[\p{L}_][\p{L}\p{N}_]*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/gu;

/** Operators that are words, not leaves. */
const WORD_OPERATORS: ReadonlySet<string> = new Set(["and", "or", "not", "xor", "mod", "to", "in"]);

/** The offset of each node's first name or number. Empty where the text holds anything but names, numbers and operators. */
export function leafOffsets(text: string, tree: MathNode): ReadonlyMap<MathNode, number> {
  const words = [...text.matchAll(WORD)].filter((word) => !WORD_OPERATORS.has(word[0]));
  const offsets = new Map<MathNode, number>();
  let next = 0;

  function walk(node: MathNode): void {
    const first = words[next]?.index;
    if (first !== undefined) offsets.set(node, first);
    if (node.type === "ConstantNode" || node.type === "SymbolNode") next++;
    // The function's name is the first child of a call, so children come in the order of the text.
    else node.forEach(walk);
  }
  walk(tree);
  return next === words.length ? offsets : new Map();
}
