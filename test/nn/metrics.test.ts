// Metrics that a network declares, evaluated over batches with a partial last one, against plain loops over all rows at once.

import { describe, expect, test } from "vitest";
import * as t from "tapeless";
import { compile } from "tapeless/compiler";
import { evaluate } from "tapeless/train";
import { randomNumbers } from "../oracle/leaves.js";

const ROWS = 23;
const CAPACITY = 5;
const CLASSES = 4;

interface Drawn {
  readonly scores: number[];
  readonly classes: number[];
  readonly weights: number[];
}

/** Scores in eighths, so that they tie; class 3 is neither a target nor, being lowest, ever predicted. */
function draw(seed: number): Drawn {
  const random = randomNumbers(seed);
  const scores = Array.from({ length: ROWS * CLASSES }, (_, i) =>
    i % CLASSES === 3 ? -1 : Math.floor(random() * 8) / 8,
  );
  const classes = Array.from({ length: ROWS }, () => Math.floor(random() * 3));
  const weights = Array.from({ length: ROWS }, () => Math.floor(random() * 4) / 2);
  return { scores, classes, weights };
}

type Leaves = ReturnType<typeof leaves>;

const leaves = (columns: number) => ({
  scores: t.input("scores", ["batch", columns]) as t.Tensor,
  classes: t.labels("classes", ["batch"], Math.max(columns, 2)) as t.Tensor,
  weights: t.input("weights", ["batch"]) as t.Tensor,
});

/** A number, a list or a table: what it is, each test knows. */
type Anything = number & number[] & number[][];

/** What `evaluate` gives for metrics of the drawn numbers. */
function measure(
  metrics: (x: Leaves) => Record<string, t.Metric | t.Tensor>,
  data: Drawn,
  options: { columns?: number; dtype?: "float32" | "float64"; batchSize?: number } = {},
): Record<string, Anything> {
  const x = leaves(options.columns ?? CLASSES);
  // All inputs belong to the module, whatever the metric reads.
  const all = t.add(t.add(t.sum(x.scores), t.sum(x.weights)), t.sum(t.cast(x.classes, "float32")));
  const net = t.network("measured", { batch: CAPACITY, metrics: { ...metrics(x), all } });
  const model = compile(net, { dtype: options.dtype ?? "float64" }).create();
  const { scores, weights, classes } = data;
  return evaluate(
    model,
    { inputs: { scores, weights }, targets: { classes } },
    { batchSize: options.batchSize },
  ) as never;
}

const rowsOf = ({ scores }: Drawn, columns = CLASSES): number[][] =>
  Array.from({ length: scores.length / columns }, (_, i) => scores.slice(i * columns, (i + 1) * columns));

const best = (row: readonly number[]): number => row.indexOf(Math.max(...row));

/** True positives, predicted and actual, of one class. */
function counts(data: Drawn, of: number, weights = data.weights): [hits: number, predicted: number, actual: number] {
  const result: [number, number, number] = [0, 0, 0];
  rowsOf(data).forEach((row, i) => {
    const [predicted, actual] = [best(row) === of, data.classes[i] === of];
    if (predicted && actual) result[0] += weights[i]!;
    if (predicted) result[1] += weights[i]!;
    if (actual) result[2] += weights[i]!;
  });
  return result;
}

const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);
const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
const METRICS = { precision: t.precision, recall: t.recall, f1: t.f1 };
const SCORES = {
  precision: ([hits, predicted]: readonly number[]) => ratio(hits!, predicted!),
  recall: ([hits, , actual]: readonly number[]) => ratio(hits!, actual!),
  f1: ([hits, predicted, actual]: readonly number[]) => ratio(2 * hits!, predicted! + actual!),
};

describe.each([1, 2, 3])("classes, draw %i", (seed) => {
  const data = draw(seed);

  test("accuracy, by indices and by one-hot rows, with and without weights", () => {
    const got = measure(
      ({ scores, classes, weights }) => ({
        plain: t.accuracy(scores, classes),
        weighted: t.accuracy(scores, classes, { weights }),
        oneHot: t.accuracy(scores, t.oneHot(classes, CLASSES)),
        ignoring: t.accuracy(scores, classes, { ignoreIndex: 2 }),
      }),
      data,
    );
    const right = rowsOf(data).map((row, i) => (best(row) === data.classes[i] ? 1 : 0));
    const total = data.weights.reduce((a, b) => a + b);
    expect(got["plain"]).toBeCloseTo(mean(right), 12);
    expect(got["oneHot"]).toBeCloseTo(mean(right), 12);
    expect(got["weighted"]).toBeCloseTo(right.reduce((sum: number, r, i) => sum + r * data.weights[i]!, 0) / total, 12);
    expect(got["ignoring"]).toBeCloseTo(mean(right.filter((_, i) => data.classes[i] !== 2)), 12);
    expect(mean(right)).not.toBe(1);
  });

  test("top-k counts the classes that rank before the answer's; of equals the earlier one does", () => {
    const got = measure(
      ({ scores, classes }) =>
        Object.fromEntries([1, 2, 3, 4].map((k) => [`top${k}`, t.topKAccuracy(scores, classes, { k })])),
      data,
    );
    for (const k of [1, 2, 3, 4]) {
      const among = rowsOf(data).map((row, i) => {
        const order = row.map((_, j) => j).sort((a, b) => row[b]! - row[a]! || a - b);
        return order.indexOf(data.classes[i]!) < k ? 1 : 0;
      });
      expect(got[`top${k}`]).toBeCloseTo(mean(among), 12);
    }
    expect(got["top4"]).toBe(1);
  });

  test.each(["precision", "recall", "f1"] as const)("%s: every average, and one class", (name) => {
    const averages = ["macro", "micro", "weighted", "none"] as const;
    const got = measure(
      ({ scores, classes, weights }) => ({
        ...Object.fromEntries(
          averages.map((average) => [average, METRICS[name](scores, classes, { average, weights })]),
        ),
        one: METRICS[name](scores, classes, { classId: 1, weights }),
        plain: METRICS[name](scores, classes),
      }),
      data,
    );
    const each = [0, 1, 2, 3].map((of) => counts(data, of));
    const score = SCORES[name];
    const sums = [0, 1, 2].map((i) => each.reduce((sum, c) => sum + c[i]!, 0));
    const present = each.filter(([, predicted, actual]) => predicted + actual > 0);
    expect(present).toHaveLength(3);
    expect(got["macro"]).toBeCloseTo(mean(present.map(score)), 12);
    expect(got["micro"]).toBeCloseTo(score(sums), 12);
    expect(got["weighted"]).toBeCloseTo(each.reduce((sum, c) => sum + c[2] * score(c), 0) / sums[2]!, 12);
    expect(got["one"]).toBeCloseTo(score(each[1]!), 12);
    (got["none"] as number[]).forEach((value, of) => expect(value).toBeCloseTo(score(each[of]!), 12));
    const ones = data.weights.map(() => 1);
    const unweighted = [0, 1, 2].map((of) => counts(data, of, ones)).filter(([, p, a]) => p + a > 0);
    expect(got["plain"]).toBeCloseTo(mean(unweighted.map(score)), 12);
  });

  test("the confusion matrix has targets in rows and predictions in columns", () => {
    const got = measure(
      ({ scores, classes, weights }) => ({ table: t.confusionMatrix(scores, classes, { weights }) }),
      data,
    );
    const table = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0));
    rowsOf(data).forEach((row, i) => (table[data.classes[i]!]![best(row)]! += data.weights[i]!));
    expect(got["table"]).toEqual(table);
    expect(table).not.toEqual(table[0]!.map((_, j) => table.map((row) => row[j])));
  });

  test("perplexity is the exponential of the mean cross-entropy", () => {
    const got = measure(
      ({ scores, classes, weights }) => ({
        plain: t.perplexity(scores, classes),
        weighted: t.perplexity(scores, classes, { weights }),
        ignoring: t.perplexity(scores, classes, { ignoreIndex: 0 }),
        entropy: t.crossEntropy(scores, classes),
      }),
      data,
    );
    const nats = rowsOf(data).map((row, i) => {
      const sum = row.reduce((all, x) => all + Math.exp(x), 0);
      return Math.log(sum) - row[data.classes[i]!]!;
    });
    const total = data.weights.reduce((a, b) => a + b);
    expect(got["plain"]).toBeCloseTo(Math.exp(mean(nats)), 10);
    expect(got["entropy"]).toBeCloseTo(mean(nats), 12);
    expect(got["weighted"]).toBeCloseTo(Math.exp(nats.reduce((s, x, i) => s + x * data.weights[i]!, 0) / total), 10);
    expect(got["ignoring"]).toBeCloseTo(Math.exp(mean(nats.filter((_, i) => data.classes[i] !== 0))), 10);
  });

  test("the batch size changes nothing; neither does float32 for counts", () => {
    const metrics = ({ scores, classes, weights }: Leaves) => ({
      accuracy: t.accuracy(scores, classes, { weights }),
      f1: t.f1(scores, classes),
      error: t.meanSquaredError(t.sum(scores, { axis: [1] }), weights),
    });
    const [whole, single, floats] = [{}, { batchSize: 1 }, { dtype: "float32" as const }].map((o) =>
      measure(metrics, data, o),
    );
    for (const name of ["accuracy", "f1", "error"]) {
      expect(single![name]).toBeCloseTo(whole![name] as number, 12);
      expect(floats![name]).toBeCloseTo(whole![name] as number, 5);
    }
  });
});

describe.each([4, 5, 6])("two classes, draw %i", (seed) => {
  const random = randomNumbers(seed);
  const data: Drawn = {
    classes: Array.from({ length: ROWS }, () => (random() < 0.4 ? 1 : 0)),
    scores: [],
    weights: Array.from({ length: ROWS }, () => Math.floor(random() * 4) / 2),
  };
  // Better than chance, in sixteenths, so that some are equal.
  for (const one of data.classes) data.scores.push(Math.floor(Math.min(0.99, random() * 0.7 + 0.3 * one) * 16) / 16);

  /** The share of pairs that are in order, and the largest that bins can change it by. */
  function pairs(bins: number): { exact: number; bound: number; average: number } {
    let [ordered, met, all] = [0, 0, 0];
    const bin = (p: number): number => Math.min(bins - 1, Math.floor(p * bins));
    data.classes.forEach((a, i) =>
      data.classes.forEach((b, j) => {
        if (a !== 1 || b !== 0) return;
        const weight = data.weights[i]! * data.weights[j]!;
        const [p, q] = [data.scores[i]!, data.scores[j]!];
        all += weight;
        ordered += weight * (p > q ? 1 : p === q ? 0.5 : 0);
        if (bin(p) === bin(q)) met += weight;
      }),
    );
    // Average precision: over falling thresholds, the gain of recall times precision.
    let [average, before] = [0, 0];
    const positives = data.weights.reduce((sum, w, i) => sum + w * data.classes[i]!, 0);
    for (const threshold of [...new Set(data.scores.map(bin))].sort((a, b) => b - a)) {
      const kept = data.scores.map((p) => bin(p) >= threshold);
      const found = data.weights.reduce((sum, w, i) => sum + (kept[i] ? w * data.classes[i]! : 0), 0);
      const said = data.weights.reduce((sum, w, i) => sum + (kept[i] ? w : 0), 0);
      average += ((found - before) / positives) * ratio(found, said);
      before = found;
    }
    return { exact: ordered / all, bound: met / all / 2, average };
  }

  test("auc is that of all pairs where bins part the scores, and within its bound where they do not", () => {
    const got = measure(
      ({ scores, classes, weights }) => ({
        fine: t.auc(scores, classes, { bins: 16, weights }),
        coarse: t.auc(scores, classes, { bins: 3, weights }),
        byLogits: t.auc(t.sub(t.log(scores), t.log(t.sub(1, scores))), classes, { bins: 3, weights, from: "logits" }),
        precisionRecall: t.auc(scores, classes, { bins: 16, weights, curve: "precisionRecall" }),
        coarseRecall: t.auc(scores, classes, { bins: 3, weights, curve: "precisionRecall" }),
      }),
      data,
      { columns: 1 },
    );
    const { exact, average } = pairs(16);
    expect(got["fine"]).toBeCloseTo(exact, 12);
    const coarse = pairs(3);
    expect(Math.abs((got["coarse"] as number) - exact)).toBeLessThanOrEqual(coarse.bound + 1e-12);
    expect(got["coarse"]).not.toBeCloseTo(exact, 6);
    expect(got["byLogits"]).toBeCloseTo(got["coarse"] as number, 12);
    expect(got["precisionRecall"]).toBeCloseTo(average, 12);
    expect(got["coarseRecall"]).toBeCloseTo(coarse.average, 12);
    expect(exact).toBeGreaterThan(0.5);
  });

  test("one column: yes above the threshold", () => {
    const got = measure(
      ({ scores, classes, weights }) => ({
        half: t.accuracy(scores, classes),
        third: t.accuracy(scores, classes, { threshold: 0.3, weights }),
        precision: t.precision(scores, classes, { threshold: 0.3 }),
        recall: t.recall(scores, t.reshape(t.cast(classes, "float32"), ["batch", 1]), { threshold: 0.3 }),
        f1: t.f1(t.reshape(scores, ["batch"]), classes, { threshold: 0.3, classId: 1 }),
        table: t.confusionMatrix(scores, classes),
      }),
      data,
      { columns: 1 },
    );
    const hits = (threshold: number, weigh: (i: number) => number): number =>
      ratio(
        data.scores.reduce((s, p, i) => s + (p > threshold === (data.classes[i] === 1) ? weigh(i) : 0), 0),
        data.scores.reduce((s, _, i) => s + weigh(i), 0),
      );
    expect(got["half"]).toBeCloseTo(
      hits(0.5, () => 1),
      12,
    );
    expect(got["third"]).toBeCloseTo(
      hits(0.3, (i) => data.weights[i]!),
      12,
    );
    const yes = data.scores.map((p) => p > 0.3);
    const found = yes.filter((y, i) => y && data.classes[i] === 1).length;
    const [said, true_] = [yes.filter(Boolean).length, data.classes.filter((c) => c === 1).length];
    expect(got["precision"]).toBeCloseTo(found / said, 12);
    expect(got["recall"]).toBeCloseTo(found / true_, 12);
    expect(got["f1"]).toBeCloseTo((2 * found) / (said + true_), 12);
    const table = [0, 1].map((a) =>
      [0, 1].map((p) => data.scores.filter((s, i) => data.classes[i] === a && Number(s > 0.5) === p).length),
    );
    expect(got["table"]).toEqual(table);
  });
});

describe("numbers", () => {
  const random = randomNumbers(9);
  const data: Drawn = {
    scores: Array.from({ length: ROWS * 2 }, () => random() * 2 - 1),
    weights: Array.from({ length: ROWS }, () => Math.floor(random() * 3)),
    classes: new Array<number>(ROWS).fill(0),
  };
  const columns = (offset: number): [number, number][] => rowsOf(data, 2).map(([a, b]) => [a! + offset, b! + offset]);

  test.each([0, 400])("R² of columns around %d, joined over batches", (offset) => {
    const declared = ({ scores, weights }: Leaves): Record<string, t.Metric> => {
      const target = t.add(scores, offset);
      const prediction = t.add(t.mul(scores, t.constant([0.5, 2])), offset + 0.1);
      return {
        plain: t.rSquared(prediction, target),
        weighted: t.rSquared(prediction, target, { weights }),
        root: t.rootMeanSquaredError(prediction, target, { weights }),
      };
    };
    const got = measure(declared, data, { columns: 2 });
    const rSquared = (weigh: (i: number) => number): number =>
      mean(
        [0, 1].map((c) => {
          const y = columns(offset).map((row) => row[c]!);
          const all = y.reduce((s, _, i) => s + weigh(i), 0);
          const centre = y.reduce((s, v, i) => s + weigh(i) * v, 0) / all;
          const [slope, shift] = [[0.5, 2][c]!, offset + 0.1];
          const residual = y.reduce((s, v, i) => s + weigh(i) * ((v - offset) * slope + shift - v) ** 2, 0);
          return 1 - residual / y.reduce((s, v, i) => s + weigh(i) * (v - centre) ** 2, 0);
        }),
      );
    expect(got["plain"]).toBeCloseTo(
      rSquared(() => 1),
      8,
    );
    expect(got["weighted"]).toBeCloseTo(
      rSquared((i) => data.weights[i]!),
      8,
    );
    // In float32 the digits of a large mean are not lost: only those of the numbers themselves.
    const floats = measure(declared, data, { columns: 2, dtype: "float32" });
    expect(floats["plain"]).toBeCloseTo(got["plain"]!, 3);
    const errors = columns(0).map((row) => row.reduce((s, v, c) => s + (v * [0.5, 2][c]! + 0.1 - v) ** 2, 0));
    const squares = errors.reduce((s, e, i) => s + e * data.weights[i]!, 0);
    expect(got["root"]).toBeCloseTo(Math.sqrt(squares / (2 * data.weights.reduce((a, b) => a + b))), 8);
  });

  test("losses as metrics, and a mean by weights", () => {
    const got = measure(
      ({ scores, weights }) => ({
        absolute: t.meanAbsoluteError(t.sum(scores, { axis: [1] }), weights),
        average: t.average(scores, { weights }),
      }),
      data,
      { columns: 2 },
    );
    const sums = rowsOf(data, 2).map((row) => row[0]! + row[1]!);
    expect(got["absolute"]).toBeCloseTo(mean(sums.map((s, i) => Math.abs(s - data.weights[i]!))), 12);
    const total = data.weights.reduce((a, b) => a + b);
    expect(got["average"]).toBeCloseTo(sums.reduce((s, x, i) => s + x * data.weights[i]!, 0) / (2 * total), 12);
  });

  test("a metric of one's own", () => {
    const got = measure(
      ({ scores }) => ({
        spread: t.metric({
          statistics: { squares: t.sum(t.square(scores), { axis: [0] }), rows: t.size(scores, 0) },
          result: ["sqrt", ["divide", ["sum", "squares"], "rows"]],
        }),
      }),
      data,
      { columns: 2 },
    );
    expect(got["spread"]).toBeCloseTo(Math.sqrt(data.scores.reduce((s, x) => s + x * x, 0) / ROWS), 12);
  });
});

describe("limits", () => {
  const row = (scores: readonly number[], classes: readonly number[], weights = classes.map(() => 1)): Drawn => ({
    scores: [...scores],
    classes: [...classes],
    weights,
  });

  test("NaN is no answer", () => {
    const x = t.input("x", ["batch", 3]);
    const y = t.labels("y", ["batch"], 3);
    const p = t.input("p", ["batch"]);
    const metrics = {
      accuracy: t.accuracy(x, y),
      top2: t.topKAccuracy(x, y, { k: 2 }),
      recall: t.recall(x, y, { average: "micro" }),
      binary: t.accuracy(p, t.greater(y, 0)),
      auc: t.auc(p, t.greater(y, 0)),
      table: t.confusionMatrix(x, y),
    };
    for (const dtype of ["float32", "float64"] as const) {
      const model = compile(t.network("nan", { batch: 4, metrics }), { dtype }).create();
      const inputs = { x: [NaN, 5, 1, 1, NaN, 0, 0, 1, 2], p: [NaN, 0.9, NaN] };
      const got = evaluate(model, { inputs, targets: { y: [1, 1, 2] } }, { rejectNaN: false }) as Record<
        string,
        unknown
      >;
      expect(got["accuracy"]).toBeCloseTo(1 / 3, 6);
      // Row 0: NaN ranks above class 1, which is second; row 1: the answer's score is NaN.
      expect(got["top2"]).toBeCloseTo(2 / 3, 6);
      expect(got["recall"]).toBeCloseTo(1 / 3, 6);
      expect(got["binary"]).toBeCloseTo(1 / 3, 6);
      expect(got["auc"]).toBeNaN();
      expect(got["table"]).toEqual([
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 1],
      ]);
    }
  });

  test("scores beyond 0 and 1, and the absence of a class", () => {
    const auc = ({ scores, classes, weights }: Leaves): Record<string, t.Metric> => ({
      auc: t.auc(scores, classes, { weights }),
    });
    const of = (data: Drawn): unknown => measure(auc, data, { columns: 1 })["auc"];
    expect(of(row([-3, 7, 0.5, 1, 0], [0, 1, 0, 1, 0]))).toBe(1);
    expect(of(row([1, 0, 0.5, 0.5], [0, 1, 1, 0]))).toBe(0.125);
    expect(of(row([0.1, 0.9], [1, 1]))).toBeNaN();
    expect(of(row([0.1, 0.9], [0, 1], [1, 0]))).toBeNaN();
  });

  test("nothing predicted, nothing true, nothing weighed", () => {
    const got = measure(
      ({ scores, classes, weights }) => ({
        precision: t.precision(scores, classes),
        recall: t.recall(scores, classes, { threshold: 2 }),
        f1: t.f1(scores, classes, { threshold: 2 }),
        accuracy: t.accuracy(scores, classes, { weights }),
      }),
      row([0.1, 0.2], [0, 0], [0, 0]),
      { columns: 1 },
    );
    expect(got).toMatchObject({ precision: 0, recall: 0, f1: 0 });
    expect(got["accuracy"]).toBeNaN();
  });

  test("several labels a row, each with its own yes or no; several answers a row with weights of their own", () => {
    const probability = t.input("p", ["batch", 3]);
    const truth = t.target("y", ["batch", 3]);
    const tokens = t.input("tokens", ["batch", 2, 3]);
    const next = t.labels("next", ["batch", 2], 3);
    const mask = t.input("mask", ["batch", 2], { dtype: "bool" });
    const net = t.network("labels", {
      batch: 2,
      metrics: {
        accuracy: t.accuracy(probability, truth, { threshold: 0.5 }),
        macro: t.precision(probability, truth, { threshold: 0.5, average: "none" }),
        micro: t.recall(probability, truth, { threshold: 0.5, average: "micro" }),
        tokens: t.accuracy(tokens, next, { weights: mask }),
      },
    });
    const data = {
      inputs: {
        p: [0.9, 0.1, 0.6, 0.8, 0.7, 0.2, 0.4, 0.9, 0.1],
        tokens: [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1],
        mask: [1, 1, 0, 1, 1, 0],
      },
      targets: { y: [1, 0, 0, 1, 1, 1, 1, 0, 0], next: [0, 0, 0, 0, 1, 2] },
    };
    const got = evaluate(compile(net, { dtype: "float64" }).create(), data) as Record<string, unknown>;
    expect(got["accuracy"]).toBeCloseTo(5 / 9, 12);
    expect(got["macro"]).toEqual([1, 0.5, 0]);
    expect(got["micro"]).toBeCloseTo(3 / 5, 12);
    expect(got["tokens"]).toBeCloseTo(3 / 4, 12);
  });
});

describe("refused", () => {
  const x = t.input("x", ["batch", 3]);
  const y = t.labels("y", ["batch"], 3);
  const refusals: Record<string, [RegExp, () => unknown]> = {
    shapes: [/accuracy cannot combine \[batch, 3\] and \[batch, 4\]/, () => t.accuracy(x, t.target("z", ["batch", 4]))],
    floats: [/class indices/, () => t.accuracy(x, t.target("z", ["batch"]))],
    weights: [/one weight for each row/, () => t.accuracy(x, y, { weights: t.input("w", ["batch", 3]) })],
    k: [/k must be a positive integer/, () => t.topKAccuracy(x, y, { k: 0 })],
    average: [/average must be "macro"/, () => t.f1(x, y, { average: "mean" as never })],
    classId: [/classId must be an integer from 0 to 2/, () => t.f1(x, y, { classId: 3 })],
    bins: [/bins must be a positive integer/, () => t.auc(t.input("p", ["batch"]), y, { bins: 0.5 })],
    scores: [/one score for each target/, () => t.auc(x, y)],
    table: [/threshold must be absent/, () => t.confusionMatrix(x, x, { threshold: 0.5 })],
    ignored: [/ignoreIndex must be absent/, () => t.accuracy(x, x, { ignoreIndex: 0 })],
    perplexity: [/one int32 class index/, () => t.perplexity(x, x)],
    statistic: [
      /the statistic s must be a float tensor without/,
      () => t.metric({ statistics: { s: x }, result: "s" }),
    ],
    formula: [/a formula must be a number, one of s/, () => t.metric({ statistics: { s: t.sum(x) }, result: "t" })],
    arguments: [
      /of 2 arguments where it is divide/,
      () => t.metric({ statistics: { s: t.sum(x) }, result: ["divide", "s"] }),
    ],
    network: [/metric m must be a metric/, () => t.network("n", { batch: 1, metrics: { m: x } })],
    name: [/a result has it/, () => t.network("n", { batch: 1, metrics: { loss: t.accuracy(x, y) } })],
    member: [
      /every model has a member/,
      () =>
        t.network("n", {
          batch: 1,
          steps: { evaluate: { loss: t.sum(t.dense(x, 1)), optimizer: t.sgd({ rate: 1 }) } },
        }),
    ],
  };
  test.each(Object.entries(refusals))("%s", (_, [message, call]) => expect(call).toThrow(message));
});

describe("accuracy picks by the shapes, a partial last batch included", () => {
  const classes = { dtype: "int32", below: 3 } as const;
  type Shape = readonly ["batch", ...number[]];
  type Case = readonly [string, Shape, Shape, object, readonly number[], readonly number[], object, number];
  const cases: readonly Case[] = [
    ["classes", ["batch", 3], ["batch"], classes, [0, 1, 0, 5, 4, 3, 0, 0, 1], [1, 0, 0], {}, 2 / 3],
    ["ties go to the first", ["batch", 3], ["batch"], classes, [1, 1, 0, 0, 2, 2], [0, 2], {}, 1 / 2],
    ["NaN is wrong", ["batch", 3], ["batch"], classes, [1, NaN, NaN, NaN, NaN, NaN], [0, 0], {}, 0],
    ["a sequence of classes", ["batch", 2, 3], ["batch", 2], classes, [1, 0, 0, 0, 1, 0], [0, 0], {}, 1 / 2],
    ["one-hot", ["batch", 2], ["batch", 2], {}, [1, 2, 1, 2, 1, 2], [0, 1, 0, 1, 1, 0], {}, 2 / 3],
    ["one column", ["batch", 1], ["batch", 1], {}, [0.2, 0.8, 0.5, 0.9], [0, 1, 1, 0], {}, 1 / 2],
    ["one column against a plain target", ["batch"], ["batch"], {}, [0.2, 0.8, 0.5], [0, 1, 0], {}, 1],
    ["one column of logits", ["batch", 1], ["batch", 1], {}, [-1, 0.2, 3], [0, 1, 1], { threshold: 0 }, 1],
    ["one column NaN", ["batch", 1], ["batch", 1], {}, [NaN, 0], [0, 0], {}, 1 / 2],
    ["int labels", ["batch", 1], ["batch"], { dtype: "int32", below: 2 }, [0.3, 0.7, 0.7], [0, 1, 0], {}, 2 / 3],
  ];
  test.each(cases)("%s", (_, output, shape, target, values, wanted, options, expected) => {
    const share = t.accuracy(t.input("values", output), t.target("wanted", shape, target), options);
    const model = compile(t.network("share", { batch: 2, metrics: { share } })).create();
    const found = evaluate(model, { inputs: { values }, targets: { wanted } }, { rejectNaN: false }) as {
      share: number;
    };
    expect(found.share).toBeCloseTo(expected, 12);
  });
});
