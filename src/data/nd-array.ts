// Numbers with a shape, which readers give and transforms take, and the element types of files.

import * as say from "./messages.js";

/** The arrays that numbers of a file are read into. {@link readNpy} gives them. */
export type NumberArray =
  Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

/**
 * Numbers in row-major order with the sizes of their axes, as NumPy has them. `data` goes into `fit` as it is.
 * {@link readNpy} gives one.
 */
export interface NdArray<Data extends ArrayLike<number> = NumberArray> {
  /** The sizes of the axes. */
  readonly shape: readonly number[];
  /** The numbers. */
  readonly data: Data;
}

/** How a file stores one number. */
export type ElementType = keyof typeof ELEMENTS;

const ELEMENTS = {
  bool: { bytes: 1, from: (buffer) => new Uint8Array(buffer).map((value) => (value === 0 ? 0 : 1)) },
  uint8: { bytes: 1, from: (buffer) => new Uint8Array(buffer) },
  int8: { bytes: 1, from: (buffer) => new Int8Array(buffer) },
  uint16: { bytes: 2, from: (buffer) => new Uint16Array(buffer) },
  int16: { bytes: 2, from: (buffer) => new Int16Array(buffer) },
  uint32: { bytes: 4, from: (buffer) => new Uint32Array(buffer) },
  int32: { bytes: 4, from: (buffer) => new Int32Array(buffer) },
  uint64: { bytes: 8, from: (buffer) => wide(new BigUint64Array(buffer)) },
  int64: { bytes: 8, from: (buffer) => wide(new BigInt64Array(buffer)) },
  float16: { bytes: 2, from: (buffer) => Float32Array.from(new Uint16Array(buffer), half) },
  float32: { bytes: 4, from: (buffer) => new Float32Array(buffer) },
  float64: { bytes: 8, from: (buffer) => new Float64Array(buffer) },
} satisfies Record<string, { bytes: number; from: (buffer: ArrayBuffer) => NumberArray }>;

export const bytesOf = (type: ElementType): number => ELEMENTS[type].bytes;

/** Numbers from bytes, in memory of their own. Integers of 64 bits become doubles, float16 becomes float32. */
export function decode(bytes: Uint8Array, type: ElementType, littleEndian: boolean): NumberArray {
  const own = new Uint8Array(bytes);
  const size = bytesOf(type);
  if (size > 1 && littleEndian !== HOST_IS_LITTLE_ENDIAN) {
    for (let at = 0; at < own.length; at += size) own.subarray(at, at + size).reverse();
  }
  return ELEMENTS[type].from(own.buffer);
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function wide(values: BigInt64Array | BigUint64Array): Float64Array {
  const result = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]!);
    if (!Number.isSafeInteger(value))
      throw say.unsupported({ format: "npy", what: `integers beyond 2^53 (${values[i]!})` });
    result[i] = value;
  }
  return result;
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Refuses an array whose numbers are not as many as its shape says. */
export function checkShape({ shape, data }: NdArray<ArrayLike<number>>): void {
  if (sizeOf(shape) !== data.length) throw say.badShape({ shape, numbers: data.length });
}
