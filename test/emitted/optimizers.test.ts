// Parameters and states after three steps of each optimizer, in float64; in float32 one step from identical gradients and
// identical state.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.js";
import type { Network, Optimizer } from "../../src/graph/network.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as tapeless from "../../src/index.js";
import { copyParameters, copyStates, expectEntry, expectState, fill, pairOf, type Pair } from "./harness.js";

const { adam, add, dense, input, meanSquaredError, mul, parameter, sgd, sum, tanh, target } = tapeless;

type Make = (grouped: readonly Tensor[]) => Optimizer;

const optimizers: Readonly<Record<string, Make>> = {
  sgd: () => sgd({ rate: 0.1 }),
  "sgd with momentum": () => sgd({ rate: 0.1, momentum: 0.9 }),
  "sgd with Nesterov momentum": () => sgd({ rate: 0.1, momentum: 0.9, nesterov: true }),
  "sgd with weight decay": () => sgd({ rate: 0.1, weightDecay: 0.05 }),
  "sgd with everything": () => sgd({ rate: 0.1, momentum: 0.8, nesterov: true, weightDecay: 0.05 }),
  "sgd in groups": (parameters) =>
    sgd({ rate: 0.1, momentum: 0.9, groups: [{ parameters, rate: 0.01, momentum: 0, weightDecay: 0.1 }] }),
  adam: () => adam({ rate: 0.01 }),
  "adam with weight decay": () => adam({ rate: 0.01, weightDecay: 0.1, beta1: 0.8, beta2: 0.99, epsilon: 1e-6 }),
  "adam in groups": (parameters) => adam({ rate: 0.01, groups: [{ parameters, rate: 0.1, weightDecay: 0.2 }] }),
  "sgd with dampening": () => sgd({ rate: 0.1, momentum: 0.8, dampening: 0.2 }),
  "adam with epsilon hat and coupled decay": () =>
    adam({ rate: 0.01, weightDecay: 0.1, decoupled: false, epsilonHat: true }),
  "adamw, scheduled": () => tapeless.adamw({ schedule: tapeless.cosineDecay(5, { warmUp: 1, start: 0.5 }) }),
  amsgrad: () => tapeless.amsgrad({ rate: 0.01 }),
  "adamax in groups": (parameters) => tapeless.adamax({ groups: [{ parameters, schedule: tapeless.oneCycle(4) }] }),
  adagrad: () => tapeless.adagrad({ rateDecay: 0.1, initialSum: 0.1, weightDecay: 0.1 }),
  "adagrad, epsilon inside": () => tapeless.adagrad({ epsilonInside: true, epsilon: 1e-7 }),
  adadelta: () => tapeless.adadelta({ schedule: tapeless.stepDecay(2) }),
  rmsprop: () => tapeless.rmsprop({ rate: 0.01 }),
  "rmsprop, centered, with momentum": (parameters) =>
    tapeless.rmsprop({ rho: 0.9, epsilon: 1e-4, centered: true, groups: [{ parameters, momentum: 0.8 }] }),
  lion: () => tapeless.lion({ rate: 0.01, weightDecay: 0.1, schedule: tapeless.exponentialDecay(0.9) }),
  "sgd, clipped by value": () => sgd({ rate: 0.1, clip: tapeless.clipByValue(-0.05, 0.05) }),
  "sgd, clipped by norm": () => sgd({ rate: 0.1, clip: tapeless.clipByNorm(0.01) }),
  "momentum, clipped by global norm": () => tapeless.momentum({ rate: 0.1, clip: tapeless.clipByGlobalNorm(0.01) }),
  "adam, accumulated and averaged": () =>
    tapeless.accumulate(tapeless.movingAverage(adam({ rate: 0.01 }), { decay: 0.9 }), 2),
  "sgd with a largest norm": () => sgd({ rate: 0.5, constraint: tapeless.maxNorm(0.7) }),
};

const CAPACITY = 4;

/** Two layers; the first one's parameters are a group. */
function layers(make: Make): Network {
  const x = input("x", ["batch", 3]);
  const weight = parameter([3, 5], 0.1, { name: "first.weight" }) as Tensor;
  const bias = parameter([5], 0.2, { name: "first.bias" }) as Tensor;
  const hidden = tanh(dense(x, 5, { parameters: { weight, bias } }));
  const y = dense(hidden, 2, { name: "second" });
  const loss = meanSquaredError(y, target("t", ["batch", 2]));
  return tapeless.network("layers", { batch: CAPACITY, outputs: { y }, loss, optimizer: make([weight, bias]) });
}

/** The gradient of each parameter is an input: the same number for both. */
function linear(make: Make): Network {
  const a = parameter([2, 3], 0, { name: "a" });
  const b = parameter([4], 0, { name: "b" });
  const loss = add(sum(mul(a, input("ga", [2, 3]))), sum(mul(b, input("gb", [4]))));
  return tapeless.network("linear", { batch: 1, loss, optimizer: make([b as Tensor]) });
}

function threeSteps(pair: Pair): void {
  fill(pair, 11, { parameters: true });
  for (const rows of [CAPACITY, 1, 3]) {
    expectEntry(pair, "step", rows);
    expectState(pair);
  }
}

/** From the state after two steps of the emitted module. */
function oneStep(pair: Pair): void {
  for (const seed of [1, 2]) {
    fill(pair, seed, { parameters: seed === 1 });
    pair.model.step(1);
  }
  copyParameters(pair);
  copyStates(pair);
  fill(pair, 3, {});
  expectEntry(pair, "step", 1);
  expectState(pair);
}

describe.each(Object.entries(optimizers))("%s", (_, make) => {
  test("three steps in float64", () => threeSteps(pairOf(layers(make), { dtype: "float64", entries: ["step"] })));
  test.each(["typescript", "wasm"] as const)("one step in float32, %s", (target) => {
    const network = linear(make);
    const compiled = compile(network, { target, entries: ["step"] });
    oneStep(pairOf(network, { dtype: "float32", entries: ["step"], compiled }));
  });
});

describe("a changed hyper-parameter", () => {
  const network = layers(() => sgd({ rate: 0.1, momentum: 0.9 }));

  test("takes effect in the next step", () => {
    const pair = pairOf(network, { dtype: "float64" });
    threeSteps(pair);
    pair.model["rate"] = 0.7;
    pair.reference.hypers["rate"]![0] = 0.7;
    threeSteps(pair);
  });

  test("negative control: a rate that differs by 1e-9 is seen", () => {
    const pair = pairOf(network, { dtype: "float64" });
    pair.model["rate"] = 0.1 + 1e-9;
    expect(() => threeSteps(pair)).toThrow(/parameters/);
  });
});

test.each(["parameters", "states"] as const)(
  "negative control: %s that differ by 1e-5 are seen in float32",
  (group) => {
    const pair = pairOf(linear(optimizers["adam"]!), { dtype: "float32" });
    oneStep(pair);
    const name = Object.keys(pair.model[group]).find((key) => pair.model[group][key]!.length > 1)!;
    pair.model[group][name]![0]! += 1e-5;
    expect(() => expectState(pair)).toThrow(new RegExp(group));
  },
);
