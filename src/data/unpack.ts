// Packed bytes: gzip, which is told by its first two bytes, and the zlib streams inside of pictures. The runtime unpacks.

import * as say from "./messages.js";

type Chunks = AsyncGenerator<Uint8Array, void, void>;

interface Transform {
  readonly writable: {
    getWriter(): {
      readonly closed: Promise<unknown>;
      write(chunk: Uint8Array): Promise<unknown>;
      close(): Promise<unknown>;
      abort(reason?: unknown): Promise<unknown>;
    };
  };
  readonly readable: {
    getReader(): {
      readonly closed: Promise<unknown>;
      read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>;
      cancel(reason?: unknown): Promise<unknown>;
    };
  };
}

/** The bytes themselves, or where they are packed by gzip what they hold. */
export async function* unpacked(chunks: Chunks): Chunks {
  let start = new Uint8Array(0);
  try {
    while (start.length < 2) {
      const { done, value } = await chunks.next();
      if (done === true) {
        if (start.length > 0) yield start;
        return;
      }
      const longer = new Uint8Array(start.length + value.length);
      longer.set(start);
      longer.set(value, start.length);
      start = longer;
    }
    const whole = followedBy(start, chunks);
    yield* start[0] === 0x1f && start[1] === 0x8b ? inflated(whole, "gzip") : whole;
  } finally {
    await chunks.return();
  }
}

async function* followedBy(start: Uint8Array, chunks: Chunks): Chunks {
  yield start;
  yield* chunks;
}

/** What `chunks` hold, packed as `format` (`deflate` is zlib's, RFC 1950). No more is unpacked than is asked for. */
export async function* inflated(chunks: AsyncIterable<Uint8Array>, format: "gzip" | "deflate"): Chunks {
  const { DecompressionStream } = globalThis as { DecompressionStream?: new (format: string) => Transform };
  if (DecompressionStream === undefined) throw say.noDecompression();
  const transform = new DecompressionStream(format);
  const writer = transform.writable.getWriter();
  const reader = transform.readable.getReader();
  const ignore = (): undefined => undefined;
  writer.closed.catch(ignore);
  reader.closed.catch(ignore);
  let failure: { readonly cause: unknown } | undefined;
  const course = { isOver: false };
  const feeding = (async () => {
    const iterator = chunks[Symbol.asyncIterator]();
    try {
      while (!course.isOver) {
        let next: IteratorResult<Uint8Array>;
        try {
          next = await iterator.next();
        } catch (cause) {
          failure = { cause };
          await writer.abort(cause).catch(ignore);
          return;
        }
        if (next.done === true) {
          await writer.close().catch(ignore);
          return;
        }
        // A piece of this size is unpacked at once, however much it holds.
        for (let at = 0; at < next.value.length && !course.isOver; at += PIECE)
          await writer.write(next.value.subarray(at, at + PIECE));
      }
    } catch {
      // What is wrong with the bytes, the reader says.
    } finally {
      await iterator.return?.();
    }
  })();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value!;
    }
  } catch (cause) {
    if (failure !== undefined) throw failure.cause;
    throw say.badFile({
      format: format === "gzip" ? "gzip" : "zlib",
      what: cause instanceof Error ? cause.message : String(cause),
    });
  } finally {
    course.isOver = true;
    await reader.cancel().catch(ignore);
    await feeding;
  }
}

const PIECE = 1 << 14;
