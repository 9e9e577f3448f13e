// The factor of each schedule at every update, read from steps whose gradient is 1, against the published formula.

import { describe, expect, test } from "vitest";
import { compile, type Model } from "tapeless/compiler";
import * as t from "tapeless";

const { PI, cos, floor, min } = Math;

function model(optimizer: t.Optimizer): Model {
  const w = t.parameter([1], 0, { name: "w" });
  return compile(t.network("n", { batch: 1, loss: t.sum(w), optimizer }), {
    dtype: "float64",
    entries: ["step"],
  }).create();
}

/** What each of `steps` updates subtracts. */
function taken(net: Model, steps: number): number[] {
  return Array.from({ length: steps }, () => {
    const before = net.parameters["w"]![0]!;
    net.step(1);
    return before - net.parameters["w"]![0]!;
  });
}

const STEPS = 24;

/** PyTorch's OneCycleLR, anneal_strategy "cos", three_phase False, as a share of max_lr. */
function oneCycleOf(total: number, share: number, start: number, end: number): (step: number) => number {
  const anneal = (from: number, to: number, part: number): number => to + ((from - to) / 2) * (1 + cos(PI * part));
  const peak = share * total - 1;
  return (step) => {
    const at = min(step, total - 1);
    return at <= peak ? anneal(start, 1, at / peak) : anneal(1, end, (at - peak) / (total - 1 - peak));
  };
}

const schedules: readonly (readonly [string, () => t.Schedule, (done: number) => number])[] = [
  ["constantRate", () => t.constantRate(), () => 1],
  ["stepDecay: StepLR", () => t.stepDecay(5, { factor: 0.5 }), (n) => 0.5 ** floor(n / 5)],
  ["stepDecay, a tenth unless stated", () => t.stepDecay(7), (n) => 0.1 ** floor(n / 7)],
  [
    "stepDecay at given steps: MultiStepLR",
    () => t.stepDecay([3, 10, 11], { factor: 0.3 }),
    (n) => 0.3 ** [3, 10, 11].filter((at) => n >= at).length,
  ],
  ["exponentialDecay: ExponentialLR", () => t.exponentialDecay(0.9), (n) => 0.9 ** n],
  ["exponentialDecay: Keras", () => t.exponentialDecay(0.5, { steps: 4 }), (n) => 0.5 ** (n / 4)],
  [
    "exponentialDecay, staircase",
    () => t.exponentialDecay(0.5, { steps: 4, staircase: true }),
    (n) => 0.5 ** floor(n / 4),
  ],
  ["warmUp", () => t.warmUp(8, { start: 0.2 }), (n) => (n < 8 ? 0.2 + (0.8 * n) / 8 : 1)],
  [
    "warmUp, then another schedule from its start",
    () => t.warmUp(4, { schedule: t.exponentialDecay(0.8) }),
    (n) => (n < 4 ? n / 4 : 0.8 ** (n - 4)),
  ],
  ["cosineDecay", () => t.cosineDecay(10), (n) => (1 + cos(PI * min(n / 10, 1))) / 2],
  [
    "cosineDecay with warm-up: Keras' CosineDecay",
    () => t.cosineDecay(10, { warmUp: 5, start: 0.1, end: 0.2 }),
    (n) => (n < 5 ? 0.1 + (0.9 * n) / 5 : 0.2 + (0.8 * (1 + cos(PI * min((n - 5) / 10, 1)))) / 2),
  ],
  ["linearDecay", () => t.linearDecay(10, { end: 0.1 }), (n) => 1 - 0.9 * min(n / 10, 1)],
  ["oneCycle: PyTorch's defaults", () => t.oneCycle(20), oneCycleOf(20, 0.3, 1 / 25, 1 / 25 / 1e4)],
  ["oneCycle", () => t.oneCycle(15, { rising: 0.5, start: 0.3, end: 0.05 }), oneCycleOf(15, 0.5, 0.3, 0.05)],
];

describe("factors", () => {
  test.each(schedules)("%s", (_, make, factor) => {
    const steps = taken(model(t.sgd({ rate: 2, schedule: make() })), STEPS);
    steps.forEach((step, done) => expect(Math.abs(step - 2 * factor(done)), `update ${done}`).toBeLessThan(1e-13));
  });

  test("control: a schedule that is one update late is told apart", () => {
    const [, , factor] = schedules.find(([name]) => name === "cosineDecay")!;
    const steps = taken(model(t.sgd({ rate: 2, schedule: t.cosineDecay(10) })), STEPS);
    expect(Math.max(...steps.map((step, done) => Math.abs(step - 2 * factor(done + 1))))).toBeGreaterThan(0.1);
  });
});

test("the rate stays a hyper-parameter, and reset starts the schedule again", () => {
  const net = model(t.sgd({ rate: 1, schedule: t.exponentialDecay(0.5) }));
  expect(taken(net, 2)).toEqual([1, 0.5]);
  net["rate"] = 8;
  expect(taken(net, 1)).toEqual([2]);
  net.reset(0);
  expect(taken(net, 2)).toEqual([1, 0.5]);
});

test("counts are state only where something reads them; one count serves all", () => {
  expect(Object.keys(model(t.sgd({ rate: 1 })).states)).toEqual([]);
  expect(Object.keys(model(t.adam({ schedule: t.cosineDecay(5) })).states)).toEqual(["w.m", "w.v", "count"]);
});

test("a group's schedule is its own", () => {
  const [w, b] = [t.parameter([1], 0, { name: "w" }), t.parameter([1], 0, { name: "b" })];
  const groups = [{ parameters: [b], schedule: t.constantRate() }];
  const optimizer = t.sgd({ rate: 1, schedule: t.exponentialDecay(0.5), groups });
  const net = compile(t.network("n", { batch: 1, loss: t.sum(t.add(w, b)), optimizer }), {
    entries: ["step"],
  }).create();
  for (let i = 0; i < 3; i++) net.step(1);
  expect([net.parameters["w"]![0], net.parameters["b"]![0]]).toEqual([-1.75, -3]);
});

describe("what is refused", () => {
  const wrong: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["no steps", () => t.cosineDecay({} as never), /cosineDecay: steps must be an integer of at least 1/],
    ["half a step", () => t.linearDecay(1.5), /linearDecay: steps/],
    ["a cycle of one step", () => t.oneCycle(1), /oneCycle: steps must be an integer of at least 2/],
    ["a share of 1", () => t.oneCycle(9, { rising: 1 }), /oneCycle: rising must be a number from 0 to below 1/],
    ["steps by name", () => t.stepDecay({ every: 5 } as never), /stepDecay: steps must be an integer of at least 1/],
    ["half a step in a list", () => t.stepDecay([3, 4.5]), /stepDecay: steps\[1\] must be an integer/],
    ["an empty list", () => t.stepDecay([]), /stepDecay: steps must be one number of updates at least/],
    ["a factor of 0", () => t.exponentialDecay(0), /factor must be a finite number above 0/],
    ["a misspelt setting", () => t.cosineDecay(2, { warmup: 3 } as never), /did you mean warmUp\?/],
    ["another thing to follow", () => t.warmUp(2, { schedule: 3 as never }), /warmUp: schedule must be a schedule/],
  ];
  test.each(wrong)("%s", (_, make, message) => expect(make).toThrow(message));
});
