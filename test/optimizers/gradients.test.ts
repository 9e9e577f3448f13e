// Clipping, accumulation, constraints and averages: against plain numbers, from a loss whose gradients are inputs.

import { describe, expect, test } from "vitest";
import { compile, type Model } from "tapeless/compiler";
import * as t from "tapeless";
import { adamRule } from "./reference.js";

type Parameters = Readonly<Record<"a" | "b", t.Tensor>>;

const A = [3, -4, 0.5, 2, -1, 1];
const B = [12, 0.1];

/** Loss sum(a ga) + sum(b gb): the gradients are what the inputs hold. */
function linear(make: (parameters: Parameters) => t.Optimizer): Model {
  const a = t.parameter([3, 2], 0.25, { name: "a" });
  const b = t.parameter([2], -0.5, { name: "b" });
  const loss = t.add(t.sum(t.mul(a, t.input("ga", [3, 2]))), t.sum(t.mul(b, t.input("gb", [2]))));
  const optimizer = make({ a, b });
  return compile(t.network("n", { batch: 1, loss, optimizer }), { dtype: "float64", entries: ["step"] }).create();
}

/** What one step with rate 1 subtracts. */
function moved(net: Model, ga: readonly number[] = A, gb: readonly number[] = B): { a: number[]; b: number[] } {
  net.inputs["ga"]!.set(ga);
  net.inputs["gb"]!.set(gb);
  const before = { a: [...net.parameters["a"]!], b: [...net.parameters["b"]!] };
  net.step(1);
  const off = (name: "a" | "b"): number[] => before[name].map((v, i) => v - net.parameters[name]![i]!);
  return { a: off("a"), b: off("b") };
}

const length = (...lists: readonly (readonly number[])[]): number => Math.hypot(...lists.flat());
const times = (list: readonly number[], factor: number): number[] => list.map((v) => v * factor);

function expectNear(actual: readonly number[], wanted: readonly number[]): void {
  expect(actual).toHaveLength(wanted.length);
  wanted.forEach((v, i) => expect(Math.abs(actual[i]! - v), `${i}: ${actual[i]} is ${v}`).toBeLessThan(1e-13));
}

describe("clipping", () => {
  test("by value", () => {
    const { a, b } = moved(linear(() => t.sgd({ rate: 1, clip: t.clipByValue(-1.5, 1.5) })));
    expectNear(a, [1.5, -1.5, 0.5, 1.5, -1, 1]);
    expectNear(b, [1.5, 0.1]);
  });

  test("by value, between two bounds", () => {
    expectNear(moved(linear(() => t.sgd({ rate: 1, clip: t.clipByValue(-2, 1) }))).a, [1, -2, 0.5, 1, -1, 1]);
  });

  test("by the norm of each parameter; a shorter one stays", () => {
    const { a, b } = moved(linear(() => t.sgd({ rate: 1, clip: t.clipByNorm(10) })));
    expectNear(a, A);
    expectNear(b, times(B, 10 / length(B)));
  });

  test("by the norm of all together", () => {
    const { a, b } = moved(linear(() => t.sgd({ rate: 1, clip: t.clipByGlobalNorm(2) })));
    expectNear(a, times(A, 2 / length(A, B)));
    expectNear(b, times(B, 2 / length(A, B)));
  });

  test("a norm below the limit changes nothing, and zero stays zero", () => {
    for (const clip of [t.clipByGlobalNorm(1000), t.clipByNorm(1000)]) {
      const net = linear(() => t.sgd({ rate: 1, clip }));
      expectNear(moved(net).a, A);
      const still = moved(net, times(A, 0), times(B, 0));
      expect([...still.a, ...still.b].every((v) => v === 0)).toBe(true);
    }
  });

  test("a group's clipping is its own; undefined takes it away", () => {
    const own = linear(({ b }) =>
      t.sgd({ rate: 1, clip: t.clipByGlobalNorm(2), groups: [{ parameters: [b], clip: t.clipByGlobalNorm(3) }] }),
    );
    const { a, b } = moved(own);
    expectNear(a, times(A, 2 / length(A)));
    expectNear(b, times(B, 3 / length(B)));
    const none = linear(({ b: bias }) =>
      t.sgd({ rate: 1, clip: t.clipByGlobalNorm(2), groups: [{ parameters: [bias], clip: undefined as never }] }),
    );
    expectNear(moved(none).b, B);
  });

  test("clips before decay and before averages see the gradient", () => {
    const { b } = moved(linear(() => t.sgd({ rate: 1, weightDecay: 0.5, clip: t.clipByValue(-1, 1) })));
    expectNear(b, [1 - 0.25, 0.1 - 0.25]);
    const rule = adamRule({ rate: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 })();
    const net = linear(() => t.adam({ rate: 1, clip: t.clipByValue(-1, 1) }));
    moved(net);
    rule(0, 1);
    expectNear([moved(net, A, [0.5, 0]).b[0]!], [-rule(0, 0.5)]);
  });

  test.each([
    ["a limit of 0", () => t.clipByNorm(0), /clipByNorm: limit must be a finite number above 0/],
    ["NaN", () => t.clipByGlobalNorm(NaN), /clipByGlobalNorm: limit/],
    [
      "bounds that are swapped",
      () => t.clipByValue(1, -1),
      /clipByValue: high must be a finite number above low, which is 1/,
    ],
    ["bounds that are equal", () => t.clipByValue(-1, -1), /clipByValue: high/],
    ["one bound", () => t.clipByValue(...([1] as unknown as [number, number])), /clipByValue: high .* it is undefined/],
    ["an infinite bound", () => t.clipByValue(-Infinity, 1), /clipByValue: low must be a finite number/],
  ])("refused: %s", (_, make, message) => expect(make).toThrow(message));
});

describe("accumulation", () => {
  const x = t.input("x", ["batch", 2]);
  const w = t.parameter([2], 0.5, { name: "w" });
  const loss = t.mean(t.square(t.sum(t.mul(x, w), { axis: 1 })));
  const build = (optimizer: t.Optimizer): Model =>
    compile(t.network("n", { batch: 8, loss, optimizer }), { dtype: "float64", entries: ["step"] }).create();
  const data = Array.from({ length: 28 }, (_, i) => Math.sin(3 * i + 1));
  const feed = (net: Model, from: number, rows: number): void => {
    net.inputs["x"]!.set(data.slice(2 * from, 2 * (from + rows)));
    net.step(rows);
  };

  test.each<readonly [string, () => t.Optimizer]>([
    ["sgd", () => t.sgd({ rate: 0.1, momentum: 0.9 })],
    [
      "adam, clipped, with a schedule",
      () => t.adam({ rate: 0.1, schedule: t.exponentialDecay(0.5), clip: t.clipByGlobalNorm(0.1) }),
    ],
  ])("partial batches make the update of one large batch: %s", (_, make) => {
    const small = build(t.accumulate(make(), 3));
    const large = build(make());
    for (const [from, parts] of [
      [0, [3, 1, 3]],
      [7, [2, 4, 1]],
    ] as const) {
      const before = [...small.parameters["w"]!];
      let at = from as number;
      parts.forEach((rows, i) => {
        feed(small, at, rows);
        at += rows;
        if (i < 2) expect([...small.parameters["w"]!]).toEqual(before);
      });
      feed(large, from, 7);
      expectNear([...small.parameters["w"]!], [...large.parameters["w"]!]);
      for (const [name, values] of Object.entries(large.states)) expectNear([...small.states[name]!], [...values]);
    }
    expect([...small.states["accumulatedCalls"]!, ...small.states["w.accumulated"]!]).toEqual([0, 0, 0]);
  });

  test("control: an unweighted mean of the gradients would be another update", () => {
    const [small, large] = [build(t.accumulate(t.sgd({ rate: 0.1 }), 2)), build(t.sgd({ rate: 0.05 }))];
    const start = [...large.parameters["w"]!];
    const total = [0, 0];
    for (const [from, rows] of [
      [0, 6],
      [6, 1],
    ] as const) {
      feed(small, from, rows);
      feed(large, from, rows);
      [...large.parameters["w"]!].forEach((v, i) => (total[i]! += v - start[i]!));
      large.parameters["w"]!.set(start);
    }
    expect(Math.abs(small.parameters["w"]![0]! - start[0]! - total[0]!)).toBeGreaterThan(1e-3);
  });

  test("every call is an update when every is 1", () => {
    expect(Object.keys(build(t.accumulate(t.sgd({ rate: 0.1 }), 1)).states)).toEqual([]);
  });

  test.each([
    ["no optimizer", () => t.accumulate(undefined as never, 2), /accumulate: optimizer must be/],
    ["no calls", () => t.accumulate(t.adam(), 0), /accumulate: calls must be an integer of at least 1/],
    ["calls by name", () => t.accumulate(t.adam(), { every: 2 } as never), /accumulate: calls must be an integer/],
  ])("refused: %s", (_, make, message) => expect(make).toThrow(message));
});

describe("maxNorm", () => {
  test("columns of weights are scaled down to the limit; biases are left alone", () => {
    const net = linear(() => t.sgd({ rate: 1, constraint: t.maxNorm(2) }));
    moved(net);
    const plain = A.map((g) => 0.25 - g);
    const norms = [0, 1].map((j) => length(plain.filter((_, i) => i % 2 === j)));
    expectNear(
      [...net.parameters["a"]!],
      plain.map((v, i) => (v * 2) / Math.max(norms[i % 2]!, 2)),
    );
    expectNear(
      [...net.parameters["b"]!],
      B.map((g) => -0.5 - g),
    );
    expect(norms.some((norm) => norm > 2)).toBe(true);
  });

  test("along given axes", () => {
    const net = linear(({ a }) =>
      t.sgd({ rate: 1, groups: [{ parameters: [a], constraint: t.maxNorm(0.5, { axis: 1 }) }] }),
    );
    moved(net);
    for (const row of [0, 1, 2])
      expect(length([...net.parameters["a"]!].slice(2 * row, 2 * row + 2))).toBeLessThan(0.5 + 1e-12);
  });

  test("refused: a limit of 0, and an axis that a parameter has not", () => {
    expect(() => t.maxNorm(0)).toThrow(/maxNorm: limit/);
    expect(() => linear(() => t.sgd({ rate: 1, constraint: t.maxNorm(1, { axis: 1 }) }))).toThrow(/axis/);
  });
});

describe("movingAverage", () => {
  const x = t.input("x", ["batch", 2]);
  const w = t.parameter([2], [1, 2].length, { name: "w" });
  const y = t.sum(t.mul(x, w), { axis: 1 });
  const build = (options: t.MovingAverageOptions, every = 1): Model => {
    const inner = t.movingAverage(t.sgd({ rate: 0.5 }), options);
    const optimizer = t.accumulate(inner, every);
    return compile(t.network("n", { batch: 1, outputs: { y }, loss: t.mean(y), optimizer }), {
      dtype: "float64",
    }).create();
  };

  test("follows the weights from the first update on; predict and loss read it, training does not", () => {
    const net = build({ decay: 0.75 });
    net.parameters["w"]!.set([4, 8]);
    net.inputs["x"]!.set([1, 3]);
    net.predict(1);
    expect(net.outputs["y"]![0]).toBe(28);
    let [weights, average] = [
      [4, 8],
      [0, 0],
    ];
    for (let step = 0; step < 4; step++) {
      expect(net.step(1)).toBeCloseTo(weights[0]! + 3 * weights[1]!, 12);
      weights = [weights[0]! - 0.5, weights[1]! - 1.5];
      average = weights.map((v, i) => (step === 0 ? v : 0.75 * average[i]! + 0.25 * v));
      expectNear([...net.parameters["w"]!], weights);
      expectNear([...net.states["w.average"]!], average);
      net.predict(1);
      expectNear([net.outputs["y"]![0]!], [average[0]! + 3 * average[1]!]);
      expectNear([net.loss(1)], [average[0]! + 3 * average[1]!]);
    }
  });

  test("predict reads the parameters when asked to", () => {
    const net = build({ decay: 0.75, inference: "parameters" });
    net.inputs["x"]!.set([1, 0]);
    for (let step = 0; step < 3; step++) net.step(1);
    net.predict(1);
    expect(net.outputs["y"]![0]).toBe(net.parameters["w"]![0]);
    expect(net.states["w.average"]![0]).not.toBe(net.parameters["w"]![0]);
  });

  test("under accumulation it moves with real updates only; its decay may change at run time", () => {
    const net = build({ decay: 0.5 }, 2);
    net["averageDecay"] = 0;
    net.inputs["x"]!.set([1, 0]);
    net.step(1);
    expect([...net.states["w.average"]!]).toEqual([...net.parameters["w"]!]);
    for (let step = 0; step < 3; step++) net.step(1);
    expect([...net.states["w.average"]!]).toEqual([...net.parameters["w"]!]);
  });

  test.each([
    ["decay 1", () => t.movingAverage(t.adam(), { decay: 1 }), /movingAverage: decay/],
    ["no optimizer", () => t.movingAverage({} as never), /movingAverage: optimizer must be/],
    ["another reader", () => t.movingAverage(t.adam(), { inference: "both" as never }), /"averages" or "parameters"/],
  ])("refused: %s", (_, make, message) => expect(make).toThrow(message));
});
