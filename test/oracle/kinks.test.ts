// Where a function has no derivative, or an unstable formula would give none: the documented conventions, and limits.

import { describe, expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { expandComposites, simplify } from "../../compiler/2-simplify/index.js";
import type { Node } from "../../src/graph/node.js";
import type { Operand, Tensor } from "../../src/graph/tensor.js";
import * as ops from "../ops/api.js";
import { floatLeaf, valueOf } from "./leaves.js";

type Build = (x: Tensor) => Tensor;

/** The gradient of sum(f(x)), before and after simplification. */
function gradientOf(build: Build, values: readonly number[]): number[] {
  const x = floatLeaf("x", values.length);
  const derived = differentiate([ops.gradient(ops.sum(build(x)), x)]);
  const given = new Map<Node, readonly number[]>([[x, values]]);
  const plain = valueOf(derived[0]!, given);
  const simple = simplify(expandComposites(simplify(derived)));
  const simplified = valueOf(simple[0]!, given);
  expect(simplified.length).toBe(plain.length);
  simplified.forEach((value, i) => expect(value).toBeCloseTo(plain[i]!, 12));
  return plain.map((value) => value + 0);
}

const positive = (x: Tensor): Tensor => ops.greater(x, 0);

describe("gradients at kinks", () => {
  test.each<readonly [string, Build, readonly number[], readonly number[]]>([
    ["relu at 0", ops.relu as Build, [-1, 0, 1], [0, 0, 1]],
    ["abs at 0", ops.abs as Build, [-1, 0, 1], [-1, 0, 1]],
    ["clip at its bounds", (x) => ops.clip(x, -1, 1), [-2, -1, 0, 1, 2], [0, 1, 1, 1, 0]],
    ["maximum of equal values", (x) => ops.maximum(x, 1) as Tensor, [0, 1, 2], [0, 0.5, 1]],
    ["minimum of equal values", (x) => ops.minimum(x, 1) as Tensor, [0, 1, 2], [1, 0.5, 0]],
    ["max over an axis shares", (x) => ops.max(x), [3, 1, 3], [0.5, 0, 0.5]],
    ["min over an axis shares", (x) => ops.min(x), [1, 1, 1, 2], [1 / 3, 1 / 3, 1 / 3, 0]],
    [
      "segmentMax shares",
      (x) => ops.segmentMax(x, ops.constant([1, 0, 1, 1], { shape: [4], dtype: "int32" }), 2),
      [3, 1, 3, 2],
      [0.5, 1, 0.5, 0],
    ],
    [
      "segmentMin shares",
      (x) => ops.segmentMin(x, ops.constant([1, 1, 1], { shape: [3], dtype: "int32" }), 2, { empty: 0 }),
      [1, 1, 1],
      [1 / 3, 1 / 3, 1 / 3],
    ],
    ["norm of 0", (x) => ops.norm(x), [0, 0], [0, 0]],
    ["norm elsewhere", (x) => ops.norm(x), [3, 4], [0.6, 0.8]],
    ["prod with a zero", (x) => ops.prod(x), [2, 0, 3], [0, 6, 0]],
    ["prod with two zeros", (x) => ops.prod(x), [0, 0, 3], [0, 0, 0]],
    ["pow 0", (x) => ops.pow(x, 0), [0, 1], [0, 0]],
    ["pow 2 at 0", (x) => ops.pow(x, 2), [0, -1], [0, -2]],
    ["sign", ops.sign as Build, [-1, 0, 1], [0, 0, 0]],
    ["round", ops.round as Build, [0.5, 1.2], [0, 0]],
    ["a stopped value", (x) => ops.mul(ops.stopGradient(x), x as never) as Tensor, [2, 3], [2, 3]],
    ["straight through", (x) => ops.straightThrough(ops.round(x) as Tensor, x), [0.4], [1]],
  ])("%s", (_, build, at, wanted) => {
    const gradient = gradientOf(build, at);
    expect(gradient.length).toBe(wanted.length);
    gradient.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 12));
  });
});

describe("a branch that is not taken puts no NaN into a gradient", () => {
  test.each<readonly [string, Build, readonly number[], readonly number[]]>([
    ["log", (x) => ops.where(positive(x), ops.log(x) as Tensor, 0 as never), [-1, 0, 2], [0, 0, 0.5]],
    ["sqrt", (x) => ops.where(positive(x), ops.sqrt(x) as Tensor, 0 as never), [-1, 0, 4], [0, 0, 0.25]],
    [
      "a quotient",
      (x) => ops.where(ops.notEqual(x, 0), ops.div(1, x as never) as Tensor, 0 as never),
      [0, 2],
      [0, -0.25],
    ],
    ["exp that overflows", (x) => ops.where(ops.less(x, 1), ops.exp(x) as Tensor, x as never), [0, 1000], [1, 1]],
    [
      "a chain",
      (x) => ops.where(positive(x), ops.square(ops.log(ops.sqrt(x) as Tensor) as Tensor) as Tensor, 1 as never),
      [0, 1],
      [0, 0],
    ],
  ])("%s", (_, build, at, wanted) => {
    gradientOf(build, at).forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 12));
  });
});

describe("far out", () => {
  const row = [1000, -1000, 0, 88];
  const weighted = (y: Tensor): Tensor => ops.mul(y, ops.constant([1, 2, 3, 4]) as never) as Tensor;

  test("softmax and its logarithm", () => {
    const x = ops.constant(row) as Tensor;
    expect(valueOf(ops.softmax(x))).toEqual([1, 0, 0, 0]);
    expect(valueOf(ops.logSoftmax(x))).toEqual([0, -2000, -1000, -912]);
    expect(valueOf(ops.logSumExp(x))).toEqual([1000]);
    expect(valueOf(ops.logSumExp(ops.constant([-1000, -1000]) as Tensor))[0]).toBeCloseTo(-1000 + Math.LN2, 12);
  });

  test.each<readonly [string, Build, readonly number[]]>([
    ["softmax", (x) => weighted(ops.softmax(x)), [0, 0, 0, 0]],
    ["logSoftmax", (x) => weighted(ops.logSoftmax(x)), [-9, 2, 3, 4]],
    ["logSumExp", (x) => ops.logSumExp(x), [1, 0, 0, 0]],
    [
      "cross-entropy of a class",
      (x) => ops.softmaxCrossEntropy(x, ops.constant([1], { shape: [], dtype: "int32" }) as Tensor),
      [1, -1, 0, 0],
    ],
    [
      "cross-entropy of a target",
      (x) => ops.softmaxCrossEntropy(x, ops.constant([0.25, 0.75, 0, 0]) as Tensor),
      [0.75, -0.75, 0, 0],
    ],
  ])("the gradient of %s", (_, build, wanted) => {
    const gradient = gradientOf(build, row);
    gradient.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 12));
  });
});

test("a wrong convention is noticed", () => {
  const half = (x: Operand): Tensor => ops.where(ops.greaterEqual(x as Tensor, 0), x as Tensor, 0 as never);
  expect(gradientOf(half, [0])).toEqual([1]);
  expect(gradientOf(ops.relu as Build, [0])).toEqual([0]);
});
