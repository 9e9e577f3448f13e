// Files that hold one array behind a header: read whole, or some rows at a time.

import { elsewhere, checkOptions, integer, type OptionChecks } from "../train/options.js";
import { ByteReader } from "./byte-reader.js";
import * as say from "./messages.js";
import { bytesOf, decode, sizeOf, type ElementType, type NdArray } from "./nd-array.js";
import { ended, exactly, parseBytes, parseFrom, type Parse } from "./parse.js";
import { chunksOf, isBuffer, isBytes, type Source } from "./source.js";
import { rereadable } from "./rereadable.js";

export interface ArrayFormat {
  readonly name: string;
  readonly header: () => Parse<Header>;
}

export interface Header {
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly littleEndian: boolean;
  /** The first axis is the one whose neighbours are neighbours. */
  readonly columnMajor: boolean;
}

/** How many rows come at a time. {@link idxBatches} and {@link npyBatches} take them. */
export interface RowBatchOptions {
  /** Rows of one batch; the last one has what remains. Default 256. */
  readonly batchSize?: number | undefined;
}

const ROW_BATCH_OPTIONS = { batchSize: elsewhere } satisfies OptionChecks<RowBatchOptions>;

export const batchRowsOf = (options: RowBatchOptions): number => integer("batchSize", options.batchSize ?? 256, 1);

/** Bytes of one piece of memory. */
const MOST = 2 ** 31;

function checkBytes(format: string, shape: readonly number[], type: ElementType): number {
  const bytes = sizeOf(shape) * bytesOf(type);
  if (bytes <= MOST) return bytes;
  throw say.tooLarge({
    what: `this ${format} array of shape [${shape.join(", ")}]`,
    size: `${bytes} bytes`,
    most: String(MOST),
    hint: "read it in batches of fewer rows",
  });
}

function* whole({ name, header }: ArrayFormat): Parse<NdArray> {
  const { shape, type, littleEndian, columnMajor } = yield* header();
  const bytes = yield* exactly(checkBytes(name, shape, type), name, "its data");
  yield* ended(name);
  const data = decode(bytes, type, littleEndian);
  return { shape, data: columnMajor ? rowMajor(data, shape) : data };
}

export function parseArray(format: ArrayFormat, bytes: Uint8Array | ArrayBuffer): NdArray {
  const given: unknown = isBuffer(bytes) ? new Uint8Array(bytes) : bytes;
  if (!isBytes(given)) throw say.notASource({ value: bytes });
  if (given[0] === 0x1f && given[1] === 0x8b) {
    throw say.badFile({
      format: format.name,
      what: "it is packed by gzip",
      hint: "the functions that read from a source unpack it",
    });
  }
  return parseBytes(whole(format), given);
}

export async function readArray(format: ArrayFormat, source: Source): Promise<NdArray> {
  const reader = new ByteReader(chunksOf(source));
  try {
    return await parseFrom(whole(format), reader);
  } finally {
    await reader.close();
  }
}

export function arrayBatches(format: ArrayFormat, source: Source, options: RowBatchOptions): AsyncIterable<NdArray> {
  checkOptions(options, ROW_BATCH_OPTIONS);
  const most = batchRowsOf(options);
  return rereadable(source, () => batchesOf(format, source, most));
}

async function* batchesOf(format: ArrayFormat, source: Source, most: number): AsyncGenerator<NdArray, void, void> {
  const { name } = format;
  const reader = new ByteReader(chunksOf(source));
  try {
    const { shape, type, littleEndian, columnMajor } = await parseFrom(format.header(), reader);
    const [all, ...row] = shape;
    if (all === undefined) throw say.unsupported({ format: name, what: "one number and no rows" });
    // Rows of column-major files lie scattered over all of it.
    if (columnMajor && row.length > 0) {
      throw say.unsupported({
        format: name,
        what: "columns first",
        hint: "read it whole, or save it with numpy.ascontiguousarray",
      });
    }
    for (let at = 0; at < all; at += most) {
      const part = [Math.min(most, all - at), ...row];
      const bytes = await parseFrom(exactly(checkBytes(name, part, type), name, `its data from row ${at} on`), reader);
      yield { shape: part, data: decode(bytes, type, littleEndian) };
    }
    await parseFrom(ended(name), reader);
  } finally {
    await reader.close();
  }
}

/** The same numbers with the last axis' neighbours as neighbours. */
function rowMajor<Data extends NdArray["data"]>(data: Data, shape: readonly number[]): Data {
  const result = data.slice() as Data;
  const steps = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  for (let to = 0, from = 0; to < data.length; to++) {
    result[to] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      from += steps[axis]!;
      if (index[axis]! < shape[axis]!) break;
      from -= shape[axis]! * steps[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
