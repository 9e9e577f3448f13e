// Affine index expressions over axis variables, with coefficients that may contain `rows`.
//
// `rows - 1 - i0` is [{1, rows^1}, {-1}, {-1, axis 0}]. An access is one such expression per axis of the operand.

import { evaluateDim, type Dim } from "./shape.js";

/** `times * rows^power * axis`, or without an axis a constant. */
export interface Term {
  readonly times: number;
  readonly power: number;
  readonly axis?: number;
}

/** A sum of terms, at most one for each (axis, power), none with factor zero. Zero is the empty sum. */
export type Affine = readonly Term[];

export const ZERO: Affine = Object.freeze([]);

export const axis = (index: number, times = 1, power = 0): Affine =>
  Object.freeze([Object.freeze({ times, power, axis: index })]);

export const offset = (times: number, power = 0): Affine =>
  times === 0 ? ZERO : Object.freeze([Object.freeze({ times, power })]);

export function addAffine(...sums: readonly Affine[]): Affine {
  const nonzero = sums.filter((sum) => sum.length > 0);
  if (nonzero.length === 0) return ZERO;
  // A single term is in normal form already; most sums are one.
  if (nonzero.length === 1 && nonzero[0]!.length === 1 && nonzero[0]![0]!.times !== 0)
    return Object.freeze(nonzero[0]!);
  const terms = new Map<string, Term>();
  for (const term of sums.flat()) {
    const key = `${term.axis ?? ""}:${term.power}`;
    const before = terms.get(key);
    terms.set(key, before ? { ...before, times: before.times + term.times } : term);
  }
  return Object.freeze([...terms.values()].filter((t) => t.times !== 0).map((t) => Object.freeze(t)));
}

export const scaleAffine = (a: Affine, by: Dim): Affine =>
  addAffine(a.map((t) => ({ ...t, times: t.times * by.times, power: t.power + by.power })));

/** Are both the same sum? Terms may be in any order. */
export const sameAffine = (a: Affine, b: Affine): boolean =>
  a.length === b.length &&
  a.every((t) => b.some((u) => u.axis === t.axis && u.power === t.power && u.times === t.times));

export function evaluateAffine(a: Affine, index: readonly number[], rows: number): number {
  let sum = 0;
  for (const t of a) sum += evaluateDim(t, rows) * (t.axis === undefined ? 1 : index[t.axis]!);
  return sum;
}

/** Is it just the axis variable `i`? */
export const isAxis = (a: Affine, i?: number): boolean =>
  a.length === 1 &&
  a[0]!.times === 1 &&
  a[0]!.power === 0 &&
  a[0]!.axis !== undefined &&
  (i === undefined || a[0]!.axis === i);

/** The axis variables it mentions, ascending. */
export function axesOf(a: Affine): number[] {
  const axes: number[] = [];
  for (const { axis } of a) if (axis !== undefined && !axes.includes(axis)) axes.push(axis);
  return axes.length > 1 ? axes.sort((x, y) => x - y) : axes;
}
