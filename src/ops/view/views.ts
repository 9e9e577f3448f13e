// Reshape and transpose: the same elements under other axes.

import type { DType } from "../../graph/dtype.js";
import { axis } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import type { Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import {
  dim,
  isOne,
  ONE,
  printDim,
  sameDim,
  sameShape,
  sizeOf,
  type Dim,
  type PublicDim,
  type Shape,
} from "../../graph/shape.js";
import type { FlattenedDims, InsertedDims, TransposedDims } from "../../graph/dims-types.js";
import type { Removed, SqueezedDims } from "../../graph/reduced-types.js";
import type { ReshapeCompatible, ReshapedDims } from "../../graph/reshape-types.js";
import type { Dims, Tensor, TensorOf } from "../../graph/tensor.js";
import { badArgument, shapeMismatch } from "../../messages.js";
import { float, make, record, ruleOrigin, shapeOf, tensorOperand, toAxes, toAxis, toDim, toShape } from "../define.js";
import { viewRule } from "../../graph/rules.js";

export interface ReshapeAttrs {
  readonly shape: Shape;
}

export interface TransposeAttrs {
  /** Output axis i is input axis `permutation[i]`. */
  readonly permutation: readonly number[];
}

const sample = (from: Shape, build: (x: Node) => Node): Sample => ({
  inputs: [{ ...float(from), range: [-2, 2] }],
  build: ([x]) => build(x!),
});

export const reshapeDef: OpDef<ReshapeAttrs> = record<ReshapeAttrs>({
  name: "reshape",
  family: "view",
  doc: "The same elements, in row-major order, under another shape.",
  operands: ["x"],
  infer({ inputs: [x], attrs, origin }) {
    if (!sameDim(sizeOf(x!.shape), sizeOf(attrs.shape))) {
      const why = `${printDim(sizeOf(x!.shape))} elements do not fill ${printDim(sizeOf(attrs.shape))}`;
      throw shapeMismatch({ op: "reshape", left: x!.shape, right: attrs.shape, why, site: origin.site });
    }
    return { shape: attrs.shape, dtype: x!.dtype };
  },
  lower: () => ({ kind: "alias" }),
  rule: viewRule,
  vjp: (adjoint) => [makeReshape(ruleOrigin(adjoint), adjoint.gradient, adjoint.inputs[0]!.shape)],
  differentiable: true,
  samples: () =>
    (
      [
        [shapeOf(), shapeOf(1)],
        [shapeOf(2, 3), shapeOf(3, 2)],
        [shapeOf(2, 3), shapeOf(6)],
        [shapeOf(1, 4), shapeOf(2, 1, 2)],
        [shapeOf("b", 2, 3), shapeOf("b", 6)],
        [shapeOf("b", 2, 3), [dim(2, 1), dim(3)]],
      ] as const
    ).map(([from, shape]) => sample(from, (x) => make(reshapeDef, x.origin, [x], { shape }))),
});

export const transposeDef: OpDef<TransposeAttrs> = record<TransposeAttrs>({
  name: "transpose",
  family: "view",
  doc: "The same elements with the axes in another order.",
  operands: ["x"],
  infer: ({ inputs: [x], attrs }) => ({ shape: attrs.permutation.map((a) => x!.shape[a]!), dtype: x!.dtype }),
  lower: ({ attrs }) => ({
    kind: "map",
    body: load(
      0,
      attrs.permutation.map((_, i) => axis(attrs.permutation.indexOf(i))),
    ),
  }),
  rule: viewRule,
  vjp: (adjoint) => {
    const { permutation } = adjoint.attrs;
    return [
      makeTranspose(
        ruleOrigin(adjoint),
        adjoint.gradient,
        permutation.map((_, i) => permutation.indexOf(i)),
      ),
    ];
  },
  differentiable: true,
  tex: ([x], { permutation }) =>
    `{${x}}^{${permutation.length === 2 && permutation[0] === 1 ? "\\top" : `(${permutation.join(", ")})`}}`,
  samples: () =>
    (
      [
        [shapeOf(2, 3), [1, 0]],
        [shapeOf(1, 3), [1, 0]],
        [shapeOf(2, 3, 4), [2, 0, 1]],
        [shapeOf("b", 3), [1, 0]],
      ] as const
    ).map(([from, permutation]) => sample(from, (x) => make(transposeDef, x.origin, [x], { permutation }))),
});

export const makeReshape = (origin: Origin, x: Node, shape: Shape): Node =>
  sameShape(x.shape, shape) ? x : make(reshapeDef, origin, [x], { shape });

export const makeTranspose = (origin: Origin, x: Node, permutation: readonly number[]): Node =>
  permutation.every((a, i) => a === i)
    ? x
    : make(transposeDef, origin, [x], { permutation: Object.freeze([...permutation]) });

/** An axis in a reshape: a size, the batch, a computed size, or -1 for what is left. */
export type ReshapeDim = PublicDim | Dim;

/**
 * The same elements, in row-major order, under another shape. One axis may be -1: what the others leave, which may
 * contain the batch: `reshape(x, [-1, 64])` of `["batch", 20, 64]` has `20 * batch` rows.
 * @param x a tensor of any dtype
 * @param shape positive integers, "batch", and at most one -1
 * @returns that shape, x's dtype
 * @throws SHAPE_MISMATCH where the numbers of elements differ, BAD_ARGUMENT for what is no shape
 * @example
 * ```ts
 * const x = input("x", ["batch", 28, 28]);
 * reshape(x, ["batch", 784]); // float32 [batch, 784]
 * reshape(x, ["batch", -1, 7]); // float32 [batch, 112, 7]
 * ```
 */
export function reshape<X extends Dims, D extends DType, const S extends readonly ReshapeDim[]>(
  x: Tensor<X, D>,
  shape: ReshapeCompatible<X, S> & S,
): TensorOf<ReshapedDims<X, S>, D> {
  const origin = originOf(callSite("reshape"));
  const node = tensorOperand("reshape", "x", x, origin);
  if (!Array.isArray(shape) || !shape.includes(-1)) {
    return makeReshape(origin, node, toShape("reshape", shape, origin)) as TensorOf<ReshapedDims<X, S>, D>;
  }
  const writtenSizes = shape.filter((d: ReshapeDim) => d !== -1).map((d: ReshapeDim) => toDim("reshape", d, origin));
  if (writtenSizes.length < shape.length - 1) {
    throw badArgument({
      op: "reshape",
      argument: "the shape",
      value: shape,
      expected: "with one -1 at most",
      site: origin.site,
    });
  }
  const [all, part] = [sizeOf(node.shape), sizeOf(writtenSizes)];
  const rest = dim(all.times / part.times, all.power - part.power);
  if (!Number.isInteger(rest.times) || rest.power < 0) {
    const why = `${printDim(all)} elements are no multiple of ${printDim(part)}`;
    throw shapeMismatch({ op: "reshape", left: node.shape, right: writtenSizes, why, site: origin.site });
  }
  const full = shape.map((d: ReshapeDim) => (d === -1 ? rest : toDim("reshape", d, origin)));
  return makeReshape(origin, node, full) as TensorOf<ReshapedDims<X, S>, D>;
}

/**
 * The axes in another order; reversed where no order is given (NumPy). Axis i of the result is axis `order[i]` of x.
 * @param x a tensor of any dtype
 * @param order each axis of x once; negative counts from the end
 * @returns the axes in that order, x's dtype
 * @throws BAD_ARGUMENT for what is no order of x's axes
 * @example
 * ```ts
 * const x = input("x", ["batch", 28, 3]);
 * transpose(x, [0, 2, 1]); // float32 [batch, 3, 28]
 * const net = network("example", { batch: 1, outputs: { y: transpose(constant([[1, 2], [3, 4]])) } });
 * interpret(net, {}).outputs.y; // [1, 3, 2, 4]
 * ```
 */
export function transpose<S extends Dims, D extends DType, const O extends readonly number[] = readonly []>(
  x: Tensor<S, D>,
  order?: O,
): TensorOf<TransposedDims<S, O>, D> {
  const origin = originOf(callSite("transpose"));
  const node = tensorOperand("transpose", "x", x, origin);
  const rank = node.shape.length;
  const wanted: unknown = order ?? node.shape.map((_, i) => rank - 1 - i);
  const list = Array.isArray(wanted) ? (wanted as readonly number[]) : [];
  const permutation = list.map((a) => toAxis("transpose", a, node.shape, origin));
  if (wanted !== list || permutation.length !== rank || new Set(permutation).size !== rank) {
    const expected = `a list of each of the ${rank} axes once`;
    throw badArgument({ op: "transpose", argument: "the order", value: order, expected, site: origin.site });
  }
  return makeTranspose(origin, node, permutation) as TensorOf<TransposedDims<S, O>, D>;
}

/**
 * A new axis of size 1, which stands at position `axis` of the result (NumPy's expand_dims).
 * @param x a tensor of any dtype
 * @param axis a position in the result; negative counts from the end
 * @returns x's shape with the new axis, x's dtype
 * @throws BAD_ARGUMENT for a position that the result has not
 * @example
 * ```ts
 * const x = input("x", ["batch", 28]);
 * expandDims(x, -1); // float32 [batch, 28, 1]
 * ```
 */
export function expandDims<S extends Dims, D extends DType, const A extends number>(
  x: Tensor<S, D>,
  axis: A,
): TensorOf<InsertedDims<S, A, 1>, D> {
  const origin = originOf(callSite("expandDims"));
  const node = tensorOperand("expandDims", "x", x, origin);
  const position = toAxis("expandDims", axis, [...node.shape, ONE], origin);
  return makeReshape(origin, node, node.shape.toSpliced(position, 0, ONE)) as TensorOf<InsertedDims<S, A, 1>, D>;
}

/**
 * The tensor without axes of size 1: without the given ones, or without all of them.
 * @param x a tensor of any dtype
 * @param axis an axis or several; negative counts from the end
 * @returns x's other axes, x's dtype
 * @throws BAD_ARGUMENT for an axis of another size than 1, or one that x has not
 * @example
 * ```ts
 * const x = input("x", ["batch", 1, 28, 1]);
 * squeeze(x); // float32 [batch, 28]
 * squeeze(x, 1); // float32 [batch, 28, 1]
 * ```
 */
export function squeeze<S extends Dims, D extends DType>(x: Tensor<S, D>): TensorOf<SqueezedDims<S>, D>;
export function squeeze<S extends Dims, D extends DType, const A extends number | readonly number[]>(
  x: Tensor<S, D>,
  axis: A,
): TensorOf<Removed<S, A>, D>;
export function squeeze(x: Tensor, axis?: number | readonly number[]): Tensor {
  const origin = originOf(callSite("squeeze"));
  const node = tensorOperand("squeeze", "x", x, origin);
  const removed =
    axis === undefined
      ? node.shape.flatMap((d, i) => (isOne(d) ? [i] : []))
      : toAxes("squeeze", axis, node.shape, origin);
  const wrong = removed.find((i) => !isOne(node.shape[i]!));
  if (wrong !== undefined) {
    const expected = `an axis of size 1; its size is ${printDim(node.shape[wrong]!)}`;
    throw badArgument({ op: "squeeze", argument: "axis", value: wrong, expected, site: origin.site });
  }
  return makeReshape(
    origin,
    node,
    node.shape.filter((_, i) => !removed.includes(i)),
  ) as Tensor;
}

/**
 * All axes from `axis` on as one: all but the first unless stated (Keras). `["batch", 28, 28]` becomes `["batch",
 * 784]`, and `["batch"]` becomes `["batch", 1]`.
 * @param x a tensor of any dtype
 * @param axis an axis of x, counted from the end when negative; 1 unless stated
 * @returns x's axes before `axis`, and one more, x's dtype
 * @throws WRONG_RANK for a scalar, BAD_ARGUMENT for an axis that x has not
 * @example
 * ```ts
 * const image = input("image", ["batch", 28, 28]);
 * flatten(image); // float32 [batch, 784]
 * ```
 */
export function flatten<S extends Dims, D extends DType, const A extends number = 1>(
  x: Tensor<S, D>,
  axis?: A,
): TensorOf<FlattenedDims<S, A>, D> {
  const origin = originOf(callSite("flatten"));
  const node = tensorOperand("flatten", "x", x, origin);
  // The product of no axes is 1: what is but rows becomes a column.
  const from: number = axis === undefined ? 1 : axis;
  const first = from === 1 && node.shape.length === 1 ? 1 : toAxis("flatten", from, node.shape, origin);
  const shape = [...node.shape.slice(0, first), sizeOf(node.shape.slice(first))];
  return makeReshape(origin, node, shape) as TensorOf<FlattenedDims<S, A>, D>;
}
