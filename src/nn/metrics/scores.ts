// Metrics of numbers: how well scores order two classes, how well predictions follow targets, how sure a language model is.

import * as is from "../../ops/call/checks.js";
import type { Metric, MetricFormula } from "../../graph/network.js";
import { dim, isOne, sameShape, sizeOf } from "../../graph/shape.js";
import type { Tensor } from "../../graph/tensor.js";
import { badArgument, shapeMismatch } from "../../messages.js";
import { div, floor, minimum, mul, sigmoid, square, sub } from "../../ops/pointwise/arithmetic.js";
import { spread } from "../../ops/view/broadcast.js";
import { makeScatterAdd, makeSum } from "../../ops/adjoint-pairs.js";
import { positiveInteger, tensorOperand } from "../../ops/define.js";
import { makeOneHot } from "../../ops/gather/one-hot.js";
import { makeScalar } from "../../ops/leaf/leaves.js";
import { greater, makeCast, where } from "../../ops/pointwise/logic.js";
import { callOrigin, type Known } from "../../ops/call/options.js";
import { asFloat } from "../../ops/pointwise/pointwise.js";
import { makeSoftmaxCrossEntropy } from "../../ops/composite/entropy.js";
import { makeReshape } from "../../ops/view/views.js";
import { ANSWER_OPTIONS, answerWeights, type ClassMetricOptions } from "./decisions.js";
import { fixedSize, makeMetric, METRIC_OPTIONS, sumAll, total, weightsOf, type MetricOptions } from "./define.js";

/** The options of {@link auc}. */
export interface AucOptions extends MetricOptions {
  /** Bins of equal width from 0 to 1 that scores are counted in. Default 200 (Keras: num_thresholds). */
  readonly bins?: number;
  /** What the scores are: "probabilities" unless stated; of "logits" the sigmoid is counted. */
  readonly from?: "probabilities" | "logits";
  /** The area under the receiver operating characteristic (default), or average precision under precision and recall. */
  readonly curve?: "roc" | "precisionRecall";
}

const AUC_OPTIONS = {
  ...METRIC_OPTIONS,
  bins: is.positiveInteger,
  from: is.oneOf("probabilities", "logits"),
  curve: is.oneOf("roc", "precisionRecall"),
} satisfies Known<AucOptions>;

/**
 * The area under a curve over all thresholds, from a histogram of scores from 0 to 1 for each of the two classes
 * (Keras: AUC). Unless stated it is the probability that a positive scores above a negative, where scores of one bin
 * count one half: it differs from the exact area (scikit-learn: roc_auc_score) by at most half the share of pairs that
 * meet in a bin. With `curve: "precisionRecall"` it is scikit-learn's average_precision_score of the binned scores.
 *
 * Without a positive (or, for "roc", a negative) answer it is not defined and NaN. Scores beyond 0 and 1 are counted
 * in the outermost bins, NaN in the lowest.
 * @param scores float [...]; [..., 1] fits a target [...]
 * @param target the same shape: above 0.5 (int32: not 0) is positive
 * @returns a metric, for a network's `metrics`; a number
 * @throws SHAPE_MISMATCH unless there is one score for each target, BAD_ARGUMENT
 * @example
 * ```ts
 * const p = input("p", ["batch"]);
 * const ill = target("ill", ["batch"]);
 * const net = network("example", { batch: 4, outputs: { p }, metrics: { auc: auc(p, ill) } });
 * const data = { inputs: { p: [0.9, 0.8, 0.2, 0.1] }, targets: { ill: [1, 0, 1, 0] } };
 * evaluate(compile(net).create(), data).auc; // 0.75
 * ```
 */
export function auc(scores: Tensor, target: Tensor, options: AucOptions = {}): Metric {
  const origin = callOrigin("auc", options, AUC_OPTIONS);
  const scoreNode = asFloat(origin, tensorOperand("auc", "the scores", scores, origin));
  const truth = tensorOperand("auc", "the target", target, origin);
  const bins = positiveInteger("auc", "bins", options.bins ?? 200, origin);
  const column =
    scoreNode.shape.length > 0 &&
    isOne(scoreNode.shape.at(-1)!) &&
    sameShape(scoreNode.shape.slice(0, -1), truth.shape);
  if (!column && !sameShape(scoreNode.shape, truth.shape)) {
    const why = "there is one score for each target";
    throw shapeMismatch({ op: "auc", left: scoreNode.shape, right: truth.shape, why, site: origin.site });
  }
  if (options.curve !== undefined && options.curve !== "roc" && options.curve !== "precisionRecall") {
    const expected = '"roc" or "precisionRecall"';
    throw badArgument({ op: "auc", argument: "curve", value: options.curve, expected, site: origin.site });
  }
  const weights = weightsOf(origin, options, truth.shape);
  const all = [sizeOf(truth.shape)];
  const flat = (node: typeof scoreNode): typeof scoreNode => makeReshape(origin, node, all);
  const score = flat(options.from === "logits" ? sigmoid.at(origin, scoreNode) : scoreNode);
  const place = minimum.at(
    origin,
    floor.at(origin, mul.at(origin, score, makeScalar(origin, bins))),
    makeScalar(origin, bins - 1),
  );
  const zero = makeScalar(origin, 0);
  // A comparison with NaN fails: what is written to is in range whatever the scores are.
  const bin = makeCast(origin, where.at(origin, greater.at(origin, score, zero), place, zero), "int32");
  const positive =
    truth.dtype === "float32" ? greater.at(origin, truth, makeScalar(origin, 0.5)) : makeCast(origin, truth, "bool");
  const chosen = flat(asFloat(origin, positive));
  const counted = flat(weights);
  const histogram = (values: typeof scoreNode): typeof scoreNode =>
    makeScatterAdd(origin, values, bin, { axis: 0, shape: [dim(bins)] });
  const positives = mul.at(origin, counted, chosen);
  const statistics = { positives: histogram(positives), negatives: histogram(sub.at(origin, counted, positives)) };
  return makeMetric(statistics, options.curve === "precisionRecall" ? PRECISION_RECALL : ROC);
}

const ROC: MetricFormula = [
  "divide",
  ["sum", ["multiply", "negatives", ["add", ["after", "positives"], ["multiply", 0.5, "positives"]]]],
  ["multiply", ["sum", "positives"], ["sum", "negatives"]],
];

const truePositives: MetricFormula = ["add", "positives", ["after", "positives"]];
const falsePositives: MetricFormula = ["add", "negatives", ["after", "negatives"]];
const PRECISION_RECALL: MetricFormula = [
  "divide",
  ["sum", ["multiply", "positives", ["ratio", truePositives, ["add", truePositives, falsePositives]]]],
  ["sum", "positives"],
];

/**
 * The coefficient of determination: 1 - squared residuals / squared deviations of the targets from their mean over all
 * rows; 1 is perfect, 0 as good as the mean, below 0 worse (scikit-learn: r2_score with uniform_average, Keras:
 * R2Score). Of several columns the mean of each column's. Where all targets of a column are equal it is -Infinity or
 * NaN. A batch's deviations are taken from its own mean and joined in float64, so that large means cost no digits.
 * @param prediction float [...]; the last axis of several is that of columns
 * @param target the same shape
 * @returns a metric, for a network's `metrics`; a number
 * @throws SHAPE_MISMATCH where the shapes differ
 * @example
 * ```ts
 * const y = input("y", ["batch"]);
 * const price = target("price", ["batch"]);
 * const net = network("example", { batch: 4, outputs: { y }, metrics: { r2: rSquared(y, price) } });
 * evaluate(compile(net).create(), { inputs: { y: [1, 2, 4] }, targets: { price: [1, 2, 3] } }).r2; // 0.5
 * ```
 */
export function rSquared(prediction: Tensor, target: Tensor, options: MetricOptions = {}): Metric {
  const origin = callOrigin("rSquared", options, METRIC_OPTIONS);
  const a = asFloat(origin, tensorOperand("rSquared", "the prediction", prediction, origin));
  const b = asFloat(origin, tensorOperand("rSquared", "the target", target, origin));
  if (!sameShape(a.shape, b.shape)) {
    const why = "there is one prediction for each target";
    throw shapeMismatch({ op: "rSquared", left: a.shape, right: b.shape, why, site: origin.site });
  }
  const columns = b.shape.length > 1;
  if (columns) fixedSize("rSquared", "the columns", b.shape, origin);
  const axes = b.shape.map((_, i) => i).slice(0, columns ? -1 : undefined);
  const weights = weightsOf(origin, options, b.shape);
  const sum = (node: typeof a): typeof a => makeSum(origin, mul.at(origin, node, weights), axes);
  const count = makeSum(origin, weights, axes);
  const all = sum(b);
  const zero = makeScalar(origin, 0);
  const some = greater.at(origin, count, zero);
  const mean = div.at(origin, all, where.at(origin, some, count, makeScalar(origin, 1)));
  const deviation = sub.at(origin, b, spread(origin, mean, b.shape, axes));
  return makeMetric(
    {
      count,
      sum: all,
      within: sum(square.at(origin, deviation)),
      residual: sum(square.at(origin, sub.at(origin, a, b))),
    },
    [
      "mean",
      [
        "subtract",
        1,
        [
          "divide",
          "residual",
          ["add", "within", ["subtract", "between", ["ratio", ["multiply", "sum", "sum"], "count"]]],
        ],
      ],
    ],
    {
      totals: {
        count: "count",
        sum: "sum",
        within: "within",
        residual: "residual",
        between: ["ratio", ["multiply", "sum", "sum"], "count"],
      },
    },
  );
}

/**
 * The root of the mean squared error over all rows and columns, in the target's unit (Keras: RootMeanSquaredError).
 * @param prediction a tensor of any shape
 * @param target of the same shape
 * @returns a metric, for a network's `metrics`; a number
 * @throws SHAPE_MISMATCH where the shapes differ
 * @example
 * ```ts
 * const y = input("y", ["batch"]);
 * const price = target("price", ["batch"]);
 * const net = network("example", { batch: 4, outputs: { y }, metrics: { error: rootMeanSquaredError(y, price) } });
 * evaluate(compile(net).create(), { inputs: { y: [1, 2, 4] }, targets: { price: [1, 2, 1] } }).error; // 1.732
 * ```
 */
export function rootMeanSquaredError(prediction: Tensor, target: Tensor, options: MetricOptions = {}): Metric {
  const origin = callOrigin("rootMeanSquaredError", options, METRIC_OPTIONS);
  const a = asFloat(origin, tensorOperand("rootMeanSquaredError", "the prediction", prediction, origin));
  const b = asFloat(origin, tensorOperand("rootMeanSquaredError", "the target", target, origin));
  if (!sameShape(a.shape, b.shape)) {
    const why = "there is one prediction for each target";
    throw shapeMismatch({ op: "rootMeanSquaredError", left: a.shape, right: b.shape, why, site: origin.site });
  }
  const weights = weightsOf(origin, options, b.shape);
  const error = square.at(origin, sub.at(origin, a, b));
  return makeMetric({ squares: total(origin, error, weights), count: sumAll(origin, weights) }, [
    "sqrt",
    ["divide", "squares", "count"],
  ]);
}

/**
 * The exponential of the mean cross-entropy, in nats, over all answers that count: how many classes a model wavers
 * between (Keras: Perplexity). NaN where no answer counts.
 * @param logits float [..., classes]
 * @param target int32 class indices [...]; an ignored one need not be a class
 * @returns a metric, for a network's `metrics`; a number
 * @throws SHAPE_MISMATCH where shapes do not fit, BAD_ARGUMENT
 * @example
 * ```ts
 * const score = input("score", ["batch", 4]);
 * const next = labels("next", ["batch"], 4);
 * const net = network("example", { batch: 1, outputs: { score }, metrics: { perplexity: perplexity(score, next) } });
 * evaluate(compile(net).create(), { inputs: { score: [0, 0, 0, 0] }, targets: { next: [2] } }).perplexity; // 4
 * ```
 */
export function perplexity(
  logits: Tensor,
  target: Tensor,
  options: Omit<ClassMetricOptions, "threshold"> = {},
): Metric {
  const origin = callOrigin("perplexity", options, ANSWER_OPTIONS);
  const scores = asFloat(origin, tensorOperand("perplexity", "the logits", logits, origin));
  const answers = tensorOperand("perplexity", "the target", target, origin);
  const leading = scores.shape.slice(0, -1);
  if (scores.shape.length === 0 || answers.dtype !== "int32" || !sameShape(leading, answers.shape)) {
    const why = "the target holds one int32 class index for each row of logits";
    throw shapeMismatch({ op: "perplexity", left: scores.shape, right: answers.shape, why, site: origin.site });
  }
  const classes = dim(fixedSize("perplexity", "the classes", scores.shape, origin));
  const zero = makeScalar(origin, 0);
  // One-hot rows take any index, that of ignored answers too; without those the loss has the same node.
  const ignores = options.ignoreIndex !== undefined;
  const truth = ignores ? makeOneHot(origin, answers, classes) : answers;
  const entropy = makeSoftmaxCrossEntropy(origin, scores, truth);
  const weights = answerWeights(origin, "perplexity", answers, leading, options);
  // An ignored answer's entropy may be infinite.
  const counted = where.at(origin, greater.at(origin, weights, zero), entropy, zero);
  return makeMetric({ nats: total(origin, counted, weights), count: sumAll(origin, weights) }, [
    "exp",
    ["divide", "nats", "count"],
  ]);
}

/**
 * The mean of a tensor's elements over all rows, by weight (Keras: Mean): for anything that is not a loss already. NaN
 * where all weights are 0.
 * @param values a tensor of any shape; int32 and bool are converted to float32
 * @returns a metric, for a network's `metrics`; a number
 * @throws SHAPE_MISMATCH for weights that do not fit
 * @example
 * ```ts
 * const x = input("x", ["batch"]);
 * const net = network("example", { batch: 2, outputs: { x }, metrics: { positive: average(greater(x, 0)) } });
 * evaluate(compile(net).create(), { inputs: { x: [-1, 2, 3] }, targets: {} }).positive; // 0.6667
 * ```
 */
export function average(values: Tensor, options: MetricOptions = {}): Metric {
  const origin = callOrigin("average", options, METRIC_OPTIONS);
  const node = asFloat(origin, tensorOperand("average", "the values", values, origin));
  const weights = weightsOf(origin, options, node.shape);
  return makeMetric({ sum: total(origin, node, weights), count: sumAll(origin, weights) }, ["divide", "sum", "count"]);
}
