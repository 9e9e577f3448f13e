// What the optimizers' updates look like as kernels: gradient, state and parameter in one sweep, and where a whole gradient is
// needed first, a plan that says so.

import { describe, expect, test } from "vitest";
import type { Kernel } from "../../compiler/ir/kernel.js";
import { compile } from "../../compiler/compile.js";
import * as t from "../../src/index.js";
import { appliedIn, contracts, entryOf, reads, writes } from "./kernels.js";

function declared(optimizer: t.Optimizer): t.Network {
  const x = t.input("x", ["batch", 30]);
  const h = t.tanh(t.matmul(x, t.parameter([30, 20], 0.1, { name: "w" })));
  const loss = t.mean(t.square(t.matmul(h, t.parameter([20, 10], 0.1, { name: "u" }))));
  return t.network("n", { batch: 4, loss, optimizer });
}

const stepOf = (optimizer: t.Optimizer) => entryOf(declared(optimizer), "step", { entries: ["step"] });

const updating = (kernels: readonly Kernel[], name: string): Kernel[] =>
  kernels.filter((kernel) => writes(kernel).includes(name));

const schedule = t.cosineDecay(10, { warmUp: 2 });

const sweeps: readonly (readonly [string, t.Optimizer, readonly string[]])[] = [
  ["sgd with a schedule", t.sgd({ rate: 0.1, schedule }), []],
  ["nesterov", t.nesterov({ rate: 0.1 }), ["velocity"]],
  ["adagrad", t.adagrad(), ["sum"]],
  ["adadelta", t.adadelta(), ["deltas", "squares"]],
  [
    "rmsprop, everything",
    t.rmsprop({ centered: true, momentum: 0.9, weightDecay: 0.1, schedule }),
    ["mean", "squares", "velocity"],
  ],
  ["adamw", t.adamw({ schedule }), ["m", "v"]],
  ["amsgrad", t.amsgrad(), ["largest", "m", "v"]],
  ["adamax", t.adamax(), ["m", "u"]],
  ["lion", t.lion(), ["m"]],
  ["clipped by value", t.momentum({ rate: 0.1, clip: t.clipByValue(-1, 1) }), ["velocity"]],
  ["with a moving average", t.movingAverage(t.adam()), ["average", "m", "v"]],
];

describe("gradient, state and parameter in one sweep: the gradient is never written", () => {
  test.each(sweeps)("%s", (_, optimizer, slots) => {
    const { kernels, notes, workspace } = stepOf(optimizer);
    for (const name of ["w", "u"]) {
      const own = updating(kernels, name);
      expect(own).toHaveLength(1);
      expect(writes(own[0]!).sort()).toEqual([name, ...slots.map((slot) => `${name}.${slot}`)]);
      expect(contracts(own[0]!)).toBe(true);
    }
    expect(notes).toEqual([]);
    expect([...workspace.values()]).not.toContain(4 * 30 * 20);
  });
});

test("a schedule's factor is computed once in a step, whatever the number of parameters", () => {
  const { kernels, notes } = stepOf(t.adam({ schedule }));
  expect(kernels.map((kernel) => appliedIn(kernel, "cos")).reduce((a, b) => a + b)).toBe(1);
  expect(notes).toEqual([]);
});

test("clipping by global norm needs every gradient first: they are in the workspace, and the plan says why", () => {
  const optimizer = t.sgd({ rate: 0.1, clip: t.clipByGlobalNorm(1) });
  const { kernels, notes, workspace } = stepOf(optimizer);
  const note =
    "clipByGlobalNorm(1) needs every whole gradient before the first update: gradients are written to memory";
  expect(notes).toContain(note);
  expect(notes.filter((other) => other !== note).every((other) => other.includes("is stored whole before"))).toBe(true);
  expect(compile(declared(optimizer)).print("plan")).toContain(`note (step): ${note}`);
  const stored = [...workspace.values()];
  expect(stored).toContain(4 * 30 * 20);
  expect(stored).toContain(4 * 20 * 10);
  for (const name of ["w", "u"]) expect(updating(kernels, name).some(contracts)).toBe(false);
  // Every matrix product is computed once: two forward, three backward but for the input's.
  expect(kernels.filter(contracts)).toHaveLength(5);
});

test("accumulation keeps a sum beside each parameter and updates both in the sweep that makes the gradient", () => {
  const { kernels, notes } = stepOf(t.accumulate(t.adam(), 4));
  expect(notes).toEqual(["accumulate of 4 calls keeps a sum of gradients of each parameter's size"]);
  const own = updating(kernels, "w");
  expect(own).toHaveLength(1);
  expect(writes(own[0]!).sort()).toEqual(["w", "w.accumulated", "w.m", "w.v"]);
  expect(reads(own[0]!)).toContain("accumulatedCalls");
});
