// The cross-entropy of sequences of unequal length: positions without a right answer do not count.

import * as is from "../ops/call/checks.js";
import { createNode, type Node } from "../graph/node.js";
import { part, type Origin } from "../graph/origin.js";
import { dim, sameShape } from "../graph/shape.js";
import type { Float32, Tensor } from "../graph/tensor.js";
import { badArgument, shapeMismatch, wrongDtype, wrongRank } from "../messages.js";
import { div, maximum } from "../ops/pointwise/arithmetic.js";
import { makeSum } from "../ops/adjoint-pairs.js";
import { tensorOperand } from "../ops/define.js";
import { softmaxCrossEntropyDef } from "../ops/composite/entropy.js";
import { inputsShown, requireBelow } from "../ops/gather/indices.js";
import { makeFilled, makeScalar } from "../ops/leaf/leaves.js";
import { makeCast, notEqual, where } from "../ops/pointwise/logic.js";
import { callOrigin } from "../ops/call/options.js";
import { asFloat } from "../ops/pointwise/pointwise.js";
import { makeMean } from "../ops/reduce/reduce.js";
import type { IdsFor } from "./losses/class-types.js";

/** The options of {@link sequenceCrossEntropy}. */
export interface SequenceCrossEntropyOptions {
  /**
   * An id that stands for "no answer": its positions count neither in the sum nor in the divisor (PyTorch's and ONNX'
   * `ignore_index`). One of the classes, as for a padding id; or any other integer, which the targets must then allow:
   * `labels("next", ["batch", 16], 50, { ignoreIndex: -100 })`. None unless stated.
   */
  readonly ignoreIndex?: number;
}

/**
 * The cross-entropy of softmax(logits), in nats: the mean over all positions that are not ignored, whichever row they
 * are in (PyTorch's `reduction="mean"`). 0, with gradient 0, where all are ignored (PyTorch has NaN).
 * @param logits [batch, time, classes], or any [..., classes]; int32 and bool are converted to float32
 * @param ids int32 [batch, time], or [...]
 * @returns a float32 scalar
 * @throws WRONG_RANK for logits without an axis, WRONG_DTYPE for ids that are not int32, SHAPE_MISMATCH unless there
 *   is one id for each position, BAD_ARGUMENT for ids that may name no class
 * @example
 * ```ts
 * const logits = constant([[[2, 0], [0, 0], [5, 5]]]);
 * const ids = constant([[0, 1, -100]], { dtype: "int32" });
 * const net = network("example", { batch: 1, outputs: { loss: sequenceCrossEntropy(logits, ids, { ignoreIndex: -100 }) } });
 * interpret(net, {}).outputs.loss; // [0.41]
 * ```
 */
export function sequenceCrossEntropy<A extends Tensor, B extends Tensor>(
  logits: A,
  ids: IdsFor<A, B, "sequenceCrossEntropy"> & B,
  options: SequenceCrossEntropyOptions = {},
): Float32<[]> {
  const op = "sequenceCrossEntropy";
  const origin = callOrigin(op, options, { ignoreIndex: is.int32 });
  const { site } = origin;
  const scores = asFloat(origin, tensorOperand(op, "logits", logits, origin));
  const answers = tensorOperand(op, "ids", ids, origin);
  if (scores.shape.length === 0) {
    throw wrongRank({ op, operand: "logits", shape: scores.shape, expected: "an axis of classes, the last", site });
  }
  if (answers.dtype !== "int32") {
    throw wrongDtype({ op, operand: "ids", dtype: answers.dtype, expected: "int32", site });
  }
  if (!sameShape(scores.shape.slice(0, -1), answers.shape)) {
    const why = "there is one id for each position of the logits";
    throw shapeMismatch({ op, left: scores.shape, right: answers.shape, why, site });
  }
  const { ignoreIndex } = options;
  const all = answers.shape.map((_, i) => i);
  const entropy = (classes: Node): Node =>
    createNode(softmaxCrossEntropyDef, [scores, classes], {}, part(origin, "losses"));
  if (ignoreIndex === undefined) {
    requireBelow(op, answers, scores.shape.at(-1)!, origin);
    return makeMean(origin, entropy(answers), all) as Float32<[]>;
  }
  requireAnswers(op, answers, ignoreIndex, scores, origin);
  const counts = notEqual.at(origin, answers, makeFilled(origin, ignoreIndex, answers.shape, "int32"));
  const zero = makeFilled(origin, 0, answers.shape, "int32");
  const losses = where.at(origin, counts, entropy(where.at(origin, counts, answers, zero)), makeScalar(origin, 0));
  const count = makeSum(origin, makeCast(origin, counts, "float32"), all);
  const divisor = maximum.at(origin, count, makeScalar(origin, 1));
  return div.at(origin, makeSum(origin, losses, all), divisor) as Float32<[]>;
}

/** Ids that come from an input are classes or the ignored one, and checked to be. */
export function requireAnswers(op: string, ids: Node, ignoreIndex: number, { shape }: Node, origin: Origin): void {
  const { site } = origin;
  if ((ignoreIndex | 0) !== ignoreIndex) {
    throw badArgument({ op, argument: "ignoreIndex", value: ignoreIndex, expected: "a 32-bit integer", site });
  }
  const classes = shape.at(-1)!;
  const extra = classes.power === 0 && ignoreIndex === classes.times;
  for (const shown of inputsShown(ids)) {
    if (shown.ignoreIndex !== undefined && shown.ignoreIndex !== ignoreIndex) {
      const expected = `${shown.ignoreIndex}, which ${JSON.stringify(shown.name)} allows`;
      throw badArgument({ op, argument: "ignoreIndex", value: ignoreIndex, expected, site });
    }
    const { ignoreIndex: _, ...checked } = shown;
    requireBelow(op, ids, extra ? dim(classes.times + 1) : classes, origin, [checked]);
  }
}
