// How far apart elements lie.

import type { Position } from "./kernel.js";

/** From one value of a loop variable to the next: a number of elements, or undefined where it is no constant. */
export function strideOf({ affine }: Pick<Position, "affine">, variable: number): number | undefined {
  const terms = affine.filter((t) => t.axis === variable);
  if (terms.some((t) => t.power > 0)) return undefined;
  return terms.reduce((sum, t) => sum + t.times, 0);
}
