// What the losses share: equal shapes, and the mean over rows (and over what a row holds). Row weights multiply the rows'
// losses, and the sum is still divided by the number of rows, as Keras' `sum_over_batch_size` does.

import * as is from "../../ops/call/checks.js";
import type { Node } from "../../graph/node.js";
import type { Origin } from "../../graph/origin.js";
import { printShape, sameShape } from "../../graph/shape.js";
import type { DimsOf, Same, Float32, Tensor } from "../../graph/tensor.js";
import { badArgument, shapeMismatch } from "../../messages.js";
import { mul } from "../../ops/pointwise/arithmetic.js";
import { spread } from "../../ops/view/broadcast.js";
import { makeSum } from "../../ops/adjoint-pairs.js";
import { finiteNumber, tensorOperand } from "../../ops/define.js";
import { callOrigin, type Known } from "../../ops/call/options.js";
import { asFloat } from "../../ops/pointwise/pointwise.js";
import { makeMean } from "../../ops/reduce/reduce.js";

/** The options of {@link negativeSampling}, {@link huber}, {@link meanAbsoluteError} and {@link meanSquaredError}. */
export interface LossOptions {
  /**
   * One weight for each row ([batch]), or for each loss where a row holds several. 1 for all unless stated. The
   * divisor does not know them.
   */
  readonly weights?: Tensor;
  /** "mean" unless stated; "sum" adds up all losses and divides by nothing. */
  readonly reduction?: "mean" | "sum";
}

export const LOSS_OPTIONS = { weights: is.tensor, reduction: is.oneOf("mean", "sum") } satisfies Known<LossOptions>;

export type ScalarLoss = Float32<[]>;

export type SameAs<A extends Tensor, B extends Tensor, Op extends string> = Same<DimsOf<A>, DimsOf<B>, Op>;

/** Two operands of equal shape as floats, the options being checked. */
export function pair<O extends object>(
  op: string,
  prediction: Tensor,
  target: Tensor,
  options: O,
  checks: Known<NoInfer<O>>,
  names: readonly [string, string] = ["the prediction", "the target"],
): { origin: Origin; a: Node; b: Node } {
  const origin = callOrigin(op, options, checks);
  const a = asFloat(origin, tensorOperand(op, names[0], prediction, origin));
  const b = asFloat(origin, tensorOperand(op, names[1], target, origin));
  requireSame(op, a, b, origin);
  return { origin, a, b };
}

export function requireSame(op: string, a: Node, b: Node, origin: Origin): void {
  if (sameShape(a.shape, b.shape)) return;
  const why = "a loss compares element with element";
  throw shapeMismatch({ op, left: a.shape, right: b.shape, why, site: origin.site });
}

/**
 * The mean over all losses. With one weight for each row, the mean over rows of weight times the row's own mean. The
 * divisor is the number of losses or rows as a size of the graph: it counts those of the run.
 */
export function overRows(origin: Origin, losses: Node, options: LossOptions): ScalarLoss {
  const { weights } = options;
  if (reductionOf(origin, options) === "sum") {
    const all = weights === undefined ? losses : weighted(origin, losses, weights, spreadRows(origin, losses));
    return makeSum(origin, all, axesOf(all)) as ScalarLoss;
  }
  if (weights === undefined) return makeMean(origin, losses, axesOf(losses)) as ScalarLoss;
  const factors = asFloat(origin, tensorOperand(origin.site.call, "weights", weights, origin));
  const perRow = sameShape(factors.shape, losses.shape) ? losses : rowMeans(origin, losses);
  const product = weighted(origin, perRow, weights, undefined, losses);
  return makeMean(origin, product, axesOf(perRow)) as ScalarLoss;
}

export const axesOf = (node: Node): number[] => node.shape.map((_, i) => i);

function reductionOf(origin: Origin, { reduction = "mean" }: LossOptions): "mean" | "sum" {
  if (reduction === "mean" || reduction === "sum") return reduction;
  const expected = '"mean" or "sum"';
  throw badArgument({ op: origin.site.call, argument: "reduction", value: reduction, expected, site: origin.site });
}

/** Losses times weights of their shape, or of one for each row where `fit` repeats those. */
export function weighted(
  origin: Origin,
  losses: Node,
  weights: Tensor,
  fit?: (factors: Node) => Node | undefined,
  shown: Node = losses,
): Node {
  const { call: op } = origin.site;
  const factors = asFloat(origin, tensorOperand(op, "weights", weights, origin));
  const fitting = sameShape(factors.shape, losses.shape) ? factors : fit?.(factors);
  if (fitting === undefined) {
    const why = `there is one weight for each row (${printShape(losses.shape)})`;
    throw shapeMismatch({ op, left: shown.shape, right: factors.shape, why, site: origin.site });
  }
  return mul.at(origin, losses, fitting);
}

/** Repeats weights of rows over what a row holds. */
export const spreadRows =
  (origin: Origin, losses: Node) =>
  (factors: Node): Node | undefined =>
    sameShape(factors.shape, losses.shape.slice(0, 1))
      ? spread(origin, factors, losses.shape, axesOf(losses).slice(1))
      : undefined;

const rowMeans = (origin: Origin, losses: Node): Node =>
  losses.shape.length <= 1 ? losses : makeMean(origin, losses, axesOf(losses).slice(1));

/** A number of at least `low`, or above it where `open`. */
export function atLeast(origin: Origin, argument: string, value: number, low: number, open = false): number {
  const op = origin.site.call;
  const number = finiteNumber(op, argument, value, origin);
  if (open ? number > low : number >= low) return number;
  const expected = open ? (low === 0 ? "positive" : `above ${low}`) : `at least ${low}`;
  throw badArgument({ op, argument, value, expected, site: origin.site });
}
