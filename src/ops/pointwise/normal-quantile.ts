// The inverse of the normal distribution function: what makes normal numbers of uniform ones.

import type { OpDef } from "../../graph/op.js";
import { applyScalar, argument, constant, type Scalar } from "../../scalar/expression.js";
import { pointwiseRecord } from "./pointwise.js";

// Acklam's coefficients: central numerator and denominator, tail numerator and denominator. The central ones are those of the
// same polynomials in u = 1/4 - r in place of his r: all are positive, so that nothing cancels in float32.
const A = [
  39.69683028665376, 171.3250605662033, 79.79293095160679, 8.063526208948025, 0.18871540632296283,
  0.0007095380368489987,
];

const B = [
  54.47609879822406, 93.49071336026083, 28.16070475073575, 2.109875377347591, 0.038455833779857174,
  0.00011040444440565955,
];

const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];

const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];

/** 24 random bits as a standard normal value: the inverse distribution function, in + - * / and sqrt only. */
export const normalQuantileDef: OpDef = pointwiseRecord("normalQuantile", {
  doc: "A uniform number as a standard normal one: Acklam's rational inverse of the distribution function.",
  scalar: normalQuantile(),
  differentiable: false,
  ranges: [[[0.001, 0.999]]],
});

/**
 * P. J. Acklam's approximation (relative error below 1.15e-9). Its tails need sqrt(-2 log p); the logarithm comes from six
 * square roots and the series of atanh, so that every engine gives the same bits. In float32 it is right to 1e-6 of itself.
 */
function normalQuantile(): Scalar {
  const num = (value: number): Scalar => constant(value);
  const sum2 = (a: Scalar, b: Scalar): Scalar => applyScalar("add", a, b);
  const minus = (a: Scalar, b: Scalar): Scalar => applyScalar("sub", a, b);
  const times = (a: Scalar, b: Scalar): Scalar => applyScalar("mul", a, b);
  const over = (a: Scalar, b: Scalar): Scalar => applyScalar("div", a, b);
  const polynomial = (x: Scalar, coefficients: readonly number[]): Scalar =>
    coefficients.slice(1).reduce((sum, c) => sum2(times(sum, x), num(c)), num(coefficients[0]!));

  // Half a step off the grid, so that the 2^24 values lie symmetrically and none is 0 or 1.
  const q = sum2(minus(argument(0), num(0.5)), num(2 ** -25));
  const tail = minus(num(0.5), applyScalar("abs", q));
  // 1/4 - q², from factors that are exact.
  const u = times(tail, minus(num(1), tail));
  const central = over(times(polynomial(u, A), q), polynomial(u, B));
  let root: Scalar = tail;
  // (root - 1) / (root + 1) for the last root, where root - 1 = (tail - 1) / (each root + 1): a difference would cancel.
  let product: Scalar | undefined;
  for (let i = 0; i < 6; i++) {
    root = applyScalar("sqrt", root);
    const factor = sum2(root, num(1));
    product = product ? times(product, factor) : factor;
  }
  const z = over(minus(tail, num(1)), times(product!, sum2(root, num(1))));
  const series = polynomial(times(z, z), [1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1]);
  const t = applyScalar("sqrt", times(times(z, series), num(-4 * 2 ** 6)));
  const outer = over(polynomial(t, C), polynomial(t, [...D, 1]));
  const signed = times(applyScalar("neg", applyScalar("sign", q)), outer);
  return applyScalar("select", applyScalar("lt", tail, num(0.02425)), signed, central);
}
