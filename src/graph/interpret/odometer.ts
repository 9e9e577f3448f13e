// Loops over index tuples in row-major order, and the affine values that follow them without being computed anew.

import type { Affine } from "../affine.js";
import { evaluateDim } from "../shape.js";

/** An affine expression for a number of rows: `base + sum of factors[v] * variable v`. */
export interface Linear {
  readonly base: number;
  readonly factors: readonly number[];
}

export function linearOf(affine: Affine, variables: number, rows: number): Linear {
  let base = 0;
  const factors = new Array<number>(variables).fill(0);
  for (const term of affine) {
    const value = evaluateDim(term, rows);
    if (term.axis === undefined) base += value;
    else factors[term.axis]! += value;
  }
  return { base, factors };
}

export const addLinear = (a: Linear, b: Linear, times: number): Linear => ({
  base: a.base + times * b.base,
  factors: a.factors.map((factor, v) => factor + times * b.factors[v]!),
});

/** The smallest and the largest value over all index tuples. */
export function extremesOf({ base, factors }: Linear, extents: readonly number[]): readonly [number, number] {
  let [low, high] = [base, base];
  factors.forEach((factor, v) => {
    const span = factor * (extents[v]! - 1);
    if (span < 0) low += span;
    else high += span;
  });
  return [low, high];
}

export interface Odometer {
  readonly extents: readonly number[];
  /** The present value of each followed expression; the array is the same for the odometer's life. */
  readonly at: number[];
  /** Registers an expression; its present value is `at[the returned position]`. */
  readonly follow: (linear: Linear) => number;
  /** To the first tuple. */
  readonly start: () => void;
  /** To the next tuple; after the last one nothing is defined. */
  readonly advance: () => void;
}

export function createOdometer(extents: readonly number[]): Odometer {
  const at: number[] = [];
  const followed: Linear[] = [];
  const index = extents.map(() => 0);
  const last = extents.length - 1;
  /** By variable: what each value gains when the variable rises and all inner ones return to zero. */
  let gains: number[][] | undefined;

  function gainsOf(): number[][] {
    const spans = followed.map(() => 0);
    const result: number[][] = [];
    for (let v = last; v >= 0; v--) {
      result[v] = followed.map(({ factors }, k) => factors[v]! - spans[k]!);
      followed.forEach(({ factors }, k) => {
        spans[k]! += factors[v]! * (extents[v]! - 1);
      });
    }
    return result;
  }

  return {
    extents,
    at,
    follow(linear) {
      followed.push(linear);
      gains = undefined;
      return at.push(linear.base) - 1;
    },
    start() {
      gains ??= gainsOf();
      index.fill(0);
      followed.forEach(({ base }, k) => {
        at[k] = base;
      });
    },
    advance() {
      let v = last;
      while (v >= 0 && ++index[v]! === extents[v]!) index[v--] = 0;
      if (v < 0) return;
      const gain = gains![v]!;
      for (let k = 0; k < gain.length; k++) at[k]! += gain[k]!;
    },
  };
}
