// Joining and repeating: concat and what is composed of it and of slices and broadcasts.

import { addAffine, axis, offset, type Affine } from "../../graph/affine.js";
import type { ConcatDims, SplitParts, StackDims, TiledDims } from "../../graph/dims-types.js";
import type { DType } from "../../graph/dtype.js";
import { load, type Body, type BodyLeaf } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import type { NamesOf, Option } from "../../graph/option-types.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import { dim, ONE, printDim, sameDim, timesDim, type Dim, type Shape } from "../../graph/shape.js";
import type { Dims, DTypeOf, Tensor, TensorOf } from "../../graph/tensor.js";
import { badArgument, shapeMismatch, wrongDtype } from "../../messages.js";
import { applyScalar } from "../../scalar/expression.js";
import { makeBroadcast } from "../adjoint-pairs.js";
import * as is from "../call/checks.js";
import { callOrigin } from "../call/options.js";
import { float, positiveInteger, record, ruleOrigin, shapeOf, tensorOperand, toAxis } from "../define.js";
import { sliceAxis } from "./slicing.js";
import { makeReshape } from "./views.js";
import { viewRule } from "../../graph/rules.js";

export interface ConcatAttrs {
  readonly axis: number;
}

/** Where each part starts along the axis. All sizes have one power of the batch, so that sums are sizes again. */
function partStarts(shapes: readonly Shape[], at: number): Dim[] {
  let times = 0;
  return shapes.map((shape) => {
    const start = dim(times, shape[at]!.power);
    times += shape[at]!.times;
    return start;
  });
}

const startOf = ({ times, power }: Dim): Affine => offset(times, power);

export const concatDef: OpDef<ConcatAttrs> = record<ConcatAttrs>({
  name: "concat",
  family: "view",
  doc: "Tensors joined one after the other along an axis.",
  operands: ["parts..."],
  infer({ inputs, attrs, origin }) {
    const first = inputs[0]!;
    let times = 0;
    for (const part of inputs) {
      const rest = part.shape.length === first.shape.length;
      const fits = rest && part.shape.every((d, i) => i === attrs.axis || sameDim(d, first.shape[i]!));
      if (!fits || part.shape[attrs.axis]!.power !== first.shape[attrs.axis]!.power) {
        const why = fits
          ? "a size that counts the batch and one that does not cannot be added"
          : "only the joined axis may differ";
        throw shapeMismatch({ op: "concat", left: first.shape, right: part.shape, why, site: origin.site });
      }
      if (part.dtype !== first.dtype) {
        throw wrongDtype({
          op: "concat",
          operand: "each part",
          dtype: part.dtype,
          expected: first.dtype,
          site: origin.site,
        });
      }
      times += part.shape[attrs.axis]!.times;
    }
    const joined = dim(times, first.shape[attrs.axis]!.power);
    return { shape: first.shape.with(attrs.axis, joined), dtype: first.dtype };
  },
  lower({ inputs, attrs }) {
    const starts = partStarts(
      inputs.map((part) => part.shape),
      attrs.axis,
    );
    const element = (k: number): Body => {
      const { shape } = inputs[k]!;
      const index = addAffine(axis(attrs.axis), offset(-starts[k]!.times, starts[k]!.power));
      const at = shape.map((_, i) => (i === attrs.axis ? index : axis(i)));
      return load(k, at, [{ index, size: shape[attrs.axis]! }]);
    };
    // A balanced tree of tests, so that many parts make no deep expression.
    const choose = (from: number, to: number): Body => {
      if (to - from === 1) return element(from);
      const middle = (from + to) >> 1;
      const start = { kind: "size", dim: starts[middle]! } as const;
      const isBefore = applyScalar<BodyLeaf>("lt", { kind: "index", affine: axis(attrs.axis) }, start);
      return applyScalar("select", isBefore, choose(from, middle), choose(middle, to));
    };
    return { kind: "map", body: choose(0, inputs.length) };
  },
  rule: viewRule,
  vjp(adjoint) {
    const { inputs, attrs, gradient } = adjoint;
    const origin = ruleOrigin(adjoint);
    const starts = partStarts(
      inputs.map((part) => part.shape),
      attrs.axis,
    );
    return inputs.map((part, k) =>
      sliceAxis(origin, gradient, attrs.axis, startOf(starts[k]!), part.shape[attrs.axis]!),
    );
  },
  differentiable: true,
  samples: () =>
    (
      [
        [[shapeOf(2), shapeOf(3)], 0],
        [[shapeOf(2, 3), shapeOf(2, 1), shapeOf(2, 2)], 1],
        [[shapeOf(1, 3), shapeOf(2, 3)], 0],
        [[shapeOf("b", 2), shapeOf("b", 3)], 1],
        [[shapeOf("b", 2), shapeOf("b", 2)], 0],
      ] as const
    ).map(([shapes, at]): Sample => ({
      inputs: shapes.map((shape) => ({ ...float(shape), range: [-2, 2] })),
      build: (parts) => makeConcat(parts[0]!.origin, parts, at),
    })),
});

export const makeConcat = (origin: Origin, parts: readonly Node[], at: number): Node =>
  parts.length === 1 ? parts[0]! : createNode(concatDef, parts, { axis: at }, origin);

function partNodes(op: string, parts: unknown, origin: Origin): Node[] {
  if (Array.isArray(parts) && parts.length > 0)
    return parts.map((part) => tensorOperand(op, "each part", part, origin));
  throw badArgument({
    op,
    argument: "the parts",
    value: parts,
    expected: "a non-empty list of tensors",
    site: origin.site,
  });
}

export interface AxisOption {
  /** The axis; negative counts from the end. The first unless stated. */
  readonly axis?: number;
}

function alongAxis(op: string, options: AxisOption = {}): { readonly origin: Origin; readonly axis: number } {
  return { origin: callOrigin(op, options, { axis: is.wholeNumber }), axis: options.axis ?? 0 };
}

/**
 * Tensors joined one after the other along an axis, the first unless stated; their other axes are equal. Two tensors
 * of the batch joined along it make an axis of `2 * batch`.
 * @param parts one tensor or more, of one dtype
 * @returns the parts' shape, with the sum of their sizes along the axis, and their dtype
 * @throws SHAPE_MISMATCH where another axis differs, WRONG_DTYPE where a dtype does, BAD_ARGUMENT for an axis that the parts have not
 * @example
 * ```ts
 * const a = input("a", ["batch", 3]);
 * const b = input("b", ["batch", 5]);
 * concat([a, b], { axis: 1 }); // float32 [batch, 8]
 * ```
 */
export function concat<const P extends readonly Tensor[], const O extends AxisOption = Record<never, never>>(
  parts: P,
  options?: NamesOf<O, AxisOption> & O,
): TensorOf<ConcatDims<P, Option<O, "axis", 0>>, DTypeOf<P[number]>> {
  const { origin, axis } = alongAxis("concat", options);
  const nodes = partNodes("concat", parts, origin);
  const at = toAxis("concat", axis, nodes[0]!.shape, origin);
  return makeConcat(origin, nodes, at) as TensorOf<ConcatDims<P, Option<O, "axis", 0>>, DTypeOf<P[number]>>;
}

/**
 * Tensors of one shape along a new axis, which stands at position `axis` of the result: the first unless stated.
 * @param parts one tensor or more, of one shape and dtype
 * @returns the parts' shape with the new axis, and their dtype
 * @throws SHAPE_MISMATCH where the shapes differ, BAD_ARGUMENT for a position that the result has not
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: stack([constant([1, 2]), constant([3, 4])], { axis: 1 }) } });
 * interpret(net, {}).outputs.y; // [1, 3, 2, 4]
 * ```
 */
export function stack<const P extends readonly Tensor[], const O extends AxisOption = Record<never, never>>(
  parts: P,
  options?: NamesOf<O, AxisOption> & O,
): TensorOf<StackDims<P, Option<O, "axis", 0>>, DTypeOf<P[number]>> {
  const { origin, axis } = alongAxis("stack", options);
  const nodes = partNodes("stack", parts, origin);
  const at = toAxis("stack", axis, [...nodes[0]!.shape, ONE], origin);
  for (const node of nodes) {
    if (node.shape.length !== nodes[0]!.shape.length) {
      throw shapeMismatch({ op: "stack", left: nodes[0]!.shape, right: node.shape, site: origin.site });
    }
  }
  const raised = nodes.map((node) => makeReshape(origin, node, node.shape.toSpliced(at, 0, ONE)));
  return makeConcat(origin, raised, at) as TensorOf<StackDims<P, Option<O, "axis", 0>>, DTypeOf<P[number]>>;
}

/**
 * The parts of a tensor along an axis, the first unless stated. {@link concat} joins them again.
 * @param x a tensor of any dtype
 * @param parts how many equal parts, or a list with the size of each
 * @returns a list of tensors of x's dtype
 * @throws BAD_ARGUMENT for a number that does not divide the axis, or sizes that do not add up to it
 * @example
 * ```ts
 * const x = input("x", ["batch", 6]);
 * const [first, rest] = split(x, [2, 4], { axis: 1 }); // [float32 [batch, 2], float32 [batch, 4]]
 * ```
 */
export function split<
  S extends Dims,
  D extends DType,
  const P extends number | readonly number[],
  const O extends AxisOption = Record<never, never>,
>(x: Tensor<S, D>, parts: P, options?: NamesOf<O, AxisOption> & O): SplitParts<S, D, P, Option<O, "axis", 0>> {
  const { origin, axis } = alongAxis("split", options);
  const node = tensorOperand("split", "x", x, origin);
  const at = toAxis("split", axis, node.shape, origin);
  const total = node.shape[at]!;
  const sizes = partSizes(parts, total, origin);
  let start = 0;
  return sizes.map((times) => {
    const part = sliceAxis(origin, node, at, offset(start, total.power), dim(times, total.power));
    start += times;
    return part;
  }) as SplitParts<S, D, P, Option<O, "axis", 0>>;
}

function partSizes(parts: number | readonly number[], total: Dim, origin: Origin): readonly number[] {
  const refuse = (expected: string): never => {
    throw badArgument({ op: "split", argument: "the parts", value: parts, expected, site: origin.site });
  };
  if (typeof parts === "number") {
    const count = positiveInteger("split", "the number of parts", parts, origin);
    if (total.times % count !== 0) refuse(`a divisor of ${printDim(total)}`);
    return Array.from({ length: count }, () => total.times / count);
  }
  if (!Array.isArray(parts)) refuse("a number or a list of sizes");
  const sizes = parts.map((part) => positiveInteger("split", "each part", part, origin));
  if (total.power > 0 || sizes.reduce((a, b) => a + b, 0) !== total.times) {
    refuse(`sizes that add up to ${printDim(total)}`);
  }
  return sizes;
}

/**
 * The tensor repeated along each axis: twice along an axis of 4 gives one of 8 (NumPy's tile).
 * @param x a tensor of any dtype
 * @param repeats how often, for each axis: positive integers
 * @returns each axis times its count, x's dtype
 * @throws BAD_ARGUMENT unless there is one count for each axis
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: tile(constant([[1, 2]]), [2, 2]) } });
 * interpret(net, {}).outputs.y; // [1, 2, 1, 2, 1, 2, 1, 2]
 * ```
 */
export function tile<S extends Dims, D extends DType, const R extends readonly number[]>(
  x: Tensor<S, D>,
  repeats: R,
): TensorOf<TiledDims<S, R>, D> {
  const origin = originOf(callSite("tile"));
  const node = tensorOperand("tile", "x", x, origin);
  if (!Array.isArray(repeats) || repeats.length !== node.shape.length) {
    const expected = `one count for each of the ${node.shape.length} axes`;
    throw badArgument({ op: "tile", argument: "the repeats", value: repeats, expected, site: origin.site });
  }
  const counts = repeats.map((count: number) => dim(positiveInteger("tile", "each count", count, origin)));
  const repeated = counts.flatMap((count, i) => (count.times === 1 ? [node.shape[i]!] : [count, node.shape[i]!]));
  let next = -1;
  const images = counts.map((count) => (next += count.times === 1 ? 1 : 2));
  const wide = makeBroadcast(origin, node, repeated, images);
  return makeReshape(
    origin,
    wide,
    node.shape.map((size, i) => timesDim(counts[i]!, size)),
  ) as TensorOf<TiledDims<S, R>, D>;
}
