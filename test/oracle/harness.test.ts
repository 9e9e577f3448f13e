// The oracle itself: differences of known functions, and checks that fail when they should.

import { describe, expect, test } from "vitest";
import type { Node } from "../../src/graph/node.js";
import type { SampleInput } from "../../src/graph/op.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as ops from "../ops/api.js";
import { derivativeAt0, gradientByDifferences } from "../../compiler/differences.js";
import { expectGradient, FINE, type Build } from "./gradcheck.js";
import { randomNumbers, shape } from "./leaves.js";
import { withScaledArgument } from "./scaled-rule.js";

describe("differences", () => {
  test.each([
    ["exp", Math.exp, Math.exp],
    ["sin", Math.sin, Math.cos],
    ["x^9", (x: number) => x ** 9, (x: number) => 9 * x ** 8],
    ["1 / x", (x: number) => 1 / x, (x: number) => -1 / (x * x)],
  ] as const)("%s", (_, f, slope) => {
    for (const at of [0.3, 1, 2]) {
      const error = Math.abs(derivativeAt0((h) => f(at + h), FINE) - slope(at));
      expect(error).toBeLessThan(1e-11 * Math.max(1, Math.abs(slope(at))));
    }
  });

  test("of several arrays, which are left as they were", () => {
    const [a, b] = [Float64Array.of(1, 2), Float64Array.of(3)];
    const [da, db] = gradientByDifferences(() => a[0]! * b[0]! ** 2 + Math.exp(a[1]!), [a, b], FINE);
    expect(da![0]).toBeCloseTo(9, 10);
    expect(da![1]).toBeCloseTo(Math.exp(2), 10);
    expect(db![0]).toBeCloseTo(6, 10);
    expect([...a, ...b]).toEqual([1, 2, 3]);
  });
});

const input = (...axes: readonly number[]): SampleInput => ({
  shape: shape(...axes),
  dtype: "float32",
  range: [0.1, 0.7],
});

const build: Build = ([x, w]) =>
  ops.softmax(ops.tanh(ops.matmul(x as Tensor, w as never) as Tensor), { axis: 0 }) as Node;

const check = { inputs: [input(2, 3), input(3, 2)], build, rows: 1, seed: 5 };

describe("gradient checks", () => {
  test("accept what is right", () => {
    expect(expectGradient({ ...check, order: 1 }).every((size) => size > 0.01)).toBe(true);
    expect(expectGradient({ ...check, order: 2 }).every((size) => size > 0.01)).toBe(true);
  });

  test.each([
    [1, 0, 1.01],
    [1, 1, 1.01],
    [1, 0, 1 + 1e-6],
    [2, 0, 1.01],
    [2, 1, 1.01],
    [2, 0, 1 + 1e-4],
  ] as const)("order %d refuses a gradient of argument %d that is %d times as large", (order, argument, factor) => {
    const differentiated = withScaledArgument(argument, factor, build);
    expect(() => expectGradient({ ...check, order, differentiated })).toThrow(/differences give/);
  });

  test("say which seed they drew from", () => {
    const differentiated = withScaledArgument(0, 2, build);
    expect(() => expectGradient({ ...check, order: 1, differentiated })).toThrow(/seed 5/);
  });

  test("a gradient in the wrong places is refused", () => {
    const differentiated: Build = ([x, w]) => build([ops.straightThrough(x as Tensor, ops.flip(x as Tensor)), w!]);
    expect(() => expectGradient({ ...check, order: 1, differentiated })).toThrow(/differences give/);
  });
});

test("random numbers are reproducible and spread", () => {
  const [a, b, other] = [randomNumbers(1), randomNumbers(1), randomNumbers(2)];
  const first = Array.from({ length: 1000 }, a);
  expect(Array.from({ length: 1000 }, b)).toEqual(first);
  expect(other()).not.toBe(first[0]);
  expect(first.reduce((x, y) => x + y) / 1000).toBeCloseTo(0.5, 1);
});
