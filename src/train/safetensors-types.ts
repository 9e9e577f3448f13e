// The types of numbers of safetensors files.

import type { StoredTensor, TensorValues } from "./tensor.js";

export interface FileType {
  readonly bytes: number;
  readonly dtype: StoredTensor["dtype"];
  /** The array that has the file's bytes as they are. */
  readonly array?: new (buffer: ArrayBuffer, offset: number, length: number) => TensorValues;
  /** What has no array is read number by number, into float64 or float32. */
  readonly number?: (view: DataView, at: number) => number;
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** bfloat16: the upper two bytes of a float32. */
function upperHalf(view: DataView, at: number): number {
  const bits = view.getUint16(at, true) * 65536;
  const scratch = new DataView(new ArrayBuffer(4));
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/** Little-endian, as all engines are that run JavaScript today. */
export const TYPES: Readonly<Record<string, FileType>> = {
  F64: { bytes: 8, dtype: "float64", array: Float64Array },
  F32: { bytes: 4, dtype: "float32", array: Float32Array },
  F16: { bytes: 2, dtype: "float32", number: (view, at) => half(view.getUint16(at, true)) },
  BF16: { bytes: 2, dtype: "float32", number: upperHalf },
  I64: { bytes: 8, dtype: "float64", number: (view, at) => Number(view.getBigInt64(at, true)) },
  U64: { bytes: 8, dtype: "float64", number: (view, at) => Number(view.getBigUint64(at, true)) },
  I32: { bytes: 4, dtype: "int32", array: Int32Array },
  U32: { bytes: 4, dtype: "uint32", array: Uint32Array },
  I16: { bytes: 2, dtype: "int16", array: Int16Array },
  U16: { bytes: 2, dtype: "uint16", array: Uint16Array },
  I8: { bytes: 1, dtype: "int8", array: Int8Array },
  U8: { bytes: 1, dtype: "uint8", array: Uint8Array },
  BOOL: { bytes: 1, dtype: "bool", array: Uint8Array },
};
