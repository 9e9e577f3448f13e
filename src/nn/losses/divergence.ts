// The divergence of one distribution from another.

import * as is from "../../ops/call/checks.js";
import type { Tensor } from "../../graph/tensor.js";
import { badArgument, wrongRank } from "../../messages.js";
import { mul, sub } from "../../ops/pointwise/arithmetic.js";
import { makeSum } from "../../ops/adjoint-pairs.js";
import { boundedLog, entropyTerm } from "../../ops/pointwise/entropy.js";
import { makeLogSoftmax } from "../../ops/composite/softmax.js";
import { LOSS_OPTIONS, overRows, pair, type LossOptions, type SameAs, type ScalarLoss } from "./rows.js";

/** The options of {@link klDivergence}. */
export interface DivergenceOptions extends LossOptions {
  /** What the prediction is: "probabilities" unless stated. */
  readonly from?: "probabilities" | "logProbabilities" | "logits";
}

/**
 * The Kullback-Leibler divergence of a prediction q from a target p, in nats: the sum of p (log p - log q) over the
 * last axis, then the mean over rows (PyTorch's `kl_div` with reduction "batchmean", which takes log-probabilities
 * first; Keras' KLDivergence). Where p is 0 the term is 0; from probabilities log q is at least -100, and its slope 1
 * / max(q, 1e-12).
 * @param prediction [..., classes]: probabilities, or what `from` says
 * @param target probabilities, of the same shape
 * @returns a float32 scalar
 * @throws SHAPE_MISMATCH where the shapes differ, WRONG_RANK for scalars, BAD_ARGUMENT
 * @example
 * ```ts
 * const q = constant([[0.5, 0.5]]);
 * const p = constant([[0.9, 0.1]]);
 * const net = network("example", { batch: 1, outputs: { loss: klDivergence(q, p) } });
 * interpret(net, {}).outputs.loss; // [0.3681]
 * ```
 */
export function klDivergence<A extends Tensor, B extends Tensor>(
  prediction: A,
  target: SameAs<A, B, "klDivergence"> & B,
  options: DivergenceOptions = {},
): ScalarLoss {
  const op = "klDivergence";
  const {
    origin,
    a: q,
    b: p,
  } = pair(op, prediction, target, options, {
    ...LOSS_OPTIONS,
    from: is.oneOf("probabilities", "logProbabilities", "logits"),
  });
  const { site } = origin;
  const { from = "probabilities" } = options;
  const last = p.shape.length - 1;
  if (last < 0)
    throw wrongRank({ op, operand: "distributions", shape: p.shape, expected: "a last axis of classes", site });
  if (!["probabilities", "logProbabilities", "logits"].includes(from)) {
    const expected = '"probabilities", "logProbabilities" or "logits"';
    throw badArgument({ op, argument: "from", value: from, expected, site });
  }
  const logs =
    from === "probabilities" ? boundedLog.at(origin, q) : from === "logits" ? makeLogSoftmax(origin, q, last) : q;
  const terms = sub.at(origin, entropyTerm.at(origin, p), mul.at(origin, p, logs));
  return overRows(origin, makeSum(origin, terms, [last]), options);
}
