// Numbers about 0 of size 1, by the mean and the deviation of the training rows.

import { checkOptions, flag, type OptionChecks, type OptionCheck } from "../train/options.js";
import { badOption } from "../train/messages.js";
import * as say from "./messages.js";
import { checkShape, sizeOf, type NdArray } from "./nd-array.js";

/** What numbers were normalized by, one for each feature in row-major order. {@link normalize} gives it. */
export interface Scale {
  /** The mean of each feature. */
  readonly mean: Float64Array;
  /** The standard deviation of each feature; 1 where all numbers are equal. */
  readonly deviation: Float64Array;
}

/** The numbers, and what they were normalized by. {@link normalize} gives them. */
export interface Normalized extends NdArray<Float32Array>, Scale {}

/** By what and over which axes numbers are normalized. {@link normalize} takes them. */
export interface NormalizeOptions {
  /** The axes that mean and deviation are taken over; what is left are the features. Default 0, the rows. */
  readonly axis?: number | readonly number[] | undefined;
  /** What to normalize by, in place of the numbers' own mean and deviation: what `normalize` gave for the training rows. */
  readonly like?: Scale | undefined;
  /** Whether what is missing (NaN) becomes the mean, which is 0. Default false: it stays. */
  readonly fillMissing?: boolean | undefined;
}

const axes: OptionCheck = {
  expected: "an integer or a list of integers",
  accepts: (value) => Number.isInteger(value) || (Array.isArray(value) && value.every(Number.isInteger)),
};

const isNumbers = (value: unknown): boolean => value instanceof Float64Array || Array.isArray(value);

const scale: OptionCheck = {
  expected: "what normalize gave: { mean, deviation }",
  accepts: (value) => isNumbers((value as Scale | null)?.mean) && isNumbers((value as Scale).deviation),
};

const OPTIONS = { axis: axes, like: scale, fillMissing: flag } satisfies OptionChecks<NormalizeOptions>;

/**
 * (x - mean) / deviation for each feature, in float32 (scikit-learn: StandardScaler). Mean and deviation (the
 * population's, over n) are computed in float64 and come with the result, for other rows to be normalized in the same
 * way. NaN is left out of them.
 * @param x numbers and their shape, such as [rows, features]
 * @returns the numbers as Float32Array, their shape, and mean and deviation of each feature
 * @throws BAD_LENGTH, BAD_OPTION, and NO_ROWS for a feature without any number
 * @example
 * ```ts
 * const train = normalize({ shape: [3, 2], data: [1, 10, 2, 20, 3, 30] });
 * train.data; // [-1.225, -1.225, 0, 0, 1.225, 1.225]
 * train.mean; // [2, 20]
 * normalize({ shape: [1, 2], data: [2, 30] }, { like: train }).data; // [0, 1.225]
 * ```
 */
export function normalize(x: NdArray<ArrayLike<number>>, options: NormalizeOptions = {}): Normalized {
  checkOptions(options, OPTIONS);
  checkShape(x);
  const { data, shape } = x;
  const features = featuresOf(shape, options.axis ?? 0);
  const { mean, deviation } = options.like ?? scaleOf(data, features);
  if (mean.length !== features.count || deviation.length !== features.count) {
    throw badOption({ option: "like", value: `${mean.length} means`, expected: `of ${features.count} features` });
  }
  const filled = options.fillMissing ?? false;
  const result = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const f = features.of(i);
    const value = (data[i]! - mean[f]!) / deviation[f]!;
    result[i] = filled && Number.isNaN(data[i]!) ? 0 : value;
  }
  return { shape, data: result, mean: Float64Array.from(mean), deviation: Float64Array.from(deviation) };
}

interface Features {
  readonly count: number;
  /** Which feature the number at a position belongs to. */
  readonly of: (position: number) => number;
}

function featuresOf(shape: readonly number[], given: number | readonly number[]): Features {
  const over = (typeof given === "number" ? [given] : given).map((axis) => {
    if (axis < -shape.length || axis >= shape.length) {
      throw badOption({ option: "axis", value: axis, expected: `an axis of [${shape.join(", ")}]` });
    }
    return axis < 0 ? axis + shape.length : axis;
  });
  const kept = shape.map((_, axis) => axis).filter((axis) => !over.includes(axis));
  // Rows alone, or all but the last axes: what is left is the end of a position.
  if (kept.every((axis, i) => axis === shape.length - kept.length + i)) {
    const count = sizeOf(kept.map((axis) => shape[axis]!));
    return { count, of: (position) => position % count };
  }
  const parts = kept.map((axis, i) => ({
    size: shape[axis]!,
    step: sizeOf(shape.slice(axis + 1)),
    weight: sizeOf(kept.slice(i + 1).map((other) => shape[other]!)),
  }));
  const of = (position: number): number =>
    parts.reduce((sum, { size, step, weight }) => sum + (Math.floor(position / step) % size) * weight, 0);
  return { count: sizeOf(parts.map(({ size }) => size)), of };
}

/** In two passes, so that what is far from 0 keeps its digits. */
function scaleOf(data: ArrayLike<number>, { count, of }: Features): Scale {
  const sums = new Float64Array(count);
  const known = new Float64Array(count);
  for (let i = 0; i < data.length; i++) {
    if (Number.isNaN(data[i]!)) continue;
    sums[of(i)]! += data[i]!;
    known[of(i)]!++;
  }
  const unknown = known.indexOf(0);
  if (unknown >= 0) throw say.nothingKnown({ feature: unknown });
  const mean = sums.map((sum, f) => sum / known[f]!);
  const squares = new Float64Array(count);
  for (let i = 0; i < data.length; i++) {
    if (!Number.isNaN(data[i]!)) squares[of(i)]! += (data[i]! - mean[of(i)]!) ** 2;
  }
  return { mean, deviation: squares.map((sum, f) => Math.sqrt(sum / known[f]!) || 1) };
}
