// A drawing brought into the form of MNIST's pictures.

import type { CanvasPixels } from "./picture.js";
import * as say from "./messages.js";

const [SIDE, BOX] = [28, 20];

/** The middle of the pixel 14, counted from 0, is where MNIST's centres of mass are within half a pixel: from 14 to 15. */
const MIDDLE = 14.5;

/**
 * What was drawn, as MNIST has its digits: 28 by 28 numbers from 0 (paper) to 1 (ink). Ink is where the picture is opaque,
 * whatever its colour: a photograph, or paper that is painted white, is ink all over.
 *
 * The ink is scaled to fit into 20 by 20 pixels with its proportions kept, its edges grey, and moved by whole pixels so that
 * its centre of mass is in the middle of 28 by 28 (LeCun, Cortes and Burges, The MNIST database: "the images were centered
 * in a 28x28 image by computing the center of mass of the pixels"). What would lie outside is cut off. MNIST's own pictures
 * come back as they are, where their grey is the opacity. Pure: it runs in a worker, and in Node.
 * @param picture pixels of any size, such as `picture()` of a {@link DrawingPad}, or what a canvas' `getImageData` gives: its
 *   width, height, and four numbers for each pixel, 0 to 255, of which the fourth is the opacity
 * @returns 784 numbers, row by row; all 0 where there is no ink
 * @throws BAD_LENGTH
 * @example
 * ```ts
 * // A bar, 2 pixels wide and 10 high, near the left edge of 100 by 50.
 * const data = new Uint8ClampedArray(4 * 100 * 50);
 * for (let y = 0; y < 10; y++) data.fill(255, 4 * (100 * y + 3), 4 * (100 * y + 5));
 * const image = mnistImage({ width: 100, height: 50, data });
 * image.length; // 784
 * image.subarray(28 * 14, 28 * 15); // [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
 * image.filter((ink) => ink === 1).length; // 80
 * ```
 */
export function mnistImage(picture: CanvasPixels): Float32Array<ArrayBuffer> {
  const { width, height, data } = picture;
  if (data.length !== 4 * width * height) throw say.badImage({ width, height, numbers: data.length });
  const result = new Float32Array(SIDE * SIDE);
  const ink = inkOf(picture);
  if (ink === undefined) return result;
  const { opacity, x, y } = ink;
  const scale = Math.max(x.to - x.from, y.to - y.from) / BOX;
  const across = sharesOf(x, scale, width);
  const down = sharesOf(y, scale, height);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      let sum = 0;
      for (const [row, high] of down[y]!) {
        for (const [column, wide] of across[x]!) sum += opacity[row * width + column]! * high * wide;
      }
      result[y * SIDE + x] = Math.min(1, sum);
    }
  }
  return result;
}

/** Ink along an axis, in pixels; the first pixel lies from 0 to 1. */
interface Extent {
  readonly from: number;
  readonly to: number;
  /** Of mass. */
  readonly centre: number;
}

interface Ink {
  /** Of each pixel, 0 .. 1. */
  readonly opacity: Float32Array;
  readonly x: Extent;
  readonly y: Extent;
}

/** Undefined where there is none. */
function inkOf({ width, height, data }: CanvasPixels): Ink | undefined {
  const opacity = new Float32Array(width * height);
  const columns = new Float64Array(width);
  const rows = new Float64Array(height);
  for (let i = 0; i < opacity.length; i++) {
    const ink = data[4 * i + 3]! / 255;
    opacity[i] = ink;
    columns[i % width]! += ink;
    rows[Math.floor(i / width)]! += ink;
  }
  const [x, y] = [extentOf(columns), extentOf(rows)];
  return x && y && { opacity, x, y };
}

/** Of ink that is so much in each column, or each row. */
function extentOf(masses: Float64Array): Extent | undefined {
  const from = masses.findIndex((mass) => mass > 0);
  if (from < 0) return undefined;
  const to = masses.findLastIndex((mass) => mass > 0) + 1;
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return { from, to, centre: masses.reduce((sum, mass, i) => sum + mass * (i + 0.5), 0) / total };
}

/** For each of the 28 places along an axis, the pixels that it covers and how much of it each of them is. */
function sharesOf(ink: Extent, scale: number, pixels: number): readonly (readonly [pixel: number, share: number])[][] {
  const start = Math.round(MIDDLE - (ink.centre - ink.from) / scale);
  return Array.from({ length: SIDE }, (_, place) => {
    const from = ink.from + (place - start) * scale;
    const first = Math.max(0, Math.floor(from));
    const last = Math.min(pixels, Math.ceil(from + scale));
    return Array.from({ length: Math.max(0, last - first) }, (__, i) => {
      const pixel = first + i;
      return [pixel, (Math.min(pixel + 1, from + scale) - Math.max(pixel, from)) / scale] as const;
    });
  });
}
