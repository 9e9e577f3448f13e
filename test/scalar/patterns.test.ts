// What patterns recognise, at the ends of their ranges, and what one comparison says of another.

import { describe, expect, test } from "vitest";
import { formulaAlgebra } from "../../src/scalar/algebra.js";
import { compileScalar } from "../../src/scalar/evaluate.js";
import { argument, constant } from "../../src/scalar/expression.js";
import {
  assume,
  hasFactor,
  isModerate,
  isNormal,
  isPowerOfTwo,
  multiple,
  onePlusExp,
  reciprocal,
} from "../../src/scalar/patterns.js";

const COMPARISONS = ["gt", "lt", "ge", "le", "eq", "ne"] as const;
const POINTS = [
  [1, 2],
  [2, 1],
  [1, 1],
  [NaN, 1],
  [1, NaN],
];

describe("what is assumed of a comparison holds wherever it is as stated", () => {
  for (const known of COMPARISONS) {
    for (const asked of COMPARISONS) {
      test.each([true, false])(`${known} is %s, ${asked} is asked`, (truth) => {
        const m = formulaAlgebra();
        const [a, b] = [m.leaf(argument(0)), m.leaf(argument(1))];
        const condition = m.make(known, a, b);
        const question = m.make("select", m.make(asked, a, b), m.constant(10), m.constant(20));
        const left = compileScalar(assume(condition, truth, question, m));
        for (const at of POINTS) {
          if ((compileScalar(condition)(at) === 1) === truth) expect(left(at)).toBe(compileScalar(question)(at));
        }
      });
    }
  }
});

test("what follows is decided, for the same operands alone", () => {
  const m = formulaAlgebra();
  const [a, b] = [m.leaf(argument(0)), m.leaf(argument(1))];
  const chosen = (known: "gt" | "lt" | "eq" | "ge", asked: (typeof COMPARISONS)[number], x = a, y = b): unknown =>
    assume(m.make(known, a, b), true, m.make("select", m.make(asked, x, y), m.constant(10), m.constant(20)), m);
  const [yes, no] = [m.constant(10), m.constant(20)];
  for (const asked of ["gt", "ge", "ne"] as const) expect(chosen("gt", asked)).toBe(yes);
  for (const asked of ["lt", "le", "eq"] as const) expect(chosen("gt", asked)).toBe(no);
  for (const asked of ["lt", "le", "ne"] as const) expect(chosen("lt", asked)).toBe(yes);
  for (const asked of ["gt", "ge", "eq"] as const) expect(chosen("lt", asked)).toBe(no);
  for (const asked of ["eq", "le", "ge"] as const) expect(chosen("eq", asked)).toBe(yes);
  for (const asked of ["gt", "lt", "ne"] as const) expect(chosen("eq", asked)).toBe(no);
  // Other operands, or the same in another order.
  for (const known of ["gt", "lt", "eq"] as const) {
    for (const [x, y] of [
      [b, a],
      [a, m.constant(3)],
      [m.constant(3), b],
    ] as const) {
      if (known === "eq" && x === b) continue;
      expect([yes, no]).not.toContain(chosen(known, "ge", x, y));
    }
  }
});

test("selections inside of selections are decided too", () => {
  const m = formulaAlgebra();
  const [a, b, p] = [0, 1, 2].map((i) => m.leaf(argument(i))) as [never, never, never];
  const [c, other] = [m.make("gt", a, b), m.make("gt", p, m.constant(0))];
  const inner = m.apply("select", [c, m.make("exp", a), m.make("exp", b)]);
  const whole = m.apply("select", [other, m.make("sin", inner), inner]);
  expect(assume(c, true, whole, m)).toBe(m.apply("select", [other, m.make("sin", inner), m.make("exp", a)]));
  expect(assume(c, false, inner, m)).toBe(m.make("exp", b));
  expect(assume(m.make("lt", p, m.constant(0)), true, whole, m)).not.toBe(m.make("sin", inner));
  expect(assume(m.make("gt", p, m.constant(5)), true, whole, m)).toBe(whole);
});

test("ranges of factors", () => {
  const at = <T>(values: readonly T[], holds: (value: T) => boolean): boolean[] => values.map(holds);
  const [above, below] = [1 + 2 ** -40, 1 - 2 ** -40];
  expect(at([2 ** 10, -(2 ** 10), 2 ** -10, -(2 ** -10)], isModerate)).toEqual([true, true, true, true]);
  expect(at([2 ** 10 * above, 2 ** -10 * below, 0, undefined], isModerate)).toEqual([false, false, false, false]);
  expect(at([0.99e30, 1.01e-30, -0.99e30], isNormal)).toEqual([true, true, true]);
  expect(at([1e30, 1e-30, 0, 1e31, 1e-31], isNormal)).toEqual([false, false, false, false, false]);
  expect(at([1, -2, 0.25, 2 ** 60, 2 ** -60], isPowerOfTwo)).toEqual([true, true, true, true, true]);
  expect(at([0, 3, -0.3, 2 ** 61, 2 ** -61, NaN, Infinity], isPowerOfTwo)).toEqual(Array(7).fill(false));
});

test("parts of an expression", () => {
  const m = formulaAlgebra();
  const [x, y, z] = [0, 1, 2].map((i) => m.leaf(argument(i))) as [never, never, never];
  const power = m.make("exp", x);
  expect(onePlusExp(m.apply("add", [m.constant(1), power]))).toBe(x);
  expect(onePlusExp({ kind: "apply", op: "add", args: [power, constant(1)] })).toBe(x);
  expect(onePlusExp(m.make("add", m.constant(2), power))).toBeUndefined();
  expect(onePlusExp(m.make("add", y, power))).toBeUndefined();
  expect(reciprocal(m.make("div", m.constant(1), x))).toBe(x);
  expect(reciprocal(m.make("div", m.constant(2), x))).toBeUndefined();
  expect(multiple(m.make("neg", x))).toEqual([-1, x]);
  expect(multiple(m.make("mul", m.constant(3), x))).toEqual([3, x]);
  expect(multiple(x)).toEqual([1, x]);
  const product = m.make("mul", m.make("mul", x, y), power);
  for (const factor of [x, y, power, product]) expect(hasFactor(product, factor)).toBe(true);
  expect(hasFactor(product, z)).toBe(false);
});
