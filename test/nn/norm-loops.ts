// What the tests of normalisation layers share: elements of a shape, and statistics of those that belong together.

import { expect } from "vitest";
import { normal } from "tapeless";

export type Dims = readonly (number | "batch")[];

export const numbers = (length: number, seed: number): number[] =>
  Array.from({ length }, (_, i) => Math.sin(i * 1.7 + seed) * 2 + Math.cos(i * i + seed));

export const CAPACITY = 5;

export const average = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;

export interface Statistics {
  readonly mean: number;
  /** Biased. */
  readonly variance: number;
  readonly count: number;
}

const statisticsOf = (list: readonly number[]): Statistics => {
  const mean = average(list);
  return { mean, variance: average(list.map((x) => (x - mean) ** 2)), count: list.length };
};

/** The index of each element of a shape, row-major. */
export function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}

/** Statistics of the elements that `key` puts together. */
export function groupedBy(x: readonly number[], shape: readonly number[], key: (index: number[]) => string) {
  const lists = new Map<string, number[]>();
  indices(shape).forEach((index, at) => lists.set(key(index), [...(lists.get(key(index)) ?? []), x[at]!]));
  return (index: number[]): Statistics => statisticsOf(lists.get(key(index))!);
}

export const EPSILON = 0.01;
export const options = {
  epsilon: EPSILON,
  weightInitializer: normal(1, 0.5),
  biasInitializer: normal(0, 0.5),
  name: "n",
};

export const sized = (shape: Dims, rows: number): number[] => shape.map((d) => (d === "batch" ? rows : d));
export const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const closeTo = (actual: ArrayLike<number>, wanted: readonly number[]): void =>
  wanted.forEach((value, i) => expect(Math.abs(actual[i]! - value), `element ${i}`).toBeLessThan(1e-12));
