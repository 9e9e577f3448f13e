// Four steps of every other optimizer against its published rule in plain numbers, with defaults and with every option.

import { describe, expect, test } from "vitest";
import * as t from "tapeless";
import { deviation, model, type Make } from "./harness.js";
import * as r from "./reference.js";

const betas = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

const rules: readonly (readonly [string, Make, r.Rule])[] = [
  ["momentum: 0.9", () => t.momentum({ rate: 0.1 }), r.sgdRule({ rate: 0.1, momentum: 0.9 })],
  ["nesterov: 0.9", () => t.nesterov({ rate: 0.1 }), r.sgdRule({ rate: 0.1, momentum: 0.9, nesterov: true })],
  ["dampening", () => t.sgd({ rate: 0.1, momentum: 0.8, dampening: 0.3 }), r.dampedRule(0.1, 0.8, 0.3)],
  [
    "ONNX Momentum, standard",
    () => t.momentum({ rate: 0.1, momentum: 0.7, dampening: 0.1, weightDecay: 0.2 }),
    r.onnxMomentumRule(0.1, 0.7, 0.9, 0.2, false),
  ],
  [
    "ONNX Momentum, nesterov",
    () => t.nesterov({ rate: 0.1, momentum: 0.7, dampening: 0.1, weightDecay: 0.2 }),
    r.onnxMomentumRule(0.1, 0.7, 0.9, 0.2, true),
  ],
  ["adagrad", () => t.adagrad(), r.adagradRule(0.01, { epsilon: 1e-10 })],
  [
    "adagrad, everything: ONNX Adagrad too",
    () => t.adagrad({ rate: 0.2, rateDecay: 0.1, initialSum: 0.5, epsilon: 1e-3, weightDecay: 0.1 }),
    r.adagradRule(0.2, { rateDecay: 0.1, initial: 0.5, epsilon: 1e-3, decay: 0.1 }),
  ],
  [
    "adagrad, epsilon inside: Keras",
    () => t.adagrad({ rate: 0.2, initialSum: 0.1, epsilon: 1e-2, epsilonInside: true }),
    r.kerasAdagradRule(0.2, 0.1, 1e-2),
  ],
  ["adadelta", () => t.adadelta(), r.adadeltaRule(1, 0.9, 1e-6)],
  [
    "adadelta, Keras' settings",
    () => t.adadelta({ rate: 0.5, rho: 0.95, epsilon: 1e-3 }),
    r.adadeltaRule(0.5, 0.95, 1e-3),
  ],
  ["rmsprop", () => t.rmsprop(), r.rmspropRule(0.01, { rho: 0.99, epsilon: 1e-8 })],
  [
    "rmsprop, centered with momentum and decay",
    () => t.rmsprop({ rate: 0.02, rho: 0.8, epsilon: 1e-2, centered: true, momentum: 0.6, weightDecay: 0.1 }),
    r.rmspropRule(0.02, { rho: 0.8, epsilon: 1e-2, centered: true, momentum: 0.6, decay: 0.1 }),
  ],
  [
    "rmsprop, epsilon inside: Keras",
    () => t.rmsprop({ rate: 0.02, rho: 0.9, epsilon: 1e-2, epsilonInside: true, momentum: 0.5, centered: true }),
    r.rmspropRule(0.02, { rho: 0.9, epsilon: 1e-2, inside: true, momentum: 0.5, centered: true }),
  ],
  ["adamw: decay 0.01", () => t.adamw({ rate: 0.1 }), r.adamRule({ rate: 0.1, ...betas, weightDecay: 0.01 })],
  [
    "adam, decay not decoupled: PyTorch's Adam",
    () => t.adam({ rate: 0.1, weightDecay: 0.3, decoupled: false }),
    r.coupledAdamRule({ rate: 0.1, ...betas, weightDecay: 0.3 }),
  ],
  [
    "adam, epsilon hat: ONNX Adam",
    () => t.adam({ rate: 0.1, epsilon: 1e-2, epsilonHat: true, weightDecay: 0.3, decoupled: false }),
    r.onnxAdamRule({ rate: 0.1, ...betas, epsilon: 1e-2, weightDecay: 0.3 }),
  ],
  ["adamax", () => t.adamax(), r.adamaxRule(0.002, 0.9, 0.999, 1e-8)],
  [
    "adamax, its own settings",
    () => t.adamax({ rate: 0.1, beta1: 0.5, beta2: 0.7, epsilon: 0.1 }),
    r.adamaxRule(0.1, 0.5, 0.7, 0.1),
  ],
  ["amsgrad", () => t.amsgrad({ rate: 0.1, beta2: 0.5 }), r.amsgradRule({ rate: 0.1, ...betas, beta2: 0.5 })],
  ["lion", () => t.lion(), r.lionRule(1e-4, 0.9, 0.99, 0)],
  [
    "lion with decay",
    () => t.lion({ rate: 0.05, beta1: 0.3, beta2: 0.6, weightDecay: 0.2 }),
    r.lionRule(0.05, 0.3, 0.6, 0.2),
  ],
];

describe("four steps are the published rule's", () => {
  test.each(rules)("%s", (_, make, rule) => expect(deviation(model(make), { w: rule, b: rule })).toBeLessThan(1e-13));

  // Each pair differs in one convention only.
  test.each([
    [
      "epsilon inside or outside",
      () => t.rmsprop({ epsilon: 1e-2 }),
      r.rmspropRule(0.01, { rho: 0.99, epsilon: 1e-2, inside: true }),
    ],
    [
      "decoupled or not",
      () => t.adam({ rate: 0.1, weightDecay: 0.3 }),
      r.coupledAdamRule({ rate: 0.1, ...betas, weightDecay: 0.3 }),
    ],
    [
      "epsilon hat or not",
      () => t.adam({ rate: 0.1, epsilon: 0.1 }),
      r.onnxAdamRule({ rate: 0.1, ...betas, epsilon: 0.1 }),
    ],
    [
      "the largest v or the last",
      () => t.adam({ rate: 0.1, beta2: 0.5 }),
      r.amsgradRule({ rate: 0.1, ...betas, beta2: 0.5 }),
    ],
    ["dampened from the first step on", () => t.sgd({ rate: 0.1, momentum: 0.9 }), r.dampedRule(0.1, 0.9, 0.3)],
  ] as const)("control, told apart: %s", (_, make, rule) =>
    expect(deviation(model(make), { w: rule, b: rule })).toBeGreaterThan(1e-4),
  );
});

describe("groups", () => {
  test("settings of their own, and state only where it is used", () => {
    const net = model(({ b }) =>
      t.rmsprop({ rate: 0.1, groups: [{ parameters: [b], momentum: 0.5, weightDecay: 0.1 }] }),
    );
    const both = {
      w: r.rmspropRule(0.1, { rho: 0.99, epsilon: 1e-8 }),
      b: r.rmspropRule(0.1, { rho: 0.99, epsilon: 1e-8, momentum: 0.5, decay: 0.1 }),
    };
    expect(deviation(net, both)).toBeLessThan(1e-13);
    expect(Object.keys(net.states).sort()).toEqual(["b.squares", "b.velocity", "w.squares"]);
    expect(net["group1.momentum"]).toBe(0.5);
  });

  test("no decay for the biases of adamw", () => {
    const net = model(({ b }) =>
      t.adamw({ rate: 0.1, weightDecay: 0.4, groups: [{ parameters: [b], weightDecay: 0 }] }),
    );
    const w = r.adamRule({ rate: 0.1, ...betas, weightDecay: 0.4 });
    expect(deviation(net, { w, b: r.adamRule({ rate: 0.1, ...betas }) })).toBeLessThan(1e-13);
  });
});

describe("what is refused", () => {
  const wrong: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["rho 1", () => t.rmsprop({ rho: 1 }), /rmsprop: rho must be a number from 0 to below 1/],
    ["a flag that is a number", () => t.rmsprop({ centered: 1 as never }), /rmsprop: centered must be true or false/],
    ["a negative epsilon", () => t.adagrad({ epsilon: -1 }), /adagrad: epsilon/],
    ["beta NaN", () => t.lion({ beta1: NaN }), /lion: beta1/],
    ["another optimizer's setting", () => t.adadelta({ beta1: 0.9 } as never), /adadelta has no option "beta1"/],
    ["dampening without momentum", () => t.sgd({ rate: 1, dampening: 0.5 }), /above 0 where there is dampening/],
    ["a rate by itself", () => t.momentum(0.1 as never), /momentum: options must be an object of settings/],
    [
      "a schedule that is a function",
      () => t.adam({ schedule: (() => 1) as never }),
      /adam: schedule must be a schedule/,
    ],
    ["a clipping that is a number", () => t.sgd({ rate: 1, clip: 1 as never }), /sgd: clip must be a clipping/],
    ["a clipping for a constraint", () => t.adam({ constraint: t.clipByNorm(1) as never }), /constraint must be/],
    ["null for a schedule", () => t.adam({ schedule: null as never }), /adam: schedule/],
  ];
  test.each(wrong)("%s", (_, make, message) => expect(make).toThrow(message));
});
