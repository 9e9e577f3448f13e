// Weights as pictures: each number at its place, in the colour of its sign, as strong as it is large.

import { expect, test } from "vitest";
import { weightsImage } from "tapeless/page";

const BLUE = [0, 114, 178];
const ORANGE = [213, 94, 0];

const pixelOf = ({ width, data }: ReturnType<typeof weightsImage>, x: number, y: number): number[] =>
  Array.from(data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4));

test("units lie one after the other, with a pixel between them", () => {
  // Inputs 2 by 1, three units: unit u has weights [u + 1, -(u + 1)].
  const weights = [1, 2, 3, -1, -2, -3];
  const image = weightsImage(weights, [1, 2]);
  expect([image.width, image.height]).toEqual([5, 3]);
  const full = 3 * Math.sqrt((1 + 4 + 9) / 3);
  const strength = (weight: number): number => Math.round((255 * weight) / full);
  for (const [unit, x, y] of [
    [0, 0, 0],
    [1, 3, 0],
    [2, 0, 2],
  ] as const) {
    expect(pixelOf(image, x, y)).toEqual([...BLUE, strength(unit + 1)]);
    expect(pixelOf(image, x + 1, y)).toEqual([...ORANGE, strength(unit + 1)]);
  }
  for (let x = 0; x < 5; x++) expect(pixelOf(image, x, 1)).toEqual([0, 0, 0, 0]);
  for (let y = 0; y < 3; y++) expect(pixelOf(image, 2, y)).toEqual([0, 0, 0, 0]);
});

test("some of the units, in one line; one of one pixel; nothing but 0", () => {
  const some = weightsImage(Float32Array.of(1, 50, 60, 1, 50, 60), [2, 1], { shown: 1 });
  expect([some.width, some.height, pixelOf(some, 0, 0)]).toEqual([1, 2, [...BLUE, 85]]);
  const line = weightsImage(new Float64Array(4), [2, 1]);
  expect([line.width, line.height]).toEqual([3, 2]);
  expect(line.data.filter((_, i) => i % 4 === 3).every((opacity) => opacity === 0)).toBe(true);
  expect(pixelOf(weightsImage([-2], [1, 1]), 0, 0)).toEqual([...ORANGE, 85]);
});

test("what does not fit is refused", () => {
  expect(() => weightsImage([1, 2], [2, 2])).toThrow(
    /^BAD_LENGTH: 2 weights are not those of units that look at pictures of 2 by 2\n/,
  );
  expect(() => weightsImage([], [1, 1])).toThrow(/^BAD_LENGTH/);
  expect(() => weightsImage([1, 2], [1, 1], { shown: 3 })).toThrow(/^BAD_OPTION: shown must be at most 2/);
  expect(() => weightsImage([1, 2], [1, 0.5])).toThrow(/^BAD_OPTION: size\[1\]/);
  expect(() => weightsImage([1, 2], [1, 1], { rows: 3 } as never)).toThrow(/^UNKNOWN_NAME.*"rows"/);
});
