// Losses of yes-or-no answers: each target is a number from 0 to 1.

import * as is from "../../ops/call/checks.js";
import type { Node } from "../../graph/node.js";
import { part } from "../../graph/origin.js";
import { sameShape } from "../../graph/shape.js";
import type { Tensor } from "../../graph/tensor.js";
import { shapeMismatch } from "../../messages.js";
import { softplus } from "../../ops/pointwise/activations.js";
import { add, neg } from "../../ops/pointwise/arithmetic.js";
import { makeSum } from "../../ops/adjoint-pairs.js";
import { tensorOperand } from "../../ops/define.js";
import { probabilityCrossEntropy, sigmoidCrossEntropy } from "../../ops/pointwise/entropy.js";
import { callOrigin } from "../../ops/call/options.js";
import { asFloat } from "../../ops/pointwise/pointwise.js";
import { LOSS_OPTIONS, overRows, pair, type LossOptions, type SameAs, type ScalarLoss } from "./rows.js";

/** The options of {@link binaryCrossEntropy}. */
export interface BinaryOptions extends LossOptions {
  /** What the prediction is: "probabilities" unless stated. */
  readonly from?: "probabilities" | "logits";
}

/**
 * Binary cross-entropy, in nats, between targets from 0 to 1 and probabilities, or logits with `from: "logits"`.
 *
 * From probabilities each logarithm is at least -100, as in PyTorch, and the slope by a probability p is (1 - t) /
 * max(1 - p, 1e-12) - t / max(p, 1e-12), so that a unit that is certain and wrong learns. (PyTorch's is the same but
 * at p = t = 0 and 1, where it has 0 for 1 and -1.) Where they are a sigmoid's output the compiler uses the logits.
 * @param prediction a tensor of any shape
 * @param target numbers from 0 to 1, of the same shape
 * @returns a float32 scalar
 * @throws SHAPE_MISMATCH where the shapes differ, BAD_ARGUMENT
 * @example
 * ```ts
 * const logits = constant([0, 2]);
 * const net = network("example", { batch: 1, outputs: { loss: binaryCrossEntropy(logits, constant([1, 1]), { from: "logits" }) } });
 * interpret(net, {}).outputs.loss; // [0.41]
 * ```
 */
export function binaryCrossEntropy<A extends Tensor, B extends Tensor>(
  prediction: A,
  target: SameAs<A, B, "binaryCrossEntropy"> & B,
  options: BinaryOptions = {},
): ScalarLoss {
  const { origin, a, b } = pair("binaryCrossEntropy", prediction, target, options, {
    ...LOSS_OPTIONS,
    from: is.oneOf("probabilities", "logits"),
  });
  const entropy = options.from === "logits" ? sigmoidCrossEntropy : probabilityCrossEntropy;
  return overRows(origin, entropy.at(part(origin, "losses"), a, b), options);
}

/**
 * Negative sampling of word2vec: -log sigmoid(positive) - sum of log sigmoid(-negative), in nats; the mean over the
 * pairs. Mikolov et al. (2013), arXiv:1310.4546, equation 4.
 * @param positive the dot product (a logit) of each pair that occurs, [...]
 * @param negative those of its pairs that were drawn, [..., drawn]
 * @returns a float32 scalar
 * @throws SHAPE_MISMATCH unless the negatives have one more axis, the last
 * @example
 * ```ts
 * const positive = constant([2]);
 * const negative = constant([[-1, 0.5]]);
 * const net = network("example", { batch: 1, outputs: { loss: negativeSampling(positive, negative) } });
 * interpret(net, {}).outputs.loss; // [1.414]
 * ```
 */
export function negativeSampling(positive: Tensor, negative: Tensor, options: LossOptions = {}): ScalarLoss {
  const op = "negativeSampling";
  const origin = callOrigin(op, options, LOSS_OPTIONS);
  const observed: Node = asFloat(origin, tensorOperand(op, "positive", positive, origin));
  const drawn: Node = asFloat(origin, tensorOperand(op, "negative", negative, origin));
  if (drawn.shape.length === 0 || !sameShape(drawn.shape.slice(0, -1), observed.shape)) {
    const why = "the negatives have one more axis, the last: those drawn for each pair";
    throw shapeMismatch({ op, left: observed.shape, right: drawn.shape, why, site: origin.site });
  }
  const noise = makeSum(origin, softplus.at(origin, drawn), [observed.shape.length]);
  return overRows(origin, add.at(origin, softplus.at(origin, neg.at(origin, observed)), noise), options);
}
