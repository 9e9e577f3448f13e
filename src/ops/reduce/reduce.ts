// Reductions over any axes. Records drop the axes; keeping them with size 1 is a broadcast node after them.

import { load } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import type { NamesOf } from "../../graph/option-types.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import type { ReducedDims } from "../../graph/reduced-types.js";
import { sizeOf } from "../../graph/shape.js";
import type { Broadcast, Compatible, DimsOf, Operand, Float32, Tensor } from "../../graph/tensor.js";
import { makeBroadcast, makeSum, sumDef } from "../adjoint-pairs.js";
import * as is from "../call/checks.js";
import { callOrigin, type Known } from "../call/options.js";
import { finiteNumber, float, isNode, make, record, ruleOrigin, tensorOperand, toAxes } from "../define.js";
import { makeScalar, makeSize } from "../leaf/leaves.js";
import { div, maximum, minimum, mul } from "../pointwise/arithmetic.js";
import { equal, where } from "../pointwise/logic.js";
import { applyPointwise, asFloat } from "../pointwise/pointwise.js";
import { keepAxes, spread } from "../view/broadcast.js";
import { makeIota } from "../view/iota.js";
import { makeReshape, makeTranspose } from "../view/views.js";
import { reduceSamples, reductionAccess, withoutAxes, type ReduceAttrs } from "./sum-record.js";
import { extremeRule, rule } from "../../graph/rules.js";

export interface ReduceOptions {
  /** One axis or several; negative counts from the end. All axes unless stated. */
  readonly axis?: number | readonly number[];
  /** True: the reduced axes stay, with size 1. False unless stated. */
  readonly keepAxes?: boolean;
}

export const REDUCE_OPTIONS = { axis: is.axes, keepAxes: is.flag } satisfies Known<ReduceOptions>;

/** max or min over axes; equal extremes share the gradient evenly. */
function extremeRecord(combiner: "max" | "min", doc: string): OpDef<ReduceAttrs> {
  const def: OpDef<ReduceAttrs> = record<ReduceAttrs>({
    name: combiner,
    family: "reduce",
    doc,
    operands: ["x"],
    infer: ({ inputs: [x], attrs }) => float(withoutAxes(x!.shape, attrs.axes)),
    lower: ({ inputs: [x], attrs }) => ({
      kind: "reduce",
      combiner,
      axes: attrs.axes.map((a) => x!.shape[a]!),
      body: load(0, reductionAccess(x!.shape.length, attrs.axes)),
    }),
    rule: extremeRule,
    vjp(adjoint) {
      const x = adjoint.inputs[0]!;
      const { axes } = adjoint.attrs;
      const origin = ruleOrigin(adjoint);
      const reached = asFloat(origin, equal.at(origin, x, spread(origin, adjoint.output, x.shape, axes)));
      const share = div.at(origin, adjoint.gradient, makeSum(origin, reached, axes));
      return [mul.at(origin, reached, spread(origin, share, x.shape, axes))];
    },
    differentiable: true,
    samples: () => reduceSamples(() => def, [-2, 2]),
  });
  return def;
}

export const maxDef: OpDef<ReduceAttrs> = extremeRecord(
  "max",
  "The largest value over some axes; equal ones share the gradient.",
);
export const minDef: OpDef<ReduceAttrs> = extremeRecord(
  "min",
  "The smallest value over some axes; equal ones share the gradient.",
);

/**
 * The product. Its derivative multiplies all *other* elements, so it is right where some are zero, and stays so when
 * differentiated again; the price is a square of the reduced size.
 */
export const prodDef: OpDef<ReduceAttrs> = record<ReduceAttrs>({
  name: "prod",
  family: "reduce",
  doc: "The product over some axes.",
  operands: ["x"],
  infer: ({ inputs: [x], attrs }) => float(withoutAxes(x!.shape, attrs.axes)),
  lower: ({ inputs: [x], attrs }) => ({
    kind: "reduce",
    combiner: "prod",
    axes: attrs.axes.map((a) => x!.shape[a]!),
    body: load(0, reductionAccess(x!.shape.length, attrs.axes)),
  }),
  rule: rule(
    "reduce.prod",
    "algebra",
    "product over axes",
    String.raw`c = \textstyle\prod_{i} a_{i} \;\Rightarrow\; (\delta_{a})_{i} = \delta_{c} \textstyle\prod_{j \neq i} a_{j}`,
  ),
  vjp(adjoint) {
    const x = adjoint.inputs[0]!;
    const { axes } = adjoint.attrs;
    const origin = ruleOrigin(adjoint);
    return [mul.at(origin, productOfOthers(origin, x, axes), spread(origin, adjoint.gradient, x.shape, axes))];
  },
  differentiable: true,
  samples: () => reduceSamples(() => prodDef, [-2, 2]),
});

/** For each element the product of the others along `axes`, with x's shape. */
function productOfOthers(origin: Origin, x: Node, axes: readonly number[]): Node {
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const sorted = makeTranspose(origin, x, order);
  const count = sizeOf(axes.map((a) => x.shape[a]!));
  const leading = kept.map((i) => x.shape[i]!);
  const row = makeReshape(origin, sorted, [...leading, count]);
  const last = leading.length;
  const square = [...leading, count, count];
  const pairs = makeBroadcast(origin, row, square, [...kept.keys(), last + 1]);
  const self = equal.at(origin, makeIota(origin, square, last), makeIota(origin, square, last + 1));
  const others = where.at(origin, self, makeScalar(origin, 1), pairs);
  const product = createNode(prodDef, [others], { axes: Object.freeze([last + 1]) }, origin);
  const inverse = order.map((_, i) => order.indexOf(i));
  return makeTranspose(origin, makeReshape(origin, product, sorted.shape), inverse);
}

export const makeMax = (origin: Origin, x: Node, axes: readonly number[]): Node =>
  axes.length === 0 ? x : make(maxDef, origin, [x], { axes: Object.freeze([...axes]) });

export const makeMin = (origin: Origin, x: Node, axes: readonly number[]): Node =>
  axes.length === 0 ? x : make(minDef, origin, [x], { axes: Object.freeze([...axes]) });

/** The mean over axes, kept or dropped: a sum divided by the size as an expression. */
export function makeMean(origin: Origin, x: Node, axes: readonly number[]): Node {
  const count = makeSize(origin, sizeOf(axes.map((a) => x.shape[a]!)));
  return div.at(origin, makeSum(origin, x, axes), count);
}

type Reduction = (origin: Origin, x: Node, axes: readonly number[]) => Node;

export interface Reduce {
  (x: Operand): Float32<[]>;
  <X extends Operand, const O extends ReduceOptions>(
    x: X,
    options: NamesOf<O, ReduceOptions> & O,
  ): Float32<ReducedDims<DimsOf<X>, O>>;
  readonly def: OpDef<ReduceAttrs>;
}

/** Reads the operand and the axes, reduces, and puts the axes back if they are to be kept. */
export function applyReduction(
  op: string,
  origin: Origin,
  x: unknown,
  options: ReduceOptions,
  reduce: Reduction,
): Node {
  const operand =
    typeof x === "number" ? makeScalar(origin, finiteNumber(op, "x", x, origin)) : tensorOperand(op, "x", x, origin);
  const node = asFloat(origin, operand);
  const axes = toAxes(op, options.axis, node.shape, origin);
  const reduced = reduce(origin, node, axes);
  return options.keepAxes === true ? keepAxes(origin, reduced, node.shape, axes) : reduced;
}

const reduction =
  (def: OpDef<ReduceAttrs>): Reduction =>
  (origin, x, axes) =>
    axes.length === 0 ? x : createNode(def, [x], { axes: Object.freeze(axes) }, origin);

export const publicReduce = (name: string, def: OpDef<ReduceAttrs>, reduce: Reduction): Reduce =>
  Object.freeze(
    Object.assign(
      (x: Operand, options: ReduceOptions = {}) =>
        applyReduction(name, callOrigin(name, options, REDUCE_OPTIONS), x, options, reduce),
      { def },
    ),
  ) as unknown as Reduce;

/**
 * The sum over some axes.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns float32: a scalar, or with `axis` x's other axes
 * @throws BAD_ARGUMENT for an axis that x has not, or one that is named twice
 * @example
 * ```ts
 * const x = constant([[1, 2], [3, 4]]);
 * const net = network("example", { batch: 1, outputs: { all: sum(x), rows: sum(x, { axis: 1 }) } });
 * interpret(net, {}).outputs; // { all: [10], rows: [3, 7] }
 * ```
 */
export const sum: Reduce = publicReduce("sum", sumDef, makeSum);

/**
 * The product over some axes. Its gradient is right where elements are 0, and costs the square of the reduced size.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns float32: a scalar, or with `axis` x's other axes
 * @throws BAD_ARGUMENT for an axis that x has not, or one that is named twice
 * @example
 * ```ts
 * const x = constant([[1, 2], [3, 4]]);
 * const net = network("example", { batch: 1, outputs: { all: prod(x), rows: prod(x, { axis: 1 }) } });
 * interpret(net, {}).outputs; // { all: [24], rows: [2, 12] }
 * ```
 */
export const prod: Reduce = publicReduce("prod", prodDef, reduction(prodDef));

/**
 * The mean over some axes: the sum, divided by the number of elements. Over the axis of the batch it counts the rows
 * of the run.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns float32: a scalar, or with `axis` x's other axes
 * @throws BAD_ARGUMENT for an axis that x has not, or one that is named twice
 * @example
 * ```ts
 * const x = constant([[1, 2], [3, 4]]);
 * const net = network("example", { batch: 1, outputs: { all: mean(x), columns: mean(x, { axis: 0 }) } });
 * interpret(net, {}).outputs; // { all: [2.5], columns: [2, 3] }
 * ```
 */
export function mean(x: Operand): Float32<[]>;
export function mean<X extends Operand, const O extends ReduceOptions>(
  x: X,
  options: NamesOf<O, ReduceOptions> & O,
): Float32<ReducedDims<DimsOf<X>, O>>;
export function mean(x: Operand, options: ReduceOptions = {}): Tensor {
  return applyReduction("mean", callOrigin("mean", options, REDUCE_OPTIONS), x, options, makeMean);
}

/** A reduction over axes, or with a second operand the pointwise extreme of two. */
export interface Extreme extends Reduce {
  <A extends Operand, B extends Operand>(
    a: A,
    b: Compatible<DimsOf<A>, DimsOf<B>> & B,
  ): Float32<Broadcast<DimsOf<A>, DimsOf<B>>>;
}

function extreme(name: string, def: OpDef<ReduceAttrs>, pair: OpDef): Extreme {
  const call = (x: Operand, second?: Operand | ReduceOptions): Node => {
    if (typeof second === "number" || isNode(second)) {
      return applyPointwise(pair, originOf(callSite(name)), [x, second], {});
    }
    const options: ReduceOptions = second === undefined ? {} : second;
    return applyReduction(name, callOrigin(name, options, REDUCE_OPTIONS), x, options, reduction(def));
  };
  return Object.freeze(Object.assign(call, { def })) as unknown as Extreme;
}

/**
 * The largest value over some axes; equal ones share the gradient. With a second tensor or number it is
 * {@link maximum}: the larger of two, element by element.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @param b of two operands the second; shapes are broadcast
 * @returns float32: a scalar, or with `axis` x's other axes
 * @throws BAD_ARGUMENT for an axis that x has not, SHAPE_MISMATCH where the shapes of two operands do not combine
 * @example
 * ```ts
 * const x = constant([[1, 4], [3, 2]]);
 * const net = network("example", { batch: 1, outputs: { all: max(x), rows: max(x, { axis: 1 }), above: max(x, 3) } });
 * interpret(net, {}).outputs; // { all: [4], rows: [4, 3], above: [3, 4, 3, 3] }
 * ```
 */
export const max: Extreme = extreme("max", maxDef, maximum.def);

/**
 * The smallest value over some axes; equal ones share the gradient. With a second tensor or number it is
 * {@link minimum}: the smaller of two, element by element.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @param b of two operands the second; shapes are broadcast
 * @returns float32: a scalar, or with `axis` x's other axes
 * @throws BAD_ARGUMENT for an axis that x has not, SHAPE_MISMATCH where the shapes of two operands do not combine
 * @example
 * ```ts
 * const x = constant([[1, 4], [3, 2]]);
 * const net = network("example", { batch: 1, outputs: { all: min(x), rows: min(x, { axis: 1 }), below: min(x, 2) } });
 * interpret(net, {}).outputs; // { all: [1], rows: [1, 2], below: [1, 2, 2, 2] }
 * ```
 */
export const min: Extreme = extreme("min", minDef, minimum.def);
