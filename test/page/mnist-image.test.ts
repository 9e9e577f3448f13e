// A drawing becomes what MNIST would have made of it: its own digits, drawn large and anywhere, come back as they are.

import { expect, test } from "vitest";
import { mnistImage } from "tapeless/page";
import { mnist } from "../../examples/data/mnist.js";

const SIDE = 28;

/** A picture with this ink, as a canvas gives it. */
function pictureOf(width: number, height: number, ink: (x: number, y: number) => number) {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[4 * (y * width + x) + 3] = 255 * ink(x, y);
  }
  return { width, height, data };
}

const inside = (from: number, value: number, to: number): number => (value >= from && value < to ? 1 : 0);

const rectangle = (left: number, top: number, right: number, bottom: number) => (x: number, y: number) =>
  inside(left, x, right) * inside(top, y, bottom);

/** Where the ink of a 28 by 28 picture lies. */
function placeOf(image: Float32Array) {
  let [mass, x, y] = [0, 0, 0];
  const columns = new Set<number>();
  const rows = new Set<number>();
  image.forEach((ink, i) => {
    if (ink < 0.01) return;
    mass += ink;
    x += ink * ((i % SIDE) + 0.5);
    y += ink * (Math.floor(i / SIDE) + 0.5);
    columns.add(i % SIDE);
    rows.add(Math.floor(i / SIDE));
  });
  return { mass, x: x / mass, y: y / mass, width: columns.size, height: rows.size };
}

test.each([1, 3, 10])("digits of MNIST, drawn %d times as large and off the middle, come back", (times) => {
  const { images } = mnist({ rows: 200 }).test;
  let worst = 0;
  for (let row = 0; row < 200; row++) {
    const image = images.subarray(row * 784, (row + 1) * 784);
    const drawn = pictureOf(SIDE * times + 40, SIDE * times + 30, (x, y) => {
      const [column, line] = [Math.floor((x - 31) / times), Math.floor((y - 9) / times)];
      return column >= 0 && line >= 0 && column < SIDE && line < SIDE ? image[line * SIDE + column]! : 0;
    });
    const back = mnistImage(drawn);
    worst = Math.max(worst, ...back.map((ink, i) => Math.abs(ink - image[i]!)));
  }
  expect(worst).toBeLessThan(1e-5);
});

test.each([
  ["high", 60, 200, 12, 20],
  ["wide", 200, 50, 20, 12],
  ["small", 5, 4, 20, 16],
  ["all of the canvas", 280, 280, 20, 20],
])("%s: 20 pixels in its longer side, its centre in the middle to half a pixel", (_, width, height, ...size) => {
  for (const [left, top] of [
    [0, 0],
    [280 - width, 280 - height],
    [Math.floor((280 - width) / 2), 0],
  ] as const) {
    const place = placeOf(mnistImage(pictureOf(280, 280, rectangle(left, top, left + width, top + height))));
    // Half an even number of pixels lies between two of them.
    expect(Math.abs(place.x - 14.5)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(place.y - 14.5)).toBeLessThanOrEqual(0.5);
    expect(Math.max(place.width, place.height)).toBe(20);
    if (Math.min(width, height) === 4) expect([place.width, place.height]).toEqual(size);
    // What is 20 long has as much ink as its area.
    const scale = 20 / Math.max(width, height);
    expect(place.mass).toBeCloseTo(width * height * scale * scale, 2);
  }
});

test("negative control: another middle is another picture", () => {
  const image = mnist({ rows: 1 }).test.images;
  const drawn = pictureOf(SIDE, SIDE, (x, y) => image[y * SIDE + x]!);
  drawn.data[4 * (SIDE * SIDE - 1) + 3] = 255;
  expect(Math.max(...mnistImage(drawn).map((ink, i) => Math.abs(ink - image[i]!)))).toBeGreaterThan(0.5);
});

test("one pixel is a square of 20, nothing is nothing, and ink may have any colour", () => {
  expect(placeOf(mnistImage(pictureOf(9, 9, rectangle(8, 0, 9, 1))))).toMatchObject({ mass: 400, width: 20 });
  expect(mnistImage(pictureOf(9, 9, () => 0)).every((ink) => ink === 0)).toBe(true);
  const black = pictureOf(30, 30, rectangle(3, 4, 10, 20));
  const red = { ...black, data: black.data.map((byte, i) => (i % 4 === 0 ? 200 : byte)) };
  expect(mnistImage(red)).toEqual(mnistImage(black));
});

test("ink that is far from its centre of mass is cut off, and numbers stay from 0 to 1", () => {
  const image = mnistImage(
    pictureOf(300, 300, (x, y) => Math.max(rectangle(0, 0, 40, 300)(x, y), rectangle(40, 0, 300, 6)(x, y))),
  );
  expect(image.every((ink) => ink >= 0 && ink <= 1)).toBe(true);
  expect(image.some((ink) => ink > 0.99)).toBe(true);
});

test("pixels that are not of the picture's size are refused", () => {
  expect(() => mnistImage({ width: 2, height: 2, data: new Uint8ClampedArray(15) })).toThrow(
    /^BAD_LENGTH: a picture of 2 by 2 has 16 bytes, but these are 15$/,
  );
});
