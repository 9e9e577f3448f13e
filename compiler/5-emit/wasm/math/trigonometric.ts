// sin and cos.

import type { Routine, Value, VectorBuilder } from "./builder.js";
import { atLeast, atMost, choose, double, DOUBLE_ROUNDER, polynomial } from "./expressions.js";

/** pi / 2 in two doubles: an integer of 20 bits times the first, of 33 bits, is exact (Cody and Waite). */
const QUARTER_HIGH = 1.5707963267341256;
const QUARTER_LOW = 6.077100506506192e-11;

interface Quarters {
  /** How many quarter turns were taken off, modulo 2^32. */
  readonly turns: Value;
  /** What is left, from -pi/4 to pi/4. */
  readonly rest: Value;
}

/**
 * The reduction is in doubles: it leaves no error to speak of up to 2^20. Beyond, the angle is off by |x| 2^-52 or so; from
 * 2^51 on the result is some number from -1 to 1.
 */
function quarters(v: VectorBuilder): Quarters {
  const reduce = (x: Value): { rounded: Value; rest: Value } => {
    const wide = v.let(v.op("f64x2.promote_low_f32x4", x));
    const rounded = v.let(
      v.op("f64x2.add", v.op("f64x2.mul", wide, double(v, 2 / Math.PI)), double(v, DOUBLE_ROUNDER)),
    );
    const count = v.let(v.op("f64x2.sub", rounded, double(v, DOUBLE_ROUNDER)));
    const first = v.op("f64x2.sub", wide, v.op("f64x2.mul", count, double(v, QUARTER_HIGH)));
    const rest = v.op("f64x2.sub", first, v.op("f64x2.mul", count, double(v, QUARTER_LOW)));
    return { rounded, rest: v.op("f32x4.demote_f64x2_zero", rest) };
  };
  const [low, high] = [reduce(v.x), reduce(v.shuffle(v.x, v.x, [2, 3, 2, 3]))];
  const rest = v.shuffle(low.rest, high.rest, [0, 1, 4, 5]);
  return {
    turns: v.let(v.shuffle(low.rounded, high.rounded, [0, 2, 4, 6])),
    rest: v.let(atLeast(v, atMost(v, rest, Math.PI / 4), -Math.PI / 4)),
  };
}

/** (sin(x) / x - 1) / x² as a polynomial in x² up to pi/4, to 2^-27.9 of sin. */
const SIN = [-0.16666655242443085, 0.008332188241183758, -0.0001951809535967186];

/** (cos(x) - 1 + x²/2) / x⁴ as a polynomial in x² up to pi/4, to 2^-33 of cos. */
const COS = [0.04166664555668831, -0.0013887309469282627, 0.00002443243273363989];

/** The sine of x and of a number of quarter turns more. */
function sine(v: VectorBuilder, more: number): Value {
  const { turns: taken, rest } = quarters(v);
  const turns = more === 0 ? taken : v.let(v.op("i32x4.add", taken, v.i32(more)));
  const square = v.let(v.op("f32x4.mul", rest, rest));
  const fourth = v.let(v.op("f32x4.mul", square, square));
  const sin = v.madd(v.op("f32x4.mul", rest, square), polynomial(v, square, fourth, SIN), rest);
  const flat = v.op("f32x4.sub", v.f32(1), v.op("f32x4.mul", square, v.f32(0.5)));
  const cos = v.madd(fourth, polynomial(v, square, fourth, COS), flat);
  const odd = v.op("i32x4.eq", v.op("v128.and", turns, v.i32(1)), v.i32(1));
  // The second bit of the count is the sign.
  const sign = v.shift("i32x4.shl", v.op("v128.and", turns, v.i32(2)), 30);
  return v.op("v128.xor", choose(v, odd, cos, sin), sign);
}

/** -0 stays what it is. */
export const sin: Routine = {
  parameters: 1,
  build: (v) => {
    const result = v.let(sine(v, 0));
    return choose(v, v.op("f32x4.eq", v.x, v.f32(0)), v.x, result);
  },
};

export const cos: Routine = { parameters: 1, build: (v) => sine(v, 1) };
