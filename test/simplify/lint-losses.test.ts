// Warnings about what a loss is given: each where it should be and not where it should not.

import { describe, expect, test } from "vitest";
import {
  abs,
  add,
  argMax,
  binaryCrossEntropy,
  cast,
  clip,
  constant,
  conv2d,
  dense,
  div,
  embedding,
  expandDims,
  greater,
  input,
  matmul,
  mean,
  mul,
  neg,
  oneHot,
  parameter,
  relu,
  reshape,
  round,
  scan,
  sigmoid,
  sign,
  softmax,
  square,
  stopGradient,
  straightThrough,
  sub,
  target,
  where,
  type Tensor,
} from "tapeless";
import { linted, lossCodes } from "./linted.js";

const x = input("x", ["batch", 4]);
const image = input("image", ["batch", 8, 8, 1]);
const classes = input("classes", ["batch", 4], { dtype: "int32", below: 9 });
const bits = input("bits", ["batch", 1]);
const yes = target("yes", ["batch", 1]);
const row = target("row", ["batch"]);
const total = (values: Tensor): Tensor => mean(square(values as Tensor<["batch"]>));

describe("logits given to binaryCrossEntropy", () => {
  const code = ["LOGITS_AS_PROBABILITIES"];
  const weight = parameter([4, 1], 0.1);
  const logits = dense(x, 1);
  const chance = sigmoid(dense(x, 1));
  const gate = softmax(dense(x, 2));
  const experts = reshape(sigmoid(dense(x, 2)), ["batch", 2, 1]);
  const mixed = reshape(matmul(reshape(gate, ["batch", 1, 2]), experts), ["batch", 1]);
  test.each([
    ["a dense layer", logits, code],
    ["without a bias", dense(x, 1, { bias: false }), code],
    ["a product with a parameter", matmul(x, weight), code],
    ["scaled and moved", add(mul(neg(logits), 0.1), 0.5), code],
    ["divided", div(logits, 4), code],
    ["moved by a parameter", sub(parameter([1], 0), logits), code],
    ["in another shape", reshape(dense(reshape(x, ["batch", 1, 4]), 1), ["batch", 1]), code],
    ["a convolution", reshape(conv2d(image, 1, 8), ["batch", 1]), code],
    ["its sigmoid", chance, []],
    ["clipped", clip(logits, 0, 1), []],
    ["an input", bits, []],
    ["a mixture of probabilities", mixed, []],
    ["a ReLU, which may be one of values that are small", relu(logits), []],
    ["straight through", add(logits, stopGradient(sub(chance, logits))), []],
    ["a sum that may cancel", sub(logits, sub(logits, chance)), []],
    ["by one minus probabilities", sub(1, chance), []],
  ] as const)("%s", (_, given, expected) => {
    expect(lossCodes(binaryCrossEntropy(given as Tensor<["batch", 1]>, yes))).toEqual(expected);
  });

  test("from logits wants them", () => {
    expect(lossCodes(binaryCrossEntropy(logits, yes, { from: "logits" }))).toEqual([]);
  });
});

describe("a column and a row of the batch", () => {
  const code = ["COLUMN_AGAINST_ROW"];
  const column = dense(x, 1);
  const fixed = parameter([5, 1], 1);
  test.each([
    ["column - row", sub(column, row), code],
    ["row - column", sub(row, column), code],
    ["column * row", mul(column, row), code],
    ["inside a sum", add(1, abs(sub(column, row))), code],
    ["column - column", sub(column, yes), []],
    ["row - row", sub(reshape(column, ["batch"]), row), []],
    ["all pairs, written as such", sub(column, expandDims(row, 0)), []],
    ["five by five parameters", sub(fixed, parameter([5], 2)), []],
    ["a matrix and a column", sub(x, column), []],
    ["a column and a number", sub(column, 1), []],
  ] as const)("%s", (_, values, expected) => {
    expect(lossCodes(total(values as Tensor))).toEqual(expected);
  });

  test("only where it is summed up: an output may be a table of pairs", () => {
    const pairs = sub(column, row);
    expect(linted([pairs])).toEqual([]);
    expect(linted([pairs], { measured: [pairs] }).map(({ code }) => code)).toEqual(code);
    const [warning] = linted([], { losses: [total(pairs)] });
    expect(warning!.sentence).toBe(
      "sub of [batch, 1] and [batch] is [batch, batch]: every row of the batch meets every other one",
    );
  });
});

describe("a parameter that only ops without a slope reach", () => {
  const code = ["ZERO_GRADIENT"];
  const w = parameter([4], 0.1, { name: "w" });
  const trained = (values: Tensor): Tensor => total(add(values as Tensor<["batch"]>, dense(x, 1)));
  const column = (values: Tensor): Tensor => mul(x, values as Tensor<[4]>);
  const tests: readonly (readonly [string, Tensor, readonly string[]])[] = [
    ["sign", column(sign(w)), code],
    ["round", column(round(mul(w, 3))), code],
    ["a comparison", where(greater(column(w), 0), x, 0), code],
    ["a cast to ints and back", column(cast(cast(w, "int32"), "float32")), code],
    ["a cast of a comparison", cast(greater(column(w), 0), "float32"), code],
    ["an index", reshape(oneHot(argMax(column(w), { axis: 1 }), 4), ["batch", 4]), code],
    ["in a product as well", add(column(sign(w)), column(w)), []],
    ["straight through", column(straightThrough(sign(w), w)), []],
    ["stopped on purpose", column(sign(stopGradient(w))), []],
    ["stopped after it", column(stopGradient(sign(w))), []],
    ["not trained", column(sign(parameter([4], 1, { trainable: false }))), []],
    ["a sign of data", mul(column(w), sign(x)), []],
  ];
  test.each(tests)("%s", (_, values, expected) => {
    expect(lossCodes(trained(values))).toEqual(expected);
  });

  test("names the parameter and the op", () => {
    const [warning] = linted([], { losses: [trained(column(round(w)))] });
    expect(warning!.sentence).toContain("no step trains w: only round lies between it and the losses");
  });

  test("not where another loss reaches it", () => {
    expect(linted([], { losses: [trained(column(round(w))), trained(column(w))] })).toEqual([]);
  });

  test("a loop is taken to pass gradients on to all that it is given", () => {
    const steps = input("steps", ["batch", 3, 4]);
    const looped = (step: (element: Tensor) => Tensor): string[] => {
      const { carries } = scan(([h], [e]) => ({ carries: [add(h!, step(e!))], outputs: [] }), [x], [steps], {
        axis: 1,
      });
      return lossCodes(trained(carries[0]!));
    };
    expect(looped((e) => sign(mul(e, w)))).toEqual([]);
    expect(looped((e) => mul(e, sign(w)))).toEqual(code);
  });
});

describe("int32 given to dense", () => {
  test.each([
    ["indices", dense(classes, 3), ["INTEGERS_INTO_DENSE"]],
    ["a cast says that amounts are meant", dense(cast(classes, "float32"), 3), []],
    ["one-hot", dense(reshape(oneHot(classes, 9), ["batch", 36]), 3), []],
    ["embedded", dense(embedding(classes, 9, 2), 3), []],
    ["floats", dense(x, 3), []],
    ["bits", dense(greater(x, 0), 3), []],
    ["a product that says so", matmul(cast(classes, "float32"), parameter([4, 2], 1)), []],
  ] as const)("%s", (_, values, expected) => {
    expect(linted([values]).map(({ code }) => code)).toEqual(expected);
  });
});

describe("a constant that float32 rounds", () => {
  const code = ["CONSTANT_ROUNDED"];
  test.each([
    ["an integer beyond 2^24", add(x, 16_777_217), code],
    ["negative", mul(x, -123_456_789), code],
    ["what becomes 0", add(x, 1e-50), code],
    ["one of a list", constant([1, 2, 16_777_217]), code],
    ["an initial value", parameter([2], 16_777_217), code],
    ["2^24", add(x, 16_777_216), []],
    ["a fraction", add(x, 0.1), []],
    ["pi", add(x, Math.PI), []],
    ["a large round number", add(x, 1e30), []],
    ["a million millions", add(x, 1e12), []],
    ["infinity", add(x, -Infinity), []],
    ["the smallest number", add(x, 2 ** -149), []],
    ["an epsilon", add(x, 1e-12), []],
    ["the tail of a table", constant([1, 1e-20, 1e-60]), []],
    ["zeros", constant([0, 0]), []],
    ["an int32", constant([16_777_217], { shape: [1], dtype: "int32" }), []],
  ] as const)("%s", (_, value, expected) => {
    expect(linted([value]).map((warning) => warning.code)).toEqual(expected);
    expect(linted([value], { float: "float64" })).toEqual([]);
  });

  test("says what the module computes with", () => {
    expect(linted([add(x, 16_777_217)])[0]!.sentence).toBe("float32 has no 16777217: this add computes with 16777216");
  });
});
