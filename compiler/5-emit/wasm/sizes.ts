// Sizes as integers of WebAssembly: a factor for each power of the rows, and the statement that the text is worth what the size is.

import { evaluateDim, printDim, type Dim } from "../../../src/graph/shape.js";
import { invariant } from "../../../src/messages.js";
import { i32, multiply } from "./text.js";

const ROWS = "(local.get $rows)";

/** The text of a size; of one that is no number and not the rows alone, a product. */
export function sizeText(size: Dim): string {
  const power = Array.from({ length: size.power }, () => ROWS).reduce(multiply, i32(1));
  const text = multiply(power, i32(size.times));
  verifySize(size, text);
  return text;
}

const verified = new Map<string, string>();

/** Where the text is evaluated: polynomials of a low degree that are equal there are equal. */
const SAMPLES = [1, 2, 3, 5];

/** Loops that end early leave memory as it was. Throws where the text is another number than the size, for any number of rows. */
export function verifySize(size: Dim, text: string): void {
  const name = printDim(size);
  if (verified.get(name) === text) return;
  for (const rows of SAMPLES) {
    const same = valueOf(text, rows) === (evaluateDim(size, rows) | 0);
    invariant(same, `in WebAssembly, the size ${name} is what its text says: ${text}`);
  }
  verified.set(name, text);
}

const TOKEN = /\(i32\.const (-?\d+)\)|\(local\.get \$rows\)|\(i32\.mul|[)]/g;

/** The value of products of constants and rows. */
function valueOf(text: string, rows: number): number {
  const values: number[][] = [[]];
  for (const [token, constant] of text.matchAll(TOKEN)) {
    if (token === "(i32.mul") values.push([]);
    else if (token === ")") {
      const [a, b] = values.pop() as [number, number];
      values.at(-1)!.push(Math.imul(a, b));
    } else values.at(-1)!.push(constant === undefined ? rows : Number(constant));
  }
  return values[0]![0]!;
}
