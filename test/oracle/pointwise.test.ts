// Pointwise functions: values by formulas of their own, and NumPy's broadcasting in every pattern, values and gradients.

import { describe, expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import type { Node } from "../../src/graph/node.js";
import { evaluateShape, type PublicDim } from "../../src/graph/shape.js";
import type { Operand, Tensor } from "../../src/graph/tensor.js";
import * as ops from "../ops/api.js";
import { expectGradient } from "./gradcheck.js";
import { evaluator, floatLeaf, randomNumbers, shape, valueOf } from "./leaves.js";
import { sizes, zip, type Plain } from "./plain.js";

const SEED = 11;

type Function1 = (x: Operand) => Tensor;
type Function2 = (a: Operand, b: Operand) => Tensor;

/** Abramowitz and Stegun 7.1.5: the series of erf. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const even = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

const UNARY: readonly (readonly [string, Function1, (x: number) => number])[] = [
  ["neg", ops.neg, (x) => -x],
  ["exp", ops.exp, (x) => Math.E ** x],
  ["expm1", ops.expm1, (x) => Math.exp(x) - 1],
  ["log of abs", (x) => ops.log(ops.abs(x)), (x) => Math.log2(Math.abs(x)) * Math.LN2],
  ["log1p of abs", (x) => ops.log1p(ops.abs(x)), (x) => Math.log(1 + Math.abs(x))],
  ["sqrt of abs", (x) => ops.sqrt(ops.abs(x)), (x) => Math.abs(x) ** 0.5],
  ["rsqrt of abs", (x) => ops.rsqrt(ops.abs(x)), (x) => 1 / Math.sqrt(Math.abs(x))],
  ["reciprocal", ops.reciprocal, (x) => 1 / x],
  ["square", ops.square, (x) => x * x],
  ["abs", ops.abs, (x) => (x < 0 ? -x : x)],
  ["sign", ops.sign, (x) => (x > 0 ? 1 : -1)],
  ["floor", ops.floor, Math.floor],
  ["ceil", ops.ceil, Math.ceil],
  ["round", ops.round, even],
  ["sin", ops.sin, Math.sin],
  ["cos", ops.cos, Math.cos],
  ["tanh", ops.tanh, (x) => (Math.exp(x) - Math.exp(-x)) / (Math.exp(x) + Math.exp(-x))],
  ["sigmoid", ops.sigmoid, logistic],
  ["erf", ops.erf, erf],
  ["relu", ops.relu, (x) => (x > 0 ? x : 0)],
  ["selu", ops.selu, (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.exp(x) - 1))],
  ["silu", ops.silu, (x) => x * logistic(x)],
  ["softplus", ops.softplus, (x) => Math.log(1 + Math.exp(x))],
  ["mish", ops.mish, (x) => x * Math.tanh(Math.log(1 + Math.exp(x)))],
  ["logSigmoid", ops.logSigmoid, (x) => Math.log(logistic(x))],
  ["softsign", ops.softsign, (x) => x / (1 + Math.abs(x))],
  ["hardSigmoid", ops.hardSigmoid, (x) => Math.min(1, Math.max(0, x / 6 + 0.5))],
  ["leakyRelu", (x) => ops.leakyRelu(x, 0.2), (x) => (x > 0 ? x : 0.2 * x)],
  ["elu", (x) => ops.elu(x, 0.7), (x) => (x > 0 ? x : 0.7 * (Math.exp(x) - 1))],
  ["clip", (x) => ops.clip(x, -0.5, 1), (x) => Math.min(1, Math.max(-0.5, x))],
  ["gelu", (x) => ops.gelu(x), (x) => (x / 2) * (1 + erf(x / Math.SQRT2))],
  [
    "gelu through tanh",
    (x) => ops.gelu(x, { approximate: "tanh" }),
    (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  ],
  ["pow 3", (x) => ops.pow(x, 3), (x) => x * x * x],
  ["pow -1", (x) => ops.pow(x, -1), (x) => 1 / x],
];

/** Fails where a value is off by more than rounding. */
function expectFunction(build: Function1, f: (x: number) => number): void {
  const random = randomNumbers(SEED);
  const xs = [...Array.from({ length: 40 }, () => 6 * random() - 3), 0.5, 1.5, 2.5, -0.5, -1.5];
  const x = floatLeaf("x", xs.length);
  const values = valueOf(build(x), new Map<Node, number[]>([[x, xs]]), 1);
  xs.forEach((at, i) => {
    const wanted = f(at);
    if (Math.abs(values[i]! - wanted) <= 1e-13 * Math.max(1, Math.abs(wanted))) return;
    throw new Error(`at ${at}: ${values[i]}, not ${wanted} (seed ${SEED})`);
  });
}

describe("values", () => {
  test.each(UNARY)("%s", (_, build, f) => expectFunction(build, f));
  test("a wrong value is noticed", () => {
    expect(() => expectFunction(ops.tanh, (x) => Math.tanh(x) + 1e-11)).toThrow(/^at /);
  });
});

describe("far out", () => {
  const at = (build: Function1, x: number): number => valueOf(build(ops.constant(x)))[0]!;
  const slope = (build: Function1, x: number): number => {
    const given = floatLeaf("x");
    return slopeOf(build(given), given, x);
  };
  test.each([
    ["sigmoid", ops.sigmoid, -1000, 0, 0],
    ["sigmoid", ops.sigmoid, 1000, 1, 0],
    ["sigmoid", ops.sigmoid, -88, Math.exp(-88), Math.exp(-88)],
    ["softplus", ops.softplus, -1000, 0, 0],
    ["softplus", ops.softplus, 1000, 1000, 1],
    ["softplus", ops.softplus, 88, 88, 1],
    ["logSigmoid", ops.logSigmoid, -1000, -1000, 1],
    ["logSigmoid", ops.logSigmoid, 1000, 0, 0],
    ["tanh", ops.tanh, 1000, 1, 0],
    ["silu", ops.silu, -1000, 0, 0],
    ["mish", ops.mish, 1000, 1000, 1],
    ["mish", ops.mish, -1000, 0, 0],
    ["gelu", (x: Operand) => ops.gelu(x), -1000, 0, 0],
    ["gelu", (x: Operand) => ops.gelu(x), 1000, 1000, 1],
    ["gelu through tanh", (x: Operand) => ops.gelu(x, { approximate: "tanh" }), -1000, 0, 0],
    ["elu", (x: Operand) => ops.elu(x), -1000, -1, 0],
    ["selu", ops.selu, 1000, 1050.7009873554805, 1.0507009873554805],
    ["BCE of the right", (x: Operand) => ops.sigmoidCrossEntropy(x, 1), 1000, 0, 0],
    ["BCE of the wrong", (x: Operand) => ops.sigmoidCrossEntropy(x, 0), 1000, 1000, 1],
    ["BCE of the wrong", (x: Operand) => ops.sigmoidCrossEntropy(x, 1), -88, 88, -1],
  ] as const)("%s at %d", (_, build, x, value, derivative) => {
    expect(at(build as Function1, x)).toBeCloseTo(value, 12);
    expect(slope(build as Function1, x)).toBeCloseTo(derivative, 12);
  });
});

function slopeOf(y: Tensor, x: Tensor, value: number): number {
  const [g] = differentiate([ops.gradient(ops.sum(y), x)]);
  return valueOf(g!, new Map([[x as Node, [value]]]))[0]!;
}

const BINARY: readonly (readonly [string, Function2, (a: number, b: number) => number, readonly [number, number]])[] = [
  ["add", ops.add as Function2, (a, b) => a + b, [-2, 2]],
  ["sub", ops.sub as Function2, (a, b) => a - b, [-2, 2]],
  ["mul", ops.mul as Function2, (a, b) => a * b, [-2, 2]],
  ["div", ops.div as Function2, (a, b) => a / b, [0.5, 2]],
  ["pow", ops.pow as Function2, (a, b) => Math.exp(b * Math.log(a)), [0.5, 2]],
  ["maximum", ops.maximum as Function2, Math.max, [-2, 2]],
  ["minimum", ops.minimum as Function2, Math.min, [-2, 2]],
  ["max of two", ops.max as Function2, Math.max, [-2, 2]],
  ["sigmoidCrossEntropy", ops.sigmoidCrossEntropy as Function2, (x, t) => Math.log(1 + Math.exp(x)) - x * t, [0.2, 1]],
];

const COMPARISONS: readonly (readonly [string, Function2, (a: number, b: number) => boolean])[] = [
  ["equal", ops.equal as Function2, (a, b) => a === b],
  ["notEqual", ops.notEqual as Function2, (a, b) => a !== b],
  ["less", ops.less as Function2, (a, b) => a < b],
  ["lessEqual", ops.lessEqual as Function2, (a, b) => a <= b],
  ["greater", ops.greater as Function2, (a, b) => a > b],
  ["greaterEqual", ops.greaterEqual as Function2, (a, b) => a >= b],
];

type Axes = readonly PublicDim[];

const PATTERNS: readonly (readonly [Axes, Axes])[] = [
  [[], []],
  [[1], [1]],
  [[], [2, 3]],
  [[2, 3], []],
  [[3], [2, 3]],
  [[2, 3], [3]],
  [
    [2, 1],
    [1, 3],
  ],
  [
    [1, 3],
    [2, 1],
  ],
  [[2, 1], [3]],
  [
    [1, 1],
    [2, 3],
  ],
  [
    [2, 3],
    [2, 3],
  ],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[1], [2, 3]],
  [["batch", 3], [3]],
  [["batch", 3], []],
  [
    ["batch", 1],
    [1, 3],
  ],
  [["batch", 1], [3]],
  [["batch"], [2, "batch"]],
  [
    ["batch", 3],
    ["batch", 1],
  ],
  [["batch", 1], ["batch"]],
];

const printed = PATTERNS.map(([a, b]) => [`[${a.join(", ")}] with [${b.join(", ")}]`, a, b] as const);

function expectBroadcast(
  build: Function2,
  f: (a: number, b: number) => number,
  axes: readonly Axes[],
  rows: number,
  low: number,
  high: number,
): void {
  const random = randomNumbers(SEED);
  const plain = axes.map((s): Plain => {
    const own = sizes(s, rows);
    return {
      shape: own,
      data: Array.from({ length: own.reduce((p, n) => p * n, 1) }, () => low + (high - low) * random()),
    };
  });
  const leaves = axes.map((s, i) => floatLeaf(`x${i}`, ...s));
  const node = build(leaves[0]!, leaves[1]!);
  const wanted = zip(plain[0]!, plain[1]!, f);
  expect(evaluateShape(node.shape, rows)).toEqual(wanted.shape);
  const value = evaluator([node], rows)(new Map(leaves.map((x, i) => [x as Node, plain[i]!.data])))[0]!;
  wanted.data.forEach((x, i) => expect(value[i]).toBeCloseTo(x, 12));
}

describe.each(printed)("broadcasting %s", (_, a, b) => {
  test.each(BINARY)("%s", (name, build, f, [low, high]) => {
    for (const rows of [1, 3]) {
      expectBroadcast(build, f, [a, b], rows, low, high);
      const input = (s: Axes) => ({ shape: shape(...s), dtype: "float32" as const, range: [low, high] as const });
      const inputs = [input(a), input(b)];
      const largest = expectGradient({
        inputs,
        build: ([x, y]) => build(x as Tensor, y as Tensor),
        rows,
        // Two numbers closer than the differences' step would straddle the kink of max and min.
        seed: /max|min/.test(name) ? 2 : SEED,
        order: 1,
      });
      expect(largest.some((size) => size > 1e-3)).toBe(true);
    }
  });
  test.each(COMPARISONS)("%s", (_name, build, f) => {
    for (const rows of [1, 3]) expectBroadcast(build, (x, y) => (f(x, y) ? 1 : 0), [a, b], rows, -2, 2);
  });
});

test("broadcasting wrongly is noticed", () => {
  const turned: Function2 = (a, b) => ops.add(a, ops.transpose(b as Tensor) as never) as Tensor;
  expect(() =>
    expectBroadcast(
      turned,
      (a, b) => a + b,
      [
        [2, 2],
        [2, 2],
      ],
      1,
      -2,
      2,
    ),
  ).toThrow();
});

describe("selection and logic", () => {
  const bools = (list: readonly number[]): Tensor =>
    ops.constant(list, { shape: [list.length], dtype: "bool" }) as Tensor;
  const [p, q] = [bools([1, 1, 0, 0]), bools([1, 0, 1, 0])];
  test.each([
    ["and", () => ops.logicalAnd(p, q as never), [1, 0, 0, 0]],
    ["or", () => ops.logicalOr(p, q as never), [1, 1, 1, 0]],
    ["not", () => ops.logicalNot(p), [0, 0, 1, 1]],
    ["where", () => ops.where(p, 5, ops.constant([6, 7, 8, 9]) as never), [5, 5, 8, 9]],
    [
      "where over columns",
      () => ops.where(ops.reshape(q, [4, 1]), ops.constant([1, 2]) as never, 0 as never),
      [1, 2, 0, 0, 1, 2, 0, 0],
    ],
    ["cast to int", () => ops.cast(ops.constant([1.7, -1.7, 2, -0.3]), "int32"), [1, -1, 2, -0]],
    ["cast to bool", () => ops.cast(ops.constant([0, 0.5, -1]), "bool"), [0, 1, 1]],
    ["cast of bool", () => ops.cast(p, "float32"), [1, 1, 0, 0]],
  ] as const)("%s", (_, build, wanted) => {
    const value = valueOf(build() as Node);
    expect(value.length).toBe(wanted.length);
    value.forEach((x, i) => expect(x === wanted[i]).toBe(true));
  });
});
