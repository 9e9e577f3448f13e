// What stands at the edge of what ops take: bounds that are allowed, words that are no operands.

import { expect, test } from "vitest";
import { dim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { leaf, run } from "../differentiate/check.js";
import { standardize } from "../../src/ops/standardize.js";
import * as t from "./api.js";

const x = leaf("x", [dim(3)]) as Tensor;
const values = new Map([[x, [1, 2, 6]]]);
const close = (node: Tensor, expected: readonly number[]): void =>
  run([node], values, 1)[0]!.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));

test("nothing added to a variance is allowed, less is not", () => {
  const deviation = Math.sqrt(14 / 3);
  close(standardize(x, { epsilon: 0 }) as Tensor, [-2 / deviation, -1 / deviation, 3 / deviation]);
  expect(() => standardize(x, { epsilon: -1e-9 })).toThrow("epsilon");
});

test("the words of formulas are no operands", () => {
  const op = t.formula("words", "where(not (a > 5 or b > 5) and a < e, pi, 2 * a)");
  close(op(x, x) as Tensor, [Math.PI, Math.PI, 12]);
});
