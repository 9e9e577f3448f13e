// Formats are read by generators that ask for bytes: they yield how many they want and are given as many, or fewer where
// the file ends. The same generator reads from memory at once and from a stream as it comes.

import type { ByteReader } from "./byte-reader.js";
import * as say from "./messages.js";

export type Parse<Result> = Generator<number, Result, Uint8Array>;

/** Runs a reader on bytes in memory. It is given views of them. */
export function parseBytes<Result>(parse: Parse<Result>, bytes: Uint8Array): Result {
  let at = 0;
  let state = parse.next();
  while (!state.done) {
    const part = bytes.subarray(at, at + state.value);
    at += part.length;
    state = parse.next(part);
  }
  return state.value;
}

/** Runs a reader on a stream. */
export async function parseFrom<Result>(parse: Parse<Result>, reader: ByteReader): Promise<Result> {
  let state = parse.next();
  while (!state.done) state = parse.next(await reader.read(state.value));
  return state.value;
}

/** That many bytes, or TRUNCATED. Nothing is allocated for bytes that do not come. */
export function* exactly(bytes: number, format: string, part: string): Parse<Uint8Array> {
  const got = yield bytes;
  if (got.length < bytes) throw say.truncated({ format, part, bytes: got.length, expected: bytes });
  return got;
}

/** Refuses bytes after the end. */
export function* ended(format: string): Parse<void> {
  if ((yield 1).length > 0) throw say.trailing({ format });
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
