// Losses over logits far from 0, in float32 on both targets: each value has its digits, and so has each gradient. What they
// should be is computed in double precision from the very numbers that the model is given.

import { describe, expect, test } from "vitest";
import { compile, type CompileOptions } from "tapeless/compiler";
import * as t from "tapeless";
import { randomNumbers } from "../oracle/random.js";

const SEED = 5;
const ROWS = 5;
const CLASSES = 3;
const OFFSETS = [0, 300, -1e4, 1e4, 3e5];

type Numbers = readonly number[];
type Rows = readonly Numbers[];

const any = (x: unknown): never => x as never;
const tensor = (x: unknown): t.Tensor => x as t.Tensor;

interface Given {
  readonly logits: Rows;
  readonly classes: Numbers;
  readonly soft: Rows;
}

/** float32 numbers: logits about an offset, answers, and distributions. */
function given(offset: number, random: () => number): Given {
  const list = (make: () => number): Numbers => Array.from({ length: CLASSES }, () => Math.fround(make()));
  const rows = (make: () => Numbers): Rows => Array.from({ length: ROWS }, make);
  return {
    logits: rows(() => list(() => offset + 6 * random() - 3)),
    classes: Array.from({ length: ROWS }, () => Math.floor(random() * CLASSES)),
    soft: rows(() => list(() => 0.1 + random() / 2)),
  };
}

const sum = (list: Numbers): number => list.reduce((a, b) => a + b, 0);
const logSumExp = (row: Numbers): number => {
  const peak = Math.max(...row);
  return peak + Math.log(sum(row.map((x) => Math.exp(x - peak))));
};
const logSoftmax = (row: Numbers): Numbers => {
  const peak = Math.max(...row);
  const total = Math.log(sum(row.map((x) => Math.exp(x - peak))));
  return row.map((x) => x - peak - total);
};
const mean = (of: (row: number) => number): number => sum(Array.from({ length: ROWS }, (_, i) => of(i))) / ROWS;
const soften = (row: Numbers, share: number): Numbers => row.map((p) => p * (1 - share) + share / CLASSES);
const oneHot = (index: number): Numbers => Array.from({ length: CLASSES }, (_, i) => (i === index ? 1 : 0));
const entropy = (logits: Numbers, target: Numbers): number => -sum(logSoftmax(logits).map((l, i) => l * target[i]!));

type Loss = (x: t.Tensor, classes: t.Tensor, soft: t.Tensor) => unknown;
type Reference = (g: Given) => number;

const cases: readonly (readonly [string, Loss, Reference])[] = [
  [
    "logSoftmax",
    (x, _, soft) => t.mean(t.mul(t.logSoftmax(x), soft as never)),
    (g) => -mean((i) => entropy(g.logits[i]!, g.soft[i]!)) / CLASSES,
  ],
  [
    "x - logSumExp(x)",
    (x, _, soft) =>
      t.mean(t.mul(tensor(t.sub(x, t.logSumExp(x, { axis: 1, keepAxes: true }) as never)), soft as never)),
    (g) => -mean((i) => entropy(g.logits[i]!, g.soft[i]!)) / CLASSES,
  ],
  [
    "logSumExp(x) - pick(x, class)",
    (x, c) => t.mean(t.sub(t.logSumExp(x, { axis: 1 }), t.pick(x, any(c)) as never)),
    (g) => mean((i) => entropy(g.logits[i]!, oneHot(g.classes[i]!))),
  ],
  [
    "crossEntropy of classes",
    (x, c) => t.crossEntropy(x, any(c)),
    (g) => mean((i) => entropy(g.logits[i]!, oneHot(g.classes[i]!))),
  ],
  [
    "crossEntropy of probabilities",
    (x, _, soft) => t.crossEntropy(x, any(soft)),
    (g) => mean((i) => entropy(g.logits[i]!, g.soft[i]!)),
  ],
  [
    "crossEntropy with label smoothing",
    (x, c) => t.crossEntropy(x, any(c), { labelSmoothing: 0.2 }),
    (g) => mean((i) => entropy(g.logits[i]!, soften(oneHot(g.classes[i]!), 0.2))),
  ],
  [
    "sequenceCrossEntropy",
    (x, c) => t.sequenceCrossEntropy(x, any(c)),
    (g) => mean((i) => entropy(g.logits[i]!, oneHot(g.classes[i]!))),
  ],
  [
    "negativeLogLikelihood of logSoftmax",
    (x, c) => t.negativeLogLikelihood(tensor(t.logSoftmax(x)), any(c)),
    (g) => mean((i) => entropy(g.logits[i]!, oneHot(g.classes[i]!))),
  ],
  [
    "klDivergence from logits",
    (x, _, soft) => t.klDivergence(x, any(soft), { from: "logits" }),
    (g) => mean((i) => entropy(g.logits[i]!, g.soft[i]!) + sum(g.soft[i]!.map((p) => p * Math.log(p)))),
  ],
  [
    "focalLoss of classes",
    (x, c) => t.focalLoss(x, any(c), { gamma: 2 }),
    (g) =>
      mean((i) => {
        const row = g.logits[i]!;
        const others = row.filter((_, k) => k !== g.classes[i]!);
        const peak = Math.max(...row);
        const missed = logSumExp(others.map((x) => x - peak)) - logSumExp(row.map((x) => x - peak));
        return Math.exp(2 * missed) * entropy(row, oneHot(g.classes[i]!));
      }),
  ],
];

function emitted(
  loss: Loss,
  g: Given,
  target: NonNullable<CompileOptions["target"]>,
): { value: number; gradient: Numbers } {
  const x = t.input("x", ["batch", CLASSES]) as t.Tensor;
  const c = t.input("c", ["batch"], { dtype: "int32", below: CLASSES });
  const soft = t.input("soft", ["batch", CLASSES]) as t.Tensor;
  const value = tensor(loss(x, tensor(c), soft));
  const used = tensor(t.mul(t.sum(soft), 0));
  const outputs = { value: t.add(value, used as never), slope: t.gradient(value, x) };
  const model = compile(t.network("n", { batch: ROWS + 1, outputs }), { target }).create();
  model.inputs["x"]!.set(g.logits.flat());
  model.inputs["soft"]!.set(g.soft.flat());
  model.inputs["c"]?.set(g.classes);
  model.predict(ROWS);
  return { value: model.outputs["value"]![0]!, gradient: [...model.outputs["slope"]!].slice(0, ROWS * CLASSES) };
}

/** By differences of the reference, which has digits to spare. */
function slopes(reference: Reference, g: Given): Numbers {
  const at = (row: number, k: number, by: number): number => {
    const logits = g.logits.map((list, i) => list.map((x, n) => (i === row && n === k ? x + by : x)));
    return reference({ ...g, logits });
  };
  const h = 1e-2;
  return g.logits.flatMap((list, i) =>
    list.map((_, k) => (8 * (at(i, k, h) - at(i, k, -h)) - at(i, k, 2 * h) + at(i, k, -2 * h)) / (12 * h)),
  );
}

describe.each(["typescript", "wasm"] as const)("%s", (target) => {
  test.each(cases)(`%s, seed ${SEED}`, (_, loss, reference) => {
    for (const offset of OFFSETS) {
      const g = given(offset, randomNumbers(SEED));
      const { value, gradient } = emitted(loss, g, target);
      const expected = reference(g);
      expect(Math.abs(value - expected), `at ${offset}: ${value} for ${expected}`).toBeLessThan(
        1e-6 * Math.abs(expected),
      );
      const largest = Math.max(...slopes(reference, g).map(Math.abs));
      slopes(reference, g).forEach((slope, i) => {
        expect(Math.abs(gradient[i]! - slope), `slope ${i} at ${offset}`).toBeLessThan(2e-6 * largest);
      });
    }
  });

  test("the gradient of logSumExp is softmax", () => {
    for (const offset of OFFSETS) {
      const g = given(offset, randomNumbers(SEED));
      const { gradient } = emitted((x) => t.sum(t.logSumExp(x, { axis: 1 })), g, target);
      g.logits
        .flatMap((row) => logSoftmax(row).map(Math.exp))
        .forEach((p, i) => {
          expect(Math.abs(gradient[i]! - p), `at ${offset}`).toBeLessThan(4e-7);
        });
    }
  });

  test("binaryCrossEntropy of logits that are right, mixed and wrong", () => {
    const logits = [20, 9, -7, 14, 3, -100].map(Math.fround);
    const answers = [1, 1, 0, 0.75, 0, 1];
    const x = t.input("x", ["batch"]) as t.Tensor;
    const y = t.input("y", ["batch"]) as t.Tensor;
    const losses = t.sigmoidCrossEntropy(x, y as never);
    const model = compile(
      t.network("n", { batch: 6, outputs: { losses, all: t.binaryCrossEntropy(x, any(y), { from: "logits" }) } }),
      { target },
    ).create();
    model.inputs["x"]!.set(logits);
    model.inputs["y"]!.set(answers);
    model.predict(6);
    const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    const expected = logits.map((z, i) => answers[i]! * softplus(-z) + (1 - answers[i]!) * softplus(z));
    expected.forEach((value, i) => {
      const found = model.outputs["losses"]![i]!;
      expect(Math.abs(found - value), `${found} for ${value}`).toBeLessThan(4e-7 * value);
    });
  });

  test("three equal logits of 1e4", () => {
    const g: Given = {
      logits: Array.from({ length: ROWS }, () => [1e4, 1e4, 1e4]),
      classes: [0, 1, 2, 0, 1],
      soft: [],
    };
    const soft = { ...g, soft: g.logits.map((row) => row.map(() => 0)) };
    expect(emitted((x) => t.mean(t.logSoftmax(x)), soft, target).value).toBe(Math.fround(-Math.log(3)));
    expect(emitted((x, c) => t.crossEntropy(x, any(c)), soft, target).value).toBe(Math.fround(Math.log(3)));
  });
});

test("negative control: a difference of logarithms of sums is far off", () => {
  const g = given(1e4, randomNumbers(SEED));
  const apart: Loss = (x, c) => t.mean(t.sub(t.add(t.logSumExp(x, { axis: 1 }), 0), t.pick(x, any(c)) as never));
  const expected = mean((i) => entropy(g.logits[i]!, oneHot(g.classes[i]!)));
  expect(Math.abs(emitted(apart, g, "wasm").value - expected)).toBeGreaterThan(1e-5 * expected);
});
