// The weights of a dense layer as pictures: one for each unit.

import { badOption } from "../train/messages.js";
import { type Checks, checkOptions, elsewhere, integer } from "../train/options.js";
import * as say from "./messages.js";

export interface WeightsImageOptions {
  /** How many units are shown, the first ones. Default: all. */
  readonly shown?: number | undefined;
}

/** Pixels for `new ImageData(data, width, height)`. */
export interface WeightsImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

const OPTIONS = { shown: elsewhere } satisfies Checks<WeightsImageOptions>;

/** Above 0 and below: blue and vermillion, told apart by people who see few colours too (Okabe and Ito 2008). */
const COLORS = [
  [0, 114, 178],
  [213, 94, 0],
] as const;

/**
 * What each unit looks at: the weights [height * width, units] of a dense layer over pictures of `size` [height, width], as a picture
 * for each unit. They make a square, row by row, with a pixel between two. Blue weights are above 0, vermillion ones below, the more opaque the
 * farther away; 0 is transparent, so that the page's own background is seen, light or dark. Full colour is three times the root mean square of
 * what is shown. Pure: it runs in a worker, and in Node.
 *
 *     const { data, width, height } = weightsImage(net.parameters["h1.weight"], [28, 28], { shown: 64 });
 *     context.putImageData(new ImageData(data, width, height), 0, 0);
 *
 * Throws TrainError BAD_LENGTH, BAD_OPTION, UNKNOWN_NAME.
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
