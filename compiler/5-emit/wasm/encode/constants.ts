// Integers that are known: `(i32.add (i32.const 1) (i32.const 2))` is `(i32.const 3)`.

import type { Form, Item } from "./reader.js";

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number | undefined>> = {
  "i32.add": (a, b) => a + b,
  "i32.sub": (a, b) => a - b,
  "i32.mul": Math.imul,
  "i32.and": (a, b) => a & b,
  "i32.shl": (a, b) => a << b,
  // A division by zero is a trap, which stays where it is.
  "i32.div_u": (a, b) => (b === 0 ? undefined : (a >>> 0) / (b >>> 0)),
};

/** The form with what is known of integers in place of how it is computed; the same form where that is nothing. */
export function folded(form: Form): Form {
  let items: Item[] | undefined;
  for (let n = 0; n < form.items.length; n++) {
    const item = form.items[n]!;
    if (typeof item === "string") continue;
    const inner = folded(item);
    if (inner !== item) (items ??= [...form.items])[n] = inner;
  }
  const value = valueOf(form.head, items ?? form.items);
  if (value !== undefined) return { head: "i32.const", items: [String(value | 0)], line: form.line };
  return items ? { ...form, items } : form;
}

function valueOf(head: string, items: readonly Item[]): number | undefined {
  const b = constantOf(items[1]);
  const a = b === undefined ? undefined : constantOf(items[0]);
  return a === undefined ? undefined : OPERATIONS[head]?.(a, b!);
}

const constantOf = (item: Item | undefined): number | undefined =>
  typeof item === "object" && item.head === "i32.const" ? Number(item.items[0]) : undefined;
