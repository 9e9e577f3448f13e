// Transformer blocks, positional encodings and the loss of sequences, against loops.

import { describe, expect, test } from "vitest";
import { compile } from "tapeless/compiler";
import {
  add,
  dropout,
  input,
  labels,
  learnedEncoding,
  mean,
  multiHeadAttention,
  network,
  normal,
  pick,
  sequenceCrossEntropy,
  sgd,
  sinusoidalEncoding,
  softmaxCrossEntropy,
  square,
  TapelessError,
  tanh,
  transformerDecoder,
  transformerEncoder,
  type Tensor,
} from "tapeless";
import { block, rowsOf } from "./attention-loops.js";
import { closeTo, numbers } from "./norm-loops.js";

const [L, S, D] = [3, 2, 4] as const;
const x = input("x", ["batch", L, D]);
const memory = input("memory", ["batch", S, 3]);
const VALUES = { x: numbers(2 * L * D, 1), memory: numbers(2 * S * 3, 2) };
const settings = {
  weightInitializer: normal(0, 0.6),
  biasInitializer: normal(0, 0.5),
  name: "block",
  feedForward: 5,
  activation: tanh,
} as const;
const row = (values: readonly number[], index: number): readonly number[] =>
  values.slice((index * values.length) / 2, ((index + 1) * values.length) / 2);

describe.each(["pre", "post"] as const)("%s-norm", (norm) => {
  const shape = { heads: 2, first: norm === "pre", activation: Math.tanh };

  test("an encoder block", () => {
    const pad = input("pad", ["batch", L], { dtype: "bool" });
    const outputs = {
      open: transformerEncoder(x, 2, { ...settings, norm, paddingMask: pad }),
    };
    const net = network("encoder", { batch: 4, outputs });
    const model = compile(net, { dtype: "float64" }).create({ seed: 4 });
    const bits = [1, 1, 0, 1, 0, 1];
    model.inputs["x"]!.set(VALUES.x);
    model.inputs["pad"]!.set(bits);
    model.predict(2);
    const wanted = [0, 1].flatMap((index) =>
      block(rowsOf(row(VALUES.x, index), D), model.parameters, {
        ...shape,
        allowed: (_, j) => bits[L * index + j] === 1,
      }).flat(),
    );
    closeTo(model.outputs["open"]!, wanted);
    expect(Object.keys(model.parameters)).toHaveLength(16);
  });

  test("a decoder block", () => {
    const pad = input("pad", ["batch", S], { dtype: "bool" });
    const y = transformerDecoder(x, memory, 2, { ...settings, norm, memoryPaddingMask: pad });
    const net = network("decoder", { batch: 4, outputs: { y } });
    const model = compile(net, { dtype: "float64" }).create({ seed: 4 });
    const bits = [1, 0, 1, 1];
    model.inputs["x"]!.set(VALUES.x);
    model.inputs["memory"]!.set(VALUES.memory);
    model.inputs["pad"]!.set(bits);
    model.predict(2);
    const wanted = [0, 1].flatMap((index) =>
      block(rowsOf(row(VALUES.x, index), D), model.parameters, {
        ...shape,
        allowed: (i, j) => j <= i,
        memory: rowsOf(row(VALUES.memory, index), 3),
        sees: (_, j) => bits[S * index + j] === 1,
      }).flat(),
    );
    closeTo(model.outputs["y"]!, wanted);
    expect(Object.keys(model.parameters)).toHaveLength(26);
  });
});

test("dropout in training only, with noise of its own in each place", () => {
  const y = transformerEncoder(x, 2, { name: "block", norm: "pre", dropout: 0.5, weightInitializer: 0.3 });
  const net = network("dropped", { batch: 2, outputs: { y }, loss: mean(square(y)), optimizer: sgd({ rate: 0 }) });
  // The names are those of the streams, and so decide what is drawn.
  const compiled = compile(net, { constNames: "ordinals" });
  // A stream's hash is a number in each kernel that draws: for the weights, the hidden layer and two results.
  const streams = new Set(compiled.print("kernels").match(/seed\[0\], \d+\), clock/g));
  expect(streams.size).toBe(4);
  const model = compiled.create({ seed: 1 });
  model.inputs["x"]!.set(VALUES.x);
  const quiet = model.loss(2);
  expect(model.loss(2)).toBe(quiet);
  const noisy = model.step(2);
  expect(noisy).not.toBe(quiet);
  expect(model.step(2)).not.toBe(noisy);
});

describe("positions", () => {
  test("sinusoidalEncoding is the paper's formula", () => {
    const net = network("sines", {
      batch: 1,
      outputs: { even: sinusoidalEncoding(50, 8), odd: sinusoidalEncoding(3, 5) },
    });
    const model = compile(net, { dtype: "float64" }).create();
    model.predict(1);
    for (const [name, length, size] of [
      ["even", 50, 8],
      ["odd", 3, 5],
    ] as const) {
      for (let p = 0; p < length; p++) {
        for (let j = 0; j < size; j++) {
          const angle = p / 10000 ** ((2 * Math.floor(j / 2)) / size);
          expect(model.outputs[name]![p * size + j]).toBeCloseTo(j % 2 === 0 ? Math.sin(angle) : Math.cos(angle), 11);
        }
      }
    }
    // The table is a pattern in the module's text, not its numbers.
    expect(compile(net).source).not.toMatch(/\.set\(\[/);
  });

  test("learnedEncoding is a parameter that training changes", () => {
    const y = add(x, learnedEncoding(L, D, { name: "place" }));
    const net = network("learned", { batch: 2, outputs: { y }, loss: mean(square(y)), optimizer: sgd({ rate: 0.1 }) });
    const model = compile(net, { dtype: "float64" }).create({ seed: 3 });
    const weight = model.parameters["place.weight"]!;
    expect(weight).toHaveLength(L * D);
    const before = weight.slice();
    model.inputs["x"]!.set(VALUES.x);
    model.step(2);
    before.forEach((value, i) => {
      const total = VALUES.x[i]! + VALUES.x[L * D + i]! + 2 * value;
      expect(weight[i]).toBeCloseTo(value - (0.1 * 2 * total) / (2 * L * D), 12);
    });
  });
});

describe("sequenceCrossEntropy", () => {
  const CLASSES = 4;
  const logits = input("logits", ["batch", L, CLASSES]);
  const scores = numbers(3 * L * CLASSES, 4);
  const entropies = (ids: readonly number[]): number[] =>
    ids.map((id, i) => {
      const line = scores.slice(CLASSES * i, CLASSES * (i + 1));
      return Math.log(line.reduce((sum, value) => sum + Math.exp(value), 0)) - line[id]!;
    });
  const lossOf = (
    ids: readonly number[],
    ignoreIndex: number | undefined,
    at?: number,
  ): readonly [number, number[]] => {
    const allowed = ignoreIndex === undefined || (ignoreIndex >= 0 && ignoreIndex < CLASSES) ? undefined : ignoreIndex;
    const answers = labels("ids", ["batch", L], CLASSES, allowed === undefined ? {} : { ignoreIndex: allowed });
    const weight = learnedEncoding(L, CLASSES, { name: "w" });
    const loss = sequenceCrossEntropy(add(logits, weight), answers, ignoreIndex === undefined ? {} : { ignoreIndex });
    const net = network("sequence", { batch: 5, loss, optimizer: sgd({ rate: 0.1 }) });
    const model = compile(net, { dtype: "float64" }).create();
    model.parameters["w.weight"]!.fill(0);
    if (at !== undefined) model.parameters["w.weight"]![at] = 1e-5;
    model.inputs["logits"]!.set(scores);
    model.targets["ids"]!.set(ids);
    const value = model.gradients(3);
    return [value, Array.from(model.grads["w.weight"]!)];
  };

  test.each([
    ["none ignored", undefined, [0, 1, 2, 3, 0, 1, 2, 3, 0]],
    ["PyTorch's -100", -100, [0, -100, 2, 3, -100, -100, 2, 3, 0]],
    ["a padding class", 0, [0, 1, 2, 3, 0, 0, 2, 3, 0]],
    ["one above the classes", CLASSES, [0, 4, 2, 3, 4, 4, 2, 3, 0]],
  ] as const)("%s", (_, ignoreIndex, ids) => {
    const [value, gradient] = lossOf(ids, ignoreIndex);
    const counted = entropies(ids).filter((_, i) => ids[i] !== ignoreIndex);
    expect(value).toBeCloseTo(counted.reduce((a, b) => a + b, 0) / counted.length, 12);
    for (const i of [0, 5, 11]) expect(gradient[i]).toBeCloseTo((lossOf(ids, ignoreIndex, i)[0] - value) / 1e-5, 4);
  });

  test("nothing to answer: 0, without gradient", () => {
    const [value, gradient] = lossOf(
      Array.from({ length: 9 }, () => -100),
      -100,
    );
    expect(value).toBe(0);
    expect(gradient.every((one) => one === 0)).toBe(true);
  });

  test("ids are checked before anything runs, the ignored one passes", () => {
    expect(() => lossOf([0, 1, 2, 3, 0, 1, 2, 4, 0], -100)).toThrow(/ids\[7\].*0 to 3.*4/);
    expect(() => lossOf([0, 1, 2, 3, 0, 1, 2, -1, 0], undefined)).toThrow(/ids\[7\]/);
  });
});

describe("refused", () => {
  const logits = input("logits", ["batch", L, 4]);
  const ids = (classes = 4, ignoreIndex?: number): Tensor<readonly ["batch", 3], "int32"> =>
    labels("ids", ["batch", L], classes, ignoreIndex === undefined ? {} : { ignoreIndex });
  const cases: readonly (readonly [what: string, call: () => unknown, code: string, sentence: RegExp])[] = [
    [
      "heads that do not divide",
      () => transformerEncoder(x, 3),
      "BAD_HEADS",
      /transformerEncoder.*4 features of \[batch, 3, 4\] among 3/,
    ],
    [
      "a norm elsewhere",
      () => transformerEncoder(x, 2, { norm: "middle" as never }),
      "BAD_ARGUMENT",
      /"pre" or "post"/,
    ],
    [
      "an activation that is none",
      () => transformerEncoder(x, 2, { activation: (y) => mean(y) as Tensor }),
      "BAD_ARGUMENT",
      /activation/,
    ],
    ["half a layer", () => transformerEncoder(x, 2, { feedForward: 2.5 }), "BAD_ARGUMENT", /feedForward/],
    [
      "a memory of two axes",
      () => transformerDecoder(x, input("m", ["batch", 4]), 2),
      "WRONG_RANK",
      /memory.*\[batch, 4\]/,
    ],
    [
      "a mask of the wrong length",
      () => transformerEncoder(x, 2, { paddingMask: input("m", ["batch", 4], { dtype: "bool" }) }),
      "SHAPE_MISMATCH",
      /\[batch, 3\] and \[batch, 4\]/,
    ],
    [
      "a residual that does not fit",
      () => add(x, multiHeadAttention(x, 2, { units: 5 }) as never),
      "SHAPE_MISMATCH",
      /\[batch, 3, 4\] and \[batch, 3, 5\]/,
    ],
    [
      "a sum of encodings of unequal length",
      () => add(x, sinusoidalEncoding(5, D) as never),
      "SHAPE_MISMATCH",
      /\[batch, 3, 4\] and \[5, 4\]/,
    ],
    ["no positions", () => sinusoidalEncoding(0, 4), "BAD_ARGUMENT", /length/],
    [
      "ids of another length",
      () => sequenceCrossEntropy(logits, labels("ids", ["batch", 2], 4) as never),
      "SHAPE_MISMATCH",
      /\[batch, 3, 4\] and \[batch, 2\]/,
    ],
    ["ids of too many classes", () => sequenceCrossEntropy(logits, ids(5)), "BAD_ARGUMENT", /at most 4.*5/],
    [
      "another ignored id than the targets'",
      () => sequenceCrossEntropy(logits, ids(4, -100), { ignoreIndex: -1 }),
      "BAD_ARGUMENT",
      /-100/,
    ],
    [
      "an ignored id in an ordinary loss",
      () => softmaxCrossEntropy(logits, ids(4, -100)),
      "BAD_ARGUMENT",
      /only sequenceCrossEntropy/,
    ],
    ["an ignored id in a pick", () => pick(logits, ids(4, -1)), "BAD_ARGUMENT", /only sequenceCrossEntropy/],
    ["half an id", () => ids(4, 0.5), "BAD_ARGUMENT", /ignoreIndex/],
  ];
  test.each(cases)("%s", (_, call, code, sentence) => {
    expect(call).toThrow(TapelessError);
    try {
      call();
    } catch (error) {
      expect((error as TapelessError).code).toBe(code);
      expect((error as TapelessError).message).toMatch(sentence);
      expect((error as TapelessError).at?.file).toMatch(/transformer\.test\.ts$/);
    }
  });

  test("the control: what fits is taken", () => {
    expect(() => sequenceCrossEntropy(logits, ids(4, -100), { ignoreIndex: -100 })).not.toThrow();
    expect(() => transformerEncoder(dropout(x, 0.1), 2, { norm: "pre" })).not.toThrow();
  });
});
