// log and log1p.

import type { Routine, Value, VectorBuilder } from "./builder.js";
import { choose, nanWhere, polynomial, withSignOf } from "./expressions.js";

/** The bits of sqrt(1/2): mantissas are taken from there to sqrt(2). */
const SQRT_HALF_BITS = 0x3f3504f3;

/** ln 2 in two parts: an integer of 8 bits times the first is exact. */
const LN2_HIGH = 0.693145751953125;
const LN2_LOW = Math.LN2 - LN2_HIGH;

/** The integer n for which x / 2^n is nearest to 1; x is positive and normal. */
const octaveOf = (v: VectorBuilder, x: Value): Value =>
  v.shift("i32x4.shr_s", v.op("i32x4.sub", x, v.i32(SQRT_HALF_BITS)), 23);

/** x / 2^n for normal numbers, and for any where n is 0. */
const dividedByPower = (v: VectorBuilder, x: Value, n: Value): Value =>
  v.op("i32x4.sub", x, v.shift("i32x4.shl", n, 23));

export interface Split {
  /** An integer, as a float32. */
  readonly octave: Value;
  /** x / 2^octave, from sqrt(1/2) to sqrt(2). */
  readonly mantissa: Value;
}

/** Of a positive x, denormal ones too. */
export function split(v: VectorBuilder, x: Value): Split {
  const denormal = v.let(v.op("f32x4.lt", x, v.f32(2 ** -126)));
  const normal = v.let(choose(v, denormal, v.op("f32x4.mul", x, v.f32(2 ** 23)), x));
  const octave = v.let(octaveOf(v, normal));
  const shifted = v.op("v128.and", denormal, v.i32(23));
  return {
    octave: v.op("f32x4.convert_i32x4_s", v.op("i32x4.sub", octave, shifted)),
    mantissa: dividedByPower(v, normal, octave),
  };
}

/** (2 atanh(s) / s - 2) / s² as a polynomial in s² for s up to 3 - sqrt(8), to 2^-30 of the logarithm. */
const ATANH = [0.6666677594184875, 0.39977553486824036, 0.2987212836742401];

/**
 * octave ln 2 + log(1 + f), for f from sqrt(1/2) - 1 to sqrt(2) - 1. With s = f / (2 + f) the logarithm of 1 + f is
 * 2 atanh(s) = f - f²/2 + s (f²/2 + R(s²)): f itself is not rounded (as in FDLIBM's e_log.c).
 */
function logarithm(v: VectorBuilder, octave: Value, f: Value): Value {
  const s = v.let(v.op("f32x4.div", f, v.op("f32x4.add", f, v.f32(2))));
  const square = v.let(v.op("f32x4.mul", s, s));
  const fourth = v.op("f32x4.mul", square, square);
  const half = v.let(v.op("f32x4.mul", v.op("f32x4.mul", f, f), v.f32(0.5)));
  const series = v.madd(square, polynomial(v, square, fourth, ATANH), half);
  const small = v.madd(octave, v.f32(LN2_LOW), v.op("f32x4.sub", v.op("f32x4.mul", s, series), half));
  return v.madd(octave, v.f32(LN2_HIGH), v.op("f32x4.add", f, small));
}

export const log: Routine = {
  parameters: 1,
  build: (v) => {
    const { octave, mantissa } = split(v, v.x);
    const inside = logarithm(v, v.let(octave), v.let(v.op("f32x4.sub", mantissa, v.f32(1))));
    return atLimits(v, v.x, v.x, inside);
  },
};

/** -infinity where u is 0, NaN where it is negative, and x where it is infinite or NaN. */
function atLimits(v: VectorBuilder, u: Value, x: Value, inside: Value): Value {
  const finite = choose(v, v.op("f32x4.lt", x, v.f32(Infinity)), inside, x);
  const positive = choose(v, v.op("f32x4.eq", u, v.f32(0)), v.f32(-Infinity), finite);
  return nanWhere(v, v.op("f32x4.lt", u, v.f32(0)), positive);
}

/**
 * 1 + x only tells the octave; x / 2^n + (1 / 2^n - 1) then has one rounding, and none where n is 0. The quarter keeps the
 * exponent of 1 / 2^128 in bounds.
 */
export const log1p: Routine = {
  parameters: 1,
  build: (v) => {
    const above = v.let(v.op("f32x4.add", v.x, v.f32(1)));
    const octave = v.let(octaveOf(v, above));
    const quadruple = dividedByPower(v, v.f32(4), octave);
    const unit = v.madd(quadruple, v.f32(0.25), v.f32(-1));
    const f = v.let(v.op("f32x4.add", dividedByPower(v, v.x, octave), unit));
    const inside = logarithm(v, v.let(v.op("f32x4.convert_i32x4_s", octave)), f);
    return atLimits(v, above, v.x, withSignOf(v, v.x, inside));
  },
};
