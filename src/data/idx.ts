// IDX: the format of MNIST and its relatives (Yann LeCun). Two zero bytes, the type, the number of axes, their sizes, and
// the numbers, all big-endian.

import {
  arrayBatches,
  parseArray,
  readArray,
  type ArrayFormat,
  type Header,
  type RowBatchOptions,
} from "./array-file.js";
import * as say from "./messages.js";
import type { ElementType, NdArray } from "./nd-array.js";
import { exactly, viewOf, type Parse } from "./parse.js";
import type { Source } from "./source.js";

const TYPES: Readonly<Record<number, ElementType>> = {
  0x08: "uint8",
  0x09: "int8",
  0x0b: "int16",
  0x0c: "int32",
  0x0d: "float32",
  0x0e: "float64",
};

const IDX: ArrayFormat = { name: "IDX", header };

function* header(): Parse<Header> {
  const magic = yield* exactly(4, "IDX", "its magic number");
  const type = TYPES[magic[2]!];
  const axes = magic[3]!;
  if (magic[0] !== 0 || magic[1] !== 0 || type === undefined || axes === 0) {
    throw say.badFile({ format: "IDX", what: `it begins with the bytes ${magic.join(", ")}` });
  }
  const sizes = viewOf(yield* exactly(4 * axes, "IDX", "its header"));
  const shape = Array.from({ length: axes }, (_, axis) => sizes.getUint32(4 * axis));
  return { shape, type, littleEndian: false, columnMajor: false };
}

/**
 * The array in the bytes of an IDX file (the format of MNIST), in memory of its own: Uint8Array, Int8Array,
 * Int16Array, Int32Array, Float32Array or Float64Array as the file says.
 * @param bytes the whole file, not packed
 * @returns numbers and their shape
 * @throws BAD_FILE, TRUNCATED, TOO_LARGE
 * @example
 * ```ts
 * // Three labels, as MNIST has them: 0, 0, the type (8: bytes), the number of axes, their sizes, the numbers.
 * const bytes = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]);
 * parseIdx(bytes); // { shape: [3], data: [7, 2, 1] }
 * ```
 */
export const parseIdx = (bytes: Uint8Array | ArrayBuffer): NdArray => parseArray(IDX, bytes);

/**
 * The array in an IDX file, packed by gzip or not, as {@link parseIdx} gives it.
 * @param source a path, a File, a response of `fetch`, bytes, …
 * @returns a promise of numbers and their shape
 * @throws BAD_FILE, TRUNCATED, TOO_LARGE, NOT_A_SOURCE, CANNOT_READ, UNSUPPORTED
 * @example
 * ```ts
 * // Three labels, as MNIST has them: 0, 0, the type (8: bytes), the number of axes, their sizes, the numbers.
 * const bytes = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]);
 * await readIdx(new Blob([bytes])); // { shape: [3], data: [7, 2, 1] }
 * ```
 */
export const readIdx = (source: Source): Promise<NdArray> => readArray(IDX, source);

/**
 * The rows of an IDX file, some at a time and in their order, for files that are larger than memory: arrays of shape
 * [batchSize, ...]. Each loop over it begins anew, where the source can be read again.
 * @param source a path, a File, a response of `fetch`, bytes, …
 * @returns an async iterable of numbers and their shape
 * @throws BAD_FILE, TRUNCATED, TOO_LARGE, NOT_A_SOURCE, CANNOT_READ, UNSUPPORTED and READ_TWICE, in the loop
 * @example
 * ```ts
 * // Three labels, as MNIST has them: 0, 0, the type (8: bytes), the number of axes, their sizes, the numbers.
 * const bytes = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]);
 * const batches: number[][] = [];
 * for await (const { data } of idxBatches(bytes, { batchSize: 2 })) batches.push([...data]);
 * batches; // [[7, 2], [1]]
 * ```
 */
export const idxBatches = (source: Source, options: RowBatchOptions = {}): AsyncIterable<NdArray> =>
  arrayBatches(IDX, source, options);
