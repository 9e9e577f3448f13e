// What the routines have in common. Every coefficient of a polynomial in this folder is our own: a Remez exchange in 40 digits
// on the error that its line names, the coefficients then rounded to float32 (or kept, where the arithmetic is in doubles).

import type { Value, VectorBuilder } from "./builder.js";

/** c[0] + c[1] x + c[2] x² + ...: pair by pair with x² between, which halves the chain of dependent operations. */
export function polynomial(v: VectorBuilder, x: Value, square: Value, coefficients: readonly number[]): Value {
  const pairs: Value[] = [];
  for (let i = 0; i < coefficients.length; i += 2) {
    const [even, odd] = [coefficients[i]!, coefficients[i + 1]];
    pairs.push(odd === undefined ? v.f32(even) : v.madd(v.f32(odd), x, v.f32(even)));
  }
  return pairs.reduceRight((above, pair) => v.madd(above, square, pair));
}

/** A number in both lanes of 64 bits. */
export const double = (v: VectorBuilder, value: number): Value => v.op("v128.const", "f64x2", `${value}`, `${value}`);

/** `yes` in the lanes where the mask is set. */
export const choose = (v: VectorBuilder, mask: Value, yes: Value, no: Value): Value =>
  v.op("v128.bitselect", yes, no, mask);

/** All bits are set where the mask is: a NaN. */
export const nanWhere = (v: VectorBuilder, mask: Value, elsewhere: Value): Value => v.op("v128.or", elsewhere, mask);

/** The sign bit alone. */
export const signOf = (v: VectorBuilder, x: Value): Value => v.op("v128.and", x, v.i32(0x80000000));

/** A result that is not negative, or has x's sign already, with the sign of x: -0 has one too. */
export const withSignOf = (v: VectorBuilder, x: Value, result: Value): Value => v.op("v128.or", result, signOf(v, x));

/**
 * The smaller, or the larger, of x and a bound; NaN where x is NaN. One machine instruction, unlike `f32x4.min`, whose result
 * is NaN whichever operand is.
 */
export const atMost = (v: VectorBuilder, x: Value, bound: number): Value => v.op("f32x4.pmin", x, v.f32(bound));
export const atLeast = (v: VectorBuilder, x: Value, bound: number): Value => v.op("f32x4.pmax", x, v.f32(bound));

/** Added to a float32 below 2^22, or a double below 2^51, it leaves the nearest integer in the lowest bits. */
export const ROUNDER = 1.5 * 2 ** 23;
export const DOUBLE_ROUNDER = 1.5 * 2 ** 52;
