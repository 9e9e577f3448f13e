// Steps of sgd and adam against PyTorch's rules in plain numbers; parameter groups; settings.

import { describe, expect, test } from "vitest";
import { compile } from "tapeless/compiler";
import { adam, input, mul, network, parameter, sgd, square, sub, sum, TapelessError, type Tensor } from "tapeless";
import { B, deviation, model, W, type Make } from "./harness.js";
import { adamRule, sgdRule, type Rule } from "./reference.js";

const defaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

const rules: readonly (readonly [string, Make, Rule])[] = [
  ["sgd", () => sgd({ rate: 0.1 }), sgdRule({ rate: 0.1 })],
  ["sgd, rate 0", () => sgd({ rate: 0 }), sgdRule({ rate: 0 })],
  ["momentum", () => sgd({ rate: 0.1, momentum: 0.9 }), sgdRule({ rate: 0.1, momentum: 0.9 })],
  [
    "Nesterov",
    () => sgd({ rate: 0.1, momentum: 0.8, nesterov: true }),
    sgdRule({ rate: 0.1, momentum: 0.8, nesterov: true }),
  ],
  ["weight decay", () => sgd({ rate: 0.1, weightDecay: 0.3 }), sgdRule({ rate: 0.1, weightDecay: 0.3 })],
  [
    "all of them",
    () => sgd({ rate: 0.05, momentum: 0.7, nesterov: true, weightDecay: 0.2 }),
    sgdRule({ rate: 0.05, momentum: 0.7, nesterov: true, weightDecay: 0.2 }),
  ],
  ["adam", () => adam({ rate: 0.1 }), adamRule({ rate: 0.1, ...defaults })],
  ["adam, its own rate", () => adam(), adamRule({ rate: 0.001, ...defaults })],
  [
    "adam with decay",
    () => adam({ rate: 0.1, weightDecay: 0.3 }),
    adamRule({ rate: 0.1, ...defaults, weightDecay: 0.3 }),
  ],
  [
    "adam without averages: the sign of the gradient",
    () => adam({ rate: 0.1, beta1: 0, beta2: 0 }),
    adamRule({ rate: 0.1, beta1: 0, beta2: 0, epsilon: 1e-8 }),
  ],
  [
    "adam, betas close to 1",
    () => adam({ rate: 0.1, beta1: 0.999999, beta2: 0.9999999 }),
    adamRule({ rate: 0.1, beta1: 0.999999, beta2: 0.9999999, epsilon: 1e-8 }),
  ],
  [
    "adam, a large epsilon",
    () => adam({ rate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 0.5 }),
    adamRule({ rate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 0.5 }),
  ],
];

describe("four steps are PyTorch's", () => {
  // 1 - beta^t loses digits in the reference itself where beta is close to 1.
  test.each(rules)("%s", (name, make, rule) =>
    expect(deviation(model(make), { w: rule, b: rule })).toBeLessThan(name.includes("close to 1") ? 1e-8 : 1e-13),
  );

  test("the comparison tells rules apart", () => {
    const momentum = sgdRule({ rate: 0.1, momentum: 0.9 });
    const net = model(() => sgd({ rate: 0.1, momentum: 0.9, nesterov: true }));
    expect(deviation(net, { w: momentum, b: momentum })).toBeGreaterThan(1e-3);
  });
});

describe("parameter groups", () => {
  test("no decay on biases, and a rate of their own", () => {
    const net = model(({ b }) =>
      sgd({ rate: 0.1, weightDecay: 0.3, groups: [{ parameters: [b], weightDecay: 0, rate: 0.02 }] }),
    );
    expect(deviation(net, { w: sgdRule({ rate: 0.1, weightDecay: 0.3 }), b: sgdRule({ rate: 0.02 }) })).toBeLessThan(
      1e-13,
    );
    expect(net["group1.rate"]).toBe(0.02);
  });

  test("what a group leaves out follows the others, at run time too", () => {
    const net = model(({ b }) => adam({ rate: 0.1, groups: [{ parameters: [b], beta1: 0.5 }] }));
    net["rate"] = 0.2;
    const rate = 0.2;
    const both = { w: adamRule({ rate, ...defaults }), b: adamRule({ rate, ...defaults, beta1: 0.5 }) };
    expect(deviation(net, both)).toBeLessThan(1e-13);
    expect(Object.hasOwn(net, "group1.rate")).toBe(false);
  });

  test("the first group that holds a parameter counts", () => {
    const net = model(({ w, b }) =>
      sgd({
        rate: 1,
        groups: [
          { parameters: [w], rate: 0.1 },
          { parameters: [w, b], rate: 0.01 },
        ],
      }),
    );
    expect(deviation(net, { w: sgdRule({ rate: 0.1 }), b: sgdRule({ rate: 0.01 }) })).toBeLessThan(1e-13);
    expect(Object.keys(net).filter((key) => key.endsWith("rate"))).toEqual(["group1.rate", "group2.rate"]);
  });
});

describe("hyper-parameters at run time", () => {
  test("a schedule: rate and momentum change between steps", () => {
    const net = model(() => sgd({ rate: 0.1, momentum: 0.9 }));
    let [rate, momentum] = [0, 0];
    const rule: Rule = () => {
      let v = 0;
      return (w, g) => {
        v = momentum * v + g;
        return w - rate * v;
      };
    };
    const change = (step: number): void => {
      net["rate"] = rate = 0.1 / (step + 1);
      net["momentum"] = momentum = 0.9 - 0.1 * step;
    };
    expect(deviation(net, { w: rule, b: rule }, change)).toBeLessThan(1e-13);
  });

  test.each([NaN, Infinity, -Infinity, "0.1", undefined])("%s is refused and the old value stays", (value) => {
    const net = model(() => sgd({ rate: 0.1 }));
    expect(() => (net["rate"] = value)).toThrow(/rate must be a finite number/);
    expect(net["rate"]).toBe(0.1);
  });

  test("reset brings back parameters, slots, counts and hyper-parameters", () => {
    const net = model(() => adam({ rate: 0.1 }));
    const rule = adamRule({ rate: 0.1, ...defaults });
    deviation(net, { w: rule, b: rule });
    net["rate"] = 5;
    net.reset(0);
    net.parameters["w"]!.set(W);
    net.parameters["b"]!.set(B);
    expect(deviation(net, { w: rule, b: rule })).toBeLessThan(1e-13);
  });
});

describe("several steps over shared parameters", () => {
  const x = input("x", [3]);
  const w = parameter([3], 0.5, { name: "w" });
  const b = parameter([3], 0.25, { name: "b" });
  const distance = (p: Tensor, factor: number): Tensor => mul(sum(square(sub(p, x))), factor) as Tensor;
  const net = network("two", {
    batch: 1,
    steps: {
      critic: { loss: distance(w, 1), optimizer: adam({ rate: 0.1 }) },
      actor: {
        loss: sum(sub(distance(w, 1), distance(b, -1))),
        optimizer: sgd({ rate: 0.1, momentum: 0.5, groups: [{ parameters: [b], rate: 0.3 }] }),
        parameters: [b],
      },
    },
  });

  test("names carry the step; each step has state of its own and changes its own parameters", () => {
    const made = compile(net, { dtype: "float64" }).create();
    const members = ["critic", "criticLoss", "criticGradients", "actor", "actorLoss", "actorGradients"];
    for (const member of members) expect(made[member], member).toBeTypeOf("function");
    const settings = Object.keys(made).filter((key) => typeof made[key] === "number" && key !== "seed");
    expect(settings.sort()).toEqual(["actor.group1.rate", "actor.momentum", "critic.rate"]);
    expect(Object.keys(made.states).sort()).toEqual(["b.actor.velocity", "critic.count", "w.critic.m", "w.critic.v"]);
    const before = Array.from(made.parameters["w"]!);
    made["actor"](1);
    expect(Array.from(made.parameters["w"]!)).toEqual(before);
    expect(made.parameters["b"]![0]).toBeCloseTo(0.25 - 0.3 * 2 * 0.25, 14);
    made["critic"](1);
    expect(Array.from(made.states["critic.count"]!)).toEqual([1]);
    expect(made.parameters["w"]![0]).toBeCloseTo(0.4, 7);
  });
});

describe("what is refused", () => {
  const b = parameter([1], 0);
  const wrong: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["a rate that is none", () => sgd({ rate: null as never }), /sgd: rate must be a finite number, but it is null/],
    ["no options", () => sgd(null as never), /sgd: options must be an object of settings/],
    ["a negative rate", () => sgd({ rate: -1 }), /rate must be .* but it is -1/],
    ["a rate that is NaN", () => adam({ rate: NaN }), /adam: rate must be .* but it is NaN/],
    ["an infinite rate", () => sgd({ rate: Infinity }), /sgd: rate/],
    ["momentum 1", () => sgd({ rate: 1, momentum: 1 }), /momentum must be a number from 0 to below 1/],
    ["Nesterov without momentum", () => sgd({ rate: 1, nesterov: true }), /momentum must be above 0 where nesterov/],
    ["beta 1", () => adam({ beta2: 1 }), /beta2 must be a number from 0 to below 1/],
    [
      "a misspelt setting",
      () => sgd({ rate: 1, momentun: 0.9 } as never),
      /"momentun"\n {2}hint: did you mean momentum/,
    ],
    [
      "another library's name",
      () => sgd({ lr: 1 } as never),
      /sgd has no option "lr"\n {2}hint: it is called rate here/,
    ],
    ["a group without parameters", () => sgd({ rate: 1, groups: [{ rate: 1 } as never] }), /parameters of group 1/],
    ["groups that are no list", () => sgd({ rate: 1, groups: { parameters: [b] } as never }), /groups must be a list/],
    [
      "a misspelt setting of a group",
      () => adam({ groups: [{ parameters: [b], beat1: 0.9 } as never] }),
      /adam: there is no "beat1" in group 1/,
    ],
    ["a group's rate", () => adam({ groups: [{ parameters: [b], rate: NaN }] }), /adam: rate/],
  ];
  test.each(wrong)("%s", (_, make, message) => {
    expect(make).toThrow(message);
    try {
      make();
    } catch (error) {
      expect(error).toBeInstanceOf(TapelessError);
      expect((error as TapelessError).at?.file).toMatch(/updates\.test\.ts$/);
    }
  });
});
