// The losses beyond the course's: values against plain loops from the published formulas, gradients against differences of
// those loops, every reduction, and what is refused.

import { describe, expect, test } from "vitest";
import { compile } from "tapeless/compiler";
import * as t from "tapeless";
import { randomNumbers } from "../oracle/leaves.js";
import { evaluate, type Given } from "./evaluate.js";

type Inputs = Readonly<Record<string, t.Tensor>>;
type Values = Readonly<Record<string, readonly number[]>>;
type Case = readonly [
  name: string,
  given: Readonly<Record<string, { shape: Given["shape"]; below?: number; range?: readonly [number, number] }>>,
  of: (inputs: Inputs) => t.Tensor,
  plain: (values: Values) => number,
];

const ROWS = 3;
const { abs, exp, log, max, min, sqrt } = Math;
const any = (x: t.Tensor | undefined): never => x as never;
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const mean = (list: readonly number[]): number => sum(list) / list.length;
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const row = (list: readonly number[], i: number, width: number): number[] => list.slice(i * width, (i + 1) * width);
const rowsOf = (list: readonly number[], width: number): number[][] =>
  upTo(list.length / width).map((i) => row(list, i, width));
const sigmoid = (x: number): number => 1 / (1 + exp(-x));
const logSoftmax = (x: readonly number[]): number[] => {
  const total = log(sum(x.map(exp)));
  return x.map((v) => v - total);
};
const distance = (a: readonly number[], b: readonly number[], epsilon: number): number =>
  sqrt(sum(a.map((v, i) => (v - b[i]! + epsilon) ** 2)));
const cosine = (a: readonly number[], b: readonly number[]): number =>
  sum(a.map((v, i) => v * b[i]!)) / max(sqrt(sum(a.map((v) => v * v))) * sqrt(sum(b.map((v) => v * v))), 1e-8);
const divergence = (q: readonly number[], p: readonly number[]): number =>
  sum(p.map((v, i) => (v > 0 ? v * (log(v) - log(q[i]!)) : 0)));

/** ONNX' NegativeLogLikelihoodLoss on log-probabilities [..., classes]; -1 stands for no ignored class. */
function nll(
  scores: readonly number[][],
  answers: readonly number[],
  weights: readonly number[],
  ignored: number,
): {
  mean: number;
  sum: number;
  each: number[];
} {
  const counts = (i: number): number => (answers[i] === ignored ? 0 : weights[answers[i]!]!);
  const each = scores.map((s, i) => -s[answers[i]!]! * counts(i));
  return { each, sum: sum(each), mean: sum(each) / sum(upTo(each.length).map(counts)) };
}

const UNIT = [1, 1, 1, 1];
const FACTORS = [0.5, 2, 1.25, 0.1];
const scores = { shape: ["batch", 4] } as const;
const picture = { shape: ["batch", 4, 2] } as const;
const classes = { shape: ["batch"], below: 4 } as const;
const pixels = { shape: ["batch", 2], below: 4 } as const;
/** [rows, 4, 2] as rows of classes, in the order of [rows, 2]. */
const channels = (list: readonly number[]): number[][] =>
  rowsOf(list, 8).flatMap((r) => [0, 1].map((j) => upTo(4).map((c) => r[2 * c + j]!)));
const smooth = (answer: number, share: number): number[] =>
  upTo(4).map((c) => (c === answer ? 1 - share : 0) + share / 4);

const focal = (x: number, y: number, alpha: number, gamma: number): number => {
  const p = y === 1 ? sigmoid(x) : 1 - sigmoid(x);
  return -(y === 1 ? alpha : 1 - alpha) * (1 - p) ** gamma * log(p);
};
const multiMargin = (x: readonly number[], y: number, margin: number, p: number): number =>
  sum(x.map((v, j) => (j === y ? 0 : max(0, margin - x[y]! + v) ** p))) / x.length;

const two = { shape: ["batch", 2] } as const;
const cases: readonly Case[] = [
  [
    "hinge",
    { x: two, y: { shape: ["batch", 2] } },
    ({ x, y }) => t.hinge(x!, any(y)),
    ({ x, y }) => mean(x!.map((v, i) => max(0, 1 - v * y![i]!))),
  ],
  [
    "hinge, squared, another margin, weights, summed",
    { x: two, y: two, w: { shape: ["batch"] } },
    ({ x, y, w }) => t.hinge(x!, any(y), { margin: 0.3, squared: true, weights: w!, reduction: "sum" }),
    ({ x, y, w }) => sum(x!.map((v, i) => w![i >> 1]! * max(0, 0.3 - v * y![i]!) ** 2)),
  ],
  ...[1, 2].map((p): Case => [
    `hinge of classes, power ${p}: MultiMarginLoss`,
    { x: scores, y: classes },
    ({ x, y }) => t.hinge(x!, any(y), { squared: p === 2, margin: 0.7 }),
    ({ x, y }) => mean(rowsOf(x!, 4).map((r, i) => multiMargin(r, y![i]!, 0.7, p))),
  ]),
  [
    "klDivergence from probabilities",
    { q: { ...scores, range: [0.1, 1] }, p: { ...scores, range: [0.1, 1] } },
    ({ q, p }) => t.klDivergence(q!, any(p)),
    ({ q, p }) => mean(rowsOf(q!, 4).map((r, i) => divergence(r, row(p!, i, 4)))),
  ],
  [
    "klDivergence from log-probabilities: kl_div, batchmean",
    { q: { ...scores, range: [-3, -0.1] }, p: { ...scores, range: [0.1, 1] } },
    ({ q, p }) => t.klDivergence(q!, any(p), { from: "logProbabilities" }),
    ({ q, p }) => mean(rowsOf(q!, 4).map((r, i) => divergence(r.map(exp), row(p!, i, 4)))),
  ],
  [
    "klDivergence from logits",
    { q: scores, p: { ...scores, range: [0.1, 1] } },
    ({ q, p }) => t.klDivergence(q!, any(p), { from: "logits" }),
    ({ q, p }) => mean(rowsOf(q!, 4).map((r, i) => divergence(logSoftmax(r).map(exp), row(p!, i, 4)))),
  ],
  [
    "cosineSimilarityLoss",
    { a: scores, b: scores },
    ({ a, b }) => t.cosineSimilarityLoss(a!, b!),
    ({ a, b }) => mean(rowsOf(a!, 4).map((r, i) => 1 - cosine(r, row(b!, i, 4)))),
  ],
  [
    "cosineSimilarityLoss of pairs: CosineEmbeddingLoss",
    { a: { shape: [ROWS, 4] }, b: { shape: [ROWS, 4] } },
    ({ a, b }) => t.cosineSimilarityLoss(a!, b!, { pairs: t.constant([1, -1, -1]) as t.Tensor, margin: -0.9 }),
    ({ a, b }) => {
      const all = rowsOf(a!, 4).map((r, i) => cosine(r, row(b!, i, 4)));
      return mean(all.map((c, i) => (i === 0 ? 1 - c : max(0, c + 0.9))));
    },
  ],
  [
    "cosineSimilarity along another axis",
    { a: picture, b: picture },
    ({ a, b }) => t.sum(t.cosineSimilarity(a!, b!, { axis: 1 })),
    ({ a, b }) => sum(channels(a!).map((r, i) => cosine(r, channels(b!)[i]!))),
  ],
  [
    "tripletLoss: TripletMarginLoss",
    { a: scores, p: scores, n: scores },
    ({ a, p, n }) => t.tripletLoss(a!, p!, n!),
    ({ a, p, n }) =>
      mean(
        rowsOf(a!, 4).map((r, i) => max(0, distance(r, row(p!, i, 4), 1e-6) - distance(r, row(n!, i, 4), 1e-6) + 1)),
      ),
  ],
  [
    "tripletLoss, swapped, another margin",
    { a: scores, p: scores, n: scores },
    ({ a, p, n }) => t.tripletLoss(a!, p!, n!, { swap: true, margin: 2.5, epsilon: 0 }),
    ({ a, p, n }) =>
      mean(
        rowsOf(a!, 4).map((r, i) => {
          const [near, far] = [row(p!, i, 4), row(n!, i, 4)];
          return max(0, distance(r, near, 0) - min(distance(r, far, 0), distance(near, far, 0)) + 2.5);
        }),
      ),
  ],
  [
    "tripletLoss of squared distances",
    { a: scores, p: scores, n: scores },
    ({ a, p, n }) => t.tripletLoss(a!, p!, n!, { distance: "squared", margin: 4 }),
    ({ a, p, n }) =>
      mean(
        rowsOf(a!, 4).map((r, i) =>
          max(0, distance(r, row(p!, i, 4), 0) ** 2 - distance(r, row(n!, i, 4), 0) ** 2 + 4),
        ),
      ),
  ],
  ...(
    [
      [2, 0.25],
      [0.5, 0.7],
      [0, 0.5],
    ] as const
  ).map(([gamma, alpha]): Case => [
    `focalLoss of yes-or-no answers, gamma ${gamma}: sigmoid_focal_loss`,
    { x: { shape: [ROWS, 2] } },
    ({ x }) =>
      t.focalLoss(
        x!,
        t.constant([
          [1, 0],
          [0, 1],
          [1, 1],
        ]) as t.Tensor,
        { gamma, alpha },
      ),
    ({ x }) => mean(x!.map((v, i) => focal(v, [1, 0, 0, 1, 1, 1][i]!, alpha, gamma))),
  ]),
  ...[2, 0.5].map((gamma): Case => [
    `focalLoss of classes, gamma ${gamma}`,
    { x: scores, y: classes },
    ({ x, y }) => t.focalLoss(x!, any(y), { gamma, alpha: 0.3 }),
    ({ x, y }) =>
      mean(
        rowsOf(x!, 4).map((r, i) => {
          const logP = logSoftmax(r)[y![i]!]!;
          return -0.3 * (1 - exp(logP)) ** gamma * logP;
        }),
      ),
  ]),
  [
    "negativeSampling",
    { p: { shape: ["batch"] }, n: { shape: ["batch", 5] } },
    ({ p, n }) => t.negativeSampling(p!, n!),
    ({ p, n }) => mean(p!.map((v, i) => -log(sigmoid(v)) - sum(row(n!, i, 5).map((u) => log(sigmoid(-u)))))),
  ],
  ...(["mean", "sum"] as const).flatMap((reduction): Case[] =>
    [UNIT, FACTORS].flatMap((weights) =>
      [-1, 2].map((ignored): Case => {
        const options = {
          reduction,
          ...(weights === UNIT ? {} : { classWeights: weights }),
          ...(ignored < 0 ? {} : { ignoreIndex: ignored }),
        };
        return [
          `negativeLogLikelihood and crossEntropy, ${reduction}, ${weights === UNIT ? "no" : "class"} weights, ${ignored < 0 ? "nothing" : `class ${ignored}`} ignored`,
          { x: scores, y: classes, z: picture, u: pixels },
          ({ x, y, z, u }) =>
            t.add(
              t.negativeLogLikelihood(x!, any(y), options),
              t.add(
                t.crossEntropy(x!, any(y), options),
                t.add(
                  t.negativeLogLikelihood(z!, any(u), { ...options, axis: 1 }) as never,
                  t.crossEntropy(z!, any(u), { ...options, axis: 1 }) as never,
                ) as never,
              ) as never,
            ),
          ({ x, y, z, u }) =>
            nll(rowsOf(x!, 4), y!, weights, ignored)[reduction] +
            nll(rowsOf(x!, 4).map(logSoftmax), y!, weights, ignored)[reduction] +
            nll(channels(z!), u!, weights, ignored)[reduction] +
            nll(channels(z!).map(logSoftmax), u!, weights, ignored)[reduction],
        ];
      }),
    ),
  ),
  [
    "no reduction: a loss for each answer",
    { x: scores, y: classes, w: { shape: ["batch"] } },
    ({ x, y, w }) =>
      t.sum(
        t.mul(
          t.negativeLogLikelihood(x!, any(y), { reduction: "none", classWeights: FACTORS, ignoreIndex: 0 }),
          w! as never,
        ),
      ),
    ({ x, y, w }) => sum(nll(rowsOf(x!, 4), y!, FACTORS, 0).each.map((v, i) => v * w![i]!)),
  ],
  [
    "crossEntropy, smoothed, with class weights: PyTorch",
    { x: scores, y: classes },
    ({ x, y }) => t.crossEntropy(x!, any(y), { labelSmoothing: 0.2, classWeights: FACTORS }),
    ({ x, y }) => {
      const terms = rowsOf(x!, 4).map((r, i) => {
        const [logs, target] = [logSoftmax(r), smooth(y![i]!, 0.2)];
        return -sum(logs.map((v, c) => FACTORS[c]! * target[c]! * v));
      });
      return sum(terms) / sum(y!.map((c) => FACTORS[c]!));
    },
  ],
  [
    "crossEntropy of probabilities with class weights: PyTorch divides by the rows",
    { x: scores, p: { ...scores, range: [0, 1] } },
    ({ x, p }) => t.crossEntropy(x!, any(p), { classWeights: FACTORS }),
    ({ x, p }) =>
      mean(rowsOf(x!, 4).map((r, i) => -sum(logSoftmax(r).map((v, c) => FACTORS[c]! * p![4 * i + c]! * v)))),
  ],
  [
    "elasticNet",
    { a: { shape: [3] }, b: { shape: [2, 2] } },
    ({ a, b }) => t.elasticNet(0.3, 0.2, a!, b!),
    ({ a, b }) => sum([...a!, ...b!].map((v) => 0.3 * abs(v) + 0.2 * v * v)),
  ],
  [
    "a sum of losses with weights of their own",
    { x: scores, y: classes, z: two, u: two },
    ({ x, y, z, u }) => t.add(t.mul(t.crossEntropy(x!, any(y)), 0.25), t.mul(t.meanSquaredError(z!, any(u)), 3)),
    ({ x, y, z, u }) =>
      0.25 * nll(rowsOf(x!, 4).map(logSoftmax), y!, UNIT, -1).mean + 3 * mean(z!.map((v, i) => (v - u![i]!) ** 2)),
  ],
];

/** The loss and its gradients beside the plain loop's value and differences. */
function expectCase([name, given, of, plain]: Case, spoil = 1): void {
  const random = randomNumbers(name.length);
  const drawn: Record<string, Given & { values: number[] }> = {};
  for (const [input, { shape, below, range: [low, high] = [-2, 2] }] of Object.entries(given)) {
    const count = shape.reduce<number>((n, d) => n * (d === "batch" ? ROWS : d), 1);
    const draw = (): number => (below === undefined ? low + (high - low) * random() : Math.floor(random() * below));
    drawn[input] = { shape, values: upTo(count).map(draw), ...(below === undefined ? {} : { below }) };
  }
  const found = evaluate(of, drawn, ROWS, "float64");
  const at = (): number => plain(Object.fromEntries(Object.entries(drawn).map(([k, { values }]) => [k, values])));
  expect(abs(found.value - spoil * at()), `${found.value} is ${at()}`).toBeLessThan(1e-12 * (1 + abs(at())));
  for (const [input, gradient] of Object.entries(found.gradients)) {
    const { values } = drawn[input]!;
    gradient.forEach((g, i) => {
      const centre = values[i]!;
      const value = (h: number): number => {
        values[i] = centre + h;
        const result = at();
        values[i] = centre;
        return result;
      };
      const slope = (h: number): number => (value(h) - value(-h)) / (2 * h);
      const exact = (4 * slope(5e-5) - slope(1e-4)) / 3;
      expect(abs(g - exact), `d_${input}[${i}]: ${g} is ${exact}`).toBeLessThan(1e-8 * (1 + abs(exact)));
    });
  }
}

test.each(cases)("%s", (...one) => expectCase(one));

test("control: values that are off by a thousandth are seen", () => {
  for (const one of cases.slice(0, 3)) expect(() => expectCase(one, 1.001)).toThrow();
});

describe("limits", () => {
  const one = (x: number): Given => ({ shape: [1], values: [x] });
  const three = (values: readonly number[]): Given => ({ shape: [1, 3], values });
  const finite = ({ value, gradients }: ReturnType<typeof evaluate>): boolean =>
    [value, ...Object.values(gradients).flat()].every(Number.isFinite);

  test.each(["float64", "float32"] as const)("±88 and ±1000 in %s", (dtype) => {
    for (const x of [-1000, -88, 88, 1000]) {
      for (const y of [0, 1]) {
        const z = y === 1 ? x : -x;
        for (const gamma of [0.5, 2]) {
          const hard = evaluate(
            ({ x: v }) => t.focalLoss(v!, t.constant([y]) as t.Tensor, { gamma, alpha: 0.5 }),
            { x: one(x) },
            1,
            dtype,
          );
          expect(finite(hard)).toBe(true);
          expect(hard.value).toBeCloseTo(z > 0 ? 0 : -z / 2, 4);
          expect(hard.gradients["x"]![0]).toBeCloseTo(z > 0 ? 0 : y === 1 ? -0.5 : 0.5, 6);
        }
      }
      const sampled = evaluate(
        ({ p, n }) => t.negativeSampling(p!, n!),
        { p: one(x), n: { shape: [1, 1], values: [-x] } },
        1,
        dtype,
      );
      expect(finite(sampled)).toBe(true);
      expect(sampled.value).toBeCloseTo(x > 0 ? 0 : -2 * x, 3);
      const soft = evaluate(
        ({ q, p }) => t.klDivergence(q!, any(p), { from: "logits" }),
        { q: three([x, 0, 0]), p: three([0, 1, 0]) },
        1,
        dtype,
      );
      expect(finite(soft)).toBe(true);
      const classwise = evaluate(
        ({ q, c }) => t.add(t.focalLoss(q!, any(c), { gamma: 0.5 }), t.hinge(q!, any(c))),
        { q: three([x, 0, -x]), c: { shape: [1], values: [0], below: 3 } },
        1,
        dtype,
      );
      expect(finite(classwise)).toBe(true);
    }
  });

  test("equal and zero vectors have finite gradients", () => {
    const zero = three([0, 0, 0]);
    const near = three([1, 2, 3]);
    for (const [a, b] of [
      [zero, zero],
      [zero, near],
      [near, near],
    ] as const) {
      const similar = evaluate(({ a: u, b: v }) => t.cosineSimilarityLoss(u!, v!), { a, b }, 1, "float64");
      expect(finite(similar)).toBe(true);
      expect(similar.value).toBeCloseTo(a === near ? 0 : 1, 12);
      for (const epsilon of [0, 1e-6]) {
        const triplet = evaluate(({ a: u, b: v }) => t.tripletLoss(u!, u!, v!, { epsilon }), { a, b }, 1, "float64");
        expect(finite(triplet)).toBe(true);
      }
    }
  });

  test("probabilities of 0 and 1: the terms are 0 or at most 100", () => {
    const at = (q: readonly number[], p: readonly number[]) =>
      evaluate(({ q: a, p: b }) => t.klDivergence(a!, any(b)), { q: three(q), p: three(p) }, 1, "float64");
    expect(at([1, 0, 0], [1, 0, 0]).value).toBe(0);
    expect(at([0, 1, 0], [1, 0, 0]).value).toBe(100);
    expect(finite(at([0, 1, 0], [1, 0, 0]))).toBe(true);
    // By q: -p / max(q, 1e-12). By p: 1 + log p - log q, each logarithm at least -100.
    expect(at([0, 1, 0], [1, 0, 0]).gradients["q"]!.map((g) => g + 0)).toEqual([-1e12, 0, 0]);
    expect(at([0, 0.5, 0.5], [1, 0, 0]).gradients["p"]![0]).toBe(101);
    expect(at([0, 0.5, 0.5], [1, 0, 0]).gradients["p"]![1]).toBeCloseTo(-99 - Math.log(0.5), 12);
  });

  test("where nothing counts the mean is 0, with gradient 0", () => {
    const c: Given = { shape: ["batch"], values: [2, 2], below: 3 };
    const x: Given = { shape: ["batch", 3], values: [1, 2, 3, 4, 5, 6] };
    const none = evaluate(({ x: v, c: k }) => t.crossEntropy(v!, any(k), { ignoreIndex: 2 }), { x, c }, 2, "float64");
    expect(none.value).toBe(0);
    expect(none.gradients["x"]!.map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("an ignored id one beyond the classes", () => {
    const c: Given = { shape: ["batch"], values: [3, 1], below: 4 };
    const x: Given = { shape: ["batch", 3], values: [1, 2, 3, -1, -2, -6] };
    const { value } = evaluate(
      ({ x: v, c: k }) => t.negativeLogLikelihood(v!, any(k), { ignoreIndex: 3 }),
      { x, c },
      2,
      "float64",
    );
    expect(value).toBe(2);
  });
});

test("an ignored answer outside the classes, which the labels allow", () => {
  const x = t.input("x", ["batch", 3]) as t.Tensor;
  const y = t.labels("y", ["batch"], 3, { ignoreIndex: -100 }) as t.Tensor;
  const w = t.parameter([3], 1, { name: "w" });
  const loss = t.crossEntropy(t.mul(x, w as never) as t.Tensor, any(y), { ignoreIndex: -100 });
  const net = compile(t.network("n", { batch: 3, loss, optimizer: t.sgd({ rate: 1 }) }), { dtype: "float64" }).create();
  net.inputs["x"]!.set([1, 2, 3, 4, 5, 6, 0, 1, 0]);
  net.targets["y"]!.set([1, -100, 1]);
  const wanted = -(logSoftmax([1, 2, 3])[1]! + logSoftmax([0, 1, 0])[1]!) / 2;
  expect(net.loss(3)).toBeCloseTo(wanted, 12);
  net.targets["y"]!.set([1, -1, 1]);
  expect(() => net.loss(3)).toThrow(/y\[1\]/);
  expect(() => t.crossEntropy(x, any(y))).toThrow(/ignoreIndex/);
  expect(() => t.crossEntropy(x, any(y), { ignoreIndex: -1 })).toThrow(/-100, which "y" allows/);
});

describe("what is refused", () => {
  const x = t.input("x", ["batch", 3]) as t.Tensor;
  const y = t.labels("y", ["batch"], 3) as t.Tensor;
  const far = t.labels("far", ["batch"], 9) as t.Tensor;
  const rows = t.input("rows", ["batch"]) as t.Tensor;
  const refused: readonly (readonly [string, () => unknown, string, RegExp])[] = [
    ["labels beyond the classes", () => t.negativeLogLikelihood(x, any(far)), "BAD_ARGUMENT", /at most 3/],
    [
      "labels beyond the ignored one",
      () => t.crossEntropy(x, any(far), { ignoreIndex: 3 }),
      "BAD_ARGUMENT",
      /at most 4/,
    ],
    [
      "labels of another shape",
      () => t.negativeLogLikelihood(x, any(t.labels("z", ["batch", 2], 3))),
      "SHAPE_MISMATCH",
      /\[batch, 3\] and \[batch, 2\]/,
    ],
    ["float answers", () => t.negativeLogLikelihood(x, any(rows)), "WRONG_DTYPE", /class indices of dtype int32/],
    [
      "too few class weights",
      () => t.crossEntropy(x, any(y), { classWeights: [1, 2] }),
      "BAD_ARGUMENT",
      /3 finite numbers/,
    ],
    [
      "class weights of another shape",
      () => t.crossEntropy(x, any(y), { classWeights: rows }),
      "SHAPE_MISMATCH",
      /one weight for each class/,
    ],
    ["an axis that is not there", () => t.crossEntropy(x, y, { axis: 2 }), "BAD_ARGUMENT", /axis/],
    ["another reduction", () => t.crossEntropy(x, any(y), { reduction: "max" as never }), "BAD_ARGUMENT", /"none"/],
    [
      "another reduction of a regression",
      () => t.huber(x, any(x), { reduction: "none" as never }),
      "BAD_ARGUMENT",
      /"mean" or "sum"/,
    ],
    ["half an ignored class", () => t.crossEntropy(x, any(y), { ignoreIndex: 0.5 }), "BAD_ARGUMENT", /32-bit integer/],
    ["ignored probabilities", () => t.crossEntropy(x, any(x), { ignoreIndex: 1 }), "WRONG_DTYPE", /ignoreIndex/],
    ["a negative gamma", () => t.focalLoss(x, any(x), { gamma: -1 }), "BAD_ARGUMENT", /gamma must be at least 0/],
    ["alpha 2", () => t.focalLoss(x, any(x), { alpha: 2 }), "BAD_ARGUMENT", /from 0 to 1/],
    ["margin 0", () => t.hinge(x, any(x), { margin: 0 }), "BAD_ARGUMENT", /margin must be positive/],
    ["unequal vectors", () => t.cosineSimilarity(x, rows), "SHAPE_MISMATCH", /\[batch, 3\] and \[batch\]/],
    ["another distance", () => t.tripletLoss(x, x, x, { distance: "manhattan" as never }), "BAD_ARGUMENT", /"squared"/],
    ["an unequal negative", () => t.tripletLoss(x, x, rows), "SHAPE_MISMATCH", /element with element/],
    ["negatives without an axis", () => t.negativeSampling(rows, rows), "SHAPE_MISMATCH", /one more axis/],
    [
      "another kind of prediction",
      () => t.klDivergence(x, any(x), { from: "odds" as never }),
      "BAD_ARGUMENT",
      /"logits"/,
    ],
    ["a factor that is missing", () => t.elasticNet(1, x as never), "BAD_ARGUMENT", /l2 must be a finite number/],
  ];
  test.each(refused)("%s", (_, call, code, sentence) => {
    let error: unknown;
    try {
      call();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(t.TapelessError);
    expect((error as t.TapelessError).code).toBe(code);
    expect((error as t.TapelessError).sentence).toMatch(sentence);
  });
});
