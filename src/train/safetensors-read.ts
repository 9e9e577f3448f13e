// Reads safetensors files: https://huggingface.co/docs/safetensors. Eight bytes with the length of the header, the header as
// JSON, then the numbers of all tensors one after the other. Files come from anywhere: all of the header is looked at before
// memory is asked for, and what it may hold is bounded.

import * as say from "./messages.js";
import { TYPES, type FileType } from "./safetensors-types.js";
import type { StoredTensor, TensorValues, Tensors } from "./tensor.js";

/** A file's tensors and texts. {@link readSafetensors} gives them. */
export interface Safetensors {
  /** Tensors by name. */
  readonly tensors: Tensors;
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

const METADATA = "__metadata__";

/** Of the header, in bytes, and of names with a value in it, four for a tensor: little enough to be looked through in no time. */
export const HEADER_LIMIT = 1_048_576;
export const NAMES_LIMIT = 16_384;

/**
 * The tensors of a safetensors file, as Python's `safetensors` writes them. Float16 and bfloat16 are read as float32;
 * 64-bit integers as float64, where it has them exactly. Arrays are views of `bytes` where their places allow it, else
 * copies.
 * @param bytes the whole file: an ArrayBuffer, or a view of one, as Node reads files
 * @returns tensors and texts by name
 * @throws BAD_FILE, which says what is wrong and where: a header of more than 1 MiB or 4095 tensors, tensors that
 *   overlap, leave gaps or do not have the length of their shape, types that are not known, names that come twice,
 *   bytes after the last tensor
 * @example
 * ```ts
 * const w: StoredTensor = { dtype: "float32", shape: [2], values: new Float32Array([1, 2]) };
 * const bytes = writeSafetensors({ w }, { metadata: { made: "by hand" } });
 * readSafetensors(bytes).tensors.w?.values; // [1, 2]
 * ```
 */
export function readSafetensors(bytes: ArrayBuffer | ArrayBufferView): Safetensors {
  const file = bytesOf(bytes);
  const { text, data } = split(file);
  const colons = colonsIn(text);
  const header = parsed(text);
  const { entries, metadata } = entriesOf(header, data.length);
  if (keysIn(header) !== colons) throw say.badFile({ what: "a name comes twice in its header" });
  return {
    tensors: Object.fromEntries(entries.map(({ name, ...entry }) => [name, tensorOf(name, entry, data)])),
    metadata,
  };
}

function bytesOf(given: unknown): Uint8Array {
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  if (/^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(given))) {
    return new Uint8Array(given as ArrayBuffer);
  }
  throw say.badFile({ what: "the bytes must be an ArrayBuffer or a view of one" });
}

function split(file: Uint8Array): { readonly text: Uint8Array; readonly data: Uint8Array } {
  if (file.length < 8)
    throw say.badFile({ what: `it ends after ${file.length} bytes, within the length of its header` });
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (length > HEADER_LIMIT) throw say.badFile({ what: `its header has ${length} bytes, more than ${HEADER_LIMIT}` });
  if (8 + length > file.length) {
    throw say.badFile({ what: `it ends after ${file.length} bytes, within its header of ${length}` });
  }
  if (file[8] !== 0x7b) throw say.badFile({ what: "its header does not begin with {" });
  return { text: file.subarray(8, 8 + length), data: file.subarray(8 + length) };
}

function parsed(text: Uint8Array): Record<string, unknown> {
  try {
    // A copy, since memory that is shared is not decoded.
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text.slice())) as never;
  } catch {
    throw say.badFile({ what: "its header is no JSON in UTF-8" });
  }
}

/** The names that have a value, in the header and in the records in it; those have no records themselves. */
const keysIn = (header: Record<string, unknown>): number =>
  Object.values(header).reduce<number>((sum, entry) => sum + 1 + Object.keys(entry as object).length, 0);

/**
 * How many names have a value: a parser keeps the last of two equal ones and says nothing. Each has a colon, which stands outside
 * of texts there alone. Brackets in brackets are refused here, before a parser makes something of each.
 */
function colonsIn(text: Uint8Array): number {
  let [colons, depth, lists] = [0, 0, 0];
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]!;
    if (byte === 0x22) quoted = !quoted;
    else if (quoted) i += byte === 0x5c ? 1 : 0;
    else if (byte === 0x3a) {
      if (++colons > NAMES_LIMIT) throw say.badFile({ what: `its header has more than ${NAMES_LIMIT} names` });
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++;
      lists += byte === 0x5b ? 1 : 0;
      if (depth > 3 || lists > colons) throw say.badFile({ what: "its header has lists or records where none can be" });
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return colons;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface Entry {
  readonly type: FileType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function entriesOf(
  header: Record<string, unknown>,
  length: number,
): { readonly entries: readonly (Entry & { readonly name: string })[]; readonly metadata: Safetensors["metadata"] } {
  const texts = Object.hasOwn(header, METADATA) ? header[METADATA] : {};
  if (!isRecord(texts) || Object.values(texts).some((text) => typeof text !== "string")) {
    throw say.badFile({ what: "its __metadata__ is no record of texts" });
  }
  // Whoever copies such a name by an assignment changes another object than is meant.
  if ([header, texts].some((record) => Object.hasOwn(record, "__proto__"))) {
    throw say.badFile({ what: "it has the name __proto__" });
  }
  const entries = Object.entries(header).flatMap(([name, entry]) =>
    name === METADATA ? [] : [{ name, ...entryOf(name, entry) }],
  );
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at) {
      const how = begin < at ? "overlaps the tensor before it" : "leaves a gap before it";
      throw say.badFile({ what: `the tensor ${say.shown(name)} ${how}: it begins at ${begin}, not at ${at}` });
    }
    at = end;
  }
  if (at !== length) {
    throw say.badFile({ what: `its tensors have ${at} bytes, and there are ${length} after its header` });
  }
  return { entries, metadata: texts as Record<string, string> };
}

function entryOf(name: string, entry: unknown): Entry {
  const refuse = (what: string): say.TrainError => say.badFile({ what: `the tensor ${say.shown(name)} ${what}` });
  if (!isRecord(entry)) throw refuse("is no record");
  const { dtype, shape, data_offsets: offsets, ...others } = entry;
  if (Object.keys(others).length > 0) throw refuse(`has ${say.shown(Object.keys(others)[0]!)}, which is not known`);
  const type = typeof dtype === "string" && Object.hasOwn(TYPES, dtype) ? TYPES[dtype] : undefined;
  if (type === undefined) throw refuse(`is of a type that is not read: ${say.shown(dtype)}`);
  if (!isCounts(shape)) throw refuse("has a shape that is no list of sizes");
  if (!isCounts(offsets) || offsets.length !== 2) throw refuse("has data_offsets that are not two numbers");
  const [begin, end] = offsets as [number, number];
  let { bytes } = type;
  for (const size of shape) {
    bytes *= size;
    if (!Number.isSafeInteger(bytes)) throw refuse("has a shape with more numbers than there can be");
  }
  if (end - begin !== bytes) throw refuse(`of ${bytes} bytes stands from ${begin} to ${end}`);
  return { type, shape, begin, end };
}

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0 && !Object.is(size, -0));

function tensorOf(name: string, { type, shape, begin, end }: Entry, data: Uint8Array): StoredTensor {
  const length = (end - begin) / type.bytes;
  const at = data.byteOffset + begin;
  if (type.array) {
    const { array: From, dtype } = type;
    const placed =
      at % type.bytes === 0
        ? { buffer: data.buffer as ArrayBuffer, at }
        : { buffer: data.slice(begin, end).buffer, at: 0 };
    return { dtype, shape, values: new From(placed.buffer, placed.at, length) };
  }
  const view = new DataView(data.buffer, at, end - begin);
  const values: TensorValues = type.dtype === "float32" ? new Float32Array(length) : new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value = type.number!(view, i * type.bytes);
    if (type.dtype === "float64" && !Number.isSafeInteger(value)) {
      throw say.badFile({ what: `the tensor ${say.shown(name)} has an integer that float64 does not hold exactly` });
    }
    values[i] = value;
  }
  return { dtype: type.dtype, shape, values };
}
