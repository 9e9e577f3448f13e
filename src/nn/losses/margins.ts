// Losses with a margin: hinge, triplet, cosine similarity.

import * as is from "../../ops/call/checks.js";
import type { Node } from "../../graph/node.js";
import type { Origin } from "../../graph/origin.js";
import { sameShape } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { badArgument, shapeMismatch } from "../../messages.js";
import { relu } from "../../ops/pointwise/activations.js";
import { add, div, maximum, mul, square, sub } from "../../ops/pointwise/arithmetic.js";
import { spread } from "../../ops/view/broadcast.js";
import { makeSum } from "../../ops/adjoint-pairs.js";
import { tensorOperand, toAxis } from "../../ops/define.js";
import { makePick } from "../../ops/gather/pick.js";
import { makeOneHot } from "../../ops/gather/one-hot.js";
import { makeScalar, makeSize } from "../../ops/leaf/leaves.js";
import { greater, where } from "../../ops/pointwise/logic.js";
import { callOrigin, type Known } from "../../ops/call/options.js";
import { asFloat } from "../../ops/pointwise/pointwise.js";
import { makeNorm } from "../../ops/reduce/statistics.js";
import { answersFor, classesLast } from "./answers.js";
import { atLeast, LOSS_OPTIONS, overRows, pair, requireSame, type LossOptions, type ScalarLoss } from "./rows.js";

/** The options of {@link hinge}. */
export interface HingeOptions extends LossOptions {
  /** 1 unless stated, above 0. */
  readonly margin?: number;
  /** True: the square of each term (Keras' SquaredHinge, `p=2` in PyTorch). False unless stated. */
  readonly squared?: boolean;
}

/**
 * Hinge loss. Of yes-or-no targets -1 and 1: max(0, margin - target * score), as in Keras (which also takes 0 for -1:
 * give -1). Of classes: the sum over the wrong classes of max(0, margin - score of the right one + score of the wrong
 * one), divided by the number of classes (Weston & Watkins, 1999; PyTorch's MultiMarginLoss). Its gradient at the kink
 * is 0.
 * @param scores [...], or [..., classes]
 * @param target floats -1 and 1 of the same shape, or int32 class indices [...]
 * @returns a float32 scalar
 * @throws SHAPE_MISMATCH for a target that does not fit, BAD_ARGUMENT for a margin that is not above 0
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { loss: hinge(constant([0.5, 2]), constant([1, 1])) } });
 * interpret(net, {}).outputs.loss; // [0.25]
 * ```
 */
export function hinge(scores: Tensor, target: Tensor, options: HingeOptions = {}): ScalarLoss {
  const op = "hinge";
  const origin = callOrigin(op, options, { ...LOSS_OPTIONS, margin: is.finite, squared: is.flag });
  const x = asFloat(origin, tensorOperand(op, "scores", scores, origin));
  const targetNode = tensorOperand(op, "target", target, origin);
  const margin = makeScalar(origin, atLeast(origin, "margin", options.margin ?? 1, 0, true));
  const above = (missing: Node): Node => {
    const term = relu.at(origin, missing);
    return options.squared ? square.at(origin, term) : term;
  };
  if (targetNode.dtype !== "int32") {
    const answers = asFloat(origin, targetNode);
    requireSame(op, x, answers, origin);
    return overRows(origin, above(sub.at(origin, margin, mul.at(origin, answers, x))), options);
  }
  const rows = classesLast(origin, "scores", x, undefined);
  const last = rows.shape.length - 1;
  const { indices } = answersFor(origin, rows, targetNode, undefined);
  const right = spread(origin, makePick(origin, rows, indices), rows.shape, [last]);
  const terms = above(add.at(origin, sub.at(origin, margin, right), rows));
  const wrong = sub.at(origin, makeScalar(origin, 1), makeOneHot(origin, indices, rows.shape[last]!));
  const sums = makeSum(origin, mul.at(origin, terms, wrong), [last]);
  return overRows(origin, div.at(origin, sums, makeSize(origin, rows.shape[last]!)), options);
}

/** The options of {@link tripletLoss}. */
export interface TripletOptions extends LossOptions {
  /** 1 unless stated, above 0; in the unit of the distance. */
  readonly margin?: number;
  /** "euclidean" unless stated (PyTorch); "squared" distances are FaceNet's (Schroff et al., 2015). */
  readonly distance?: "euclidean" | "squared";
  /** Added to each difference before the euclidean distance: 1e-6 unless stated, as in PyTorch. */
  readonly epsilon?: number;
  /** True: the negative's distance from the positive counts where it is smaller (Balntas et al., 2016). False unless stated. */
  readonly swap?: boolean;
}

const TRIPLET_OPTIONS = {
  ...LOSS_OPTIONS,
  margin: is.finite,
  distance: is.oneOf("euclidean", "squared"),
  epsilon: is.finite,
  swap: is.flag,
} satisfies Known<TripletOptions>;

/**
 * max(0, d(anchor, positive) - d(anchor, negative) + margin): PyTorch's TripletMarginLoss, the mean over rows.
 * @param anchor [..., features]; the distance is along the last axis
 * @param positive what belongs to the anchor, of the same shape
 * @param negative what does not, of the same shape
 * @returns a float32 scalar
 * @throws SHAPE_MISMATCH where the shapes differ, BAD_ARGUMENT for a margin that is not above 0
 * @example
 * ```ts
 * const anchor = constant([[0, 0]]);
 * const positive = constant([[0, 1]]);
 * const negative = constant([[0, 1.5]]);
 * const net = network("example", { batch: 1, outputs: { loss: tripletLoss(anchor, positive, negative) } });
 * interpret(net, {}).outputs.loss; // [0.5]
 * ```
 */
export function tripletLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletOptions = {},
): ScalarLoss {
  const op = "tripletLoss";
  const { origin, a, b: near } = pair(op, anchor, positive, options, TRIPLET_OPTIONS, ["anchor", "positive"]);
  const far = asFloat(origin, tensorOperand(op, "negative", negative, origin));
  requireSame(op, a, far, origin);
  const last = toAxis(op, -1, a.shape, origin);
  const { distance = "euclidean" } = options;
  if (distance !== "euclidean" && distance !== "squared") {
    const expected = '"euclidean" or "squared"';
    throw badArgument({ op, argument: "distance", value: distance, expected, site: origin.site });
  }
  const margin = makeScalar(origin, atLeast(origin, "margin", options.margin ?? 1, 0, true));
  const epsilon = atLeast(origin, "epsilon", options.epsilon ?? 1e-6, 0);
  const between = (x: Node, y: Node): Node => {
    const difference = sub.at(origin, x, y);
    if (distance === "squared") return makeSum(origin, square.at(origin, difference), [last]);
    const moved = epsilon === 0 ? difference : add.at(origin, difference, makeScalar(origin, epsilon));
    return makeNorm(origin, moved, [last]);
  };
  const [toNear, toFar] = [between(a, near), between(a, far)];
  const other = options.swap ? between(near, far) : undefined;
  const away = other ? where.at(origin, greater.at(origin, toFar, other), other, toFar) : toFar;
  return overRows(origin, relu.at(origin, add.at(origin, sub.at(origin, toNear, away), margin)), options);
}

/** The options of {@link cosineSimilarity}. */
export interface SimilarityOptions {
  /** The axis of the features; the last unless stated. */
  readonly axis?: number;
  /** The least product of lengths to divide by; 1e-8 unless stated. */
  readonly epsilon?: number;
}

const SIMILARITY_OPTIONS = { axis: is.wholeNumber, epsilon: is.finite } satisfies Known<SimilarityOptions>;

/**
 * The cosine of the angle between vectors, from -1 to 1: a · b / max(|a| |b|, epsilon). PyTorch bounds each length by
 * epsilon, not their product, which differs for vectors that are as short. 0, with finite gradients, where one of them
 * is 0.
 * @param a [..., features]
 * @param b of the same shape
 * @returns [...], without the axis of the features, float32
 * @throws SHAPE_MISMATCH where the shapes differ, BAD_ARGUMENT
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: cosineSimilarity(constant([[1, 0], [1, 0]]), constant([[1, 1], [-2, 0]])) } });
 * interpret(net, {}).outputs.y; // [0.7071, -1]
 * ```
 */
export function cosineSimilarity(a: Tensor, b: Tensor, options: SimilarityOptions = {}): Float32<Dims> {
  const { origin, a: x, b: y } = pair("cosineSimilarity", a, b, options, SIMILARITY_OPTIONS, ["a", "b"]);
  return similarity(origin, x, y, options) as Tensor<Dims, "float32">;
}

function similarity(origin: Origin, a: Node, b: Node, { axis, epsilon }: SimilarityOptions): Node {
  const least = atLeast(origin, "epsilon", epsilon ?? 1e-8, 0, true);
  const axes = [toAxis(origin.site.call, axis ?? -1, a.shape, origin)];
  const lengths = mul.at(origin, makeNorm(origin, a, axes), makeNorm(origin, b, axes));
  const product = makeSum(origin, mul.at(origin, a, b), axes);
  return div.at(origin, product, maximum.at(origin, lengths, makeScalar(origin, least)));
}

/** The options of {@link cosineSimilarityLoss}. */
export interface CosineLossOptions extends LossOptions, SimilarityOptions {
  /** 1 for pairs that belong together, -1 for those that do not, of the similarities' shape. All belong together unless stated. */
  readonly pairs?: Tensor;
  /** Similarity that pairs that do not belong together may have, from -1 to 1; 0 unless stated. */
  readonly margin?: number;
}

const COSINE_LOSS_OPTIONS = {
  ...LOSS_OPTIONS,
  ...SIMILARITY_OPTIONS,
  pairs: is.tensor,
  margin: is.finite,
} satisfies Known<CosineLossOptions>;

/**
 * 1 - similarity for pairs that belong together, max(0, similarity - margin) for others; the mean over rows. PyTorch's
 * CosineEmbeddingLoss; Keras' CosineSimilarity loss is minus the similarity, 1 less.
 * @param prediction [..., features]
 * @param target of the same shape
 * @returns a float32 scalar
 * @throws SHAPE_MISMATCH where the shapes differ, BAD_ARGUMENT
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { loss: cosineSimilarityLoss(constant([[1, 0]]), constant([[1, 1]])) } });
 * interpret(net, {}).outputs.loss; // [0.2929]
 * ```
 */
export function cosineSimilarityLoss(prediction: Tensor, target: Tensor, options: CosineLossOptions = {}): ScalarLoss {
  const op = "cosineSimilarityLoss";
  const { origin, a, b } = pair(op, prediction, target, options, COSINE_LOSS_OPTIONS);
  const cosine = similarity(origin, a, b, options);
  const together = sub.at(origin, makeScalar(origin, 1), cosine);
  if (options.pairs === undefined) return overRows(origin, together, options);
  const signs = asFloat(origin, tensorOperand(op, "pairs", options.pairs, origin));
  if (!sameShape(signs.shape, cosine.shape)) {
    const why = "there is one sign for each similarity";
    throw shapeMismatch({ op, left: cosine.shape, right: signs.shape, why, site: origin.site });
  }
  const margin = atLeast(origin, "margin", options.margin ?? 0, -1);
  const apart = relu.at(origin, sub.at(origin, cosine, makeScalar(origin, margin)));
  return overRows(origin, where.at(origin, greater.at(origin, signs, makeScalar(origin, 0)), together, apart), options);
}
