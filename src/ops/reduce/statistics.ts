// Composed reductions: variance, norm, the position of the largest value.

import type { Node } from "../../graph/node.js";
import type { NamesOf } from "../../graph/option-types.js";
import type { Origin } from "../../graph/origin.js";
import type { ReducedDims } from "../../graph/reduced-types.js";
import { sizeOf } from "../../graph/shape.js";
import type { Dims, DimsOf, Float32, Operand, Tensor } from "../../graph/tensor.js";
import { makeSum } from "../adjoint-pairs.js";
import * as is from "../call/checks.js";
import { callOrigin, type Known } from "../call/options.js";
import { finiteNumber, tensorOperand, toAxis } from "../define.js";
import { makeScalar, makeSize } from "../leaf/leaves.js";
import { div, sqrt, square, sub } from "../pointwise/arithmetic.js";
import { equal, greater, makeCast, where } from "../pointwise/logic.js";
import { asFloat } from "../pointwise/pointwise.js";
import { keepAxes, spread } from "../view/broadcast.js";
import { makeIota } from "../view/iota.js";
import { applyReduction, makeMax, makeMean, makeMin, REDUCE_OPTIONS, type ReduceOptions } from "./reduce.js";

export interface VarianceOptions extends ReduceOptions {
  /** The sum of squares is divided by the size minus this. 0 unless stated: the biased estimate (NumPy). */
  readonly correction?: number;
}

const VARIANCE_OPTIONS = { ...REDUCE_OPTIONS, correction: is.finite } satisfies Known<VarianceOptions>;

/**
 * The mean squared deviation from the mean over some axes. Divided by the number of elements, as in NumPy;
 * `correction: 1` divides by one less, as PyTorch does by itself.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns float32: a scalar, or with `axis` x's other axes
 * @throws BAD_ARGUMENT for an axis that x has not, or a correction that is not finite
 * @example
 * ```ts
 * const x = constant([1, 2, 3, 4]);
 * const net = network("example", { batch: 1, outputs: { biased: variance(x), unbiased: variance(x, { correction: 1 }) } });
 * interpret(net, {}).outputs; // { biased: [1.25], unbiased: [1.667] }
 * ```
 */
export function variance(x: Operand): Float32<[]>;
export function variance<X extends Operand, const O extends VarianceOptions>(
  x: X,
  options: NamesOf<O, VarianceOptions> & O,
): Float32<ReducedDims<DimsOf<X>, O>>;
export function variance(x: Operand, options: VarianceOptions = {}): Tensor {
  return applyReduction(
    "variance",
    callOrigin("variance", options, VARIANCE_OPTIONS),
    x,
    options,
    (origin, node, axes) => {
      const correction = finiteNumber("variance", "correction", options.correction ?? 0, origin);
      const deviation = sub.at(origin, node, spread(origin, makeMean(origin, node, axes), node.shape, axes));
      const squares = makeSum(origin, square.at(origin, deviation), axes);
      const count = makeSize(origin, sizeOf(axes.map((a) => node.shape[a]!)));
      return div.at(origin, squares, correction === 0 ? count : sub.at(origin, count, makeScalar(origin, correction)));
    },
  );
}

/**
 * The Euclidean length over some axes: the square root of the sum of squares. Its gradient at 0 is 0.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns float32: a scalar, or with `axis` x's other axes
 * @throws BAD_ARGUMENT for an axis that x has not, or one that is named twice
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: norm(constant([[3, 4], [0, 0]]), { axis: 1 }) } });
 * interpret(net, {}).outputs.y; // [5, 0]
 * ```
 */
export function norm(x: Operand): Float32<[]>;
export function norm<X extends Operand, const O extends ReduceOptions>(
  x: X,
  options: NamesOf<O, ReduceOptions> & O,
): Float32<ReducedDims<DimsOf<X>, O>>;
export function norm(x: Operand, options: ReduceOptions = {}): Tensor {
  return applyReduction("norm", callOrigin("norm", options, REDUCE_OPTIONS), x, options, makeNorm);
}

export function makeNorm(origin: Origin, x: Node, axes: readonly number[]): Node {
  const squares = makeSum(origin, square.at(origin, x), axes);
  const [zero, one] = [makeScalar(origin, 0), makeScalar(origin, 1)];
  const positive = greater.at(origin, squares, zero);
  // The root of 0 has no slope: it never enters the derivative.
  const root = sqrt.at(origin, where.at(origin, positive, squares, one));
  return where.at(origin, positive, root, zero);
}

export interface ArgOptions {
  /** The axis; negative counts from the end. The last unless stated. */
  readonly axis?: number;
  /** True: the axis stays, with size 1. False unless stated. */
  readonly keepAxes?: boolean;
}

/** The first position along the axis at which a condition holds; the last one where none does, as for NaN. */
export function firstWhere(origin: Origin, condition: Node, axis: number): Node {
  const { shape } = condition;
  const last = sub.at(origin, makeSize(origin, shape[axis]!), makeScalar(origin, 1));
  const position = asFloat(origin, makeIota(origin, shape, axis));
  return makeMin(origin, where.at(origin, condition, position, last), [axis]);
}

function positionOf(op: string, x: Tensor, options: ArgOptions, extreme: typeof makeMax): Node {
  const origin = callOrigin(op, options, { axis: is.wholeNumber, keepAxes: is.flag });
  const node = asFloat(origin, tensorOperand(op, "x", x, origin));
  const axis = toAxis(op, options.axis ?? -1, node.shape, origin);
  const best = spread(origin, extreme(origin, node, [axis]), node.shape, [axis]);
  const first = makeCast(origin, firstWhere(origin, equal.at(origin, node, best), axis), "int32");
  return options.keepAxes === true ? keepAxes(origin, first, node.shape, [axis]) : first;
}

/**
 * The first position of the largest value along an axis. No gradient passes.
 * @param x a tensor with one axis or more, of any dtype
 * @returns int32, x's other axes
 * @throws BAD_ARGUMENT for an axis that x has not, WRONG_RANK for a scalar
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: argMax(constant([[1, 4, 2], [7, 5, 7]])) } });
 * interpret(net, {}).outputs.y; // [1, 0]
 * ```
 */
export const argMax = <S extends Dims, const O extends ArgOptions = Record<never, never>>(
  x: Tensor<S>,
  options?: NamesOf<O, ArgOptions> & O,
): Tensor<ReducedDims<S, O, -1>, "int32"> =>
  positionOf("argMax", x, options === undefined ? {} : options, makeMax) as Tensor<ReducedDims<S, O, -1>, "int32">;

/**
 * The first position of the smallest value along an axis. No gradient passes.
 * @param x a tensor with one axis or more, of any dtype
 * @returns int32, x's other axes
 * @throws BAD_ARGUMENT for an axis that x has not, WRONG_RANK for a scalar
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: argMin(constant([[1, 4, 2], [7, 5, 7]])) } });
 * interpret(net, {}).outputs.y; // [0, 1]
 * ```
 */
export const argMin = <S extends Dims, const O extends ArgOptions = Record<never, never>>(
  x: Tensor<S>,
  options?: NamesOf<O, ArgOptions> & O,
): Tensor<ReducedDims<S, O, -1>, "int32"> =>
  positionOf("argMin", x, options === undefined ? {} : options, makeMin) as Tensor<ReducedDims<S, O, -1>, "int32">;
