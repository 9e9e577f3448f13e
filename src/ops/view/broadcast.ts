// Broadcast and sum: each is the other's derivative.
//
// Broadcasting is always a node of its own, inserted by the public functions, so that no other rule thinks about it.

import type { DType } from "../../graph/dtype.js";
import { axis, ZERO } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import type { Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import { isOne, ONE, sameDim, sameShape, type Dim, type PublicDim, type Shape } from "../../graph/shape.js";
import type { Dims, Tensor, TensorOf } from "../../graph/tensor.js";
import type { Mutable } from "../../graph/dims-types.js";
import { invariant, shapeMismatch } from "../../messages.js";
import { float, make, record, ruleOrigin, shapeOf, tensorOperand, toShape } from "../define.js";

export interface BroadcastAttrs {
  readonly shape: Shape;
  /** The output axis of each input axis, ascending. Sizes are equal, or the input's is 1 and stretches. */
  readonly axes: readonly number[];
}

export interface ReduceAttrs {
  /** Ascending; they vanish from the shape. */
  readonly axes: readonly number[];
}

/** Input axes that the broadcast stretches from size 1. */
const stretched = (from: Shape, { shape, axes }: BroadcastAttrs): number[] =>
  from.flatMap((d, i) => (sameDim(d, shape[axes[i]!]!) ? [] : [i]));

export const broadcastDef: OpDef<BroadcastAttrs> = record<BroadcastAttrs>({
  name: "broadcast",
  family: "view",
  doc: "Repeats a tensor along new axes and along axes of size 1.",
  operands: ["x"],
  infer({ inputs: [x], attrs, origin }) {
    const { shape, axes } = attrs;
    const ascending = axes.every((a, i) => a < shape.length && (i === 0 || a > axes[i - 1]!));
    invariant(axes.length === x!.shape.length && ascending, "a broadcast names each input axis once, ascending");
    if (x!.shape.some((d, i) => !sameDim(d, shape[axes[i]!]!) && !isOne(d))) {
      throw shapeMismatch({ op: "broadcast", left: x!.shape, right: shape, site: origin.site });
    }
    return { shape, dtype: x!.dtype };
  },
  lower({ inputs: [x], attrs }) {
    const at = x!.shape.map((d, i) => (isOne(d) ? ZERO : axis(attrs.axes[i]!)));
    return { kind: "map", body: load(0, at) };
  },
  vjp(adjoint) {
    const { inputs, attrs, gradient } = adjoint;
    const from = inputs[0]!.shape;
    const origin = ruleOrigin(adjoint);
    const stretch = stretched(from, attrs);
    const kept = from.map((_, i) => i).filter((i) => !stretch.includes(i));
    const images = kept.map((i) => attrs.axes[i]!);
    const total = makeSum(
      origin,
      gradient,
      attrs.shape.map((_, i) => i).filter((i) => !images.includes(i)),
    );
    return [makeBroadcast(origin, total, from, kept)];
  },
  differentiable: true,
  samples: () =>
    (
      [
        [shapeOf(), shapeOf(2, 3), []],
        [shapeOf(3), shapeOf(2, 3), [1]],
        [shapeOf(2), shapeOf(2, 3), [0]],
        [shapeOf(2, 1), shapeOf(2, 3), [0, 1]],
        [shapeOf(1, 3), shapeOf(2, 4, 3), [0, 2]],
        [shapeOf(1), shapeOf(1, 1), [1]],
        [shapeOf(3), shapeOf("b", 3), [1]],
        [shapeOf("b", 1), shapeOf("b", 3), [0, 1]],
      ] as const
    ).map(([from, shape, axes]): Sample => ({
      inputs: [{ ...float(from), range: [-2, 2] }],
      build: ([x]) => make(broadcastDef, x!.origin, [x!], { shape, axes }),
    })),
});

/** The shape that is left when `axes` vanish. */
export const withoutAxes = (shape: Shape, axes: readonly number[]): Shape => shape.filter((_, i) => !axes.includes(i));

/**
 * The access to a reduction's operand: axes that stay are the output's variables, the others follow them.
 * `[2, 3, 4]` over axis 1 loads `[i0, i2, i1]`.
 */
export function reductionAccess(rank: number, axes: readonly number[]): ReturnType<typeof axis>[] {
  let kept = 0;
  let reduced = rank - axes.length;
  return Array.from({ length: rank }, (_, i) => axis(axes.includes(i) ? reduced++ : kept++));
}

const SUM_SAMPLES: readonly (readonly [Shape, readonly number[]])[] = [
  [shapeOf(), []],
  [shapeOf(1), [0]],
  [shapeOf(3), [0]],
  [shapeOf(2, 3), [1]],
  [shapeOf(2, 3), [0]],
  [shapeOf(2, 3, 4), [0, 2]],
  [shapeOf(1, 3), [0]],
  [shapeOf("b", 3), [0]],
  [shapeOf("b", 3), [0, 1]],
];

/** Calls of a reduction over the usual shapes. */
export const reduceSamples = (def: () => OpDef<ReduceAttrs>, range: readonly [number, number]): readonly Sample[] =>
  SUM_SAMPLES.map(([shape, axes]) => ({
    inputs: [{ ...float(shape), range }],
    build: ([x]) => make(def(), x!.origin, [x!], { axes }),
  }));

export const sumDef: OpDef<ReduceAttrs> = record<ReduceAttrs>({
  name: "sum",
  family: "reduce",
  doc: "The sum over some axes.",
  operands: ["x"],
  infer: ({ inputs: [x], attrs }) => float(withoutAxes(x!.shape, attrs.axes)),
  lower: ({ inputs: [x], attrs }) => ({
    kind: "reduce",
    combiner: "sum",
    axes: attrs.axes.map((a) => x!.shape[a]!),
    body: load(0, reductionAccess(x!.shape.length, attrs.axes)),
  }),
  vjp: (adjoint) => [spread(ruleOrigin(adjoint), adjoint.gradient, adjoint.inputs[0]!.shape, adjoint.attrs.axes)],
  differentiable: true,
  samples: () => reduceSamples(() => sumDef, [-2, 2]),
});

// Internal makers; each returns its operand where there is nothing to do.

export const makeBroadcast = (origin: Origin, x: Node, shape: Shape, axes: readonly number[]): Node =>
  sameShape(x.shape, shape) ? x : make(broadcastDef, origin, [x], { shape, axes: Object.freeze([...axes]) });

export const makeSum = (origin: Origin, x: Node, axes: readonly number[]): Node =>
  axes.length === 0 ? x : make(sumDef, origin, [x], { axes: Object.freeze([...axes]) });

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
