// The common case of ranges, for speed: positions without gathered parts that only grow, and no guard that is needed. What is not
// found to be so here is looked at in full.

import type { Affine } from "../../src/graph/affine.js";
import type { Dim } from "../../src/graph/shape.js";

interface Counted {
  readonly variable: number;
  readonly size: Dim;
}

/** Higher powers of rows are left to the others. */
const POWERS = 4;
const sum = new Float64Array(POWERS);

/** Adds what the terms reach to `sum`; false where they are not of the common case. */
function addReach(affine: Affine, loops: readonly Counted[], from: number): boolean {
  for (const { axis, times, power } of affine) {
    if (power >= POWERS) return false;
    if (axis === undefined) {
      if (times < 0) return false;
      if (from === 0) sum[power]! += times;
      continue;
    }
    const at = loops.findIndex(({ variable }) => variable === axis);
    if (at < 0 || times < 0) return false;
    if (at < from) continue;
    const { size } = loops[at]!;
    if (power + size.power >= POWERS) return false;
    sum[power + size.power]! += times * size.times;
    sum[power]! -= times;
  }
  return true;
}

/** Is the size, less one, less what `sum` has, zero or more for every number of rows? */
function leaves(size: Dim): boolean {
  if (size.power >= POWERS) return false;
  for (let k = 0; k < POWERS; k++) sum[k] = -sum[k]!;
  sum[size.power]! += size.times;
  sum[0]! -= 1;
  // The coefficients of the polynomial in (rows - 1).
  for (let from = 0; from < POWERS; from++) {
    for (let k = POWERS - 2; k >= from; k--) sum[k]! += sum[k + 1]!;
    if (sum[from]! < 0) return false;
  }
  return true;
}

/** Does the position lie from zero to below the size, whatever its guards say? */
export function isPlainlyInside(affine: Affine, loops: readonly Counted[], size: Dim): boolean {
  sum.fill(0);
  return addReach(affine, loops, 0) && leaves(size);
}

/** Does each iteration of the loop at that depth move the position past all that the loops within reach? */
export function stepsPlainly(affine: Affine, loops: readonly Counted[], depth: number): boolean {
  const own = affine.filter(({ axis }) => axis === loops[depth]!.variable);
  if (own.length !== 1 || own[0]!.times < 0) return false;
  sum.fill(0);
  return addReach(affine, loops, depth + 1) && leaves(own[0]!);
}
