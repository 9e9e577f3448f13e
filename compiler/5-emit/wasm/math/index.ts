// The vector routines, by instruction.

import type { Routine, VectorOp } from "./builder.js";
import { erf, exp, expm1, sigmoid, tanh } from "./exponential.js";
import { log, log1p } from "./logarithm.js";
import { pow } from "./pow.js";
import { cos, sin } from "./trigonometric.js";

export const vectorRoutines: Readonly<Record<VectorOp, Routine>> = {
  exp,
  expm1,
  log,
  log1p,
  tanh,
  sigmoid,
  erf,
  sin,
  cos,
  pow,
};

/**
 * The largest error, in units in the last place, with and without fused multiply-adds; what was measured lies at half to three
 * quarters of it. Denormal operands and results, infinities, NaN and the sign of zero are those of JavaScript's Math.
 * sin and cos: for |x| up to 2^20.
 */
export const errorBounds: Readonly<Record<VectorOp, number>> = {
  exp: 2,
  expm1: 2,
  log: 2,
  log1p: 2,
  tanh: 2,
  sigmoid: 3,
  erf: 3,
  sin: 2,
  cos: 2,
  pow: 3,
};
