// Repeating tensors along axes.
//
// Broadcasting is always a node of its own, inserted by the public functions, so that no other rule thinks about it.

import type { Mutable } from "../../graph/dims-types.js";
import type { DType } from "../../graph/dtype.js";
import type { Node } from "../../graph/node.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import { isOne, ONE, sameDim, type Dim, type PublicDim, type Shape } from "../../graph/shape.js";
import type { Dims, Tensor, TensorOf } from "../../graph/tensor.js";
import { shapeMismatch } from "../../messages.js";
import { makeBroadcast } from "../adjoint-pairs.js";
import { tensorOperand, toShape } from "../define.js";

/** Puts reduced axes back: the result of a reduction over `axes` of `shape`, repeated along them. */
export const spread = (origin: Origin, reduced: Node, shape: Shape, axes: readonly number[]): Node =>
  makeBroadcast(
    origin,
    reduced,
    shape,
    shape.map((_, i) => i).filter((i) => !axes.includes(i)),
  );

/** Puts reduced axes back with size 1. */
export const keepAxes = (origin: Origin, reduced: Node, shape: Shape, axes: readonly number[]): Node =>
  spread(
    origin,
    reduced,
    shape.map((d, i) => (axes.includes(i) ? ONE : d)),
    axes,
  );

/** A scalar, or a tensor whose axes align with the last ones of `shape`, at that shape. */
export const broadcastLast = (origin: Origin, x: Node, shape: Shape): Node =>
  makeBroadcast(
    origin,
    x,
    shape,
    x.shape.map((_, i) => i + shape.length - x.shape.length),
  );

/** NumPy's rule for the shapes of several operands. */
export function broadcastShapes(op: string, shapes: readonly Shape[], origin: Origin): Shape {
  return shapes.reduce((left, right) => {
    const rank = Math.max(left.length, right.length);
    return Array.from({ length: rank }, (_, i): Dim => {
      const a = left[i - rank + left.length] ?? ONE;
      const b = right[i - rank + right.length] ?? ONE;
      if (!sameDim(a, b) && !isOne(a) && !isOne(b)) throw shapeMismatch({ op, left, right, site: origin.site });
      return isOne(a) ? b : a;
    });
  });
}

/** The operands at their common shape. */
export function broadcastTogether(op: string, nodes: readonly Node[], origin: Origin): Node[] {
  const shape = broadcastShapes(
    op,
    nodes.map((n) => n.shape),
    origin,
  );
  return nodes.map((node) => broadcastLast(origin, node, shape));
}

/**
 * A tensor repeated to a shape by NumPy's rule: axes are aligned from the last one, and an axis that is missing or has
 * size 1 stretches. Functions of two tensors do this by themselves.
 * @param x a tensor of any dtype
 * @param shape positive integers and "batch"
 * @returns that shape, x's dtype
 * @throws SHAPE_MISMATCH where x does not stretch to the shape, BAD_ARGUMENT for what is no shape
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: broadcast(constant([[1], [2]]), [2, 3]) } });
 * interpret(net, {}).outputs.y; // [1, 1, 1, 2, 2, 2]
 * ```
 */
export function broadcast<const S extends Dims, D extends DType>(
  x: Tensor<Dims, D>,
  shape: S,
): TensorOf<Mutable<S>, D> {
  const origin = originOf(callSite("broadcast"));
  const node = tensorOperand("broadcast", "x", x, origin);
  const to = toShape("broadcast", shape as readonly PublicDim[], origin);
  if (node.shape.length > to.length) {
    throw shapeMismatch({ op: "broadcast", left: node.shape, right: to, site: origin.site });
  }
  return broadcastLast(origin, node, to) as TensorOf<Mutable<S>, D>;
}
