// A partial derivative taken apart: its support and its slope read as expected, and together they are the partial.

import { expect, test } from "vitest";
import { compact, takeApart, whereElseZero } from "../../compiler/1-differentiate/partial.js";
import { applyScalar, argument, constant, type Scalar } from "../../src/scalar/expression.js";
import { compileScalar } from "../../src/scalar/evaluate.js";

const [p, q, x, y] = [argument(0), argument(1), argument(2), argument(3)];
const zero = constant(0);
const c = applyScalar("gt", p, zero);
const d = applyScalar("gt", q, zero);
const not = (a: Scalar): Scalar => applyScalar("not", a);
const and = (a: Scalar, b: Scalar): Scalar => applyScalar("and", a, b);
const or = (a: Scalar, b: Scalar): Scalar => applyScalar("or", a, b);
const select = (a: Scalar, then: Scalar, otherwise: Scalar): Scalar => applyScalar("select", a, then, otherwise);

/** A partial, where it is not structurally zero, and what it is there. */
const cases: readonly (readonly [name: string, partial: Scalar, support: Scalar | null, slope: Scalar])[] = [
  ["no condition", x, null, x],
  ["zero everywhere", zero, null, zero],
  ["zero where it does not hold", select(c, x, zero), c, x],
  ["zero where it holds", select(c, zero, x), not(c), x],
  ["nowhere zero", select(c, x, y), null, select(c, x, y)],
  ["zero on both sides", select(c, zero, zero), null, zero],
  ["zero inside of the first", select(c, select(d, zero, x), y), or(and(c, not(d)), not(c)), select(c, x, y)],
  ["zero inside of the second", select(c, x, select(d, y, zero)), or(c, and(not(c), d)), select(c, x, y)],
  ["zero but for the inside", select(c, select(d, x, zero), zero), and(c, d), x],
  ["zero but for the other inside", select(c, zero, select(d, zero, x)), and(not(c), not(d)), x],
  [
    "zero inside of both",
    select(c, select(d, x, zero), select(d, zero, y)),
    or(and(c, d), and(not(c), not(d))),
    select(c, x, y),
  ],
];

test.each(cases)("%s", (_, partial, support, slope) => {
  const apart = takeApart(partial);
  expect(apart.support).toEqual(support);
  expect(apart.slope).toEqual(slope);
  for (const a of [-1, 1]) {
    for (const b of [-1, 1]) {
      const at = [a, b, 3, 5];
      const holds = apart.support === null || compileScalar(apart.support)(at) !== 0;
      expect(holds ? compileScalar(apart.slope)(at) : 0).toBe(compileScalar(partial)(at));
    }
  }
});

test("a slope without zeros stays the same object", () => {
  const whole = select(c, x, y);
  expect(takeApart(whole).slope).toBe(whole);
});

test("a formula over what it uses, in order", () => {
  const { scalar, used } = compact(applyScalar("sub", y, q));
  expect(used).toEqual([1, 3]);
  expect(scalar).toEqual(applyScalar("sub", argument(1), argument(0)));
});

test("a value where a condition holds", () => {
  expect(whereElseZero(applyScalar("gt", p, q))).toEqual(
    select(applyScalar("gt", argument(1), argument(2)), argument(0), zero),
  );
});
