// First values: range, mean, variance, and that seed and name alone decide them. The emitted float64 module is measured.

import { describe, expect, test } from "vitest";
import { compile } from "tapeless/compiler";
import {
  add,
  filled,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  input,
  mean,
  mul,
  network,
  normal,
  orthogonal,
  parameter,
  sgd,
  sum,
  uniform,
  zeros,
  type Initializer,
  type Tensor,
} from "tapeless";

type Values = Readonly<Record<string, readonly number[]>>;

/** The first values of parameters that are initialised so, by seed. */
function bySeed(parameters: Record<string, [readonly number[], Initializer]>): (seed: number) => Values {
  const x = input("x", ["batch"]);
  const leaves = Object.entries(parameters).map(([name, [shape, how]]) => parameter(shape, how, { name }));
  const total = leaves.map((leaf) => sum(leaf)).reduce<Tensor>((a, b) => add(a, b), mean(x));
  const net = network("drawn", { batch: 1, loss: mul(total, 1) as Tensor<[]>, optimizer: sgd({ rate: 0 }) });
  const model = compile(net, { dtype: "float64" }).create();
  return (seed) => {
    model.reset(seed);
    return Object.fromEntries(Object.entries(model.parameters).map(([name, view]) => [name, Array.from(view)]));
  };
}

const drawn = (parameters: Record<string, [readonly number[], Initializer]>, seed: number): Values =>
  bySeed(parameters)(seed);

const one = (shape: readonly number[], how: Initializer): readonly number[] => drawn({ w: [shape, how] }, 1)["w"]!;

const average = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
const spreadOf = (list: readonly number[]): number => {
  const centre = average(list);
  return average(list.map((v) => (v - centre) ** 2));
};

/** [initialiser, shape, mean, variance, the largest distance from the mean] */
const distributions: readonly (readonly [string, Initializer, readonly number[], number, number, number])[] = [
  ["uniform(-1, 3)", uniform(-1, 3), [200, 100], 1, 16 / 12, 2],
  ["normal(2, 0.5)", normal(2, 0.5), [200, 100], 2, 0.25, 3],
  ["glorotUniform", glorotUniform, [200, 100], 0, 2 / 300, Math.sqrt(6 / 300)],
  ["glorotUniform of a vector", glorotUniform, [20_000], 0, 2 / 40_000, Math.sqrt(6 / 40_000)],
  ["glorotNormal", glorotNormal, [200, 100], 0, 2 / 300, 1],
  ["heUniform", heUniform, [200, 100], 0, 2 / 200, Math.sqrt(6 / 200)],
  ["heNormal", heNormal, [200, 100], 0, 2 / 200, 1],
  ["heNormal of three axes", heNormal, [10, 20, 100], 0, 2 / 200, 1],
];

describe("distributions", () => {
  test.each(distributions)("%s", (_, how, shape, centre, variance, reach) => {
    const values = one(shape, how);
    // Five standard errors of 20,000 draws; the variance of a variance is at most 2 σ⁴ / n.
    expect(Math.abs(average(values) - centre)).toBeLessThan(5 * Math.sqrt(variance / values.length));
    expect(Math.abs(spreadOf(values) / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / values.length));
    expect(Math.max(...values.map((v) => Math.abs(v - centre)))).toBeLessThanOrEqual(reach);
    expect(new Set(values).size).toBeGreaterThan(0.99 * values.length);
  });

  test("the bounds tell one distribution from a slightly wider one", () => {
    const values = one([200, 100], normal(0, 1.04));
    expect(Math.abs(spreadOf(values) - 1)).toBeGreaterThan(5 * Math.sqrt(2 / values.length));
  });

  test("constants", () => {
    expect(one([2, 2], zeros)).toEqual([0, 0, 0, 0]);
    expect(one([3], filled(-2.5))).toEqual([-2.5, -2.5, -2.5]);
    expect(one([2], uniform(4, 4))).toEqual([4, 4]);
    expect(one([2], normal(4, 0))).toEqual([4, 4]);
  });
});

describe("seeds", () => {
  const both: Record<string, [readonly number[], Initializer]> = {
    a: [[4, 3], glorotUniform],
    b: [[4, 3], glorotUniform],
  };
  test("equal seeds give equal values, others give others", () => {
    expect(drawn(both, 7)).toEqual(drawn(both, 7));
    expect(drawn(both, 7)["a"]).not.toEqual(drawn(both, 8)["a"]);
  });
  test("parameters have streams of their own, by name and not by order", () => {
    const { a, b } = drawn(both, 7);
    expect(a).not.toEqual(b);
    const more = drawn({ first: [[9], heNormal], b: both["b"]!, a: both["a"]! }, 7);
    expect(more["a"]).toEqual(a);
    expect(more["b"]).toEqual(b);
  });
});

/** The largest deviation of the shorter side's products from the unit matrix. */
function unevenness(values: readonly number[], [rows, columns]: readonly [number, number]): number {
  const wide = rows <= columns;
  const [count, length] = wide ? [rows, columns] : [columns, rows];
  const at = (i: number, k: number): number => values[wide ? i * columns + k : k * columns + i]!;
  let worst = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      let product = 0;
      for (let k = 0; k < length; k++) product += at(i, k) * at(j, k);
      worst = Math.max(worst, Math.abs(product - (i === j ? 1 : 0)));
    }
  }
  return worst;
}

describe("orthogonal", () => {
  const shapes = [
    [2, 2],
    [64, 64],
    [128, 10],
    [10, 128],
    [1, 5],
    [5, 1],
    [1, 1],
  ] as const;
  test.each(shapes)("%i x %i", (rows, columns) => {
    const values = one([rows, columns], orthogonal(1));
    expect(unevenness(values, [rows, columns])).toBeLessThan(1e-12);
    // Control: a scaled matrix is not orthogonal.
    expect(
      unevenness(
        values.map((v) => v * 1.000001),
        [rows, columns],
      ),
    ).toBeGreaterThan(1e-6);
  });

  test("many seeds", () => {
    const values = bySeed({ w: [[6, 6], orthogonal(1)] });
    for (let seed = 0; seed < 40; seed++) expect(unevenness(values(seed)["w"]!, [6, 6])).toBeLessThan(1e-12);
  });

  test("gain, and all axes but the last as rows", () => {
    const values = one([3, 4, 5], orthogonal(2));
    expect(
      unevenness(
        values.map((v) => v / 2),
        [12, 5],
      ),
    ).toBeLessThan(1e-12);
  });

  test("no direction is preferred: the trace is as often negative", () => {
    const values = bySeed({ w: [[2, 2], orthogonal(1)] });
    const matrices = Array.from({ length: 60 }, (_, seed) => values(seed)["w"]!);
    const traces = matrices.map((w) => w[0]! + w[3]!);
    const negative = traces.filter((t) => t < 0).length;
    expect(negative).toBeGreaterThan(12);
    expect(negative).toBeLessThan(48);
  });

  test("its code does not grow with the matrix, and is quickly compiled", () => {
    const build = (n: number) => {
      const w = parameter([n, n], orthogonal(1), { name: "w" });
      return compile(
        network("o", { batch: 1, loss: mul(sum(w), mean(input("x", ["batch"]))), optimizer: sgd({ rate: 0 }) }),
      );
    };
    const start = performance.now();
    const [small, large] = [build(32).source, build(512).source];
    expect(performance.now() - start).toBeLessThan(5000);
    expect(Math.abs(large.length - small.length)).toBeLessThan(0.1 * small.length);
    expect(small.length).toBeLessThan(20_000);
  });
});

describe("what is refused", () => {
  test.each([
    ["uniform", () => uniform(NaN, 1), /uniform: low must be a finite number/],
    ["uniform, the wrong way round", () => uniform(1, 0), /uniform: high must be at least low, which is 1/],
    ["normal", () => normal(0, -1), /normal: deviation must be at least 0/],
    ["filled", () => filled(Infinity), /filled: value must be a finite number/],
    ["orthogonal", () => orthogonal(NaN), /orthogonal: gain must be a finite number/],
    [
      "orthogonal of a vector",
      () => parameter([3], orthogonal(1)),
      /orthogonal needs a parameter with two axes at least/,
    ],
  ] as const)("%s", (_, make, message) => {
    expect(make).toThrow(message);
    try {
      make();
    } catch (error) {
      expect((error as { at?: { file: string } }).at?.file).toMatch(/initializers\.test\.ts$/);
    }
  });
});
