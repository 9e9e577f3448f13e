// Values and gradients at ±88 (where float32's exp ends) and ±1000: no NaN, and the right limits.

import { describe, expect, test } from "vitest";
import { compile } from "tapeless/compiler";
import {
  binaryCrossEntropy,
  crossEntropy,
  dense,
  div,
  exp,
  input,
  logSoftmax,
  network,
  relu,
  sgd,
  sigmoid,
  slice,
  softplus,
  sum,
  target,
  type Tensor,
} from "tapeless";
import { evaluate, type Float, type Given } from "./evaluate.js";

const EXTREMES = [-1000, -88, -30, 0, 30, 88, 1000];

// Each in the form that loses nothing: the exponent is never positive.
const small = (x: number): number => Math.exp(-Math.abs(x));
const sigmoidOf = (x: number): number => (x >= 0 ? 1 / (1 + small(x)) : small(x) / (1 + small(x)));
const softplusOf = (x: number): number => Math.max(x, 0) + Math.log1p(small(x));

type Inputs = Readonly<Record<string, Tensor>>;
type Case = readonly [
  name: string,
  of: (inputs: Inputs) => Tensor,
  given: (x: number) => Readonly<Record<string, Given>>,
  value: (x: number) => number,
  slope: (x: number) => number,
];

const scalar = (x: number): Given => ({ shape: [1], values: [x] });
const two = (x: number): Given => ({ shape: [1, 2], values: [x, 0] });
const first = (x: Tensor): Tensor => sum(slice(x, [null, [0, 1]]));

const cases: readonly Case[] = [
  ["sigmoid", ({ x }) => sum(sigmoid(x!)), (x) => ({ x: scalar(x) }), sigmoidOf, (x) => sigmoidOf(x) * sigmoidOf(-x)],
  ["softplus", ({ x }) => sum(softplus(x!)), (x) => ({ x: scalar(x) }), softplusOf, sigmoidOf],
  [
    "logSoftmax",
    ({ x }) => first(logSoftmax(x!)),
    (x) => ({ x: two(x) }),
    (x) => -softplusOf(-x),
    (x) => sigmoidOf(-x),
  ],
  ...[0, 1].flatMap((t): Case[] => {
    const slope = (x: number): number => (t === 1 ? -sigmoidOf(-x) : sigmoidOf(x));
    const value = (x: number): number => softplusOf(t === 1 ? -x : x);
    return [
      [
        `crossEntropy, class ${1 - t}`,
        ({ x, c }) => crossEntropy(x!, c!),
        (x) => ({ x: two(x), c: { shape: [1], values: [1 - t], below: 2 } }),
        value,
        slope,
      ],
      [
        `crossEntropy, soft target ${t}`,
        ({ x, c }) => crossEntropy(x!, c!),
        (x) => ({ x: two(x), c: { shape: [1, 2], values: [t, 1 - t] } }),
        value,
        slope,
      ],
      [
        `binaryCrossEntropy from logits, target ${t}`,
        ({ x, c }) => binaryCrossEntropy(x!, c!, { from: "logits" }),
        (x) => ({ x: scalar(x), c: scalar(t) }),
        value,
        slope,
      ],
      [
        `binaryCrossEntropy of sigmoid, target ${t}`,
        ({ x, c }) => binaryCrossEntropy(sigmoid(x!), c!),
        (x) => ({ x: scalar(x), c: scalar(t) }),
        value,
        slope,
      ],
    ];
  }),
];

/** Numbers below 1 are compared as they are: what is left of 1 - 1 is rounding. */
function expectNear(actual: number, wanted: number, dtype: Float): void {
  const share = dtype === "float64" ? 1e-14 : 2e-6;
  const message = `${actual} instead of ${wanted}`;
  expect(Math.abs(actual - wanted), message).toBeLessThanOrEqual(share * Math.max(1, Math.abs(wanted)));
}

describe.each(["float64", "float32"] as const)("%s", (dtype) => {
  test.each(cases)("%s", (_, of, given, value, slope) => {
    const at = evaluate(of, given(1), 1, dtype);
    expectNear(at.value, value(1), dtype);
    for (const x of EXTREMES) {
      const result = evaluate(of, given(x), 1, dtype);
      expectNear(result.value, value(x), dtype);
      expectNear(result.gradients["x"]![0]!, slope(x), dtype);
      // So far out the limit is all that is left. (-0 is 0.)
      if (Math.abs(x) === 1000) expect(result.value + 0).toBe(value(x) + 0);
      if (Math.abs(x) === 1000) expect(result.gradients["x"]![0]! + 0).toBe(slope(x) + 0);
      expect(Object.values(result.gradients).flat().every(Number.isFinite)).toBe(true);
    }
  });

  test("a form that is not stable is told apart", () => {
    const naive = evaluate(({ x }) => sum(div(exp(x!), 3)), { x: scalar(1000) }, 1, dtype);
    expect(() => expectNear(naive.value, softplusOf(1000), dtype)).toThrow();
  });

  test("binaryCrossEntropy of probabilities that are exactly 0 and 1", () => {
    const at = (p: number, t: number) =>
      evaluate(({ p, t }) => binaryCrossEntropy(p!, t!), { p: scalar(p), t: scalar(t) }, 1, dtype);
    const values = [at(0, 0), at(1, 1), at(0, 1), at(1, 0)].map(({ value }) => Math.abs(value));
    expect(values).toEqual([0, 0, 100, 100]);
    expect(at(0, 0).gradients["p"]).toEqual([1]);
    expect(at(1, 1).gradients["p"]).toEqual([-1]);
    for (const [p, t] of [
      [0, 1],
      [1, 0],
      [0, 0.5],
      [1, 0.5],
    ] as const) {
      expect(Object.values(at(p, t).gradients).flat().every(Number.isFinite)).toBe(true);
      expect(Number.isFinite(at(p, t).value)).toBe(true);
    }
  });
});

describe("the 2-4-1 classifier: the law sigmoid + binary cross-entropy", () => {
  const x = input("x", ["batch", 2]);
  const label = target("label", ["batch", 1]);
  const logit = dense(relu(dense(x, 4, { name: "hidden" })), 1, { name: "out" });
  const p = sigmoid(logit);
  const net = network("classifier", {
    batch: 4,
    outputs: { p },
    loss: binaryCrossEntropy(p, label),
    optimizer: sgd({ rate: 0.1 }),
  });
  const compiled = compile(net, { constNames: "ordinals" });

  test("its derived gradient is (p - label) / rows", () => {
    expect(compiled.print("gradient")).toContain("δdense2 = 1 / batch * (sigmoid(dense2) - label)\n");
  });

  test.each([-1000, -88, 88, 1000])("gradients of logits of %d are p - label", (at) => {
    const model = compiled.create({ seed: 1 });
    model.parameters["hidden.weight"]!.fill(0);
    model.parameters["hidden.bias"]!.fill(1);
    model.parameters["out.weight"]!.fill(at / 4);
    model.inputs["x"]!.fill(1);
    const chance = at > 0 ? 1 : 0;
    for (const t of [0, 1]) {
      model.targets["label"]!.fill(t);
      const loss = model.gradients(2);
      expect(loss).toBeCloseTo(chance === t ? 0 : Math.abs(at), 4);
      // float32's sigmoid(-88) is 6e-39, a subnormal number.
      expect(model.grads["out.bias"]![0]).toBeCloseTo(chance - t, 6);
      for (const list of Object.values(model.grads)) expect(Array.from(list).every(Number.isFinite)).toBe(true);
    }
  });
});
