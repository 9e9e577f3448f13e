// Metrics of the network in `fit` and `evaluate`: history, early stopping, entries, several steps, wrong use.

import { expect, test } from "vitest";
import * as t from "tapeless";
import { compile } from "tapeless/compiler";
import { evaluate, fit, type Model } from "tapeless/train";

const ROWS = 30;
const x = t.input("x", ["batch", 2]);
const kind = t.labels("kind", ["batch"], 2);
const logits = t.dense(t.tanh(t.dense(x, 4)), 2);
const options = {
  batch: 8,
  outputs: { logits },
  loss: t.crossEntropy(logits, kind),
  optimizer: t.adam({ rate: 0.05 }),
  metrics: { hits: t.accuracy(logits, kind), table: t.confusionMatrix(logits, kind), f1: t.f1(logits, kind) },
};
const net = t.network("kinds", options);

const points = Array.from({ length: ROWS * 2 }, (_, i) => Math.sin(i * 12.9898) * 2);
const data = {
  inputs: { x: points },
  targets: { kind: Array.from({ length: ROWS }, (_, i) => Number(points[2 * i]! * points[2 * i + 1]! > 0)) },
};

test("evaluate gives the loss, and the network's metrics, all of the same rows", () => {
  const model = compile(net).create({ seed: 1 });
  const result = evaluate(model, data) as Record<string, unknown>;
  expect(Object.keys(result)).toEqual(["loss", "hits", "table", "f1"]);
  const table = result["table"] as number[][];
  expect(table.flat().reduce((a, b) => a + b)).toBe(ROWS);
  expect((table[0]![0]! + table[1]![1]!) / ROWS).toBe(result["hits"]);
  const alone = compile(t.network("kinds", { ...options, metrics: {} })).create({ seed: 1 });
  expect(result["loss"]).toBeCloseTo(evaluate(alone, data)["loss"]!, 6);
});

test("fit has the numbers in its history, not the tables, and stops early on them", () => {
  // The names are those of the streams, and so decide where the training starts.
  const model = compile(net, { constNames: "ordinals" }).create({ seed: 1 });
  const history = fit(model, data, {
    epochs: 60,
    validationSplit: 0.3,
    trainingMetrics: true,
    earlyStopping: { monitor: "val_f1", patience: 5, restoreBestWeights: true },
  });
  expect(Object.keys(history)).toEqual(["epoch", "loss", "hits", "f1", "val_loss", "val_hits", "val_f1"]);
  const best = Math.max(...history["val_f1"]!);
  const held = { inputs: { x: points.slice(-18) }, targets: { kind: data.targets.kind.slice(-9) } };
  expect(evaluate(model, held)["f1"]).toBeCloseTo(best, 6);
  expect(history["hits"]!.at(-1)).toBeGreaterThan(history["hits"]![0]!);
});

test("a build without `evaluate` has no metrics; one with nothing else measures", () => {
  const without = compile(net, { entries: ["step", "loss"] });
  // Comments name this file.
  expect(without.source.replaceAll("own-metrics.test.ts", "")).not.toMatch(/metrics|statistics|evaluate/);
  expect(Object.keys(evaluate(without.create(), data))).toEqual(["loss"]);
  const only = compile(net, { entries: ["evaluate"] });
  expect(only.source).not.toMatch(/step\(|predict\(|gradients\(|∂/);
  expect(Object.keys(evaluate(only.create(), data))).toEqual(["hits", "table", "f1"]);
});

test("of several steps, the loss is that of the one that is named", () => {
  const steps = {
    first: { loss: options.loss, optimizer: options.optimizer },
    second: { loss: t.mean(t.square(t.dense(x, 1))), optimizer: options.optimizer },
  };
  const model = compile(t.network("steps", { batch: 8, steps, metrics: options.metrics })).create({ seed: 1 });
  expect(() => evaluate(model, data)).toThrow(/CHOOSE_STEP/);
  const [first, second] = ["first", "second"].map((step) => evaluate(model, data, { step }));
  expect(first!["hits"]).toBe(second!["hits"]);
  expect(first!["loss"]).not.toBe(second!["loss"]);
});

test("a module whose function is gone", () => {
  const model = compile(net).create();
  const broken = { ...model, spec: model.spec, evaluate: undefined } as unknown as Model;
  expect(() => evaluate(broken, data as never)).toThrow(/MISSING_ENTRY/);
});

test("a metric may not have the name of a step's loss", () => {
  const step = { loss: options.loss, optimizer: options.optimizer };
  const steps = { critic: step, actor: { ...step, loss: t.mean(t.square(t.dense(x, 1))) } };
  const metrics = { criticLoss: t.accuracy(logits, kind) };
  const model = compile(t.network("names", { batch: 8, steps, metrics })).create();
  expect(() => evaluate(model, data, { step: ["critic", "actor"] })).toThrow(/DUPLICATE_METRIC.*"criticLoss"/);
});
