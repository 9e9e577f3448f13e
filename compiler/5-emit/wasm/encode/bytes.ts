// Bytes that grow, and the numbers of the binary format (https://webassembly.github.io/spec/core/binary/values.html).

export class Bytes {
  private bytes = new Uint8Array(256);
  private view = new DataView(this.bytes.buffer);
  private end = 0;

  get length(): number {
    return this.end;
  }

  /** A copy. */
  toArray(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.end);
  }

  byte(value: number): void {
    const at = this.take(1);
    this.bytes[at] = value;
  }

  /** Bytes of another, all or a stretch of them. */
  append(other: Bytes, from = 0, to = other.end): void {
    const at = this.take(to - from);
    // A view for a few bytes takes longer than they do.
    if (to - from > 64) this.bytes.set(other.bytes.subarray(from, to), at);
    else for (let n = from; n < to; n++) this.bytes[at + n - from] = other.bytes[n]!;
  }

  /** An unsigned integer below 2^32 in LEB128: seven bits a byte, the lowest first. */
  unsigned(value: number): void {
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.byte((rest & 127) | 128);
    this.byte(rest);
  }

  /** A signed integer of 32 bits in LEB128. */
  signed(value: number): void {
    let rest = value;
    for (; rest < -64 || rest > 63; rest >>= 7) this.byte((rest & 127) | 128);
    this.byte(rest & 127);
  }

  i32(value: number): void {
    const at = this.take(4);
    this.view.setInt32(at, value, true);
  }

  /** NaN is the canonical one. */
  f32(value: number): void {
    if (Number.isNaN(value)) return this.i32(0x7fc00000);
    const at = this.take(4);
    this.view.setFloat32(at, value, true);
  }

  /** NaN is the canonical one. */
  f64(value: number): void {
    if (Number.isNaN(value)) {
      this.i32(0);
      return this.i32(0x7ff80000);
    }
    const at = this.take(8);
    this.view.setFloat64(at, value, true);
  }

  /** Bytes behind their number. */
  sized(content: Bytes): void {
    this.unsigned(content.end);
    this.append(content);
  }

  /** Items behind their number. */
  vector<T>(items: readonly T[], write: (item: T) => void): void {
    this.unsigned(items.length);
    for (const item of items) write(item);
  }

  /** The place of so many more bytes, after which `bytes` and `view` may be others. */
  private take(count: number): number {
    const at = this.end;
    this.end += count;
    if (this.end > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.end, 2 * this.bytes.length));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
}
