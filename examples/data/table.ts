// Small tables for classifiers: shuffled by a seed, split, and standardised by the training rows.

import { uniform } from "./points.js";

export interface Table {
  /** One list for each example; NaN where a value is missing. */
  readonly features: readonly (readonly number[])[];
  /** 0 .. classes - 1 for each example. */
  readonly classes: readonly number[];
}

export interface Part {
  /** [rows, features], row-major: mean 0 and standard deviation 1 over the training rows; 0 where a value is missing. */
  readonly features: Float32Array;
  readonly classes: Int32Array;
}

/** Keeps `testShare` of the rows for the test. */
export function prepare(table: Table, options: { readonly testShare: number; readonly seed: number }) {
  const order = shuffled(table.classes.length, options.seed);
  const tested = Math.round(order.length * options.testShare);
  const [test, train] = [order.slice(0, tested), order.slice(tested)];
  const scales = table.features[0]!.map((_, column) => scaleOf(train.map((row) => table.features[row]![column]!)));
  const part = (rows: readonly number[]): Part => ({
    features: Float32Array.from(
      rows.flatMap((row) => table.features[row]!.map((value, column) => standardised(value, scales[column]!))),
    ),
    classes: Int32Array.from(rows, (row) => table.classes[row]!),
  });
  return { train: part(train), test: part(test) };
}

interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

/** Of the values that are there. */
function scaleOf(values: readonly number[]): Scale {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / known.length) };
}

/** What is missing becomes the mean. */
const standardised = (value: number, { mean, deviation }: Scale): number =>
  Number.isNaN(value) ? 0 : (value - mean) / deviation;

/** 0 .. count - 1 in an order that the seed gives (Fisher-Yates). */
function shuffled(count: number, seed: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  const random = uniform(seed);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
