// Losses: a float scalar each, the mean over rows (and over what a row holds). Row weights multiply the rows' losses, and
// the sum is still divided by the number of rows, as Keras' `sum_over_batch_size` does.

import type { Node } from "../graph/node.js";
import { callSite, originOf, type Origin } from "../graph/origin.js";
import { printShape, sameShape } from "../graph/shape.js";
import type { Dims, DimsOf, Same, Tensor } from "../graph/tensor.js";
import { badArgument, shapeMismatch } from "../messages.js";
import { clip } from "../ops/activations.js";
import { abs, add, div, mul, square, sub } from "../ops/arithmetic.js";
import { makeSum } from "../ops/broadcast.js";
import { finiteNumber, tensorOperand } from "../ops/define.js";
import { makeSoftmaxCrossEntropy, probabilityCrossEntropy, sigmoidCrossEntropy } from "../ops/entropy.js";
import { makeOneHot } from "../ops/iota.js";
import { makeScalar, makeSize } from "../ops/leaves.js";
import { asFloat } from "../ops/pointwise.js";
import { makeMean } from "../ops/reduce.js";

export interface LossOptions {
  /** One weight for each row ([batch]), or for each loss where a row holds several. */
  readonly weights?: Tensor;
}

export type Scalar = Tensor<readonly [], "float32">;

type SameAs<A extends Tensor, B extends Tensor> = Same<DimsOf<A>, DimsOf<B>>;

/** The mean of (prediction - target)². Shapes are equal; the result is in the target's unit squared. */
export function meanSquaredError<A extends Tensor, B extends Tensor>(
  prediction: A,
  target: B & SameAs<A, B>,
  options: LossOptions = {},
): Scalar {
  const { origin, a, b } = pair("meanSquaredError", prediction, target);
  return overRows(origin, square.at(origin, sub.at(origin, a, b)), options);
}

/** The mean of |prediction - target|. Shapes are equal; the result is in the target's unit. */
export function meanAbsoluteError<A extends Tensor, B extends Tensor>(
  prediction: A,
  target: B & SameAs<A, B>,
  options: LossOptions = {},
): Scalar {
  const { origin, a, b } = pair("meanAbsoluteError", prediction, target);
  return overRows(origin, abs.at(origin, sub.at(origin, a, b)), options);
}

/**
 * Huber (1964): squared within `delta` (1 unless stated), linear beyond: 0.5 e² or delta (|e| - 0.5 delta), as in Keras.
 */
export function huber<A extends Tensor, B extends Tensor>(
  prediction: A,
  target: B & SameAs<A, B>,
  options: LossOptions & { readonly delta?: number } = {},
): Scalar {
  const { origin, a, b } = pair("huber", prediction, target);
  const delta = options.delta ?? 1;
  if (!(finiteNumber("huber", "delta", delta, origin) > 0)) {
    throw badArgument({ op: "huber", argument: "delta", value: delta, expected: "positive", site: origin.site });
  }
  const error = sub.at(origin, a, b);
  // With q = clip(e, -delta, delta): q (e - q / 2) is both branches at once.
  const near = clip(error as Tensor, -delta, delta);
  const rest = sub.at(origin, error, mul.at(origin, near, makeScalar(origin, 0.5)));
  return overRows(origin, mul.at(origin, near, rest), options);
}

/**
 * Binary cross-entropy, in nats, between targets from 0 to 1 and probabilities, or logits with `fromLogits: true`.
 * From probabilities each logarithm is at least -100, as in PyTorch; where they are a sigmoid's output the compiler uses
 * the logits.
 */
export function binaryCrossEntropy<A extends Tensor, B extends Tensor>(
  prediction: A,
  target: B & SameAs<A, B>,
  options: LossOptions & { readonly fromLogits?: boolean } = {},
): Scalar {
  const { origin, a, b } = pair("binaryCrossEntropy", prediction, target);
  const entropy = options.fromLogits ? sigmoidCrossEntropy : probabilityCrossEntropy;
  return overRows(origin, entropy.at(origin, a, b), options);
}

/** What `crossEntropy` takes for the right answers. */
type ClassesFor<A extends Dims, B extends Dims> = number extends A["length"] | B["length"]
  ? unknown
  : A extends readonly [...infer Rows extends Dims, infer _Classes]
    ? B["length"] extends A["length"]
      ? Same<A, B>
      : Same<Rows, B>
    : unknown;

/**
 * The cross-entropy of softmax(logits), in nats.
 * @param logits [..., classes]
 * @param target int32 class indices [...], or float probabilities [..., classes]
 * @param options `labelSmoothing`: the share of the probability that is spread evenly over all classes, 0 to 1 (Szegedy et
 *   al., 2016, arXiv:1512.00567, as in PyTorch and Keras)
 */
export function crossEntropy<A extends Tensor, B extends Tensor>(
  logits: A,
  target: B & ClassesFor<DimsOf<A>, DimsOf<B>>,
  options: LossOptions & { readonly labelSmoothing?: number } = {},
): Scalar {
  const origin = originOf(callSite("crossEntropy"));
  const scores = asFloat(origin, tensorOperand("crossEntropy", "logits", logits, origin));
  const answers = tensorOperand("crossEntropy", "target", target, origin);
  const smoothing = finiteNumber("crossEntropy", "labelSmoothing", options.labelSmoothing ?? 0, origin);
  if (smoothing < 0 || smoothing > 1) {
    const expected = "from 0 to 1";
    throw badArgument({
      op: "crossEntropy",
      argument: "labelSmoothing",
      value: smoothing,
      expected,
      site: origin.site,
    });
  }
  // Made without smoothing too: it refuses what does not fit.
  const plain = makeSoftmaxCrossEntropy(origin, scores, answers);
  if (smoothing === 0) return overRows(origin, plain, options);
  return overRows(
    origin,
    makeSoftmaxCrossEntropy(origin, scores, smoothed(origin, scores, answers, smoothing)),
    options,
  );
}

/** The target as probabilities, a share of which is spread evenly over the classes. */
function smoothed(origin: Origin, logits: Node, target: Node, share: number): Node {
  const classes = logits.shape.at(-1)!;
  const rows = target.dtype === "int32" ? makeOneHot(origin, target, classes) : asFloat(origin, target);
  const spread = div.at(origin, makeScalar(origin, share), makeSize(origin, classes));
  return add.at(origin, mul.at(origin, rows, makeScalar(origin, 1 - share)), spread);
}

function pair(op: string, prediction: Tensor, target: Tensor): { origin: Origin; a: Node; b: Node } {
  const origin = originOf(callSite(op));
  const a = asFloat(origin, tensorOperand(op, "the prediction", prediction, origin));
  const b = asFloat(origin, tensorOperand(op, "the target", target, origin));
  if (!sameShape(a.shape, b.shape)) {
    const why = "a loss compares element with element";
    throw shapeMismatch({ op, left: a.shape, right: b.shape, why, site: origin.site });
  }
  return { origin, a, b };
}

/**
 * The mean over all losses. With one weight for each row, the mean over rows of weight times the row's own mean. The
 * divisor is the number of losses or rows as a size of the graph: it counts those of the run.
 */
function overRows(origin: Origin, losses: Node, { weights }: LossOptions): Scalar {
  const all = (node: Node): number[] => node.shape.map((_, i) => i);
  if (weights === undefined) return makeMean(origin, losses, all(losses)) as Scalar;
  const factors = asFloat(origin, tensorOperand(origin.site.call, "weights", weights, origin));
  const perRow = sameShape(factors.shape, losses.shape) ? losses : rowMeans(origin, losses);
  if (!sameShape(factors.shape, perRow.shape)) {
    const why = `there is one weight for each row (${printShape(perRow.shape)})`;
    throw shapeMismatch({ op: origin.site.call, left: losses.shape, right: factors.shape, why, site: origin.site });
  }
  return makeMean(origin, mul.at(origin, perRow, factors), all(perRow)) as Scalar;
}

const rowMeans = (origin: Origin, losses: Node): Node =>
  losses.shape.length <= 1 ? losses : makeMean(origin, losses, losses.shape.map((_, i) => i).slice(1));

/** `factor` times the sum of squares over all the parameters (Keras' `L2`; no factor 1/2): added to a loss it pulls parameters towards zero. The gradient is 2 factor w. */
export function l2(factor: number, ...parameters: readonly Tensor[]): Scalar {
  return penalty("l2", factor, parameters, (origin, w) => square.at(origin, w));
}

/** `factor` times the sum of absolute values over all the parameters (Keras' `L1`): added to a loss it makes parameters sparse. */
export function l1(factor: number, ...parameters: readonly Tensor[]): Scalar {
  return penalty("l1", factor, parameters, (origin, w) => abs.at(origin, w));
}

function penalty(
  op: string,
  factor: number,
  parameters: readonly Tensor[],
  of: (origin: Origin, w: Node) => Node,
): Scalar {
  const origin = originOf(callSite(op));
  const sums = parameters.map((p) => {
    const node = of(origin, tensorOperand(op, "each parameter", p, origin));
    return makeSum(
      origin,
      node,
      node.shape.map((_, i) => i),
    );
  });
  if (sums.length === 0) {
    throw badArgument({
      op,
      argument: "the parameters",
      value: parameters,
      expected: "one at least",
      site: origin.site,
    });
  }
  const total = sums.reduce((a, b) => add.at(origin, a, b));
  return mul.at(origin, total, makeScalar(origin, finiteNumber(op, "factor", factor, origin))) as Scalar;
}
