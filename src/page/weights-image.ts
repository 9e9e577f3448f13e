// The weights of a dense layer as pictures: one for each unit.

import { badOption } from "../train/messages.js";
import { type OptionChecks, checkOptions, elsewhere, integer } from "../train/options.js";
import * as say from "./messages.js";

/** Which units are shown. {@link weightsImage} takes it. */
export interface WeightsImageOptions {
  /** So many units are shown, the first ones; at least 1. Default: all. */
  readonly shown?: number | undefined;
}

/** Pixels for `new ImageData(data, width, height)`. {@link weightsImage} gives them. */
export interface WeightsImage {
  /** Pixels of a row. */
  readonly width: number;
  /** Rows of pixels. */
  readonly height: number;
  /** Red, green, blue and opacity of each pixel, row by row. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

const OPTIONS = { shown: elsewhere } satisfies OptionChecks<WeightsImageOptions>;

/** Above 0 and below: blue and vermillion, told apart by people who see few colours too (Okabe and Ito 2008). */
const COLORS = [
  [0, 114, 178],
  [213, 94, 0],
] as const;

/**
 * What each unit of a dense layer looks at: its weights as a picture. The pictures lie row by row in a square, or nearly one,
 * with a transparent pixel between two. Blue weights are above 0, vermillion ones below, the more opaque the farther away; 0
 * is transparent, so that the page's own background is seen, light or dark. What is three times the root mean square of all
 * that is shown, or more, is opaque. Pure: it runs in a worker, and in Node.
 *
 * In a page, `context.putImageData(new ImageData(data, width, height), 0, 0)` shows it, and the CSS `image-rendering: pixelated`
 * shows it larger.
 * @param weights [height * width, units], as a model's `parameters` have them
 * @param size of the pictures that the layer looks at
 * @returns the pixels of all pictures
 * @throws BAD_LENGTH, BAD_OPTION, UNKNOWN_NAME
 * @example
 * ```ts
 * // Four units that look at pictures of 1 by 2.
 * const weights = [0.1, 0, 0, 0, -0.1, 0, 0.2, 0];
 * const { width, height, data } = weightsImage(weights, [1, 2]);
 * [width, height]; // [5, 3]
 * data.subarray(0, 8); // [0, 114, 178, 98, 213, 94, 0, 98]
 * weightsImage(weights, [1, 2], { shown: 1 }); // { width: 2, height: 1, data: [0, 114, 178, 85, 213, 94, 0, 85] }
 * ```
 */
export function weightsImage(
  weights: ArrayLike<number>,
  size: readonly [height: number, width: number],
  options: WeightsImageOptions = {},
): WeightsImage {
  checkOptions(options, OPTIONS);
  const [high, wide] = [integer("size[0]", size[0], 1), integer("size[1]", size[1], 1)];
  const units = weights.length / (wide * high);
  if (units < 1 || !Number.isInteger(units)) throw say.noUnits({ weights: weights.length, height: high, width: wide });
  const shown = integer("shown", options.shown ?? units, 1);
  if (shown > units) throw badOption({ option: "shown", value: shown, expected: `at most ${units}, the units` });

  const columns = Math.ceil(Math.sqrt(shown));
  const width = columns * (wide + 1) - 1;
  const height = Math.ceil(shown / columns) * (high + 1) - 1;
  const data = new Uint8ClampedArray(4 * width * height);
  const strength = 255 / (3 * rootMeanSquare(weights, units, shown) || 1);
  for (let unit = 0; unit < shown; unit++) {
    const corner = Math.floor(unit / columns) * (high + 1) * width + (unit % columns) * (wide + 1);
    for (let pixel = 0; pixel < wide * high; pixel++) {
      const weight = weights[pixel * units + unit]!;
      const at = 4 * (corner + Math.floor(pixel / wide) * width + (pixel % wide));
      data.set(COLORS[weight > 0 ? 0 : 1], at);
      data[at + 3] = Math.abs(weight) * strength;
    }
  }
  return { width, height, data };
}

function rootMeanSquare(weights: ArrayLike<number>, units: number, shown: number): number {
  let sum = 0;
  for (let row = 0; row < weights.length; row += units) {
    for (let unit = 0; unit < shown; unit++) sum += weights[row + unit]! ** 2;
  }
  return Math.sqrt(sum / ((weights.length / units) * shown));
}
