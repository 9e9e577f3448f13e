// Laws of reductions: they merge, pass through views, and vanish where there is nothing to reduce.

import { createNode, isA, type Node } from "../../../src/graph/node.js";
import type { OpDef } from "../../../src/graph/op.js";
import type { Origin } from "../../../src/graph/origin.js";
import { isOne, sizeOf, type Shape } from "../../../src/graph/shape.js";
import { mul, neg } from "../../../src/ops/pointwise/arithmetic.js";
import { broadcastLast } from "../../../src/ops/view/broadcast.js";
import { makeBroadcast, makeSum, sumDef } from "../../../src/ops/adjoint-pairs.js";
import type { ReduceAttrs } from "../../../src/ops/reduce/sum-record.js";
import { makeFilled, makeScalar, makeSize } from "../../../src/ops/leaf/leaves.js";
import { maxDef, minDef, prodDef } from "../../../src/ops/reduce/reduce.js";
import { makeReshape, makeTranspose, reshapeDef, transposeDef } from "../../../src/ops/view/views.js";
import { algebra, housekeeping, size, type Law } from "../law.js";
import { filledWith, repeated, samePairs, under } from "../match.js";
import { permutationOf } from "./views.js";

const reductions: readonly OpDef[] = [sumDef, maxDef, minDef, prodDef];

export const axesOf = (node: Node): readonly number[] => (node.attrs as ReduceAttrs).axes;

/** The same reduction of another operand; the operand itself where nothing is left to reduce. */
const again = (origin: Origin, node: Node, x: Node, axes: readonly number[]): Node =>
  axes.length === 0 ? x : createNode(node.def, [x], { axes: Object.freeze([...axes].sort((a, b) => a - b)) }, origin);

const kept = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((_, i) => i).filter((i) => !axes.includes(i));

export const reductionLaws: readonly Law[] = [
  housekeeping("reduce-nothing", "a reduction over axes of size 1 is a reshape", reductions, (node, { origin }) => {
    const [x] = node.inputs;
    return axesOf(node).every((axis) => isOne(x!.shape[axis]!)) && makeReshape(origin, x!, node.shape);
  }),
  algebra("sum-of-sum", "sum(sum(x)) = sum(x)", reductions, (node, { origin }) => {
    const [inner] = node.inputs;
    if (inner!.def !== node.def) return undefined;
    const x = inner!.inputs[0]!;
    const left = kept(x.shape, axesOf(inner!));
    return again(origin, node, x, [...axesOf(inner!), ...axesOf(node).map((axis) => left[axis]!)]);
  }),
  algebra("minus-out-of-sum", "sum(-x) = -sum(x)", sumDef, (node, { origin }) => {
    const x = under(node.inputs[0], neg.def)?.[0];
    return x && neg.at(origin, makeSum(origin, x, axesOf(node)));
  }),
  algebra("factor-out-of-sum", "sum(x * c) = sum(x) * c", sumDef, (node, { origin }) => {
    const product = under(node.inputs[0], mul.def);
    if (!product) return undefined;
    for (const [x, factor] of [product, [product[1]!, product[0]!]]) {
      const c = filledWith(factor!);
      // Sums must not leave the range that products kept.
      if (c === undefined || Math.abs(c) < 2 ** -10 || Math.abs(c) > 2 ** 10) continue;
      return mul.at(origin, makeSum(origin, x!, axesOf(node)), makeFilled(origin, c, node.shape, "float32"));
    }
    return undefined;
  }),
  size("sum-of-number", "sum(c) = size * c", sumDef, (node, { origin }) => {
    const [x] = node.inputs;
    const value = filledWith(x!);
    if (value === undefined) return undefined;
    const count = makeSize(origin, sizeOf(axesOf(node).map((axis) => x!.shape[axis]!)));
    return broadcastLast(origin, mul.at(origin, makeScalar(origin, value), count), node.shape);
  }),
  size("sum-over-copies", "sum(broadcast(x)) = size * sum(x)", [sumDef, maxDef, minDef], (node, { origin }) => {
    const [wide] = node.inputs;
    const whole = repeated(wide!);
    if (!whole || whole.of.shape.some(isOne)) return undefined;
    const axes = axesOf(node);
    const copies = axes.filter((axis) => !whole.axes.includes(axis));
    if (copies.length === 0) return undefined;
    const own = whole.axes.flatMap((axis, i) => (axes.includes(axis) ? [i] : []));
    const reduced = again(origin, node, whole.of, own);
    const left = kept(wide!.shape, axes);
    const images = whole.axes.flatMap((axis) => (axes.includes(axis) ? [] : [left.indexOf(axis)]));
    const counted = isA(node, sumDef)
      ? mul.at(origin, reduced, makeSize(origin, sizeOf(copies.map((axis) => wide!.shape[axis]!))))
      : reduced;
    return makeBroadcast(origin, counted, node.shape, images);
  }),
  housekeeping(
    "sum-before-broadcast",
    "sum(broadcast(x)) = broadcast(sum(x))",
    [sumDef, maxDef, minDef],
    (node, { origin }) => {
      const [wide] = node.inputs;
      const whole = repeated(wide!);
      const axes = axesOf(node);
      if (!whole || !axes.every((axis) => whole.axes.includes(axis))) return undefined;
      const left = kept(wide!.shape, axes);
      const own = axes.map((axis) => whole.axes.indexOf(axis));
      const images = whole.axes.flatMap((axis) => (axes.includes(axis) ? [] : [left.indexOf(axis)]));
      return makeBroadcast(origin, again(origin, node, whole.of, own), node.shape, images);
    },
  ),
  housekeeping("sum-before-transpose", "sum(transpose(x)) = transpose(sum(x))", reductions, (node, { origin }) => {
    const [turned] = node.inputs;
    const x = under(turned, transposeDef)?.[0];
    if (!x) return undefined;
    const permutation = permutationOf(turned!);
    const axes = axesOf(node).map((axis) => permutation[axis]!);
    const left = kept(x.shape, axes);
    const order = kept(turned!.shape, axesOf(node)).map((axis) => left.indexOf(permutation[axis]!));
    return makeTranspose(origin, again(origin, node, x, axes), order);
  }),
  housekeeping("sum-before-reshape", "sum(reshape(x)) = reshape(sum(x))", reductions, (node, { origin }) => {
    const [shaped] = node.inputs;
    const x = under(shaped, reshapeDef)?.[0];
    if (!x) return undefined;
    const axes = axesOf(node);
    if (axes.length === shaped!.shape.length) {
      return again(
        origin,
        node,
        x,
        x.shape.map((_, i) => i),
      );
    }
    const pairs = samePairs(x.shape, shaped!.shape);
    if (!pairs || axes.some((axis) => isOne(shaped!.shape[axis]!))) return undefined;
    const own = pairs.flatMap(([from, to]) => (axes.includes(to) ? [from] : []));
    return makeReshape(origin, again(origin, node, x, own), node.shape);
  }),
];
