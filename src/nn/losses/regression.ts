// Losses of regressions. Each is a float scalar, the mean over rows (and over what a row holds).

import * as is from "../../ops/call/checks.js";
import type { Tensor } from "../../graph/tensor.js";
import { clip } from "../../ops/pointwise/activations.js";
import { abs, mul, square, sub } from "../../ops/pointwise/arithmetic.js";
import { makeScalar } from "../../ops/leaf/leaves.js";
import { atLeast, LOSS_OPTIONS, overRows, pair, type LossOptions, type SameAs, type ScalarLoss } from "./rows.js";

/**
 * The mean of (prediction - target)², over rows and over what a row holds; in the target's unit squared.
 * @param prediction a tensor of any shape
 * @param target of the same shape
 * @returns a float32 scalar
 * @throws SHAPE_MISMATCH where the shapes differ
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { loss: meanSquaredError(constant([1, 2]), constant([1, 5])) } });
 * interpret(net, {}).outputs.loss; // [4.5]
 * ```
 */
export function meanSquaredError<A extends Tensor, B extends Tensor>(
  prediction: A,
  target: SameAs<A, B, "meanSquaredError"> & B,
  options: LossOptions = {},
): ScalarLoss {
  const { origin, a, b } = pair("meanSquaredError", prediction, target, options, LOSS_OPTIONS);
  return overRows(origin, square.at(origin, sub.at(origin, a, b)), options);
}

/**
 * The mean of |prediction - target|, over rows and over what a row holds; in the target's unit.
 * @param prediction a tensor of any shape
 * @param target of the same shape
 * @returns a float32 scalar
 * @throws SHAPE_MISMATCH where the shapes differ
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { loss: meanAbsoluteError(constant([1, 2]), constant([1, 5])) } });
 * interpret(net, {}).outputs.loss; // [1.5]
 * ```
 */
export function meanAbsoluteError<A extends Tensor, B extends Tensor>(
  prediction: A,
  target: SameAs<A, B, "meanAbsoluteError"> & B,
  options: LossOptions = {},
): ScalarLoss {
  const { origin, a, b } = pair("meanAbsoluteError", prediction, target, options, LOSS_OPTIONS);
  return overRows(origin, abs.at(origin, sub.at(origin, a, b)), options);
}

/**
 * Huber's loss (1964): squared within `delta`, linear beyond: 0.5 e² or delta (|e| - 0.5 delta), as in Keras.
 * @param prediction a tensor of any shape
 * @param target of the same shape
 * @returns a float32 scalar
 * @throws SHAPE_MISMATCH where the shapes differ, BAD_ARGUMENT for a delta that is not above 0
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { loss: huber(constant([1, 2]), constant([1, 5])) } });
 * interpret(net, {}).outputs.loss; // [1.25]
 * ```
 */
export function huber<A extends Tensor, B extends Tensor>(
  prediction: A,
  target: SameAs<A, B, "huber"> & B,
  options: LossOptions & {
    /** Where the loss becomes linear, in the target's unit; above 0. 1 unless stated. */
    readonly delta?: number;
  } = {},
): ScalarLoss {
  const { origin, a, b } = pair("huber", prediction, target, options, { ...LOSS_OPTIONS, delta: is.finite });
  const delta = atLeast(origin, "delta", options.delta ?? 1, 0, true);
  const error = sub.at(origin, a, b);
  // With q = clip(e, -delta, delta): q (e - q / 2) is both branches at once.
  const near = clip(error as Tensor, -delta, delta);
  const rest = sub.at(origin, error, mul.at(origin, near, makeScalar(origin, 0.5)));
  return overRows(origin, mul.at(origin, near, rest), options);
}
