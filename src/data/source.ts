// Where bytes come from: one way to ask for them, whatever holds them. Streams of the web are known by what they can do, so
// that no type of a page or of Node is needed.

import * as say from "./messages.js";
import { unpacked } from "./unpack.js";

interface WebStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
    cancel(reason?: unknown): Promise<unknown>;
  };
}

/** A Blob or a File. */
interface BlobLike {
  readonly size: number;
  stream(): WebStream;
}

/** What `fetch` gives. */
interface ResponseLike {
  readonly ok: boolean;
  readonly status: number;
  readonly url: string;
  readonly body: WebStream | null;
}

/** A URL, of which the declarations of Node and those of pages are two. */
interface UrlLike {
  readonly href: string;
  readonly protocol: string;
}

type Bytes =
  | string
  | UrlLike
  | Uint8Array
  | ArrayBuffer
  | BlobLike
  | ResponseLike
  | WebStream
  | Iterable<Uint8Array>
  | AsyncIterable<Uint8Array>;

/**
 * Bytes: a path or a file's URL (in Node, Deno and Bun), a Uint8Array or ArrayBuffer, a Blob or File, a Response, a
 * ReadableStream, an iterable of Uint8Arrays (Node's streams are), a promise of one, or a function that gives one each
 * time it is asked. What is packed by gzip is unpacked. {@link readCsv} and {@link readIdx} take it, among others.
 */
export type Source = Bytes | PromiseLike<Bytes> | (() => Bytes | PromiseLike<Bytes>);

/** The bytes of a source, as they come. */
export async function* chunksOf(source: Source): AsyncGenerator<Uint8Array, void, void> {
  yield* unpacked(rawChunks(await opened(source)));
}

async function opened(source: Source): Promise<Bytes> {
  try {
    return await (typeof source === "function" ? source() : source);
  } catch (cause) {
    // What `fetch` rejects with says neither the address nor the reason, and is a TypeError as others are.
    const isFetch = cause instanceof TypeError && /fetch|network|load failed/i.test(cause.message);
    throw isFetch ? say.notFetched({ cause }) : cause;
  }
}

/** Whether a source gives its bytes once more where it is asked again. */
export const isRepeatable = (source: Source): boolean =>
  typeof source === "string" ||
  typeof source === "function" ||
  isUrl(source) ||
  isBytes(source) ||
  isBuffer(source) ||
  Array.isArray(source) ||
  isBlob(source);

async function* rawChunks(bytes: Bytes): AsyncGenerator<Uint8Array, void, void> {
  if (isBytes(bytes)) yield bytes;
  else if (isBuffer(bytes)) yield new Uint8Array(bytes);
  else if (typeof bytes === "string" || isUrl(bytes)) yield* fileChunks(bytes);
  else if (isResponse(bytes)) {
    if (!bytes.ok) throw say.badResponse({ status: bytes.status, url: bytes.url });
    if (bytes.body !== null) yield* streamChunks(bytes.body);
  } else if (isBlob(bytes)) yield* streamChunks(bytes.stream());
  else if (isStream(bytes)) yield* streamChunks(bytes);
  else if (isIterable(bytes)) for await (const chunk of bytes) yield chunkOf(chunk);
  else throw say.notASource({ value: bytes });
}

const has = (value: unknown, ...names: readonly PropertyKey[]): boolean =>
  typeof value === "object" && value !== null && names.every((name) => name in value);

/** Of any realm: a frame or a test's sandbox has classes of its own. */
const isOf =
  <Class>(name: string) =>
  (value: unknown): value is Class =>
    Object.prototype.toString.call(value) === `[object ${name}]`;

export const isBytes = isOf<Uint8Array>("Uint8Array");

export const isBuffer = isOf<ArrayBuffer>("ArrayBuffer");

const isUrl = isOf<UrlLike>("URL");

const isBlob = (value: unknown): value is BlobLike => has(value, "size", "stream", "slice");

const isResponse = (value: unknown): value is ResponseLike => has(value, "ok", "status", "body");

const isStream = (value: unknown): value is WebStream => has(value, "getReader");

const isIterable = (value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> =>
  has(value, Symbol.asyncIterator) || has(value, Symbol.iterator);

function chunkOf(value: unknown): Uint8Array {
  if (isBytes(value)) return value;
  throw say.notASource({ value: typeof value === "object" ? "an iterable of other objects than Uint8Arrays" : value });
}

async function* streamChunks(stream: WebStream): AsyncGenerator<Uint8Array, void, void> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield chunkOf(value);
    }
    isDone = true;
  } finally {
    if (!isDone) await reader.cancel().catch(() => undefined);
  }
}

type FileSystem = { readonly createReadStream: (path: string | UrlLike) => AsyncIterable<Uint8Array> };

/** Asked for when a path is read: a page's bundle has no import of it. */
function fileSystem(): FileSystem | undefined {
  const runtime = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process;
  return runtime?.getBuiltinModule?.("node:fs") as FileSystem | undefined;
}

async function* fileChunks(path: string | UrlLike): AsyncGenerator<Uint8Array, void, void> {
  const files = fileSystem();
  const isRemote = /^(https?|blob|data):/.test(String(path));
  if (files === undefined || isRemote) throw say.pathWithoutFiles({ path: String(path) });
  try {
    for await (const chunk of files.createReadStream(path)) yield chunk;
  } catch (cause) {
    throw say.cannotRead({ path: String(path), cause });
  }
}
