// What the scalar tests measure against: differences of function values, arithmetic of arbitrary precision, and the
// parser without any law.

import { instructionOf } from "../../src/scalar/instructions.js";
import { isConstant, type Argument, type Scalar } from "../../src/scalar/expression.js";
import { interner, type Interner } from "../../src/scalar/share.js";
import { lowerFormula } from "../../compiler/formula/parse.js";

/** The derivative by central differences, extrapolated (Ridders' method), with an estimate of its own error. */
function differentiateNumerically(f: (x: number) => number, x: number): { value: number; error: number } {
  const shrink = 1.6;
  let step = 0.02 * Math.max(1, Math.abs(x));
  let best = { value: NaN, error: Infinity };
  let before: number[] = [];
  for (let row = 0; row < 12; row++, step /= shrink) {
    const now = [(f(x + step) - f(x - step)) / (2 * step)];
    for (let k = 1, factor = shrink ** 2; k <= row; k++, factor *= shrink ** 2) {
      now[k] = (now[k - 1]! * factor - before[k - 1]!) / (factor - 1);
      const error = Math.max(Math.abs(now[k]! - now[k - 1]!), Math.abs(now[k]! - before[k - 1]!));
      if (error < best.error) best = { value: now[k]!, error };
    }
    before = now;
  }
  return best;
}

/** Throws unless `actual` is the derivative of `f` at `x`, to 1e-8 of its size. */
export function expectDerivative(f: (x: number) => number, x: number, actual: number, what: string): void {
  const { value, error } = differentiateNumerically(f, x);
  const tolerance = 1e-8 * Math.max(1, Math.abs(value));
  if (!(error < tolerance)) throw new Error(`${what} at ${x}: the differences do not converge (${value} +- ${error})`);
  if (!(Math.abs(actual - value) <= tolerance))
    throw new Error(`${what} at ${x}: ${actual}, but differences give ${value}`);
}

const SCALE = 10n ** 60n;

/** erf by its Taylor series in 60-digit fixed point; for |x| up to 5. */
export function erfExact(x: number): number {
  // Doubles are dyadic: x is exactly an integer over 2^60 here.
  const fixed = (BigInt(Math.round(x * 2 ** 40)) * SCALE) / 2n ** 40n;
  const square = (fixed * fixed) / SCALE;
  let power = fixed;
  let sum = 0n;
  for (let n = 0n; n < 300n; n++) {
    sum += power / (2n * n + 1n);
    power = (-power * square) / SCALE / (n + 1n);
  }
  const twoOverSqrtPi = 1128379167095512573896158903121545171688101258657997713688n * 10n ** 3n;
  return Number((sum * twoOverSqrtPi) / SCALE) / 1e60;
}

/** Makes expressions with constants folded and nothing else: what a law's two sides are compared in. */
export function foldOnly(): Interner<Argument> {
  const plain = interner<Argument>((leaf) => leaf.index);
  return {
    ...plain,
    apply: (op, args) =>
      args.every(isConstant)
        ? plain.constant(instructionOf(op).value(...args.map((arg) => arg.value)))
        : plain.apply(op, args),
  };
}

/** A formula of x and y (or others) that no law has touched. */
export const raw = (
  text: string,
  operands: readonly string[] = ["x", "y"],
  values: Record<string, number> = {},
): Scalar => lowerFormula(text, { operands, values: new Map(Object.entries(values)) }, foldOnly());

/** Reproducible numbers in [0, 1), independent of the project's own hash (Marsaglia's xorshift). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
