// The dense layer against loops, with leading axes, shared parameters and names.

import { describe, expect, test } from "vitest";
import { compile, createInterpreter } from "tapeless/compiler";
import {
  dense,
  filled,
  input,
  labels,
  meanSquaredError,
  network,
  normal,
  parameter,
  relu,
  sgd,
  target,
  TapelessError,
  type Tensor,
} from "tapeless";

/** A model in float64 that predicts `y`, and its parameters' names. */
function predictor(y: Tensor, batch: number) {
  const model = compile(network("layer", { batch, outputs: { y } }), { dtype: "float64" }).create({ seed: 3 });
  return { model, names: Object.keys(model.parameters).sort() };
}

/** x · w + b over rows of any number. */
function product(x: ArrayLike<number>, w: ArrayLike<number>, b: ArrayLike<number>, features: number): number[] {
  const units = b.length;
  return Array.from({ length: (x.length / features) * units }, (_, at) => {
    const [row, unit] = [Math.floor(at / units), at % units];
    let total = b[unit]!;
    for (let k = 0; k < features; k++) total += x[row * features + k]! * w[k * units + unit]!;
    return total;
  });
}

const numbers = (length: number): number[] => Array.from({ length }, (_, i) => Math.sin(i * 1.7) * 2);

const closeTo = (actual: ArrayLike<number>, wanted: readonly number[]): void =>
  wanted.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 12));

describe("values", () => {
  const shapes: readonly (readonly [string, readonly (number | "batch")[]])[] = [
    ["a vector", [3]],
    ["rows", ["batch", 3]],
    ["sequences", ["batch", 5, 3]],
    ["four axes", [2, "batch", 2, 3]],
    ["one feature", ["batch", 1]],
  ];
  test.each(shapes)("%s", (_, shape) => {
    const features = shape.at(-1) as number;
    const y = dense(input("x", shape) as Tensor, 4, { biasInitializer: normal(0, 1), name: "d" });
    expect(y.shape.length).toBe(shape.length);
    const { model, names } = predictor(y, 3);
    expect(names).toEqual(["d.bias", "d.weight"]);
    for (const rows of shape.includes("batch") ? [1, 2, 3] : [1]) {
      const count = shape.reduce<number>((n, axis) => n * (axis === "batch" ? rows : axis), 1);
      const x = numbers(count);
      model.inputs["x"]!.set(x);
      model.predict(rows);
      closeTo(model.outputs["y"]!, product(x, model.parameters["d.weight"]!, model.parameters["d.bias"]!, features));
    }
  });

  test("without a bias, with an activation, from ints", () => {
    const x = input("x", ["batch", 2], { dtype: "int32", below: 9 });
    const { model, names } = predictor(dense(x, 3, { bias: false, activation: relu, name: "d" }), 2);
    expect(names).toEqual(["d.weight"]);
    model.inputs["x"]!.set([1, 2, 8, 0]);
    model.predict(2);
    const wanted = product([1, 2, 8, 0], model.parameters["d.weight"]!, [0, 0, 0], 2);
    closeTo(
      model.outputs["y"]!,
      wanted.map((v) => Math.max(v, 0)),
    );
  });
});

describe("parameters", () => {
  const x = input("x", ["batch", 3]);
  const t = target("t", ["batch", 3]);

  test("initialisers: Glorot and zeros unless stated", () => {
    const limit = Math.sqrt(6 / 203);
    const wide = dense(input("wide", ["batch", 200]), 3, { name: "plain" });
    const { model } = predictor(wide, 1);
    const weights = Array.from(model.parameters["plain.weight"]!);
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(Math.max(...weights.map(Math.abs))).toBeGreaterThan(0.95 * limit);
    expect(Array.from(model.parameters["plain.bias"]!)).toEqual([0, 0, 0]);
    const stated = predictor(dense(x, 2, { weightInitializer: filled(0.5), biasInitializer: -1, name: "d" }), 1).model;
    expect(Array.from(stated.parameters["d.weight"]!)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
    expect(Array.from(stated.parameters["d.bias"]!)).toEqual([-1, -1]);
  });

  test("a shared weight is one parameter, and its gradient is the sum of both uses", () => {
    const weight = parameter([3, 3], normal(0, 1), { name: "shared" });
    const twice = dense(dense(x, 3, { parameters: { weight }, bias: false }), 3, {
      parameters: { weight },
      bias: false,
    });
    const net = network("tied", { batch: 2, loss: meanSquaredError(twice, t), optimizer: sgd({ rate: 0.1 }) });
    const model = compile(net, { dtype: "float64" }).create({ seed: 2 });
    expect(Object.keys(model.parameters)).toEqual(["shared"]);
    const w = model.parameters["shared"]!;
    model.inputs["x"]!.set(numbers(6));
    model.gradients(2);
    const derived = Array.from(model.grads["shared"]!);
    const h = 1e-4;
    derived.forEach((value, i) => {
      const before = w[i]!;
      const at = (moved: number): number => {
        w[i] = before + moved;
        const loss = model.loss(2);
        w[i] = before;
        return loss;
      };
      const difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      expect(Math.abs(value - difference)).toBeLessThan(1e-8 * Math.max(...derived.map(Math.abs)));
    });
  });

  test("a frozen layer has no gradient and does not change", () => {
    const hidden = dense(x, 4, { trainable: false, name: "frozen" });
    const net = network("part", {
      batch: 2,
      loss: meanSquaredError(dense(hidden, 3, { name: "head" }), t),
      optimizer: sgd({ rate: 0.1 }),
    });
    const model = compile(net).create({ seed: 1 });
    expect(Object.keys(model.grads).sort()).toEqual(["head.bias", "head.weight"]);
    const before = Array.from(model.parameters["frozen.weight"]!);
    model.inputs["x"]!.fill(1);
    model.step(2);
    expect(Array.from(model.parameters["frozen.weight"]!)).toEqual(before);
    expect(createInterpreter(net).grads).toEqual({});
  });

  test("a layer called in one place several times gets parameters of its own each time", () => {
    let y: Tensor = x;
    for (let i = 0; i < 3; i++) y = relu(dense(y, 3));
    expect(predictor(y, 1).names).toHaveLength(6);
  });
});

describe("what is refused", () => {
  const x = input("x", ["batch", 3]);
  const any = (value: unknown): never => value as never;
  const wrong: readonly (readonly [string, () => unknown, string, RegExp])[] = [
    [
      "a scalar",
      () => dense(any(input("s", [])), 2),
      "WRONG_RANK",
      /dense needs the input with a last axis of features/,
    ],
    ["the batch as features", () => dense(any(input("r", ["batch"])), 2), "WRONG_RANK", /\[batch\]/],
    ["0 units", () => dense(x, 0), "BAD_ARGUMENT", /units must be a positive integer, but it is 0/],
    ["negative units", () => dense(x, -2), "BAD_ARGUMENT", /units .* but it is -2/],
    ["2.5 units", () => dense(x, 2.5), "BAD_ARGUMENT", /units .* but it is 2.5/],
    ["NaN units", () => dense(x, NaN), "BAD_ARGUMENT", /units .* but it is NaN/],
    ["units in words", () => dense(x, any("8")), "BAD_ARGUMENT", /units .* but it is "8"/],
    ["no tensor", () => dense(any([1, 2]), 2), "BAD_ARGUMENT", /dense: x must be a tensor/],
    [
      "a weight of another shape",
      () => dense(x, 2, any({ parameters: { weight: parameter([2, 3], 0) } })),
      "SHAPE_MISMATCH",
      /float32 \[3, 2\]/,
    ],
    [
      "a bias of another shape",
      () => dense(x, 2, any({ parameters: { bias: parameter([3], 0) } })),
      "SHAPE_MISMATCH",
      /float32 \[2\]/,
    ],
    [
      "an int weight",
      () => dense(x, 2, any({ parameters: { weight: labels("w", [3, 2], 4) } })),
      "SHAPE_MISMATCH",
      /weight must be float32/,
    ],
    [
      "an activation that changes the shape",
      () => dense(x, 2, { activation: any(() => x) }),
      "BAD_ARGUMENT",
      /activation/,
    ],
    [
      "an initialiser that is no function",
      () => dense(x, 2, any({ weightInitializer: "glorot" })),
      "BAD_ARGUMENT",
      /glorot/,
    ],
  ];
  test.each(wrong)("%s", (_, make, code, message) => {
    let caught: unknown;
    try {
      make();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(TapelessError);
    expect((caught as TapelessError).code).toBe(code);
    expect((caught as TapelessError).message).toMatch(message);
    expect((caught as TapelessError).at?.file).toMatch(/dense\.test\.ts$/);
  });
});
