// Bytes of a stream, taken in pieces of the wanted size.

export class ByteReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #isDone = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#iterator = chunks[Symbol.asyncIterator]();
  }

  /** That many bytes, or what is left where the stream ends before. */
  async read(count: number): Promise<Uint8Array> {
    while (this.#length < count && !this.#isDone) {
      const { done, value } = await this.#iterator.next();
      if (done === true) this.#isDone = true;
      else {
        this.#chunks.push(value);
        this.#length += value.length;
      }
    }
    return this.#take(Math.min(count, this.#length));
  }

  /** Ends the stream, wherever it stands. */
  async close(): Promise<void> {
    this.#isDone = true;
    await this.#iterator.return?.();
  }

  #take(count: number): Uint8Array {
    this.#length -= count;
    const first = this.#chunks[0];
    if (first !== undefined && first.length > count) {
      this.#chunks[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    const result = new Uint8Array(count);
    let at = 0;
    let used = 0;
    while (at < count) {
      const chunk = this.#chunks[used]!;
      const part = chunk.subarray(0, count - at);
      result.set(part, at);
      at += part.length;
      if (part.length < chunk.length) this.#chunks[used] = chunk.subarray(part.length);
      else used++;
    }
    this.#chunks.splice(0, used);
    return result;
  }
}
