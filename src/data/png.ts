// PNG (W3C Portable Network Graphics, third edition): its chunks. The runtime unpacks what is packed.

import { checkOptions } from "../train/options.js";
import { ByteReader } from "./byte-reader.js";
import { IMAGE_OPTIONS, tensorOf, type ImageOptions } from "./image.js";
import * as say from "./messages.js";
import type { NdArray } from "./nd-array.js";
import { exactly, parseFrom, viewOf, type Parse } from "./parse.js";
import { layoutOf, picture, type PngHeader } from "./png-pixels.js";
import { chunksOf, type Source } from "./source.js";
import { inflated } from "./unpack.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Pixels of one picture: 1 GB as numbers of four channels. */
const MOST = 2 ** 26;

/** Bytes of a chunk that holds no pixels. */
const OTHERS = 2 ** 24;

const refuse = (what: string) => say.badFile({ format: "PNG", what });

/**
 * The picture in a PNG file, as numbers from 0 to 1. Every form of the standard is read: grey, colours and palettes of
 * 1 to 16 bits, opacity, interlaced or not. Gamma and colour profiles are not applied, as PIL and TensorFlow do not.
 * Of an animation the first picture is read. Grey, opacity and background are those of {@link imageTensor}.
 * @param source a path, a File, a response of `fetch`, bytes, …
 * @returns a promise of a Float32Array of shape [height, width, channels]
 * @throws BAD_FILE, TRUNCATED, TOO_LARGE, UNSUPPORTED, NOT_A_SOURCE, CANNOT_READ, BAD_OPTION
 * @example
 * ```ts
 * // A black pixel and a white one.
 * const png = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR4nGNg+A8AAQIBAEK+vGgAAAAASUVORK5CYII=";
 * const bytes = Uint8Array.from(atob(png), (char) => char.charCodeAt(0));
 * await readPng(bytes); // { shape: [1, 2, 1], data: [0, 1] }
 * ```
 */
export async function readPng(source: Source, options: ImageOptions = {}): Promise<NdArray<Float32Array>> {
  checkOptions(options, IMAGE_OPTIONS);
  const reader = new ByteReader(chunksOf(source));
  try {
    const file = await parseFrom(png(), reader);
    const { bytes } = layoutOf(file.header);
    const lines = await unpackedLines(file.packed, bytes);
    return tensorOf(picture(file, lines), options.channels ?? channelsOf(file), options);
  } finally {
    await reader.close();
  }
}

export interface PngFile {
  readonly header: PngHeader;
  readonly palette: Uint8Array | undefined;
  readonly transparency: Uint8Array | undefined;
  readonly packed: readonly Uint8Array[];
}

function channelsOf({ header, transparency }: PngFile): 1 | 3 | 4 {
  if (transparency !== undefined || header.color === 4 || header.color === 6) return 4;
  return header.color === 0 ? 1 : 3;
}

function* png(): Parse<PngFile> {
  const signature = yield* exactly(8, "PNG", "its signature");
  if (SIGNATURE.some((byte, i) => signature[i] !== byte))
    throw refuse(`it begins with the bytes ${signature.join(", ")}`);
  const first = yield* chunk(13);
  if (first.type !== "IHDR") throw refuse(`its first chunk is ${JSON.stringify(first.type)}`);
  const header = headerOf(first.data);
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const packed: Uint8Array[] = [];
  // Pixels are never packed to more than twice their size; other chunks are small.
  const most = 2 * layoutOf(header).bytes + OTHERS;
  for (let left = most; ;) {
    const { type, data } = yield* chunk(Math.max(OTHERS, left));
    if (type === "IEND") break;
    if (type === "IDAT") {
      packed.push(data);
      left -= data.length;
      if (left < 0) throw refuse("more packed bytes than its pixels have");
    } else if (type === "PLTE" && palette === undefined) palette = data;
    else if (type === "tRNS" && transparency === undefined) transparency = data;
    // A capital: it cannot be read without.
    else if (/^[A-Z]/.test(type)) throw refuse(`a chunk ${JSON.stringify(type)} where none may be`);
  }
  if (packed.length === 0) throw refuse("it has no pixels");
  checkColors(header, palette, transparency);
  return { header, palette, transparency, packed };
}

/** One of at most so many bytes. */
function* chunk(most: number): Parse<{ readonly type: string; readonly data: Uint8Array }> {
  const length = viewOf(yield* exactly(4, "PNG", "a chunk")).getUint32(0);
  if (length > most) throw refuse(`a chunk of ${length} bytes`);
  const body = yield* exactly(4 + length, "PNG", "a chunk");
  const type = String.fromCharCode(...body.subarray(0, 4));
  const sum = viewOf(yield* exactly(4, "PNG", "a checksum")).getUint32(0);
  if (sum !== crc32(body)) throw refuse(`the checksum of ${JSON.stringify(type)} is another`);
  return { type, data: body.subarray(4) };
}

/** Which depths each kind of colour has. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

function headerOf(data: Uint8Array): PngHeader {
  if (data.length !== 13) throw refuse(`a header of ${data.length} bytes`);
  const [width, height] = [viewOf(data).getUint32(0), viewOf(data).getUint32(4)];
  const [depth, color, compression, filter, interlace] = data.subarray(8) as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (width === 0 || height === 0) throw refuse(`it is ${width} by ${height} pixels large`);
  if (DEPTHS[color]?.includes(depth) !== true) throw refuse(`colours of kind ${color} with ${depth} bits`);
  if (compression !== 0 || filter !== 0 || interlace > 1) throw refuse("an unknown way of packing");
  if (width * height > MOST) {
    throw say.tooLarge({ what: "the picture", size: `${width} by ${height} pixels`, most: `${MOST} pixels` });
  }
  return { width, height, depth, color, isInterlaced: interlace === 1 };
}

function checkColors(
  { color, depth }: PngHeader,
  palette: Uint8Array | undefined,
  transparency: Uint8Array | undefined,
): void {
  const colors = palette === undefined ? 0 : palette.length / 3;
  if (palette !== undefined && (color === 0 || color === 4)) throw refuse("a palette for grey");
  if (!Number.isInteger(colors) || colors > 256 || (color === 3 && (colors === 0 || colors > 2 ** depth))) {
    throw refuse(`a palette of ${palette?.length ?? 0} bytes`);
  }
  if (transparency === undefined) return;
  const fits = { 0: transparency.length === 2, 2: transparency.length === 6, 3: transparency.length <= colors }[color];
  if (fits !== true) throw refuse(`${transparency.length} bytes of transparency`);
}

/** The lines of pixels: as many bytes as the header says, and no more is unpacked. */
async function unpackedLines(packed: readonly Uint8Array[], bytes: number): Promise<Uint8Array> {
  const reader = new ByteReader(inflated(inOrder(packed), "deflate"));
  try {
    const lines = await parseFrom(exactly(bytes, "PNG", "its pixels"), reader);
    if ((await reader.read(1)).length > 0) throw refuse("more pixels than its header says");
    return lines;
  } finally {
    await reader.close();
  }
}

async function* inOrder(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  yield* chunks;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** ISO 3309's cyclic redundancy check. */
function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = CRC_TABLE[(c ^ bytes[i]!) & 255]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
