// Small tables for classifiers: shuffled by a seed, split, and standardised by the training rows.

import { normalize, takeRows } from "tapeless/data";
import { uniform } from "./points.js";

export interface Table {
  /** One list for each example; NaN where a value is missing. */
  readonly features: readonly (readonly number[])[];
  /** 0 .. classes - 1 for each example. */
  readonly classes: readonly number[];
}

/**
 * Keeps `testShare` of the rows for the test. Features of a part are [rows, features]: mean 0 and standard deviation 1 over the training
 * rows, 0 where a value is missing.
 */
export function prepare(table: Table, options: { readonly testShare: number; readonly seed: number }) {
  const order = shuffled(table.classes.length, options.seed);
  const tested = Math.round(order.length * options.testShare);
  const rows = { test: order.slice(0, tested), train: order.slice(tested) };
  const features = { shape: [order.length, table.features[0]!.length], data: Float64Array.from(table.features.flat()) };
  const train = normalize(takeRows(features, rows.train), { fillMissing: true });
  const test = normalize(takeRows(features, rows.test), { fillMissing: true, like: train });
  const classes = Int32Array.from(table.classes);
  return {
    train: { features: train.data, classes: takeRows(classes, rows.train) },
    test: { features: test.data, classes: takeRows(classes, rows.test) },
  };
}

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
