// npy: what `numpy.save` writes (NumPy Enhancement Proposal 1, versions 1 to 3 of the format).

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

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Headers have some 118 bytes. NumPy refuses longer ones than this too. */
const LONGEST = 10_000;

const TYPES: Readonly<Record<string, ElementType>> = {
  b1: "bool",
  u1: "uint8",
  i1: "int8",
  u2: "uint16",
  i2: "int16",
  u4: "uint32",
  i4: "int32",
  u8: "uint64",
  i8: "int64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

const NPY: ArrayFormat = { name: "npy", header };

const refuse = (what: string) => say.badFile({ format: "npy", what });

function* header(): Parse<Header> {
  const start = yield* exactly(8, "npy", "its magic number");
  if (MAGIC.some((byte, i) => start[i] !== byte))
    throw refuse(`it begins with the bytes ${start.subarray(0, 6).join(", ")}`);
  const [major, minor] = [start[6]!, start[7]!];
  if (major < 1 || major > 3 || minor !== 0)
    throw say.unsupported({ format: "npy", what: `version ${major}.${minor}` });
  const size = viewOf(yield* exactly(major === 1 ? 2 : 4, "npy", "its header"));
  const length = major === 1 ? size.getUint16(0, true) : size.getUint32(0, true);
  if (length > LONGEST) throw refuse(`its header has ${length} bytes`);
  return described(new TextDecoder().decode(yield* exactly(length, "npy", "its header")));
}

/** One entry of the header's dictionary: a key, a text, True or False, a tuple of integers, or a list of fields. */
const ENTRY = /\s*(['"])(\w+)\1\s*:\s*('[^']*'|"[^"]*"|True|False|\([\d\s,]*\)|\[.*\])\s*(?:,|$)/y;

/** The header's dictionary, a literal of Python: `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`. */
function described(text: string): Header {
  const inner = /^\{([^]*)\}\s*$/.exec(text)?.[1]?.trimEnd();
  if (inner === undefined) throw refuse("its header is no dictionary");
  const entries = new Map<string, string>();
  ENTRY.lastIndex = 0;
  while (ENTRY.lastIndex < inner.length) {
    const [, , key, value] = ENTRY.exec(inner) ?? [];
    if (key === undefined || entries.has(key))
      throw refuse(`its header is ${JSON.stringify(text.trim().slice(0, 80))}`);
    entries.set(key, value!);
  }
  const [descr, order, shape] = ["descr", "fortran_order", "shape"].map((key) => entries.get(key));
  if (descr === undefined || !/^(True|False)$/.test(order ?? "") || !shape?.startsWith("(") || entries.size !== 3) {
    throw refuse("its header does not give descr, fortran_order and shape");
  }
  return { ...elementOf(descr), columnMajor: order === "True", shape: sizesOf(shape) };
}

function elementOf(descr: string): Pick<Header, "type" | "littleEndian"> {
  const [, order, name] = /^['"]([<>|=]?)(\w+)['"]$/.exec(descr) ?? [];
  const type = name === undefined ? undefined : TYPES[name];
  // "=" is the order of the machine that wrote it, which NumPy never writes.
  if (type === undefined || order === "=")
    throw say.unsupported({ format: "npy", what: `elements of type ${descr.slice(0, 40)}` });
  return { type, littleEndian: order !== ">" };
}

function sizesOf(tuple: string): readonly number[] {
  const parts = tuple
    .slice(1, -1)
    .split(",")
    .map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  const sizes = parts.map(Number);
  if (parts.some((part) => !/^\d+$/.test(part)) || !sizes.every(Number.isSafeInteger) || sizes.length > 64) {
    throw refuse(`its shape is ${tuple.slice(0, 80)}`);
  }
  return sizes;
}

/**
 * The array in the bytes of an npy file, in row-major order and memory of its own. Integers of 64 bits become a
 * Float64Array with the same values, float16 a Float32Array, bool a Uint8Array of 0 and 1; all other types stay. Both
 * orders of axes and of bytes are read.
 * @param bytes the whole file
 * @returns numbers and their shape
 * @throws BAD_FILE, TRUNCATED, TOO_LARGE, and UNSUPPORTED for texts, objects, complex numbers, fields, and integers
 *   beyond 2^53
 * @example
 * ```ts
 * // What numpy.save writes for numpy.array([1, 2, 3], dtype="uint8").
 * const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }\n";
 * const text = `\x93NUMPY\x01\x00${String.fromCharCode(header.length, 0)}${header}\x01\x02\x03`;
 * const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
 * parseNpy(bytes); // { shape: [3], data: [1, 2, 3] }
 * ```
 */
export const parseNpy = (bytes: Uint8Array | ArrayBuffer): NdArray => parseArray(NPY, bytes);

/**
 * The array in an npy file, as {@link parseNpy} gives it.
 * @param source a path, a File, a response of `fetch`, bytes, …
 * @returns a promise of numbers and their shape
 * @throws BAD_FILE, TRUNCATED, TOO_LARGE, UNSUPPORTED, NOT_A_SOURCE, CANNOT_READ
 * @example
 * ```ts
 * // What numpy.save writes for numpy.array([1, 2, 3], dtype="uint8").
 * const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }\n";
 * const text = `\x93NUMPY\x01\x00${String.fromCharCode(header.length, 0)}${header}\x01\x02\x03`;
 * const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
 * await readNpy(new Blob([bytes])); // { shape: [3], data: [1, 2, 3] }
 * ```
 */
export const readNpy = (source: Source): Promise<NdArray> => readArray(NPY, source);

/**
 * The rows of an npy file, some at a time and in their order, for files that are larger than memory: arrays of shape
 * [batchSize, ...]. Each loop over it begins anew, where the source can be read again.
 * @param source a path, a File, a response of `fetch`, bytes, …
 * @returns an async iterable of numbers and their shape
 * @throws BAD_FILE, TRUNCATED, TOO_LARGE, NOT_A_SOURCE, CANNOT_READ and READ_TWICE, in the loop; UNSUPPORTED also for
 *   columns first (`fortran_order`)
 * @example
 * ```ts
 * // What numpy.save writes for numpy.array([1, 2, 3], dtype="uint8").
 * const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }\n";
 * const text = `\x93NUMPY\x01\x00${String.fromCharCode(header.length, 0)}${header}\x01\x02\x03`;
 * const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
 * const batches: number[][] = [];
 * for await (const { data } of npyBatches(bytes, { batchSize: 2 })) batches.push([...data]);
 * batches; // [[1, 2], [3]]
 * ```
 */
export const npyBatches = (source: Source, options: RowBatchOptions = {}): AsyncIterable<NdArray> =>
  arrayBatches(NPY, source, options);
