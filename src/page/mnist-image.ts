// A drawing brought into the form of MNIST's pictures.

import type { Picture } from "./picture.js";
import * as say from "./messages.js";

const [SIDE, BOX] = [28, 20];

/**
 * What was drawn, as MNIST has its digits: a Float32Array of 28 * 28 numbers, row by row, from 0 (paper) to 1 (ink). `picture` is the
 * pixels of a canvas; ink is where it is opaque, whatever its colour. All 0 where there is no ink.
 *
 *     net.inputs.image.set(mnistImage(pad.picture()));
 *     net.predict(1);
 *
 * The ink is scaled to fit into 20 by 20 pixels with its proportions kept, its edges grey, and moved so that its centre of mass is the
 * middle of 28 by 28 (LeCun, Cortes and Burges, The MNIST database, "the images were centered in a 28x28 image by computing the center of mass of the
 * pixels"). What would then lie outside is cut off.
 *
 * Throws TrainError BAD_LENGTH.
 */
export function mnistImage(picture: Picture): Float32Array<ArrayBuffer> {
  const { width, height, data } = picture;
  if (data.length !== 4 * width * height) throw say.badImage({ width, height, numbers: data.length });
  const result = new Float32Array(SIDE * SIDE);
  const ink = inkOf(picture);
  if (ink === undefined) return result;
  const { opacity, centre, extent } = ink;
  const scale = extent / BOX;
  const across = sharesOf(centre.x, scale, width);
  const down = sharesOf(centre.y, scale, height);
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

interface Ink {
  /** Of each pixel, 0 .. 1. */
  readonly opacity: Float32Array;
  /** Of mass, in pixels; the first pixel lies from 0 to 1. */
  readonly centre: { readonly x: number; readonly y: number };
  /** The longer side of the box around it. */
  readonly extent: number;
}

/** Undefined where there is none. */
function inkOf({ width, height, data }: Picture): Ink | undefined {
  const opacity = new Float32Array(width * height);
  let [mass, x, y] = [0, 0, 0];
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const here = data[4 * (row * width + column) + 3]! / 255;
      if (here === 0) continue;
      opacity[row * width + column] = here;
      mass += here;
      x += here * (column + 0.5);
      y += here * (row + 0.5);
      [left, right] = [Math.min(left, column), Math.max(right, column + 1)];
      [top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)];
    }
  }
  if (mass === 0) return undefined;
  return { opacity, centre: { x: x / mass, y: y / mass }, extent: Math.max(right - left, bottom - top) };
}

/** For each of the 28 places along an axis, the pixels that it covers and how much of it each of them is. */
function sharesOf(centre: number, scale: number, pixels: number): readonly (readonly [pixel: number, share: number])[][] {
  return Array.from({ length: SIDE }, (_, place) => {
    const from = centre + (place - SIDE / 2) * scale;
    const first = Math.max(0, Math.floor(from));
    const last = Math.min(pixels, Math.ceil(from + scale));
    return Array.from({ length: Math.max(0, last - first) }, (__, i) => {
      const pixel = first + i;
      return [pixel, (Math.min(pixel + 1, from + scale) - Math.max(pixel, from)) / scale] as const;
    });
  });
}
