// Files that Python's `safetensors` has written are read, and ours are such that it reads them: both recorded by fixtures/record.py.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readSafetensors, writeSafetensors, type StoredTensor, type Tensors } from "../../src/train/index.js";

const fixture = (name: string): URL => new URL(`fixtures/${name}`, import.meta.url);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(fixture(name)));

interface Facts {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: Readonly<Record<string, { dtype: string; shape: number[]; values: string[] }>>;
}

const factsOf = (name: string): Facts => JSON.parse(readFileSync(fixture(name), "utf8")) as Facts;

const number = (text: string): number =>
  ({ True: 1, False: 0, inf: Infinity, "-inf": -Infinity, nan: NaN })[text] ?? Number(text);

/** What has no array of its own here is read as one that holds it. */
const HELD: Readonly<Record<string, string>> = { float16: "float32", int64: "float64", uint64: "float64" };

const asRead = ({ tensors }: Facts) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, values }]) => [
      name,
      { dtype: HELD[dtype] ?? dtype, shape, values: values.map(number) },
    ]),
  );

const plain = (tensors: Tensors) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, values }]) => [name, { dtype, shape, values: [...values] }]),
  );

describe("what Python has written", () => {
  test("is read as Python reads it, every type", () => {
    const facts = factsOf("python.json");
    const { tensors, metadata } = readSafetensors(bytesOf("python.safetensors"));
    expect(metadata).toEqual(facts.metadata);
    expect(plain(tensors)).toEqual(asRead(facts));
    expect(Object.keys(tensors)).toHaveLength(15);
  });

  test("bfloat16", () => {
    const { bfloat16 } = readSafetensors(bytesOf("bfloat16.safetensors")).tensors;
    const cut = (value: number): number =>
      new Float32Array(Uint32Array.of(new Uint32Array(Float32Array.of(value).buffer)[0]! & 0xffff0000).buffer)[0]!;
    expect([...bfloat16!.values]).toEqual([0, 1, -2.5, 3e38, 1e-40, Infinity, -Infinity, 0.1].map(cut));
  });

  test("from any place in memory, shared memory too", () => {
    const bytes = bytesOf("python.safetensors");
    const wanted = plain(readSafetensors(bytes).tensors);
    for (let shift = 0; shift < 9; shift++) {
      for (const buffer of [new ArrayBuffer(bytes.length + 9), new SharedArrayBuffer(bytes.length + 9)]) {
        const moved = new Uint8Array(buffer, shift, bytes.length);
        moved.set(bytes);
        expect(plain(readSafetensors(moved).tensors)).toEqual(wanted);
        expect(plain(readSafetensors(new DataView(buffer, shift, bytes.length)).tensors)).toEqual(wanted);
      }
    }
    expect(plain(readSafetensors(bytes.slice().buffer).tensors)).toEqual(wanted);
  });

  test("control: another byte is another number", () => {
    const bytes = bytesOf("python.safetensors");
    bytes[bytes.length - 1]! ^= 1;
    expect(() => expect(plain(readSafetensors(bytes).tensors)).toEqual(asRead(factsOf("python.json")))).toThrow();
  });
});

const float32 = (values: readonly number[], shape = [values.length]): StoredTensor => ({
  dtype: "float32",
  shape,
  values: Float32Array.from(values),
});

describe("what we write", () => {
  const tensors: Tensors = {
    flags: { dtype: "bool", shape: [3], values: Uint8Array.of(1, 0, 1) },
    "h1.weight": float32([0.1, -0, 3e38, 1e-45, Infinity, -Infinity], [2, 3]),
    count: { dtype: "int32", shape: [], values: Int32Array.of(-5) },
    "states/h1.weight.m": { dtype: "float64", shape: [1, 2], values: Float64Array.of(Math.PI, -1e-300) },
    none: float32([], [0, 7]),
    'ünï "\\ \u2028': float32([2]),
    bytes: { dtype: "uint8", shape: [1], values: Uint8Array.of(200) },
    small: { dtype: "int16", shape: [2], values: Int16Array.of(-3, 3) },
  };
  const metadata = { format: "tapeless", note: 'a "text"' };
  const file = writeSafetensors(tensors, { metadata });

  test("is what Python has read", async () => {
    const at = fixture("tapeless.safetensors");
    if (!existsSync(at)) writeFileSync(at, file);
    expect(Buffer.compare(file, readFileSync(at))).toBe(0);
    const facts = factsOf("tapeless.json");
    expect(facts.metadata).toEqual(metadata);
    expect(asRead(facts)).toEqual(plain(tensors));
  });

  test("is read again, every bit, where it lies", () => {
    const read = readSafetensors(file);
    expect(read.metadata).toEqual(metadata);
    for (const [name, { values, ...rest }] of Object.entries(tensors)) {
      const { values: again, ...others } = read.tensors[name]!;
      expect(others).toEqual(rest);
      expect(again.constructor).toBe(values.constructor);
      expect(again.buffer, "a view, not a copy").toBe(file.buffer);
      const bits = ({ buffer, byteOffset, byteLength }: StoredTensor["values"]): Uint8Array =>
        new Uint8Array(buffer, byteOffset, byteLength);
      expect([...bits(again)]).toEqual([...bits(values)]);
    }
  });

  test.each([
    [
      "a shape of other numbers",
      { a: float32([1, 2], [3]) },
      /BAD_TENSOR: .*"a" has 2 numbers, and its shape \[3\] has 3/,
    ],
    [
      "another type",
      { a: { ...float32([1]), dtype: "float64" } as StoredTensor },
      /BAD_TENSOR.*cannot be written as "float64"/,
    ],
    ["a name that is taken", { __metadata__: float32([1]) }, /BAD_TENSOR/],
    ["names without end", { ["n".repeat(2 ** 20)]: float32([1]) }, /HEADER_TOO_LONG/],
  ])("%s is refused", (_, wrong, message) => {
    expect(() => writeSafetensors(wrong)).toThrow(message);
  });

  test("metadata that are no texts are refused, unknown options too", () => {
    expect(() => writeSafetensors({}, { metadata: { a: 1 as never } })).toThrow(
      /BAD_OPTION: metadata.a must be a text/,
    );
    expect(() => writeSafetensors({}, { meta: {} } as never)).toThrow(/UNKNOWN_NAME.*"meta"[^]*metadata/);
    expect(readSafetensors(writeSafetensors({})).tensors).toEqual({});
  });
});
