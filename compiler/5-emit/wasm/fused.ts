// Multiply-adds that an engine may round once. A module is printed with multiplications and additions that every engine has;
// where relaxed SIMD exists, those that belong to sums are patched to `f32x4.relaxed_madd` when the module is loaded. They are
// told by their form, which nothing else is given: a product, then the local that holds the sum, then the addition.
//
//   fd e6 01 (f32x4.mul)   20 n (local.get)   fd e4 01 (f32x4.add)
//   01 01 01 (nop)         20 n               fd 85 02 (f32x4.relaxed_madd)

import { invariant } from "../../../src/messages.js";

const MARK = "(;sum;)";

/** `a * b` added to a sum, which is in a local. */
export const addedProduct = (a: string, b: string, sum: string): string =>
  `(f32x4.add ${MARK} (f32x4.mul ${a} ${b}) ${sum})`;

/** A sum of two values, never in that form: whether it is rounded once must not depend on the engine. */
export const plainSum = (a: string, b: string): string =>
  a.startsWith("(f32x4.mul") && b.startsWith("(local.") ? `(f32x4.add ${b} ${a})` : `(f32x4.add ${a} ${b})`;

/** The function of an emitted module that patches its bytes. */
export const FUSE = `/** Where the engine has multiply-adds that round once (relaxed SIMD), sums of products use them. */
function fuse(code: Uint8Array): Uint8Array {
  for (let at = code.length - 8; at >= 0; at--) {
    if (code[at] !== 0xfd || code[at + 1] !== 0xe6 || code[at + 2] !== 1 || code[at + 3] !== 0x20) continue;
    const add = code[at + 4]! < 128 ? at + 5 : at + 6;
    if (code[add] !== 0xfd || code[add + 1] !== 0xe4 || code[add + 2] !== 1) continue;
    code.fill(1, at, at + 3);
    code[add + 1] = 0x85;
    code[add + 2] = 2;
  }
  return code;
}

/** A module with one such instruction. */
const RELAXED = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11);`;

/** Every sum of products in the text has the form in the bytes, and nothing else has. */
export function verifyFused(text: string, bytes: Uint8Array): void {
  const marked = text.split(MARK).length - 1;
  invariant(countFused(bytes) === marked, `the ${marked} sums of products are found in the module's bytes`);
}

export function countFused(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at + 8 <= bytes.length; at++) {
    if (bytes[at] !== 0xfd || bytes[at + 1] !== 0xe6 || bytes[at + 2] !== 1 || bytes[at + 3] !== 0x20) continue;
    const add = bytes[at + 4]! < 128 ? at + 5 : at + 6;
    if (bytes[add] === 0xfd && bytes[add + 1] === 0xe4 && bytes[add + 2] === 1) count++;
  }
  return count;
}
