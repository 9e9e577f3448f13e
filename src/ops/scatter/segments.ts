// Reductions by segment: entries of an axis that bear the same id belong together, wherever they stand. What a graph's nodes
// gather from their edges.

import type { Node } from "../../graph/node.js";
import type { Origin } from "../../graph/origin.js";
import { dim, sameShape, type Dim, type PublicDim, type Shape } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { shapeMismatch, wrongRank } from "../../messages.js";
import { makeBroadcast, makeScatterAdd } from "../adjoint-pairs.js";
import * as is from "../call/checks.js";
import { callOrigin, type Known } from "../call/options.js";
import { positiveInteger, tensorOperand, toAxis } from "../define.js";
import { requireIndices, type ScatterAttrs } from "../gather/indexed.js";
import { requireBelow } from "../gather/indices.js";
import { makeFilled, makeScalar } from "../leaf/leaves.js";
import { div, maximum } from "../pointwise/arithmetic.js";
import { greater, where } from "../pointwise/logic.js";
import { asFloat } from "../pointwise/pointwise.js";
import { makeScatterMax, makeScatterMin } from "./scatter-extremes.js";

/** The options of {@link segmentMean}, {@link segmentSoftmax} and {@link segmentSum}. */
export interface SegmentOptions {
  /** The axis whose entries the ids name, or the first of several such axes; negative counts from the end. 0 unless stated. */
  readonly axis?: number;
}

/** The options of {@link segmentMax} and {@link segmentMin}. */
export interface SegmentExtremeOptions extends SegmentOptions {
  /**
   * What a segment without entries gives: a number or an infinity. Unless stated: -Infinity of {@link segmentMax},
   * Infinity of {@link segmentMin}.
   */
  readonly empty?: number;
}

export const SEGMENT_OPTIONS = { axis: is.wholeNumber } satisfies Known<SegmentOptions>;

const EXTREME_OPTIONS = { ...SEGMENT_OPTIONS, empty: is.anyNumber } satisfies Known<SegmentExtremeOptions>;

/**
 * A reduction by segment, as {@link segmentSum} is one: there is an id for each entry of the first axis, or of another
 * one that the options name.
 */
export interface SegmentReduce<O> {
  <const Rest extends Dims, const N extends number>(
    x: Tensor<readonly [PublicDim, ...Rest]>,
    ids: Tensor<readonly [PublicDim]>,
    count: N,
  ): Float32<[N, ...Rest]>;
  (x: Tensor, ids: Tensor, count: number, options?: O): Float32<Dims>;
}

interface SegmentCall {
  readonly origin: Origin;
  readonly x: Node;
  readonly ids: Node;
  readonly attrs: ScatterAttrs;
}

export function segmentCall<O extends SegmentOptions>(
  op: string,
  [x, ids, count]: readonly [x: unknown, ids: unknown, count: unknown],
  options: O,
  checks: Known<NoInfer<O>>,
): SegmentCall {
  const origin = callOrigin(op, options, checks);
  const node = asFloat(origin, tensorOperand(op, "x", x, origin));
  const names = tensorOperand(op, "ids", ids, origin);
  const segments = dim(positiveInteger(op, "count", count, origin));
  const at = toAxis(op, options.axis ?? 0, node.shape, origin);
  const rank = names.shape.length;
  if (rank === 0) {
    throw wrongRank({ op, operand: "ids", shape: names.shape, expected: "at least one axis", site: origin.site });
  }
  requireIndices(op, names, origin);
  if (!sameShape(names.shape, node.shape.slice(at, at + rank))) {
    const why = `there is one id for each entry of axis ${at} of x`;
    throw shapeMismatch({ op, left: node.shape, right: names.shape, why, site: origin.site });
  }
  requireBelow(op, names, segments, origin);
  return { origin, x: node, ids: names, attrs: segmentAttrs(node, names, at, segments) };
}

export const segmentAttrs = (x: Node, ids: Node, axis: number, segments: Dim): ScatterAttrs => ({
  axis,
  shape: x.shape.toSpliced(axis, ids.shape.length, segments),
});

/** How many entries each segment has, repeated to the result's shape. */
function counted({ origin, ids, attrs: { axis, shape } }: SegmentCall): Node {
  const segments: Shape = [shape[axis]!];
  const ones = makeFilled(origin, 1, ids.shape, "float32");
  return makeBroadcast(origin, makeScatterAdd(origin, ones, ids, { axis: 0, shape: segments }), shape, [axis]);
}

/**
 * The sum of the entries of each segment. JAX' `segment_sum`, TensorFlow's `unsorted_segment_sum`, PyTorch's `index_add`.
 * `segmentSum([1, 2, 4], [1, 0, 1], 3)` is `[2, 5, 0]`.
 * @param x [n, ...], float32 (other dtypes are converted); with `axis` the entries stand along another axis
 * @param ids [n], int32, in any order: the segment of each entry, from 0 to below `count`; or [n, m, ...] for the entries of
 *   several axes. An input of them states `below`; computed ones are looked at in each call (INDEX_OUT_OF_RANGE)
 * @param count how many segments: a positive integer
 * @returns [count, ...], float32; 0 for a segment without entries
 * @throws WRONG_DTYPE, WRONG_RANK, SHAPE_MISMATCH, BAD_ARGUMENT
 * @example
 * ```ts
 * const ids = constant([1, 0, 1], { dtype: "int32" });
 * const net = network("example", { batch: 1, outputs: { y: segmentSum(constant([1, 2, 4]), ids, 3) } });
 * interpret(net, {}).outputs.y; // [2, 5, 0]
 * ```
 */
export const segmentSum: SegmentReduce<SegmentOptions> = publicSegment(
  (x: Tensor, ids: Tensor, count: number, options: SegmentOptions = {}) => {
    const call = segmentCall("segmentSum", [x, ids, count], options, SEGMENT_OPTIONS);
    return makeScatterAdd(call.origin, call.x, call.ids, call.attrs);
  },
);

/**
 * The mean of the entries of each segment; 0 for a segment without entries. TensorFlow's `unsorted_segment_mean`.
 * @param x [n, ...], float32 (other dtypes are converted); with `axis` the entries stand along another axis
 * @param ids [n], int32: the segment of each entry, as of {@link segmentSum}
 * @param count how many segments: a positive integer
 * @returns [count, ...], float32
 * @throws WRONG_DTYPE, WRONG_RANK, SHAPE_MISMATCH and BAD_ARGUMENT as {@link segmentSum}
 * @example
 * ```ts
 * const ids = constant([1, 0, 1], { dtype: "int32" });
 * const net = network("example", { batch: 1, outputs: { y: segmentMean(constant([1, 2, 4]), ids, 3) } });
 * interpret(net, {}).outputs.y; // [2, 2.5, 0]
 * ```
 */
export const segmentMean: SegmentReduce<SegmentOptions> = publicSegment(
  (x: Tensor, ids: Tensor, count: number, options: SegmentOptions = {}) => {
    const call = segmentCall("segmentMean", [x, ids, count], options, SEGMENT_OPTIONS);
    const { origin } = call;
    const sums = makeScatterAdd(origin, call.x, call.ids, call.attrs);
    return div.at(origin, sums, maximum.at(origin, counted(call), makeScalar(origin, 1)));
  },
);

/**
 * The largest entry of each segment, element by element; equal ones share the gradient evenly, as in {@link max}. A
 * segment without entries gives -Infinity (JAX' `segment_max`; TensorFlow has the lowest number) unless `empty` says
 * what.
 * @param x [n, ...], float32 (other dtypes are converted); with `axis` the entries stand along another axis
 * @param ids [n], int32: the segment of each entry, as of {@link segmentSum}
 * @param count how many segments: a positive integer
 * @returns [count, ...], float32
 * @throws WRONG_DTYPE, WRONG_RANK, SHAPE_MISMATCH and BAD_ARGUMENT as {@link segmentSum}
 * @example
 * ```ts
 * const ids = constant([1, 0, 1], { dtype: "int32" });
 * const net = network("example", { batch: 1, outputs: { y: segmentMax(constant([1, 2, 4]), ids, 3, { empty: 0 }) } });
 * interpret(net, {}).outputs.y; // [2, 4, 0]
 * ```
 */
export const segmentMax: SegmentReduce<SegmentExtremeOptions> = publicSegment(
  (x: Tensor, ids: Tensor, count: number, options: SegmentExtremeOptions = {}) =>
    extreme(segmentCall("segmentMax", [x, ids, count], options, EXTREME_OPTIONS), makeScatterMax, options.empty),
);

/**
 * The smallest entry of each segment: as {@link segmentMax}, with Infinity for a segment without entries unless
 * `empty` says what.
 * @param x [n, ...], float32 (other dtypes are converted); with `axis` the entries stand along another axis
 * @param ids [n], int32: the segment of each entry, as of {@link segmentSum}
 * @param count how many segments: a positive integer
 * @returns [count, ...], float32
 * @throws WRONG_DTYPE, WRONG_RANK, SHAPE_MISMATCH and BAD_ARGUMENT as {@link segmentSum}
 * @example
 * ```ts
 * const ids = constant([1, 0, 1], { dtype: "int32" });
 * const net = network("example", { batch: 1, outputs: { y: segmentMin(constant([1, 2, 4]), ids, 3) } });
 * interpret(net, {}).outputs.y; // [2, 1, Infinity]
 * ```
 */
export const segmentMin: SegmentReduce<SegmentExtremeOptions> = publicSegment(
  (x: Tensor, ids: Tensor, count: number, options: SegmentExtremeOptions = {}) =>
    extreme(segmentCall("segmentMin", [x, ids, count], options, EXTREME_OPTIONS), makeScatterMin, options.empty),
);

/** The overloads are what a caller sees of it. */
function publicSegment<O>(call: (x: Tensor, ids: Tensor, count: number, options?: O) => Node): SegmentReduce<O> {
  return call as unknown as SegmentReduce<O>;
}

function extreme(call: SegmentCall, make: typeof makeScatterMax, empty: number | undefined): Node {
  const { origin, x, ids, attrs } = call;
  const extremes = make(origin, x, ids, attrs);
  if (empty === undefined) return extremes;
  return where.at(
    origin,
    greater.at(origin, counted(call), makeScalar(origin, 0)),
    extremes,
    makeScalar(origin, empty),
  );
}
