// What float64 modules import: they exist to check the others, so that nothing needs to be fast.

import type { VectorOp } from "./math/builder.js";

/** TypeScript of the functions, by instruction; exact to a few units in the last place of a double. */
export const imported: Readonly<Record<VectorOp, string>> = {
  exp: "Math.exp",
  expm1: "Math.expm1",
  log: "Math.log",
  log1p: "Math.log1p",
  tanh: "Math.tanh",
  sigmoid: "(x: number): number => 1 / (1 + Math.exp(-x))",
  erf: "erf",
  sin: "Math.sin",
  cos: "Math.cos",
  pow: "Math.pow",
};

export const erf = `/** The error function: a series below 2, a continued fraction of the complement above. */
function erf(x: number): number {
  const size = Math.abs(x);
  if (!(size < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  if (size < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1.1283791670955126 * Math.exp(-x * x) * sum;
  }
  let tail = size;
  for (let n = 120; n >= 1; n--) tail = size + n / 2 / tail;
  return Math.sign(x) * (1 - Math.exp(-size * size) / (1.772453850905516 * tail));
}`;
