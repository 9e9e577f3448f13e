// Constants and strings of the text.

import { Bytes } from "./bytes.js";
import { malformed, type Form } from "./reader.js";
import { wordAt } from "./types.js";

/** `(i32.const 1)` and its like, as an instruction. Integers have 32 bits, whatever the type. */
export function writeConstant(form: Form, to: Bytes): void {
  const number = (n: number): number => numberIn(form, wordAt(form, n));
  const integer = (n: number): number => integerIn(form, wordAt(form, n));
  const only = (count: number): void => {
    if (form.items.length !== count) malformed(form.line, `${form.head} has ${count} items`);
  };
  switch (form.head) {
    case "i32.const":
    case "i64.const":
      only(1);
      to.byte(form.head === "i32.const" ? 0x41 : 0x42);
      return to.signed(integer(0));
    case "f32.const":
      only(1);
      to.byte(0x43);
      return to.f32(number(0));
    case "f64.const":
      only(1);
      to.byte(0x44);
      return to.f64(number(0));
    case "v128.const": {
      const shape = wordAt(form, 0);
      const lanes = shape === "f64x2" ? 2 : 4;
      only(1 + lanes);
      to.byte(0xfd);
      to.byte(0x0c);
      for (let lane = 1; lane <= lanes; lane++) {
        if (shape === "f32x4") to.f32(number(lane));
        else if (shape === "f64x2") to.f64(number(lane));
        else if (shape === "i32x4") to.i32(integer(lane));
        else malformed(form.line, `${shape} is a shape of lanes`);
      }
      return;
    }
    default:
      malformed(form.line, `${form.head} is a constant`);
  }
}

const SPECIAL: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, nan: NaN };

const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/;

const numberIn = ({ line }: Form, text: string): number =>
  SPECIAL[text] ?? (NUMBER.test(text) ? Number(text) : malformed(line, `${text} is a number`));

function integerIn({ line }: Form, text: string): number {
  const value = Number(text);
  return /^-?\d+$/.test(text) && value === (value | 0) ? value : malformed(line, `${text} is an integer of 32 bits`);
}

const STRING = /^"(?:[^"\\]|\\[0-9a-f]{2})*"$/;

/** The bytes of a string: characters of one byte, or `\hh`. */
export function stringOf(form: Form, n: number): Bytes {
  const text = wordAt(form, n);
  if (!STRING.test(text)) malformed(form.line, `item ${n + 1} of ${form.head} is a string`);
  const bytes = new Bytes();
  for (const [character, hex] of text.slice(1, -1).matchAll(/\\(..)|./gs))
    bytes.byte(hex === undefined ? character.charCodeAt(0) : parseInt(hex, 16));
  return bytes;
}
