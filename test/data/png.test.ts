// PNG and canvases: every form of the standard against pixels that are known, and every truncation.

import { describe, expect, test } from "vitest";
import { contactSheet, png as written } from "../../examples/data/png.js";
import { imageTensor, readPng, stackRows } from "../../src/data/index.js";
import { big32, codeOf, inPieces, joined, png, pngChunk } from "./bytes.js";

const values = (data: Float32Array, largest: number): number[] =>
  Array.from(data, (value) => Math.round(value * largest));

describe("every kind of colour", () => {
  test.each([1, 2, 4, 8, 16])("grey of %i bits", async (depth) => {
    const largest = 2 ** depth - 1;
    const width = 5;
    const samples = [0, largest, 1, largest - 1, largest >> 1];
    const bits = samples.map((sample) => sample.toString(2).padStart(depth, "0")).join("");
    const line = bits.match(/.{1,8}/g)!.map((byte) => parseInt(byte.padEnd(8, "0"), 2));
    const { shape, data } = await readPng(png({ width, height: 1, depth, lines: [0, ...line] }));
    expect(shape).toEqual([1, 5, 1]);
    expect(values(data, largest)).toEqual(samples);
    expect(data[1]).toBe(1);
  });

  test("red, green and blue of 8 and 16 bits", async () => {
    const eight = await readPng(png({ width: 2, height: 1, color: 2, lines: [0, 1, 2, 3, 250, 251, 252] }));
    expect(eight.shape).toEqual([1, 2, 3]);
    expect(values(eight.data, 255)).toEqual([1, 2, 3, 250, 251, 252]);
    const sixteen = await readPng(png({ width: 1, height: 1, depth: 16, color: 2, lines: [0, 1, 2, 3, 4, 255, 255] }));
    expect(values(sixteen.data, 65_535)).toEqual([258, 772, 65_535]);
  });

  test("grey and colours with opacity", async () => {
    const grey = await readPng(png({ width: 2, height: 1, color: 4, lines: [0, 100, 255, 7, 0] }));
    expect(values(grey.data, 255)).toEqual([100, 100, 100, 255, 7, 7, 7, 0]);
    const colors = await readPng(png({ width: 1, height: 1, color: 6, lines: [0, 1, 2, 3, 4] }));
    expect(values(colors.data, 255)).toEqual([1, 2, 3, 4]);
  });

  test("a palette of 2 bits, with opacities for some of it", async () => {
    const more = [pngChunk("PLTE", [1, 2, 3, 4, 5, 6, 7, 8, 9]), pngChunk("tRNS", [0, 128])];
    const picture = png({ width: 3, height: 1, depth: 2, color: 3, lines: [0, 0b00_01_10_00], more });
    expect(values((await readPng(picture)).data, 255)).toEqual([1, 2, 3, 0, 4, 5, 6, 128, 7, 8, 9, 255]);
    const without = png({ width: 1, height: 1, depth: 2, color: 3, lines: [0, 0], more: more.slice(0, 1) });
    expect((await readPng(without)).shape).toEqual([1, 1, 3]);
  });

  test("one colour that is hidden", async () => {
    const grey = png({ width: 2, height: 1, lines: [0, 7, 8], more: [pngChunk("tRNS", [0, 7])] });
    expect(values((await readPng(grey)).data, 255)).toEqual([7, 7, 7, 0, 8, 8, 8, 255]);
  });
});

/** Filters a line as an encoder does, from the definition. */
function filtered(filter: number, line: readonly number[], above: readonly number[], back: number): number[] {
  return line.map((value, i) => {
    const [a, b, c] = [line[i - back] ?? 0, above[i] ?? 0, above[i - back] ?? 0];
    const p = a + b - c;
    const nearest = [a, b, c].reduce((best, one) => (Math.abs(p - one) < Math.abs(p - best) ? one : best));
    return (value - [0, a, b, Math.floor((a + b) / 2), nearest][filter]! + 512) % 256;
  });
}

test("every filter, after every filter, with pixels of 1, 3 and 4 bytes", async () => {
  for (const [color, bytes] of [
    [0, 1],
    [2, 3],
    [6, 4],
  ] as const) {
    const width = 6;
    const filters = [0, 1, 2, 3, 4, 0, 2, 4, 1, 3, 0, 3, 1, 4, 2, 0, 4, 3, 2, 1];
    const rows = filters.map((_, y) =>
      Array.from({ length: width * bytes }, (__, x) => (x * x * 31 + y * 77 + x * y) % 256),
    );
    const lines = rows.flatMap((row, y) => [filters[y]!, ...filtered(filters[y]!, row, rows[y - 1] ?? [], bytes)]);
    const { data } = await readPng(png({ width, height: filters.length, color, lines }), {
      channels: color === 0 ? 1 : color === 2 ? 3 : 4,
    });
    expect(values(data, 255)).toEqual(rows.flat());
  }
});

test("interlaced pictures of every small size", async () => {
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const;
  for (let width = 1; width <= 9; width++) {
    for (let height = 1; height <= 9; height++) {
      const pixel = (x: number, y: number): number => y * 16 + x + 1;
      const lines: number[] = [];
      for (const [x0, y0, dx, dy] of passes) {
        for (let y = y0; y < height; y += dy) {
          const line: number[] = [];
          for (let x = x0; x < width; x += dx) line.push(pixel(x, y));
          if (line.length > 0) lines.push(0, ...line);
        }
      }
      const { data } = await readPng(png({ width, height, interlace: 1, lines }));
      const expected = Array.from({ length: width * height }, (_, i) => pixel(i % width, Math.floor(i / width)));
      expect(values(data, 255), `${width} x ${height}`).toEqual(expected);
    }
  }
});

test("what the examples write is read", async () => {
  const sheet = contactSheet({
    pictures: Array.from({ length: 4 * 9 }, (_, i) => (i % 9) / 8),
    width: 3,
    height: 3,
    columns: 2,
  });
  const { shape, data } = await readPng(inPieces(new Uint8Array(written(sheet)), 7));
  expect(shape).toEqual([sheet.height, sheet.width, 1]);
  expect(values(data, 255)).toEqual([...sheet.greys]);
});

describe("channels, layout and background", () => {
  // Half transparent red, and nothing.
  const picture = { width: 2, height: 1, data: [255, 0, 0, 51, 0, 0, 0, 0] };

  test("opacity is kept, or laid on the background", () => {
    expect(values(imageTensor(picture).data, 255)).toEqual([255, 0, 0, 51, 0, 0, 0, 0]);
    expect(values(imageTensor(picture, { channels: 3 }).data, 255)).toEqual([255, 204, 204, 255, 255, 255]);
    expect(values(imageTensor(picture, { channels: 3, background: 0 }).data, 255)).toEqual([51, 0, 0, 0, 0, 0]);
    const grey = imageTensor(picture, { channels: 1 });
    expect(grey.shape).toEqual([1, 2, 1]);
    expect(values(grey.data, 255)).toEqual([Math.round(0.299 * 255 + 0.701 * 204), 255]);
  });

  test("channels first", () => {
    const { shape, data } = imageTensor(picture, { channels: 4, layout: "channelsFirst" });
    expect(shape).toEqual([4, 1, 2]);
    expect(values(data, 255)).toEqual([255, 0, 0, 0, 0, 0, 51, 0]);
  });

  test("pictures are rows of one array", () => {
    const one = imageTensor(picture, { channels: 1 });
    expect(stackRows([one, one, one]).shape).toEqual([3, 1, 2, 1]);
    expect(() => stackRows([one, imageTensor(picture)])).toThrow("SHAPE_MISMATCH");
    expect(() => stackRows([])).toThrow("NO_ROWS");
  });

  test.each<[object, RegExp]>([
    [{ channels: 2 }, /^BAD_OPTION: channels must be 1 or 3 or 4/],
    [{ layout: "NCHW" }, /^BAD_OPTION: layout/],
    [{ background: 2 }, /^BAD_OPTION: background/],
    [{ background: NaN }, /^BAD_OPTION: background/],
    [{ mode: "L" }, /^UNKNOWN_NAME/],
  ])("%o is refused", (options, message) => {
    expect(() => imageTensor(picture, options)).toThrow(message);
  });

  test("a picture of another length is refused", () => {
    expect(() => imageTensor({ ...picture, width: 3 })).toThrow(/^BAD_LENGTH: 8 numbers are not of shape \[1, 3, 4\]/);
  });
});

describe("what is no picture", () => {
  const good = png({ width: 3, height: 2, lines: [0, 1, 2, 3, 2, 4, 5, 6] });
  const code = (bytes: Uint8Array): Promise<string> => codeOf(() => readPng(bytes));
  const header = (...numbers: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
    joined(good.subarray(0, 8), pngChunk("IHDR", joined(...numbers)), good.subarray(33));

  test("control", async () => expect(await code(good)).toBe("none"));

  test("cut at any length", async () => {
    for (let length = 0; length < good.length; length++)
      expect(await code(good.subarray(0, length)), `${length}`).toBe("TRUNCATED");
  });

  test("with any byte changed: the checksums see it", async () => {
    for (let at = 0; at < good.length; at++) expect(await code(good.with(at, good[at]! ^ 1)), `${at}`).not.toBe("none");
  });

  test.each<[string, Uint8Array, string]>([
    ["a size of 0", header(big32(0), big32(2), [8, 0, 0, 0, 0]), "BAD_FILE"],
    ["a size of 2^64 pixels", header(big32(-1), big32(-1), [8, 0, 0, 0, 0]), "TOO_LARGE"],
    ["more pixels than there are", header(big32(8000), big32(8000), [8, 0, 0, 0, 0]), "TRUNCATED"],
    ["fewer pixels than there are", header(big32(2), big32(2), [8, 0, 0, 0, 0]), "BAD_FILE"],
    ["a depth of 3", header(big32(3), big32(2), [3, 0, 0, 0, 0]), "BAD_FILE"],
    ["an unknown colour", header(big32(3), big32(2), [8, 5, 0, 0, 0]), "BAD_FILE"],
    ["an unknown interlacing", header(big32(3), big32(2), [8, 0, 0, 0, 2]), "BAD_FILE"],
    ["a palette that is missing", png({ width: 1, height: 1, color: 3, lines: [0, 0] }), "BAD_FILE"],
    [
      "a colour beyond the palette",
      png({ width: 1, height: 1, color: 3, lines: [0, 3], more: [pngChunk("PLTE", [1, 2, 3])] }),
      "BAD_FILE",
    ],
    ["an unknown filter", png({ width: 1, height: 1, lines: [5, 0] }), "BAD_FILE"],
    [
      "an unknown critical chunk",
      png({ width: 1, height: 1, lines: [0, 0], more: [pngChunk("ABCD", [])] }),
      "BAD_FILE",
    ],
    [
      "an unknown chunk that may be passed over",
      png({ width: 1, height: 1, lines: [0, 0], more: [pngChunk("abCD", [1])] }),
      "none",
    ],
    ["a chunk of 2 GB", joined(good.subarray(0, 33), [127, 255, 255, 255], new Uint8Array(64)), "BAD_FILE"],
    ["no pixels", joined(good.subarray(0, 33), pngChunk("IEND", [])), "BAD_FILE"],
    ["a bomb", png({ width: 1, height: 1, lines: Array.from({ length: 1 << 20 }, () => 0) }), "BAD_FILE"],
  ])("%s", async (_, bytes, expected) => {
    expect(await code(bytes)).toBe(expected);
  });
});
