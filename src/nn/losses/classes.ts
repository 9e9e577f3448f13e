// Losses over classes: cross-entropy, negative log-likelihood, focal loss.

import * as is from "../../ops/call/checks.js";
import type { Node } from "../../graph/node.js";
import { part, type Origin } from "../../graph/origin.js";
import type { NamesOf } from "../../graph/option-types.js";
import type { Tensor } from "../../graph/tensor.js";
import { badArgument, wrongDtype } from "../../messages.js";
import { softplus } from "../../ops/pointwise/activations.js";
import { add, div, exp, mul, neg, sub } from "../../ops/pointwise/arithmetic.js";
import { broadcastLast } from "../../ops/view/broadcast.js";
import { finiteNumber, tensorOperand } from "../../ops/define.js";
import { makeSoftmaxCrossEntropy } from "../../ops/composite/entropy.js";
import { makePick } from "../../ops/gather/pick.js";
import { makeOneHot } from "../../ops/gather/one-hot.js";
import { makeScalar, makeSize } from "../../ops/leaf/leaves.js";
import { equal, where } from "../../ops/pointwise/logic.js";
import { callOrigin } from "../../ops/call/options.js";
import { asFloat } from "../../ops/pointwise/pointwise.js";
import { fromPeak, makeLogSumExp } from "../../ops/composite/log-sum-exp.js";
import {
  answersFor,
  CLASS_OPTIONS,
  classesLast,
  classFactors,
  reduceAnswers,
  reduced,
  type ClassOptions,
} from "./answers.js";
import type { ClassAnswers, ClassIds, ClassLoss } from "./class-types.js";
import { atLeast, LOSS_OPTIONS, overRows, requireSame, type LossOptions, type ScalarLoss } from "./rows.js";

/** The options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends ClassOptions {
  /**
   * The share of the probability that is spread evenly over all classes, 0 to 1 (Szegedy et al., 2016, arXiv:1512.00567, as
   * in PyTorch and Keras). 0 unless stated.
   */
  readonly labelSmoothing?: number;
}

/**
 * The cross-entropy of softmax(logits), in nats: PyTorch's CrossEntropyLoss and ONNX' SoftmaxCrossEntropyLoss, which
 * have the classes in axis 1 (`axis: 1`). Where no answer counts the mean is 0 (PyTorch and ONNX have NaN).
 * @param logits [..., classes]
 * @param target int32 class indices [...], or float probabilities [..., classes]. With probabilities class weights
 *   multiply the term of each class, and a mean divides by the number of rows
 * @returns a float32 scalar; with `reduction: "none"` the loss of each answer, [...]
 * @throws WRONG_RANK, SHAPE_MISMATCH and WRONG_DTYPE for a target that does not fit, BAD_ARGUMENT for indices that may
 *   name no class
 * @example
 * ```ts
 * const logits = constant([[2, 0, 0], [0, 0, 5]]);
 * const digit = constant([0, 1], { dtype: "int32" });
 * const net = network("example", { batch: 1, outputs: { mean: crossEntropy(logits, digit), each: crossEntropy(logits, digit, { reduction: "none" }) } });
 * interpret(net, {}).outputs; // { mean: [2.626], each: [0.2395, 5.013] }
 * ```
 */
export function crossEntropy<
  A extends Tensor,
  B extends Tensor,
  const O extends CrossEntropyOptions = Record<never, never>,
>(
  logits: A,
  target: ClassAnswers<A, B, O, "crossEntropy"> & B,
  options?: NamesOf<O, CrossEntropyOptions> & O,
): ClassLoss<O>;
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const op = "crossEntropy";
  const origin = callOrigin(op, options, { ...CLASS_OPTIONS, labelSmoothing: is.finite });
  const each = part(origin, "losses");
  const { axis, ignoreIndex, classWeights } = options;
  const scores = classesLast(origin, "logits", asFloat(origin, tensorOperand(op, "logits", logits, origin)), axis);
  const targetNode = tensorOperand(op, "target", target, origin);
  const smoothing = shareOf(origin, options.labelSmoothing ?? 0);
  const factors = classFactors(origin, classWeights, scores.shape.at(-1)!);
  if (targetNode.dtype !== "int32") {
    const probabilities = classesLast(origin, "target", asFloat(origin, targetNode), axis);
    // Made without smoothing too: it refuses what does not fit.
    const plain = makeSoftmaxCrossEntropy(each, scores, probabilities);
    if (ignoreIndex !== undefined) {
      throw wrongDtype({
        op,
        operand: "a target with ignoreIndex",
        dtype: targetNode.dtype,
        expected: "int32",
        site: origin.site,
      });
    }
    if (smoothing === 0 && factors === undefined) return reduced(origin, plain, options);
    const soft = weightedTarget(origin, smoothed(origin, scores, probabilities, smoothing), factors);
    return reduced(origin, makeSoftmaxCrossEntropy(each, scores, soft), options);
  }
  const answers = answersFor(origin, scores, targetNode, ignoreIndex);
  if (smoothing === 0) {
    const losses = makeSoftmaxCrossEntropy(each, scores, answers.indices);
    return reduceAnswers(origin, losses, answers, factors, options);
  }
  const hot = makeOneHot(origin, answers.indices, scores.shape.at(-1)!);
  const soft = weightedTarget(origin, smoothed(origin, scores, hot, smoothing), factors);
  const losses = makeSoftmaxCrossEntropy(each, scores, soft);
  if (factors === undefined) return reduceAnswers(origin, losses, answers, undefined, options);
  // The terms have their classes' factors already; only the divisor still needs those of the answers.
  const answerFactors = makePick(origin, broadcastLast(origin, factors, scores.shape), answers.indices);
  const safe = where.at(
    origin,
    equal.at(origin, answerFactors, makeScalar(origin, 0)),
    makeScalar(origin, 1),
    answerFactors,
  );
  return options.reduction === "none" || options.reduction === "sum"
    ? reduceAnswers(origin, losses, answers, undefined, options)
    : reduceAnswers(origin, div.at(origin, losses, safe), answers, factors, options);
}

function shareOf(origin: Origin, share: number): number {
  const op = origin.site.call;
  const smoothing = finiteNumber(op, "labelSmoothing", share, origin);
  if (smoothing >= 0 && smoothing <= 1) return smoothing;
  const expected = "from 0 to 1";
  throw badArgument({ op, argument: "labelSmoothing", value: share, expected, site: origin.site });
}

/** The target as probabilities, a share of which is spread evenly over the classes. */
function smoothed(origin: Origin, logits: Node, rows: Node, share: number): Node {
  if (share === 0) return rows;
  const spread = div.at(origin, makeScalar(origin, share), makeSize(origin, logits.shape.at(-1)!));
  return add.at(origin, mul.at(origin, rows, makeScalar(origin, 1 - share)), spread);
}

const weightedTarget = (origin: Origin, target: Node, factors: Node | undefined): Node =>
  factors ? mul.at(origin, target, factors) : target;

/**
 * Minus the log-probability of the right class, in nats: PyTorch's NLLLoss and ONNX' NegativeLogLikelihoodLoss, which
 * have the classes in axis 1 (`axis: 1`). Where no answer counts the mean is 0 (PyTorch and ONNX have NaN).
 * @param logProbabilities [..., classes], as {@link logSoftmax} gives them
 * @param target int32 class indices [...]
 * @returns a float32 scalar; with `reduction: "none"` the loss of each answer, [...]
 * @throws WRONG_RANK, SHAPE_MISMATCH and WRONG_DTYPE for a target that does not fit, BAD_ARGUMENT for indices that may
 *   name no class
 * @example
 * ```ts
 * const scores = logSoftmax(constant([[2, 0, 0]]));
 * const net = network("example", { batch: 1, outputs: { loss: negativeLogLikelihood(scores, constant([0], { dtype: "int32" })) } });
 * interpret(net, {}).outputs.loss; // [0.2395]
 * ```
 */
export function negativeLogLikelihood<
  A extends Tensor,
  B extends Tensor,
  const O extends ClassOptions = Record<never, never>,
>(
  logProbabilities: A,
  target: ClassIds<A, B, O, "negativeLogLikelihood"> & B,
  options?: NamesOf<O, ClassOptions> & O,
): ClassLoss<O>;
export function negativeLogLikelihood(logProbabilities: Tensor, target: Tensor, options: ClassOptions = {}): Tensor {
  const op = "negativeLogLikelihood";
  const origin = callOrigin(op, options, CLASS_OPTIONS);
  const logs = asFloat(origin, tensorOperand(op, "logProbabilities", logProbabilities, origin));
  const scores = classesLast(origin, "logProbabilities", logs, options.axis);
  const answers = answersFor(origin, scores, tensorOperand(op, "target", target, origin), options.ignoreIndex);
  const factors = classFactors(origin, options.classWeights, scores.shape.at(-1)!);
  const losses = neg.at(origin, makePick(origin, scores, answers.indices));
  return reduceAnswers(origin, losses, answers, factors, options);
}

/** The options of {@link focalLoss}. */
export interface FocalOptions extends LossOptions {
  /** The exponent of 1 - p, at least 0; 2 unless stated. 0 gives the cross-entropy. */
  readonly gamma?: number;
  /**
   * Of yes-or-no targets: the factor of the answer 1, that of 0 being 1 - alpha; 0.25 unless stated. Of classes: a factor of
   * all losses; 1 unless stated.
   */
  readonly alpha?: number;
}

/**
 * Focal loss: -alpha (1 - p)^gamma log p, in nats, where p is the probability of the right answer: easy answers count
 * less. Lin et al. (2017), arXiv:1708.02002. Between yes-or-no targets it is torchvision's `sigmoid_focal_loss`; a
 * target between 0 and 1 mixes the losses of both answers. Of classes it is Keras' CategoricalFocalCrossentropy with
 * `fromLogits`.
 * @param logits [...], or [..., classes]
 * @param target floats from 0 to 1 of the same shape, or int32 class indices [...]
 * @returns a float32 scalar
 * @throws SHAPE_MISMATCH for a target that does not fit, BAD_ARGUMENT for a gamma or alpha out of range
 * @example
 * ```ts
 * const logits = constant([3, -1]);
 * const net = network("example", { batch: 1, outputs: { loss: focalLoss(logits, constant([1, 1])) } });
 * interpret(net, {}).outputs.loss; // [0.08775]
 * ```
 */
export function focalLoss(logits: Tensor, target: Tensor, options: FocalOptions = {}): ScalarLoss {
  const op = "focalLoss";
  const origin = callOrigin(op, options, { ...LOSS_OPTIONS, gamma: is.finite, alpha: is.finite });
  const scores = asFloat(origin, tensorOperand(op, "logits", logits, origin));
  const targetNode = tensorOperand(op, "target", target, origin);
  const gamma = atLeast(origin, "gamma", options.gamma ?? 2, 0);
  if (targetNode.dtype === "int32") return focalOfClasses(origin, scores, targetNode, gamma, options);
  const answers = asFloat(origin, targetNode);
  requireSame(op, scores, answers, origin);
  const alpha = atLeast(origin, "alpha", options.alpha ?? 0.25, 0);
  if (alpha > 1) throw badArgument({ op, argument: "alpha", value: alpha, expected: "from 0 to 1", site: origin.site });
  const num = (value: number): Node => makeScalar(origin, value);
  // Of an answer with logit z: -log p = softplus(-z), log(1 - p) = -softplus(z).
  const loss = (z: Node, factor: number): Node => {
    const missed = exp.at(origin, mul.at(origin, softplus.at(origin, z), num(-gamma)));
    return mul.at(origin, mul.at(origin, missed, softplus.at(origin, neg.at(origin, z))), num(factor));
  };
  const yes = mul.at(origin, answers, loss(scores, alpha));
  const no = mul.at(origin, sub.at(origin, num(1), answers), loss(neg.at(origin, scores), 1 - alpha));
  return overRows(origin, add.at(origin, yes, no), options);
}

function focalOfClasses(origin: Origin, logits: Node, target: Node, gamma: number, options: FocalOptions): ScalarLoss {
  const scores = classesLast(origin, "logits", logits, undefined);
  const last = scores.shape.length - 1;
  const { indices } = answersFor(origin, scores, target, undefined);
  const alpha = atLeast(origin, "alpha", options.alpha ?? 1, 0);
  const hot = makeOneHot(origin, indices, scores.shape[last]!);
  const isOther = equal.at(origin, hot, makeScalar(origin, 0));
  // log(1 - p), from the other classes: 1 minus a probability near 1 would lose its digits.
  // Logits are taken from the largest, so that the difference is not one of large numbers.
  const shifted = fromPeak(origin, scores, [last]);
  const others = makeLogSumExp(origin, where.at(origin, isOther, shifted, makeScalar(origin, -Infinity)), [last]);
  const missed = sub.at(origin, others, makeLogSumExp(origin, shifted, [last]));
  const entropy = makeSoftmaxCrossEntropy(origin, scores, indices);
  // Where the other classes have no probability at all, 0 times the logarithm of it would be no number.
  const factor =
    gamma === 0 ? makeScalar(origin, 1) : exp.at(origin, mul.at(origin, missed, makeScalar(origin, gamma)));
  const losses = mul.at(origin, factor, entropy);
  return overRows(origin, mul.at(origin, losses, makeScalar(origin, alpha)), options);
}
