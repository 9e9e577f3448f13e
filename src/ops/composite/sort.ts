// Order along an axis: positions by rank, sorted values, the largest few.

import type { DType } from "../../graph/dtype.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { dim, evaluateDim, ONE, printDim, type Dim, type Shape } from "../../graph/shape.js";
import type { Dims, Tensor, TensorOf } from "../../graph/tensor.js";
import { badArgument } from "../../messages.js";
import { makeBroadcast, makeSum, makeTakeAlong } from "../adjoint-pairs.js";
import * as is from "../call/checks.js";
import { callOrigin } from "../call/options.js";
import { float, positiveInteger, record, shapeOf, tensorOperand, toAxis } from "../define.js";
import { makeScalar } from "../leaf/leaves.js";
import { equal, greater, less, logicalAnd, logicalOr, makeCast, where } from "../pointwise/logic.js";
import { asFloat, boolToFloat } from "../pointwise/pointwise.js";
import { makeMax, makeMin } from "../reduce/reduce.js";
import { firstWhere } from "../reduce/statistics.js";
import { spread } from "../view/broadcast.js";
import { makeConcat } from "../view/concat.js";
import { makeIota } from "../view/iota.js";
import { makeReshape } from "../view/views.js";

export interface ArgSortAttrs {
  readonly axis: number;
  /** How many positions are wanted: the size of the axis, or fewer. */
  readonly count: Dim;
  /** The largest first. */
  readonly descending: boolean;
}

/** As many are found one after the other, in one sweep each; more are found by counting who comes before whom. */
const SWEEPS = 8;

const isFew = ({ times, power }: Dim, all: Dim): boolean =>
  power === 0 && times <= SWEEPS && (all.power > 0 || all.times > 2 * times);

export const argSortDef: OpDef<ArgSortAttrs> = record<ArgSortAttrs>({
  name: "argSort",
  family: "composite",
  doc: "The positions along an axis by the order of their values; equal values keep their order.",
  operands: ["x"],
  infer: ({ inputs: [x], attrs }) => ({ shape: x!.shape.with(attrs.axis, attrs.count), dtype: "int32" }),
  expand({ inputs, attrs, origin }) {
    const x = asFloat(origin, inputs[0]!);
    const positions = isFew(attrs.count, x.shape[attrs.axis]!) ? bySweeps(origin, x, attrs) : byRank(origin, x, attrs);
    return makeCast(origin, positions, "int32");
  },
  differentiable: false,
  samples: () =>
    (
      [
        [shapeOf(1), 0, 1, true],
        [shapeOf(4), 0, 4, false],
        [shapeOf(2, 5), 1, 2, true],
        [shapeOf(5, 2), 0, 2, false],
        [shapeOf(2, 3, 2), 1, 3, true],
        [shapeOf("b", 4), 1, 4, false],
        [shapeOf("b", 7), 1, 3, true],
        [shapeOf("b", 2), 0, 1, true],
      ] as const
    ).map(([shape, axis, count, descending]): Sample => ({
      inputs: [{ ...float(shape), range: [-2, 2] }],
      build: ([x]) => createNode(argSortDef, [x!], { axis, count: dim(count), descending }, x!.origin),
    })),
});

/** x repeated along a new axis at `at`: elements vary along the other one. */
const twice = (origin: Origin, x: Node, shape: Shape, at: number): Node =>
  makeBroadcast(
    origin,
    x,
    shape,
    shape.map((_, i) => i).filter((i) => i !== at),
  );

const floatIota = (origin: Origin, shape: Shape, axis: number): Node => asFloat(origin, makeIota(origin, shape, axis));

/** Each element's rank is how many come before it: the square of the axis. */
function byRank(origin: Origin, x: Node, { axis, count, descending }: ArgSortAttrs): Node {
  const size = x.shape[axis]!;
  const square = x.shape.toSpliced(axis, 1, size, size);
  const [element, other] = [twice(origin, x, square, axis + 1), twice(origin, x, square, axis)];
  const beats = descending ? greater.at(origin, other, element) : less.at(origin, other, element);
  const earlier = less.at(origin, makeIota(origin, square, axis + 1), makeIota(origin, square, axis));
  const precedes = logicalOr.at(origin, beats, logicalAnd.at(origin, equal.at(origin, other, element), earlier));
  const rank = makeSum(origin, createNode(boolToFloat, [precedes], {}, origin), [axis + 1]);
  const wanted = x.shape.toSpliced(axis, 1, count, size);
  const here = equal.at(origin, twice(origin, rank, wanted, axis), floatIota(origin, wanted, axis));
  return firstWhere(origin, here, axis + 1);
}

/** The extreme of what is left, so many times. What is left comes after the last one found, by value and then by place. */
function bySweeps(origin: Origin, x: Node, { axis, count, descending }: ArgSortAttrs): Node {
  const { shape } = x;
  const nothing = makeScalar(origin, descending ? -Infinity : Infinity);
  const best = (open: Node | undefined): Node => {
    const left = open === undefined ? x : where.at(origin, open, x, nothing);
    return descending ? makeMax(origin, left, [axis]) : makeMin(origin, left, [axis]);
  };
  const along = (value: Node): Node => spread(origin, value, shape, [axis]);
  const positions: Node[] = [];
  let open: Node | undefined;
  for (let rank = 0; rank < count.times; rank++) {
    const value = along(best(open));
    const same = equal.at(origin, x, value);
    const position = firstWhere(origin, open === undefined ? same : logicalAnd.at(origin, open, same), axis);
    positions.push(makeReshape(origin, position, shape.with(axis, ONE)));
    const later = greater.at(origin, floatIota(origin, shape, axis), along(position));
    const worse = descending ? less.at(origin, x, value) : greater.at(origin, x, value);
    open = logicalOr.at(origin, worse, logicalAnd.at(origin, same, later));
  }
  return positions.length === 1 ? positions[0]! : makeConcat(origin, positions, axis);
}

const makeArgSort = (origin: Origin, x: Node, attrs: ArgSortAttrs): Node => createNode(argSortDef, [x], attrs, origin);

/** The options of {@link argSort} and {@link sort}. */
export interface SortOptions {
  /** The axis; negative counts from the end. The last unless stated. */
  readonly axis?: number;
  /** True: the largest first. False unless stated. */
  readonly descending?: boolean;
}

function ordered(
  op: string,
  x: unknown,
  options: SortOptions,
): { origin: Origin; node: Node; positions: Node; axis: number } {
  const origin = callOrigin(op, options, { axis: is.wholeNumber, descending: is.flag });
  const node = tensorOperand(op, "x", x, origin);
  const axis = toAxis(op, options.axis ?? -1, node.shape, origin);
  const attrs = { axis, count: node.shape[axis]!, descending: options.descending ?? false };
  return { origin, node, positions: makeArgSort(origin, node, attrs), axis };
}

/**
 * The positions that would sort `x` along an axis: `takeAlong(x, argSort(x))` is `sort(x)`. Equal values keep their
 * order either way (NumPy's `argsort(kind="stable")`, PyTorch's with `stable=True`). No gradient passes. The order of
 * NaN is not defined. Costs the square of the axis: each element counts who comes before it.
 * @param x a tensor with one axis or more
 * @returns x's shape, int32
 * @throws BAD_ARGUMENT for an axis that x has not, WRONG_RANK for a scalar
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: argSort(constant([3, 1, 2])) } });
 * interpret(net, {}).outputs.y; // [1, 2, 0]
 * ```
 */
export function argSort<S extends Dims>(x: Tensor<S>, options: SortOptions = {}): Tensor<S, "int32"> {
  return ordered("argSort", x, options).positions as Tensor<S, "int32">;
}

/**
 * The elements of `x` in order along an axis, the smallest first unless stated. Gradients go to where each element
 * came from; equal elements keep their order. The order of NaN is not defined. Costs the square of the axis.
 * @param x a tensor with one axis or more
 * @returns x's shape and dtype
 * @throws BAD_ARGUMENT for an axis that x has not, WRONG_RANK for a scalar
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: sort(constant([3, 1, 2]), { descending: true }) } });
 * interpret(net, {}).outputs.y; // [3, 2, 1]
 * ```
 */
export function sort<S extends Dims, D extends DType>(x: Tensor<S, D>, options: SortOptions = {}): TensorOf<S, D> {
  const { origin, node, positions, axis } = ordered("sort", x, options);
  return makeTakeAlong(origin, node, positions, axis) as TensorOf<S, D>;
}

/** The options of {@link topK}. */
export interface TopKOptions {
  /** The axis; negative counts from the end. The last unless stated. */
  readonly axis?: number;
  /** False: the smallest instead. True unless stated. */
  readonly largest?: boolean;
}

/**
 * The `k` largest elements of `x` along an axis, the largest first, and where they are; of equal ones the first comes
 * first (ONNX' TopK with `sorted = 1`; PyTorch leaves ties open). Costs k sweeps of the axis up to k = 8, beyond that
 * the square of the axis. The order of NaN is not defined.
 * @param x a tensor with one axis or more
 * @param k from 1 to the size of the axis
 * @returns values (x's dtype, gradients go to where they came from) and indices (int32), both x's shape with k along
 *   the axis
 * @throws BAD_ARGUMENT for a k that is larger than the axis, or an axis that x has not
 * @example
 * ```ts
 * const { values, indices } = topK(constant([3, 1, 4, 1, 5]), 2);
 * const net = network("example", { batch: 1, outputs: { values, indices } });
 * interpret(net, {}).outputs; // { values: [5, 4], indices: [4, 2] }
 * ```
 */
export function topK<D extends DType>(
  x: Tensor<Dims, D>,
  k: number,
  options: TopKOptions = {},
): { readonly values: Tensor<Dims, D>; readonly indices: Tensor<Dims, "int32"> } {
  const op = "topK";
  const origin = callOrigin(op, options, { axis: is.wholeNumber, largest: is.flag });
  const node = tensorOperand(op, "x", x, origin);
  const axis = toAxis(op, options.axis ?? -1, node.shape, origin);
  const size = node.shape[axis]!;
  const count = positiveInteger(op, "k", k, origin);
  // The smallest run has one row.
  if (count > evaluateDim(size, 1)) {
    const expected = `at most ${evaluateDim(size, 1)}, the entries of an axis of ${printDim(size)}`;
    throw badArgument({ op, argument: "k", value: k, expected, site: origin.site });
  }
  const indices = makeArgSort(origin, node, { axis, count: dim(count), descending: options.largest ?? true });
  return {
    values: makeTakeAlong(origin, node, indices, axis) as Tensor<Dims, D>,
    indices: indices as Tensor<Dims, "int32">,
  };
}
