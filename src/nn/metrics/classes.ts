// Metrics of classes: how many answers are right, and of which class they are.

import * as is from "../../ops/call/checks.js";
import type { Metric, MetricFormula } from "../../graph/network.js";
import type { Node } from "../../graph/node.js";
import type { Origin } from "../../graph/origin.js";
import { dim, sizeOf } from "../../graph/shape.js";
import type { Tensor } from "../../graph/tensor.js";
import { badArgument } from "../../messages.js";
import { add, mul } from "../../ops/pointwise/arithmetic.js";
import { spread } from "../../ops/view/broadcast.js";
import { makeSum } from "../../ops/adjoint-pairs.js";
import { makeContract } from "../../ops/contract/contract.js";
import { positiveInteger } from "../../ops/define.js";
import { makeIota } from "../../ops/view/iota.js";
import { makeOneHot } from "../../ops/gather/one-hot.js";
import { makeScalar } from "../../ops/leaf/leaves.js";
import { equal, greater, greaterEqual, less, logicalAnd, makeCast, where } from "../../ops/pointwise/logic.js";
import type { Known } from "../../ops/call/options.js";
import { asFloat } from "../../ops/pointwise/pointwise.js";
import { makeReshape } from "../../ops/view/views.js";
import {
  ANSWER_OPTIONS,
  asRows,
  CLASS_METRIC_OPTIONS,
  decisionsOf,
  isRight,
  type ClassMetricOptions,
  type Decisions,
} from "./decisions.js";
import { makeMetric, sumAll, total } from "./define.js";

/**
 * The share of right answers, 0 to 1 (Keras: `Accuracy`, which likewise picks by the shapes):
 *
 * - output [..., classes] and int32 target [...]: the largest is at the target's index (the first of equals);
 * - output and float target of one shape with several columns: both have their largest in the same column;
 * - one column, or `threshold` given: both are above the threshold (the target above 0.5), or neither; each number
 * counts.
 *
 * An answer with NaN in its output is wrong. With weights: the weight of right answers by that of all; NaN where it is
 * 0.
 * @param output what the network says: scores, probabilities or logits
 * @param target what is right
 * @returns a metric, for a network's `metrics`; a number
 * @throws SHAPE_MISMATCH where shapes do not fit, BAD_ARGUMENT
 * @example
 * ```ts
 * const score = input("score", ["batch", 3]);
 * const digit = labels("digit", ["batch"], 3);
 * const net = network("example", { batch: 2, outputs: { score }, metrics: { accuracy: accuracy(score, digit) } });
 * const data = { inputs: { score: [9, 1, 1, 1, 9, 1] }, targets: { digit: [0, 2] } };
 * evaluate(compile(net).create(), data).accuracy; // 0.5
 * ```
 */
export function accuracy(output: Tensor, target: Tensor, options: ClassMetricOptions = {}): Metric {
  const decisions = decisionsOf("accuracy", output, target, options, CLASS_METRIC_OPTIONS);
  const { origin, weights } = decisions;
  const right =
    decisions.kind === "class" ? equal.at(origin, decisions.predicted, decisions.actual) : isRight(origin, decisions);
  return shareOf(origin, right, weights);
}

const shareOf = (origin: Origin, right: Node, weights: Node): Metric =>
  makeMetric({ right: total(origin, asFloat(origin, right), weights), count: sumAll(origin, weights) }, [
    "divide",
    "right",
    "count",
  ]);

/**
 * The share of answers whose class is among the `k` largest (Keras: `TopKCategoricalAccuracy` and its sparse form). Of
 * equal scores the earlier class ranks first, so that k = 1 is {@link accuracy} (TensorFlow counts all classes that
 * tie for place k as among them). A NaN ranks above every number.
 * @param output [..., classes]
 * @param target int32 class indices [...], or float rows [..., classes] whose largest counts
 * @returns a metric, for a network's `metrics`; a number
 * @throws SHAPE_MISMATCH where shapes do not fit, BAD_ARGUMENT for an output of one column
 * @example
 * ```ts
 * const score = input("score", ["batch", 3]);
 * const digit = labels("digit", ["batch"], 3);
 * const metrics = { topTwo: topKAccuracy(score, digit, { k: 2 }) };
 * const net = network("example", { batch: 2, outputs: { score }, metrics });
 * const data = { inputs: { score: [9, 5, 1, 1, 9, 5] }, targets: { digit: [1, 0] } };
 * evaluate(compile(net).create(), data).topTwo; // 0.5
 * ```
 */
export function topKAccuracy(
  output: Tensor,
  target: Tensor,
  options: Omit<ClassMetricOptions, "threshold"> & {
    /** Among how many. 5 unless stated. */
    readonly k?: number;
  } = {},
): Metric {
  const decisions = decisionsOf("topKAccuracy", output, target, options, { ...ANSWER_OPTIONS, k: is.positiveInteger });
  const { origin, weights } = decisions;
  const k = positiveInteger("topKAccuracy", "k", options.k ?? 5, origin);
  if (decisions.kind === "binary") {
    const expected = "[..., classes] with several classes";
    throw badArgument({ op: "topKAccuracy", argument: "the output", value: output.shape, expected, site: origin.site });
  }
  const { scores, actual, classes } = decisions;
  const axis = scores.shape.length - 1;
  const zero = makeScalar(origin, 0);
  const actualRows = makeOneHot(origin, actual, dim(classes));
  const score = makeSum(origin, where.at(origin, greater.at(origin, actualRows, zero), scores, zero), [axis]);
  const against = spread(origin, score, scores.shape, [axis]);
  const later = greaterEqual.at(
    origin,
    asFloat(origin, makeIota(origin, scores.shape, axis)),
    spread(origin, asFloat(origin, actual), scores.shape, [axis]),
  );
  // Those that rank after the answer's class, and itself: none, where its score is NaN.
  const above = asFloat(origin, greater.at(origin, against, scores));
  const tied = asFloat(origin, logicalAnd.at(origin, equal.at(origin, against, scores), later));
  const beaten = makeSum(origin, add.at(origin, above, tied), [axis]);
  const index = asFloat(origin, actual);
  const isClass = logicalAnd.at(
    origin,
    less.at(origin, index, makeScalar(origin, classes)),
    greaterEqual.at(origin, index, zero),
  );
  const among = greater.at(origin, beaten, makeScalar(origin, classes - k));
  return shareOf(origin, logicalAnd.at(origin, among, isClass), weights);
}

/** The options of {@link f1}, {@link precision} and {@link recall}. */
export interface AverageOptions extends ClassMetricOptions {
  /**
   * Of several classes or labels (scikit-learn's names):
   * - "macro" (default): the mean over the classes that occur in targets or predictions;
   * - "micro": of all answers together; with one class an answer it is the accuracy;
   * - "weighted": the mean weighted by how often a class is the target;
   * - "none": a list with one number for each class.
   */
  readonly average?: "macro" | "micro" | "weighted" | "none";
  /** Of this class only (Keras: class_id), such as 1 for the positive one of two. Of all unless stated. */
  readonly classId?: number;
}

const AVERAGE_OPTIONS = {
  ...CLASS_METRIC_OPTIONS,
  average: is.oneOf("macro", "micro", "weighted", "none"),
  classId: is.wholeNumber,
} satisfies Known<AverageOptions>;

/**
 * Of the answers "yes", the share that is right: true positives / predicted positives; 0 where nothing is predicted
 * (scikit-learn: precision_score, Keras: Precision). For several classes see `average`.
 * @param output as of {@link accuracy}
 * @param target as of {@link accuracy}
 * @returns a metric, for a network's `metrics`; a number, or a list with `average: "none"`
 * @throws SHAPE_MISMATCH where shapes do not fit, BAD_ARGUMENT
 * @example
 * ```ts
 * const p = input("p", ["batch"]);
 * const ill = target("ill", ["batch"]);
 * const net = network("example", { batch: 4, outputs: { p }, metrics: { precision: precision(p, ill) } });
 * const data = { inputs: { p: [0.9, 0.8, 0.7, 0.2] }, targets: { ill: [1, 1, 0, 1] } };
 * evaluate(compile(net).create(), data).precision; // 0.6667
 * ```
 */
export const precision = (output: Tensor, target: Tensor, options: AverageOptions = {}): Metric =>
  counted("precision", output, target, options, (hits, predicted) => ["ratio", hits, predicted]);

/**
 * Of what should be "yes", the share that is found: true positives / actual positives; 0 where there are none
 * (scikit-learn: recall_score, Keras: Recall). For several classes see `average`.
 * @param output as of {@link accuracy}
 * @param target as of {@link accuracy}
 * @returns a metric, for a network's `metrics`; a number, or a list with `average: "none"`
 * @throws SHAPE_MISMATCH where shapes do not fit, BAD_ARGUMENT
 * @example
 * ```ts
 * const p = input("p", ["batch"]);
 * const ill = target("ill", ["batch"]);
 * const net = network("example", { batch: 4, outputs: { p }, metrics: { recall: recall(p, ill) } });
 * const data = { inputs: { p: [0.9, 0.8, 0.2, 0.1] }, targets: { ill: [1, 0, 1, 1] } };
 * evaluate(compile(net).create(), data).recall; // 0.3333
 * ```
 */
export const recall = (output: Tensor, target: Tensor, options: AverageOptions = {}): Metric =>
  counted("recall", output, target, options, (hits, _, actual) => ["ratio", hits, actual]);

/**
 * The harmonic mean of precision and recall: 2 true positives / (predicted + actual positives); 0 where both are 0
 * (scikit-learn: f1_score, Keras: F1Score). For several classes see `average`.
 * @param output as of {@link accuracy}
 * @param target as of {@link accuracy}
 * @returns a metric, for a network's `metrics`; a number, or a list with `average: "none"`
 * @throws SHAPE_MISMATCH where shapes do not fit, BAD_ARGUMENT
 * @example
 * ```ts
 * const p = input("p", ["batch"]);
 * const ill = target("ill", ["batch"]);
 * const net = network("example", { batch: 4, outputs: { p }, metrics: { f1: f1(p, ill) } });
 * const data = { inputs: { p: [0.9, 0.8, 0.2, 0.1] }, targets: { ill: [1, 0, 1, 1] } };
 * evaluate(compile(net).create(), data).f1; // 0.4
 * ```
 */
export const f1 = (output: Tensor, target: Tensor, options: AverageOptions = {}): Metric =>
  counted("f1", output, target, options, (hits, predicted, actual) => [
    "ratio",
    ["multiply", 2, hits],
    ["add", predicted, actual],
  ]);

type Score = (hits: MetricFormula, predicted: MetricFormula, actual: MetricFormula) => MetricFormula;

const AVERAGES = ["macro", "micro", "weighted", "none"] as const;

function counted(op: string, output: Tensor, target: Tensor, options: AverageOptions, score: Score): Metric {
  const decisions = decisionsOf(op, output, target, options, AVERAGE_OPTIONS);
  const { origin } = decisions;
  const rows = asRows(decisions);
  const count = classesOf(decisions);
  const axes = rows.actual.shape.map((_, i) => i).slice(0, count > 1 ? -1 : undefined);
  const sum = (node: Node): Node => makeSum(origin, mul.at(origin, node, rows.weights), axes);
  const statistics = {
    hits: sum(mul.at(origin, rows.predicted, rows.actual)),
    predicted: sum(rows.predicted),
    actual: sum(rows.actual),
  };
  const each = score("hits", "predicted", "actual");
  const { average = "macro", classId } = options;
  if (!AVERAGES.includes(average)) {
    const expected = AVERAGES.map((name) => `"${name}"`).join(", ");
    throw badArgument({ op, argument: "average", value: average, expected, site: origin.site });
  }
  if (classId !== undefined) {
    if (!Number.isInteger(classId) || classId < 0 || classId >= Math.max(count, 2) || (count === 1 && classId === 0)) {
      const expected = count > 1 ? `an integer from 0 to ${count - 1}` : "1 where there is one column";
      throw badArgument({ op, argument: "classId", value: classId, expected, site: origin.site });
    }
    return makeMetric(statistics, count === 1 ? each : ["at", each, classId]);
  }
  if (count === 1) return makeMetric(statistics, each);
  const result: Record<typeof average, MetricFormula> = {
    macro: ["ratio", ["sum", each], ["sum", ["positive", ["add", "predicted", "actual"]]]],
    micro: score(["sum", "hits"], ["sum", "predicted"], ["sum", "actual"]),
    weighted: ["ratio", ["sum", ["multiply", "actual", each]], ["sum", "actual"]],
    none: each,
  };
  return makeMetric(statistics, result[average], { shape: average === "none" ? [count] : [] });
}

const classesOf = (decisions: Decisions): number => (decisions.kind === "class" ? decisions.classes : decisions.labels);

/**
 * How often class i was answered with class j: a table [classes, classes], rows the targets and columns the
 * predictions (scikit-learn: confusion_matrix); two classes, no and yes, for one column. Weights add up in place of
 * counts. An answer with NaN in its output is in no column (one column: it is a "no").
 * @param output as of {@link accuracy}
 * @param target as of {@link accuracy}
 * @returns a metric, for a network's `metrics`; a table
 * @throws SHAPE_MISMATCH where shapes do not fit, BAD_ARGUMENT for a threshold of several columns
 * @example
 * ```ts
 * const p = input("p", ["batch"]);
 * const ill = target("ill", ["batch"]);
 * const net = network("example", { batch: 4, outputs: { p }, metrics: { table: confusionMatrix(p, ill) } });
 * const data = { inputs: { p: [0.9, 0.8, 0.2, 0.1] }, targets: { ill: [1, 0, 1, 1] } };
 * evaluate(compile(net).create(), data).table; // [[0, 1], [2, 1]]
 * ```
 */
export function confusionMatrix(output: Tensor, target: Tensor, options: ClassMetricOptions = {}): Metric {
  const decisions = decisionsOf("confusionMatrix", output, target, options, CLASS_METRIC_OPTIONS);
  const { origin, weights } = decisions;
  if (decisions.kind === "binary" && decisions.labels > 1) {
    const expected = "absent for several columns: each would have a table of its own";
    const { site } = origin;
    throw badArgument({ op: "confusionMatrix", argument: "threshold", value: options.threshold, expected, site });
  }
  const classes = Math.max(classesOf(decisions), 2);
  const indices = (node: Node): Node => makeCast(origin, node, "int32");
  const [predicted, actual] =
    decisions.kind === "class"
      ? [decisions.predicted, decisions.actual]
      : [indices(decisions.yes), indices(decisions.actual)];
  const flat = (node: Node): Node => makeReshape(origin, node, [sizeOf(actual.shape)]);
  const answers = makeOneHot(origin, flat(predicted), dim(classes));
  const truths = makeOneHot(origin, flat(actual), dim(classes));
  const weighed = mul.at(origin, truths, spread(origin, flat(weights), truths.shape, [1]));
  const counts = makeContract(origin, weighed, answers, { left: [2, 0], right: [2, 1], output: [0, 1] });
  return makeMetric({ counts }, "counts", { shape: [classes, classes] });
}
