// What losses over classes share: where the classes lie, positions that do not count, weights of classes, reductions.

import * as is from "../../ops/call/checks.js";
import { createNode, type Node } from "../../graph/node.js";
import type { Origin } from "../../graph/origin.js";
import { printDim, printShape, sameShape, type Dim } from "../../graph/shape.js";
import type { Tensor } from "../../graph/tensor.js";
import { badArgument, shapeMismatch, wrongDtype, wrongRank } from "../../messages.js";
import { div, mul } from "../../ops/pointwise/arithmetic.js";
import { makeSum, makeTake } from "../../ops/adjoint-pairs.js";
import { isNode, toAxis } from "../../ops/define.js";
import { requireBelow } from "../../ops/gather/indices.js";
import { constantDef, makeFilled, makeScalar } from "../../ops/leaf/leaves.js";
import { equal, makeCast, notEqual, where } from "../../ops/pointwise/logic.js";
import type { Known } from "../../ops/call/options.js";
import { asFloat } from "../../ops/pointwise/pointwise.js";
import { makeTranspose } from "../../ops/view/views.js";
import { requireAnswers } from "../sequence-cross-entropy.js";
import { axesOf, overRows, spreadRows, weighted, type LossOptions } from "./rows.js";

/** The options of {@link negativeLogLikelihood}. */
export interface ClassOptions {
  /**
   * One weight for each row ([batch]), or for each loss where a row holds several. 1 for all unless stated. The
   * divisor does not know them.
   */
  readonly weights?: Tensor;
  /**
   * One factor for each class, a list of numbers or a tensor [classes]: the loss of an answer is multiplied by that
   * of its class, and a mean divides by their sum, as in PyTorch and ONNX. 1 for all unless stated.
   */
  readonly classWeights?: readonly number[] | Tensor;
  /**
   * An answer that does not count, neither in the sum nor in the divisor: PyTorch's and ONNX' `ignore_index`. One of
   * the classes, or an integer that the target allows: `labels("digit", ["batch"], 10, { ignoreIndex: -100 })`. None
   * unless stated.
   */
  readonly ignoreIndex?: number;
  /** Where the classes lie: the last axis unless stated; 1 in PyTorch's and ONNX' layout [batch, classes, ...]. */
  readonly axis?: number;
  /** "mean" unless stated; "sum" divides by nothing; "none" gives the loss of each answer, [...]. */
  readonly reduction?: "mean" | "sum" | "none";
}

export const CLASS_OPTIONS = {
  weights: is.tensor,
  classWeights: is.either("a list of numbers or a tensor", is.list, is.tensor),
  ignoreIndex: is.int32,
  axis: is.wholeNumber,
  reduction: is.oneOf("mean", "sum", "none"),
} satisfies Known<ClassOptions>;

/** The same node with its axis of classes last. */
export function classesLast(origin: Origin, argument: string, scores: Node, axis: number | undefined): Node {
  const { call: op } = origin.site;
  if (scores.shape.length === 0) {
    const expected = axis === undefined ? "an axis of classes, the last" : "an axis of classes";
    throw wrongRank({ op, operand: argument, shape: scores.shape, expected, site: origin.site });
  }
  const at = toAxis(op, axis ?? -1, scores.shape, origin);
  return makeTranspose(origin, scores, [...axesOf(scores).filter((i) => i !== at), at]);
}

/** Class indices, those that do not count replaced by class 0. */
export interface Answers {
  readonly indices: Node;
  /** Bools, where some may not count. */
  readonly counted: Node | undefined;
}

/** Checks class indices [...] for scores [..., classes]. */
export function answersFor(origin: Origin, scores: Node, target: Node, ignoreIndex: number | undefined): Answers {
  const { site } = origin;
  const op = site.call;
  const classes = scores.shape.at(-1)!;
  if (target.dtype !== "int32") {
    throw wrongDtype({ op, operand: "class indices", dtype: target.dtype, expected: "int32", site });
  }
  if (!sameShape(scores.shape.slice(0, -1), target.shape)) {
    const why = "there is one class for each row of scores";
    throw shapeMismatch({ op, left: scores.shape, right: target.shape, why, site });
  }
  if (ignoreIndex === undefined) {
    requireBelow(op, target, classes, origin);
    return { indices: target, counted: undefined };
  }
  requireAnswers(op, target, ignoreIndex, scores, origin);
  const counted = notEqual.at(origin, target, makeFilled(origin, ignoreIndex, target.shape, "int32"));
  const indices = where.at(origin, counted, target, makeFilled(origin, 0, target.shape, "int32"));
  return { indices, counted };
}

/** The factors of the classes as a tensor [classes]. */
export function classFactors(origin: Origin, weights: ClassOptions["classWeights"], classes: Dim): Node | undefined {
  if (weights === undefined) return undefined;
  const { site } = origin;
  const op = site.call;
  if (isNode(weights)) {
    if (sameShape(weights.shape, [classes])) return asFloat(origin, weights);
    const why = `there is one weight for each class (${printShape([classes])})`;
    throw shapeMismatch({ op, left: [classes], right: weights.shape, why, site });
  }
  const isList = Array.isArray(weights) && weights.every((w) => Number.isFinite(w));
  if (!isList || classes.power > 0 || weights.length !== classes.times) {
    const expected = `${printDim(classes)} finite numbers, one for each class`;
    throw badArgument({ op, argument: "classWeights", value: weights, expected, site });
  }
  const values = Object.freeze([...weights]);
  return createNode(constantDef, [], { values, shape: [classes], dtype: "float32" }, origin);
}

/** Reduces the losses of answers; `factors` are those of the classes. */
export function reduceAnswers(
  origin: Origin,
  losses: Node,
  { indices, counted }: Answers,
  factors: Node | undefined,
  options: ClassOptions,
): Tensor {
  const zero = makeScalar(origin, 0);
  const only = (x: Node): Node => (counted ? where.at(origin, counted, x, zero) : x);
  const factor = factors && makeTake(origin, factors, indices, 0);
  const kept = only(factor ? mul.at(origin, losses, factor) : losses);
  const plain = counted === undefined && factor === undefined;
  if (plain || options.reduction === "none" || options.reduction === "sum") return reduced(origin, kept, options);
  const product = options.weights ? weighted(origin, kept, options.weights, spreadRows(origin, kept)) : kept;
  const mass = factor ? only(factor) : makeCast(origin, counted!, "float32");
  const divisor = makeSum(origin, mass, axesOf(mass));
  // Where nothing counts the sum is 0 as well.
  const safe = where.at(origin, equal.at(origin, divisor, zero), makeScalar(origin, 1), divisor);
  requireReduction(origin, options);
  return div.at(origin, makeSum(origin, product, axesOf(product)), safe) as Tensor;
}

/** Reduces losses that all count alike. */
export function reduced(origin: Origin, losses: Node, options: ClassOptions): Tensor {
  const { reduction, weights } = options;
  const weighting: LossOptions = weights === undefined ? {} : { weights };
  requireReduction(origin, options);
  if (reduction !== "none")
    return overRows(origin, losses, reduction === undefined ? weighting : { ...weighting, reduction });
  return (weights ? weighted(origin, losses, weights, spreadRows(origin, losses)) : losses) as Tensor;
}

function requireReduction(origin: Origin, { reduction }: ClassOptions): void {
  if (reduction === undefined || ["mean", "sum", "none"].includes(reduction)) return;
  const expected = '"mean", "sum" or "none"';
  throw badArgument({ op: origin.site.call, argument: "reduction", value: reduction, expected, site: origin.site });
}
