// Pictures as arrays of numbers from 0 to 1.

import { badOption } from "../train/messages.js";
import { checkOptions, finite, elsewhere, type OptionCheck, type OptionChecks } from "../train/options.js";
import * as say from "./messages.js";
import type { NdArray } from "./nd-array.js";

/** How pixels become numbers. {@link imageTensor} and {@link readPng} take them. */
export interface ImageOptions {
  /** 1: grey, 3: red, green and blue, 4: with opacity. Default: of a file what it holds, of a canvas 4. */
  readonly channels?: 1 | 3 | 4 | undefined;
  /** `"channelsLast"`: [height, width, channels], or `"channelsFirst"`: [channels, height, width]. Default channelsLast. */
  readonly layout?: "channelsLast" | "channelsFirst" | undefined;
  /** How bright what lies behind the picture is, 0 .. 1, where opacity is not kept. Default 1, which is white. */
  readonly background?: number | undefined;
}

const oneOf = (...values: readonly unknown[]): OptionCheck => ({
  expected: values.map((value) => JSON.stringify(value)).join(" or "),
  accepts: (value) => values.includes(value),
});

export const IMAGE_OPTIONS = {
  channels: oneOf(1, 3, 4),
  layout: oneOf("channelsLast", "channelsFirst"),
  background: elsewhere,
} satisfies OptionChecks<ImageOptions>;

/**
 * Red, green, blue and opacity of each pixel, row by row: what a canvas' `getImageData` gives. {@link imageTensor}
 * takes it.
 */
export interface Picture {
  /** Pixels of a row. */
  readonly width: number;
  /** Rows of pixels. */
  readonly height: number;
  /** Four numbers for each pixel, 0 to 255. */
  readonly data: ArrayLike<number>;
}

/**
 * The pixels of a canvas (`context.getImageData(0, 0, width, height)`), or any picture with 4 bytes for each pixel, as
 * numbers from 0 to 1. Grey is 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601, as PIL and TensorFlow have it).
 * Where opacity is not kept, the picture is laid on the background: a canvas that nothing is drawn on is white.
 * @param image its width, height, and four numbers for each pixel
 * @returns a Float32Array of shape [height, width, channels]
 * @throws BAD_OPTION, BAD_LENGTH
 * @example
 * ```ts
 * const image = { width: 2, height: 1, data: [0, 0, 0, 255, 255, 0, 0, 255] };
 * imageTensor(image, { channels: 1 }); // { shape: [1, 2, 1], data: [0, 0.299] }
 * ```
 */
export function imageTensor(image: Picture, options: ImageOptions = {}): NdArray<Float32Array> {
  checkOptions(options, IMAGE_OPTIONS);
  const { width, height, data } = image;
  if (data.length !== 4 * width * height) throw say.badShape({ shape: [height, width, 4], numbers: data.length });
  return tensorOf({ width, height, data, largest: 255 }, options.channels ?? 4, options);
}

/** A checked picture, whose brightest value is `largest`. */
export function tensorOf(
  { width, height, data, largest }: Picture & { readonly largest: number },
  channels: 1 | 3 | 4,
  options: ImageOptions,
): NdArray<Float32Array> {
  const background = finite("background", options.background ?? 1, 0);
  if (background > 1) throw badOption({ option: "background", value: background, expected: "at most 1" });
  const first = options.layout === "channelsFirst";
  const pixels = width * height;
  const result = new Float32Array(pixels * channels);
  const put = (pixel: number, channel: number, value: number): void => {
    result[first ? channel * pixels + pixel : pixel * channels + channel] = value;
  };
  for (let pixel = 0; pixel < pixels; pixel++) {
    const opacity = data[4 * pixel + 3]! / largest;
    const over = (channel: number): number => {
      const value = data[4 * pixel + channel]! / largest;
      return channels === 4 ? value : value * opacity + background * (1 - opacity);
    };
    const [red, green, blue] = [over(0), over(1), over(2)];
    if (channels === 1)
      put(pixel, 0, red === green && green === blue ? red : 0.299 * red + 0.587 * green + 0.114 * blue);
    else {
      put(pixel, 0, red);
      put(pixel, 1, green);
      put(pixel, 2, blue);
      if (channels === 4) put(pixel, 3, opacity);
    }
  }
  return { shape: first ? [channels, height, width] : [height, width, channels], data: result };
}
