// IDX and npy: every type, both orders, every kind of source, every truncation.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { idxBatches, npyBatches, parseIdx, parseNpy, readIdx, readNpy } from "../../src/data/index.js";
import {
  all,
  bigNumbers,
  codeOf,
  idx,
  inPieces,
  joined,
  littleNumbers,
  npy,
  npyHeader,
  type Element,
} from "./bytes.js";

const TYPES: readonly (readonly [Element, readonly number[]])[] = [
  ["uint8", [0, 1, 127, 128, 254, 255]],
  ["int8", [0, 1, 127, -128, -1, 2]],
  ["int16", [0, 1, 32_767, -32_768, -1, 258]],
  ["int32", [0, 1, 2 ** 31 - 1, -(2 ** 31), -1, 66_051]],
  ["float32", [0, -0, 0.5, -1.25, Infinity, NaN]],
  ["float64", [0, 1e300, 0.1, -1.25, Infinity, NaN]],
];

const CODES: Record<Element, string> = {
  uint8: "u1",
  int8: "i1",
  int16: "i2",
  int32: "i4",
  float32: "f4",
  float64: "f8",
};

describe("IDX", () => {
  test.each(TYPES)("%s, from memory and in pieces of any size", async (type, values) => {
    const bytes = idx(type, [2, 3], values);
    const whole = parseIdx(bytes);
    expect(whole.shape).toEqual([2, 3]);
    expect([...whole.data]).toEqual(values);
    expect(whole.data.constructor.name.toLowerCase()).toBe(`${type}array`);
    for (const size of [1, 2, 3, 7, 100]) expect(await readIdx(inPieces(bytes, size))).toEqual(whole);
  });

  test("the numbers are in memory of their own", () => {
    const bytes = idx("uint8", [2], [7, 9]);
    const { data } = parseIdx(bytes);
    bytes.fill(0);
    expect([...data]).toEqual([7, 9]);
  });

  test("rows in batches, the last one partial, and once more from the start", async () => {
    const values = Array.from({ length: 7 * 2 }, (_, i) => i - 5);
    const batches = idxBatches(idx("int16", [7, 2], values), { batchSize: 3 });
    for (let time = 0; time < 2; time++) {
      const parts = await all(batches);
      expect(parts.map(({ shape }) => shape)).toEqual([
        [3, 2],
        [3, 2],
        [1, 2],
      ]);
      expect(parts.flatMap(({ data }) => [...data])).toEqual(values);
    }
    expect(await all(idxBatches(idx("uint8", [0, 3], [])))).toEqual([]);
  });

  test("a file that is left early, and a hundred of them, are closed", async () => {
    let open = 0;
    const source = async function* () {
      open++;
      try {
        yield idx(
          "uint8",
          [100, 1],
          Array.from({ length: 100 }, () => 1),
        );
      } finally {
        open--;
      }
    };
    for (let i = 0; i < 3; i++) for await (const _ of idxBatches(source, { batchSize: 10 })) break;
    expect(open).toBe(0);
  });
});

describe("npy", () => {
  test.each(TYPES)("%s in both orders of bytes, three versions", async (type, values) => {
    const little = littleNumbers(type, values);
    const expected = parseNpy(npy(`<${CODES[type]}`, [3, 2], little));
    expect(expected.shape).toEqual([3, 2]);
    expect([...expected.data]).toEqual(values);
    expect(parseNpy(npy(`>${CODES[type]}`, [3, 2], bigNumbers(type, values)))).toEqual(expected);
    for (const version of [2, 3]) {
      const bytes = npy(`<${CODES[type]}`, [3, 2], little, { version });
      expect(parseNpy(bytes)).toEqual(expected);
      expect(await readNpy(inPieces(bytes, 5))).toEqual(expected);
    }
  });

  test("wide integers, halves and truth values", () => {
    const wide = new Uint8Array(new BigInt64Array([-5n, 2n ** 53n - 1n]).buffer);
    expect([...parseNpy(npy("<i8", [2], wide)).data]).toEqual([-5, 2 ** 53 - 1]);
    expect(() => parseNpy(npy("<u8", [1], new Uint8Array(8).fill(255)))).toThrow(/^UNSUPPORTED: .*2\^53/);
    const halves = new Uint8Array(
      new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x8000, 0x3555]).buffer,
    );
    const expected = [1, -2, 2 ** -24, 65_504, Infinity, -Infinity, -0, 0.333251953125];
    expect([...parseNpy(npy("<f2", [8], halves)).data]).toEqual(expected);
    expect(parseNpy(npy("|b1", [3], Uint8Array.of(0, 1, 1))).data).toEqual(Uint8Array.of(0, 1, 1));
  });

  test("columns first becomes rows first", async () => {
    // numpy.asfortranarray([[[0, 1], [2, 3], [4, 5]], [[6, ...]]]): the first axis is the fastest.
    const shape = [2, 3, 2];
    const at = (i: number, j: number, k: number): number => i * 6 + j * 2 + k;
    const stored = [0, 1].flatMap((k) => [0, 1, 2].flatMap((j) => [0, 1].map((i) => at(i, j, k))));
    const bytes = npy("<i4", shape, littleNumbers("int32", stored), { fortran: true });
    expect([...parseNpy(bytes).data]).toEqual(Array.from({ length: 12 }, (_, i) => i));
    await expect(all(npyBatches(bytes))).rejects.toThrow(/^UNSUPPORTED: .*columns first.*\n.*whole/);
    const flat = npy("<i4", [3], littleNumbers("int32", [1, 2, 3]), { fortran: true });
    expect((await all(npyBatches(flat, { batchSize: 2 }))).map(({ data }) => [...data])).toEqual([[1, 2], [3]]);
  });

  test("one number, and none", () => {
    expect(parseNpy(npy("<f8", [], littleNumbers("float64", [2.5])))).toEqual({
      shape: [],
      data: Float64Array.of(2.5),
    });
    expect(parseNpy(npy("<f8", [0, 5], new Uint8Array(0))).shape).toEqual([0, 5]);
  });

  test.each([
    ["no dictionary", "('descr', '<f8')", "BAD_FILE"],
    ["a key twice", "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", "BAD_FILE"],
    ["a key too many", "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'x': True}", "BAD_FILE"],
    ["a key too few", "{'descr': '<f8', 'shape': (1,)}", "BAD_FILE"],
    ["a negative size", "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", "BAD_FILE"],
    ["an expression", "{'descr': '<f8', 'fortran_order': False, 'shape': (2**3,)}", "BAD_FILE"],
    ["a size beyond 2^53", "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}", "BAD_FILE"],
    [
      "sizes whose product overflows",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
      "TOO_LARGE",
    ],
    [
      "sizes whose product is no number",
      `{'descr': '<f8', 'fortran_order': False, 'shape': (${"9007199254740991, ".repeat(40)}0)}`,
      "TOO_LARGE",
    ],
    ["objects", "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "UNSUPPORTED"],
    ["texts", "{'descr': '<U5', 'fortran_order': False, 'shape': (1,)}", "UNSUPPORTED"],
    ["complex numbers", "{'descr': '<c16', 'fortran_order': False, 'shape': (1,)}", "UNSUPPORTED"],
    ["fields", "{'descr': [('x', '<f8'), ('y', '<f8')], 'fortran_order': False, 'shape': (1,)}", "UNSUPPORTED"],
  ])("a header with %s is refused", async (_, dictionary, code) => {
    expect(await codeOf(() => parseNpy(joined(npyHeader(dictionary), new Uint8Array(8))))).toBe(code);
  });
});

describe("what is no such file", () => {
  const files = {
    IDX: { bytes: idx("int16", [3, 2], [1, 2, 3, 4, 5, 6]), parse: parseIdx, read: readIdx, batches: idxBatches },
    npy: {
      bytes: npy("<i2", [3, 2], littleNumbers("int16", [1, 2, 3, 4, 5, 6])),
      parse: parseNpy,
      read: readNpy,
      batches: npyBatches,
    },
  };
  describe.each(Object.entries(files))("%s", (_, { bytes, parse, read, batches }) => {
    test("control: as it is, it is read", async () => {
      expect(await codeOf(() => parse(bytes))).toBe("none");
      expect(await codeOf(() => read(inPieces(bytes, 1)))).toBe("none");
      expect(await codeOf(() => all(batches(bytes)))).toBe("none");
    });

    test("cut at any length", async () => {
      for (let length = 0; length < bytes.length; length++) {
        const cut = bytes.subarray(0, length);
        expect(await codeOf(() => parse(cut)), `${length}`).toBe("TRUNCATED");
        expect(await codeOf(() => read(inPieces(cut, 3))), `${length}`).toBe("TRUNCATED");
        expect(await codeOf(() => all(batches(cut, { batchSize: 1 }))), `${length}`).toBe("TRUNCATED");
      }
    });

    test("with a byte more", async () => {
      const longer = joined(bytes, [0]);
      expect(await codeOf(() => parse(longer))).toBe("BAD_FILE");
      expect(await codeOf(() => all(batches(longer)))).toBe("BAD_FILE");
    });

    test("with any byte changed, what is refused is refused by a code", async () => {
      const codes = ["none", "BAD_FILE", "TRUNCATED", "TOO_LARGE", "UNSUPPORTED"];
      await fc.assert(
        fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
          const changed = bytes.slice();
          changed[at]! ^= flip;
          expect(codes).toContain(await codeOf(() => parse(changed)));
        }),
        { seed: 20_261_130, numRuns: 500 },
      );
    });
  });

  test("sizes of terabytes take no memory and no time", async () => {
    const began = performance.now();
    const huge = joined([0, 0, 14, 3], new Uint8Array(12).fill(255), new Uint8Array(100));
    expect(await codeOf(() => parseIdx(huge))).toBe("TOO_LARGE");
    // 2 GB and a few bytes of them.
    expect(await codeOf(() => readIdx(joined([0, 0, 8, 1], [127, 255, 255, 255], [1, 2, 3])))).toBe("TRUNCATED");
    expect(performance.now() - began).toBeLessThan(500);
  });

  test.each([-1, 0, 1.5, "3", NaN])("batchSize %s is refused at once", (batchSize) => {
    expect(() => idxBatches("x.idx", { batchSize: batchSize as number })).toThrow(/^BAD_OPTION: batchSize/);
  });

  test("an unknown option is refused", () => {
    expect(() => npyBatches("x.npy", { rows: 3 } as never)).toThrow(/^UNKNOWN_NAME: there is no option named "rows"/);
  });
});
