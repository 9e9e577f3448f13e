// Bytes one behind the other, and the numbers of the binary format (https://webassembly.github.io/spec/core/binary/values.html).
// They are in plain arrays: until an engine has compiled these functions, that is several times as fast as typed ones.

const scratch = new DataView(new ArrayBuffer(8));

export class Bytes {
  private readonly list: number[] = [];

  get length(): number {
    return this.list.length;
  }

  toArray(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.list);
  }

  byte(value: number): void {
    this.list.push(value);
  }

  /** Bytes of another, all or a stretch of them. */
  append({ list }: Bytes, from = 0, to = list.length): void {
    for (let n = from; n < to; n++) this.list.push(list[n]!);
  }

  /** An unsigned integer below 2^32 in LEB128: seven bits a byte, the lowest first. */
  unsigned(value: number): void {
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.list.push((rest & 127) | 128);
    this.list.push(rest);
  }

  /** A signed integer of 32 bits in LEB128. */
  signed(value: number): void {
    let rest = value;
    for (; rest < -64 || rest > 63; rest >>= 7) this.list.push((rest & 127) | 128);
    this.list.push(rest & 127);
  }

  i32(value: number): void {
    this.list.push(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
  }

  /** NaN is the canonical one. */
  f32(value: number): void {
    scratch.setFloat32(0, value);
    this.i32(Number.isNaN(value) ? 0x7fc00000 : scratch.getInt32(0));
  }

  /** NaN is the canonical one. */
  f64(value: number): void {
    scratch.setFloat64(0, value);
    this.i32(Number.isNaN(value) ? 0 : scratch.getInt32(4));
    this.i32(Number.isNaN(value) ? 0x7ff80000 : scratch.getInt32(0));
  }

  /** Bytes behind their number. */
  sized(content: Bytes): void {
    this.unsigned(content.length);
    this.append(content);
  }

  /** Items behind their number. */
  vector<T>(items: readonly T[], write: (item: T) => void): void {
    this.unsigned(items.length);
    for (const item of items) write(item);
  }
}
