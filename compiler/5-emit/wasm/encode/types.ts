// Types of values and of functions: their bytes, and how they stand in the text.

import { malformed, type Form, type Item } from "./reader.js";

const TYPES: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** The type of a block without a result. */
export const NO_RESULT = 0x40;

/** The byte of a type that the form names. */
export const typeCode = (type: Item | undefined, { line }: Form): number =>
  (typeof type === "string" ? TYPES[type] : undefined) ?? malformed(line, "there is a type here");

export interface Signature {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

/** `(param $x i32)` or `(param f64 f64)`; `(result i32)`. */
export function signatureOf(items: readonly Item[]): Signature {
  const typesOf = (head: string): number[] =>
    items.flatMap((item) =>
      isForm(item) && item.head === head
        ? item.items.filter((word) => !isName(word)).map((type) => typeCode(type, item))
        : [],
    );
  return { parameters: typesOf("param"), results: typesOf("result") };
}

export const isForm = (item: Item | undefined): item is Form => typeof item === "object";

/** `$name`. */
export const isName = (item: Item | undefined): item is string => typeof item === "string" && item.startsWith("$");

/** The word at a place of a form. */
export function wordAt({ head, items, line }: Form, n: number): string {
  const item = items[n];
  return typeof item === "string" ? item : malformed(line, `item ${n + 1} of ${head} is a word`);
}

/** The number that a name stands for. */
export const numberOf = (what: string, names: ReadonlyMap<string, number>, form: Form, name: string): number =>
  names.get(name) ?? malformed(form.line, `there is a ${what} ${name}`);

/** A whole number below 2^32. */
export function wholeNumber(text: string, { line }: Form): number {
  const value = Number(text);
  return /^\d+$/.test(text) && value < 2 ** 32 ? value : malformed(line, `${text} is a whole number`);
}
