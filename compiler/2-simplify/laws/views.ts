// Laws of views: broadcasts, reshapes and transposes cancel, merge, and move behind the arithmetic that they need not
// precede.
//
// In normal form the operand of a broadcast has no axis of size 1, and a broadcast that only inserts such axes is a
// reshape.

import { createNode, type Node } from "../../../src/graph/node.js";
import { isOne, sameDim, sameShape, type Shape } from "../../../src/graph/shape.js";
import { broadcastDef, makeBroadcast } from "../../../src/ops/adjoint-pairs.js";
import type { BroadcastAttrs } from "../../../src/ops/view/broadcast-record.js";
import { makeFilled } from "../../../src/ops/leaf/leaves.js";
import { sliceDef } from "../../../src/ops/view/slicing.js";
import {
  makeReshape,
  makeTranspose,
  reshapeDef,
  transposeDef,
  type TransposeAttrs,
} from "../../../src/ops/view/views.js";
import { housekeeping, type Law, type Place } from "../law.js";
import { bigAxes, filledLike, filledWith, repeated, samePairs, under } from "../match.js";

export const permutationOf = (node: Node): readonly number[] => (node.attrs as TransposeAttrs).permutation;

const withoutOnes = (shape: Shape): Shape => shape.filter((d) => !isOne(d));

export const viewLaws: readonly Law[] = [
  housekeeping(
    "view-of-number",
    "a view of one number is that number",
    [broadcastDef, reshapeDef, transposeDef, sliceDef],
    (node, { origin }) => {
      const value = filledWith(node.inputs[0]!);
      return value !== undefined && filledLike(origin, node, value);
    },
  ),

  housekeeping("reshape-to-its-shape", "reshape(x, its shape) = x", reshapeDef, (node) => {
    const [x] = node.inputs;
    return sameShape(x!.shape, node.shape) && x;
  }),
  housekeeping("reshape-of-reshape", "reshape(reshape(x)) = reshape(x)", reshapeDef, (node, { origin }) => {
    const x = under(node.inputs[0], reshapeDef)?.[0];
    return x && makeReshape(origin, x, node.shape);
  }),
  housekeeping(
    "reshape-of-broadcast",
    "reshape(broadcast(x)) = broadcast(x), for axes of size 1",
    reshapeDef,
    (node, { origin }) => {
      const [wide] = node.inputs;
      const whole = repeated(wide!);
      const pairs = whole && samePairs(wide!.shape, node.shape);
      if (!pairs || whole.of.shape.some(isOne)) return undefined;
      const images = new Map(pairs);
      return makeBroadcast(
        origin,
        whole.of,
        node.shape,
        whole.axes.map((axis) => images.get(axis)!),
      );
    },
  ),

  housekeeping(
    "transpose-in-order",
    "transpose in order = x",
    transposeDef,
    (node) => permutationOf(node).every((a, i) => a === i) && node.inputs[0],
  ),
  housekeeping("transpose-of-transpose", "transpose(transpose(x)) = transpose(x)", transposeDef, (node, { origin }) => {
    const inner = node.inputs[0]!;
    const x = under(inner, transposeDef)?.[0];
    if (!x) return undefined;
    const first = permutationOf(inner);
    return makeTranspose(
      origin,
      x,
      permutationOf(node).map((a) => first[a]!),
    );
  }),
  housekeeping(
    "transpose-is-reshape",
    "a transpose that moves axes of size 1 is a reshape",
    transposeDef,
    (node, { origin }) => {
      const [x] = node.inputs;
      const moved = permutationOf(node).filter((a) => !isOne(x!.shape[a]!));
      return moved.every((a, i) => i === 0 || a > moved[i - 1]!) && makeReshape(origin, x!, node.shape);
    },
  ),
  housekeeping(
    "transpose-before-broadcast",
    "transpose(broadcast(x)) = broadcast(transpose(x))",
    transposeDef,
    (node, { origin }) => {
      const whole = repeated(node.inputs[0]!);
      if (!whole) return undefined;
      const permutation = permutationOf(node);
      const images = whole.axes.map((axis) => permutation.indexOf(axis));
      const order = images.map((_, i) => i).sort((i, j) => images[i]! - images[j]!);
      const x = makeTranspose(origin, whole.of, order);
      return makeBroadcast(
        origin,
        x,
        node.shape,
        order.map((i) => images[i]!),
      );
    },
  ),
  housekeeping(
    "transpose-before-reshape",
    "transpose(reshape(x)) = reshape(transpose(x)), for axes of size 1",
    transposeDef,
    (node, { origin }) => {
      const [tall] = node.inputs;
      const x = under(tall, reshapeDef)?.[0];
      if (!x || x.shape.length >= tall!.shape.length || !samePairs(x.shape, tall!.shape)) return undefined;
      const big = bigAxes(tall!.shape);
      const order = permutationOf(node).flatMap((a) => (big.includes(a) ? [big.indexOf(a)] : []));
      return makeReshape(
        origin,
        makeTranspose(origin, makeReshape(origin, x, withoutOnes(x.shape)), order),
        node.shape,
      );
    },
  ),

  housekeeping("broadcast-to-its-shape", "broadcast(x, its shape) = x", broadcastDef, (node) => {
    const [x] = node.inputs;
    return sameShape(x!.shape, node.shape) && x;
  }),
  housekeeping("broadcast-of-broadcast", "broadcast(broadcast(x)) = broadcast(x)", broadcastDef, (node, { origin }) => {
    const inner = repeated(node.inputs[0]!);
    if (!inner || stretches(node)) return undefined;
    const { axes } = node.attrs as BroadcastAttrs;
    return makeBroadcast(
      origin,
      inner.of,
      node.shape,
      inner.axes.map((a) => axes[a]!),
    );
  }),
  housekeeping(
    "broadcast-is-reshape",
    "a broadcast that inserts axes of size 1 is a reshape",
    broadcastDef,
    (node, { origin }) => {
      const [x] = node.inputs;
      return samePairs(x!.shape, node.shape) && makeReshape(origin, x!, node.shape);
    },
  ),
  housekeeping(
    "broadcast-without-ones",
    "broadcast(x) = broadcast(reshape(x)), without axes of size 1",
    broadcastDef,
    (node, { origin }) => {
      const [x] = node.inputs;
      if (!x!.shape.some(isOne)) return undefined;
      const { axes } = node.attrs as BroadcastAttrs;
      return makeBroadcast(
        origin,
        makeReshape(origin, x!, withoutOnes(x!.shape)),
        node.shape,
        axes.filter((_, i) => !isOne(x!.shape[i]!)),
      );
    },
  ),
  housekeeping(
    "compute-before-broadcast",
    "f(broadcast(a), broadcast(b)) = broadcast(f(a, b))",
    "any",
    beforeBroadcasting,
  ),
  housekeeping("compute-before-reshape", "f(reshape(a), reshape(b)) = reshape(f(a, b))", "any", beforeReshaping),
];

/** Does a broadcast repeat along an axis that its operand has with size 1? */
function stretches(node: Node): boolean {
  const { axes } = node.attrs as BroadcastAttrs;
  return node.inputs[0]!.shape.some((d, i) => !sameDim(d, node.shape[axes[i]!]!));
}

/** Computes a pointwise op along the axes in which its operands differ, and repeats the result along the others. */
function beforeBroadcasting(node: Node, { origin }: Place): Node | undefined {
  if (node.def.family !== "pointwise") return undefined;
  const parts = node.inputs.map((input) => repeated(input) ?? filledWith(input));
  if (!parts.every((part) => part !== undefined) || parts.every((part) => typeof part === "number")) return undefined;
  const varying = new Set(parts.flatMap((part) => (typeof part === "number" ? [] : part.axes)));
  const axes = [...varying].sort((a, b) => a - b);
  if (node.shape.every((d, i) => varying.has(i) || isOne(d))) return undefined;
  const shape = axes.map((axis) => node.shape[axis]!);
  const inputs = parts.map((part, i) => {
    if (typeof part === "number") return makeFilled(origin, part, shape, node.inputs[i]!.dtype);
    return makeBroadcast(
      origin,
      part.of,
      shape,
      part.axes.map((axis) => axes.indexOf(axis)),
    );
  });
  return makeBroadcast(origin, createNode(node.def, inputs, node.attrs, origin), node.shape, axes);
}

/** Computes a pointwise op under the shape that all its operands had before. */
function beforeReshaping(node: Node, { origin }: Place): Node | undefined {
  if (node.def.family !== "pointwise") return undefined;
  const parts = node.inputs.map((input) => under(input, reshapeDef)?.[0] ?? filledWith(input));
  const first = parts.find((part) => typeof part === "object");
  const { shape } = first ?? node;
  if (!first || !parts.every((p) => typeof p === "number" || (p && sameShape(p.shape, shape)))) return undefined;
  const inputs = parts.map((part, i) =>
    typeof part === "number" ? makeFilled(origin, part, shape, node.inputs[i]!.dtype) : part!,
  );
  return makeReshape(origin, createNode(node.def, inputs, node.attrs, origin), node.shape);
}
