// Files made for tests, byte by byte.

import { crc32, deflateSync } from "node:zlib";

export type Element = "uint8" | "int8" | "int16" | "int32" | "float32" | "float64";

const IDX_TYPES: Record<Element, number> = { uint8: 8, int8: 9, int16: 0xb, int32: 0xc, float32: 0xd, float64: 0xe };

const WIDTHS: Record<Element, number> = { uint8: 1, int8: 1, int16: 2, int32: 4, float32: 4, float64: 8 };

function numbers(type: Element, values: readonly number[], littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * WIDTHS[type]));
  values.forEach((value, i) => {
    const at = i * WIDTHS[type];
    if (type === "uint8") view.setUint8(at, value);
    else if (type === "int8") view.setInt8(at, value);
    else if (type === "int16") view.setInt16(at, value, littleEndian);
    else if (type === "int32") view.setInt32(at, value, littleEndian);
    else if (type === "float32") view.setFloat32(at, value, littleEndian);
    else view.setFloat64(at, value, littleEndian);
  });
  return new Uint8Array(view.buffer);
}

export const joined = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part))));

export const big32 = (value: number): Uint8Array => numbers("int32", [value | 0], false);

export const idx = (type: Element, shape: readonly number[], values: readonly number[]): Uint8Array =>
  joined([0, 0, IDX_TYPES[type], shape.length], ...shape.map(big32), numbers(type, values, false));

export const npyHeader = (dictionary: string, version = 1): Uint8Array => {
  const text = new TextEncoder().encode(`${dictionary}\n`);
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return joined([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0], length, text);
};

export const npy = (
  descr: string,
  shape: readonly number[],
  data: Uint8Array,
  options: { version?: number; fortran?: boolean } = {},
): Uint8Array => {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const order = options.fortran === true ? "True" : "False";
  const dictionary = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${tuple}, }`;
  return joined(npyHeader(dictionary, options.version), data);
};

export const littleNumbers = (type: Element, values: readonly number[]): Uint8Array => numbers(type, values, true);

export const bigNumbers = (type: Element, values: readonly number[]): Uint8Array => numbers(type, values, false);

export const pngChunk = (type: string, data: Uint8Array | readonly number[]): Uint8Array => {
  const body = joined(new TextEncoder().encode(type), data);
  return joined(big32(body.length - 4), body, big32(crc32(body)));
};

export interface PngParts {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly color?: number;
  readonly interlace?: number;
  /** Filtered lines, each behind its filter. */
  readonly lines: readonly number[];
  readonly more?: readonly Uint8Array[];
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export function png({ width, height, depth = 8, color = 0, interlace = 0, lines, more = [] }: PngParts): Uint8Array {
  const header = joined(big32(width), big32(height), [depth, color, 0, 0, interlace]);
  const packed = pngChunk("IDAT", deflateSync(Uint8Array.from(lines)));
  return joined(SIGNATURE, pngChunk("IHDR", header), ...more, packed, pngChunk("IEND", []));
}

/** Bytes in pieces of a size. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const result: Item[] = [];
  for await (const item of items) result.push(item);
  return result;
}

/** The code of what is thrown, or "none". */
export async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
    return "none";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
