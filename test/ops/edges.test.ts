// What stands at the edge of what ops take: bounds that are allowed, words that are no operands, sizes and indices.

import { describe, expect, test } from "vitest";
import { dim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { leaf, run } from "../differentiate/check.js";
import { addAt } from "../../src/ops/scatter/add-at.js";
import { standardize } from "../../src/ops/composite/standardize.js";
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

describe("an axis is a positive integer", () => {
  test.each([2.5, 0, -1, NaN, Infinity, 2 ** 31, "3", true, null, [3]])("%s is refused", (size) => {
    expect(() => t.input("x", [2, size as number])).toThrow("each axis of a shape");
  });

  test("the largest and the smallest are taken", () => {
    expect(t.input("x", [1, 2 ** 31 - 1]).shape.map((size) => size.times)).toEqual([1, 2 ** 31 - 1]);
  });
});

describe("an index names an entry of its axis", () => {
  const rows = leaf("rows", [dim(3), dim(3)]) as Tensor;
  const updates = leaf("updates", [dim(2), dim(3)]) as Tensor;
  const uses: readonly (readonly [name: string, shape: readonly number[], use: (names: Tensor) => Tensor])[] = [
    ["take", [2], (names) => t.take(rows, names)],
    ["take along the last axis", [2], (names) => t.take(rows, names, { axis: 1 })],
    ["pick", [2], (names) => t.pick(updates, names)],
    ["takeAlong", [3, 2], (names) => t.takeAlong(rows, names)],
    ["scatterAdd", [2], (names) => t.scatterAdd(updates, names, 3) as Tensor],
    ["addAt", [2], (names) => addAt(rows, names, updates) as Tensor],
    ["cross-entropy", [2], (names) => t.softmaxCrossEntropy(updates, names) as Tensor],
  ];

  test.each(uses)("%s", (name, shape, use) => {
    const given = (options: object): Tensor => t.input("names", shape, { dtype: "int32", ...options }) as Tensor;
    const written = (last: number): Tensor => {
      const values = shape.reduce((a, b) => a * b) - 1;
      return t.constant([...new Array<number>(values).fill(0), last], { shape, dtype: "int32" }) as Tensor;
    };
    for (const below of [1, 3]) expect(() => use(given({ below }))).not.toThrow();
    for (const options of [{}, { below: 4 }]) {
      expect(() => use(given(options))).toThrow('"below" of the indices "names"');
    }
    // A class is no place that could be counted from the end.
    const fromEnd = name === "cross-entropy" ? [] : [-1, -3];
    for (const last of [0, 2, ...fromEnd]) expect(() => use(written(last))).not.toThrow();
    for (const last of [fromEnd.length > 0 ? -4 : -1, 3]) expect(() => use(written(last))).toThrow("each index");
  });
});
