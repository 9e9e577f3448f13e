// pow, with the semantics of Math.pow.

import type { Routine, Value, VectorBuilder } from "./builder.js";
import { choose, double, DOUBLE_ROUNDER, nanWhere, polynomial, signOf } from "./expressions.js";
import { scaled } from "./exponential.js";
import { split } from "./logarithm.js";

/** log2((1 + s) / (1 - s)) / s as a polynomial in s² for s up to 3 - sqrt(8), to 2^-37.8 of the logarithm. */
const LOG2 = [2.8853900817902036, 0.9617966731822416, 0.5770836174407211, 0.41167066235145966, 0.34076998014641346];

/** (2^r - 1) / r for r up to 1/2, to 2^-25.9 of 2^r. */
const EXP2 = [
  0.6931471824645996, 0.24022594094276428, 0.055503662675619125, 0.009625445120036602, 0.0013388314982876182,
  0.000133234410895966,
];

/**
 * 2^(y log2|x|). The power multiplies the logarithm's error by up to 150, so the logarithm is carried in doubles, two lanes at
 * a time. Its limits bring the power's: log2(0) = -infinity, and 0 times an infinity is NaN.
 */
export const pow: Routine = {
  parameters: 2,
  build: (v) => {
    const size = v.let(v.op("f32x4.abs", v.x));
    const { octave, mantissa } = split(v, size);
    const f = v.let(v.op("f32x4.sub", mantissa, v.f32(1)));
    const finite = choose(v, v.op("f32x4.lt", size, v.f32(Infinity)), octave, size);
    const whole = v.let(choose(v, v.op("f32x4.eq", size, v.f32(0)), v.f32(-Infinity), finite));
    const upper = (x: Value): Value => v.shuffle(x, x, [2, 3, 2, 3]);
    const low = exponent(v, f, whole, v.y);
    const high = exponent(v, upper(f), upper(whole), upper(v.y));
    const rest = v.let(v.shuffle(low.rest, high.rest, [0, 1, 4, 5]));
    const power = v.let(v.madd(rest, polynomial(v, rest, v.let(v.op("f32x4.mul", rest, rest)), EXP2), v.f32(1)));
    const count = v.let(v.shuffle(low.rounded, high.rounded, [0, 2, 4, 6]));
    return signed(v, scaled(v, power, count));
  },
};

interface Exponent {
  /** Doubles whose lower words are the nearest integers. */
  readonly rounded: Value;
  /** What is left, in the lower two lanes. */
  readonly rest: Value;
}

/** y (whole + log2(1 + f)) for the lower two lanes. */
function exponent(v: VectorBuilder, f: Value, whole: Value, y: Value): Exponent {
  const wide = (x: Value): Value => v.op("f64x2.promote_low_f32x4", x);
  const add = (a: Value, b: Value): Value => v.op("f64x2.add", a, b);
  const multiply = (a: Value, b: Value): Value => v.op("f64x2.mul", a, b);
  const part = v.let(wide(f));
  const s = v.let(v.op("f64x2.div", part, add(part, double(v, 2))));
  const square = v.let(multiply(s, s));
  const series = LOG2.map((coefficient) => double(v, coefficient)).reduceRight((above, coefficient) =>
    add(multiply(above, square), coefficient),
  );
  const product = multiply(wide(y), add(wide(whole), multiply(s, series)));
  // NaN passes: it is the first operand.
  const bounded = v.let(v.op("f64x2.pmax", v.op("f64x2.pmin", product, double(v, 129)), double(v, -151)));
  const rounded = v.let(add(bounded, double(v, DOUBLE_ROUNDER)));
  const count = v.op("f64x2.sub", rounded, double(v, DOUBLE_ROUNDER));
  return { rounded, rest: v.op("f32x4.demote_f64x2_zero", v.op("f64x2.sub", bounded, count)) };
}

/** Of a negative x: minus the power for odd y, NaN for one that is no integer; and 1 for y = 0, whatever x is. */
function signed(v: VectorBuilder, power: Value): Value {
  const differs = (x: Value): Value => v.op("f32x4.ne", x, v.op("f32x4.nearest", x));
  const fraction = v.let(differs(v.y));
  const odd = v.op("v128.andnot", differs(v.let(v.op("f32x4.mul", v.y, v.f32(0.5)))), fraction);
  const result = v.op("v128.or", power, v.op("v128.and", signOf(v, v.x), odd));
  const finite = v.op("v128.and", v.op("f32x4.lt", v.x, v.f32(0)), v.op("f32x4.gt", v.x, v.f32(-Infinity)));
  const real = nanWhere(v, v.op("v128.and", finite, fraction), result);
  return choose(v, v.op("f32x4.eq", v.y, v.f32(0)), v.f32(1), real);
}
