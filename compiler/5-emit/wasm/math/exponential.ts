// exp, and what is made of it: expm1, sigmoid, tanh, erf.

import type { Routine, Value, VectorBuilder } from "./builder.js";
import { atLeast, atMost, choose, polynomial, ROUNDER, withSignOf } from "./expressions.js";

const ROUNDER_BITS = 0x4b400000;

/** ln 2 in two parts: an integer of 8 bits times the first is exact. */
const LN2_HIGH = 0.693145751953125;
const LN2_LOW = Math.LN2 - LN2_HIGH;

interface Octaves {
  /** The integer nearest to x / ln 2, as an integer. */
  readonly octave: Value;
  /** x - octave ln 2: half an octave at most, to either side. */
  readonly rest: Value;
}

/** Of x between bounds beyond which the result does not change. */
function octaves(v: VectorBuilder, x: Value, least: number): Octaves {
  const bounded = v.let(atLeast(v, atMost(v, x, 89), least));
  const rounded = v.let(v.madd(bounded, v.f32(Math.LOG2E), v.f32(ROUNDER)));
  const octave = v.let(v.op("f32x4.sub", rounded, v.f32(ROUNDER)));
  const rest = v.let(v.madd(octave, v.f32(-LN2_LOW), v.madd(octave, v.f32(-LN2_HIGH), bounded)));
  return { octave: v.let(v.op("i32x4.sub", rounded, v.i32(ROUNDER_BITS))), rest };
}

/** 2^n, where n + 127 is an exponent of normal numbers. */
const powerOfTwo = (v: VectorBuilder, n: Value): Value => v.shift("i32x4.shl", v.op("i32x4.add", n, v.i32(127)), 23);

/**
 * y 2^n for y from 1/2 to 2 and n from -151 to 129. In two steps: a result that is denormal, or overflows, is rounded in the
 * second alone.
 */
export function scaled(v: VectorBuilder, y: Value, n: Value): Value {
  const half = v.let(v.shift("i32x4.shr_s", n, 1));
  const first = v.op("f32x4.mul", y, powerOfTwo(v, half));
  return v.op("f32x4.mul", first, powerOfTwo(v, v.op("i32x4.sub", n, half)));
}

/** (exp(r) - 1 - r) / r² within half an octave, to 2^-27.8 of exp. */
const EXP = [0.4999999403953552, 0.1666651964187622, 0.041668396443128586, 0.008368844166398048, 0.0013814546400681138];

export const exp: Routine = {
  parameters: 1,
  build: (v) => {
    const { octave, rest } = octaves(v, v.x, -104);
    const square = v.let(v.op("f32x4.mul", rest, rest));
    const above = v.madd(square, polynomial(v, rest, square, EXP), rest);
    return scaled(v, v.op("f32x4.add", above, v.f32(1)), octave);
  },
};

/** The same to 2^-28.7 of expm1. */
const EXPM1 = [
  0.5, 0.1666666716337204, 0.04166635125875473, 0.00833327230066061, 0.001394116785377264, 0.0001991441531572491,
];

/** 2^n expm1(r) + (2^n - 1), in halves so that 2^128 does not arise. */
export const expm1: Routine = {
  parameters: 1,
  build: (v) => {
    const { octave, rest } = octaves(v, v.x, -20);
    const square = v.let(v.op("f32x4.mul", rest, rest));
    const small = v.madd(square, polynomial(v, rest, square, EXPM1), rest);
    const half = v.let(powerOfTwo(v, v.op("i32x4.sub", octave, v.i32(1))));
    const sum = v.let(v.madd(half, small, v.op("f32x4.sub", half, v.f32(0.5))));
    const tiny = v.op("f32x4.lt", v.op("f32x4.abs", v.x), v.f32(2 ** -25));
    return choose(v, tiny, v.x, v.op("f32x4.add", sum, sum));
  },
};

/** exp(x) / (1 + exp(x)) or 1 / (1 + exp(-x)), so that the exponential is never above 1. */
export const sigmoid: Routine = {
  parameters: 1,
  build: (v) => {
    const e = v.let(v.call("exp", withSignOf(v, v.i32(-1), v.op("f32x4.abs", v.x))));
    const above = choose(v, v.op("f32x4.lt", v.x, v.f32(0)), e, v.f32(1));
    return v.op("f32x4.div", above, v.op("f32x4.add", e, v.f32(1)));
  },
};

/** (tanh(x) / x - 1) / x² as a polynomial in x² for x below 0.625, to 2^-27.7 of tanh. */
const TANH = [
  -0.3333328068256378, 0.13331405818462372, -0.05373651534318924, 0.02062816731631756, -0.0056922961957752705,
];

/** 1 - 2 / (exp(2x) + 1), but a polynomial where that would cancel. */
export const tanh: Routine = {
  parameters: 1,
  build: (v) => {
    const size = v.let(v.op("f32x4.abs", v.x));
    const square = v.let(v.op("f32x4.mul", size, size));
    const fourth = v.let(v.op("f32x4.mul", square, square));
    const small = v.madd(v.op("f32x4.mul", square, size), polynomial(v, square, fourth, TANH), size);
    const e = v.call("exp", v.op("f32x4.add", size, size));
    const quotient = v.op("f32x4.div", v.f32(2), v.op("f32x4.add", e, v.f32(1)));
    const large = v.op("f32x4.sub", v.f32(1), quotient);
    return withSignOf(v, v.x, choose(v, v.op("f32x4.lt", size, v.f32(0.625)), small, large));
  },
};

/** erf(x) / x - 1 as a polynomial in x² for x below 0.875, to 2^-26.0 of erf. */
const ERF = [
  0.12837915122509003, -0.3761250376701355, 0.11281921714544296, -0.026770485565066338, 0.004998927935957909,
  -0.0006020491709932685,
];

/** log(1 - erf(x)) / -x for x from 0.87 to 4, to 2^-28.2 of erf. */
const ERFC = [
  1.1285264492034912, 0.6356770992279053, 0.10531656444072723, -0.022925300523638725, 0.003226048080250621,
  -0.00021533861581701785,
];

/** From 4 on the complement is less than half of the last bit of 1. */
export const erf: Routine = {
  parameters: 1,
  build: (v) => {
    const size = v.let(v.op("f32x4.abs", v.x));
    const square = v.let(v.op("f32x4.mul", size, size));
    const fourth = v.let(v.op("f32x4.mul", square, square));
    const small = v.madd(size, polynomial(v, square, fourth, ERF), size);
    const bounded = v.let(atMost(v, size, 4));
    const rate = polynomial(v, bounded, v.let(v.op("f32x4.mul", bounded, bounded)), ERFC);
    const complement = v.call("exp", v.op("f32x4.mul", v.op("f32x4.neg", bounded), rate));
    const large = v.op("f32x4.sub", v.f32(1), complement);
    return withSignOf(v, v.x, choose(v, v.op("f32x4.lt", size, v.f32(0.875)), small, large));
  },
};
