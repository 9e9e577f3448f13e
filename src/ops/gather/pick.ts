// Reading by index and its derivatives: take and scatterAdd, pick and place.

import * as is from "../call/checks.js";
import { axis, ZERO } from "../../graph/affine.js";
import { load, type Body, type BodyLeaf, type Index } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { dim, sameShape, type Dim, type PublicDim, type Shape } from "../../graph/shape.js";
import type { DType } from "../../graph/dtype.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { shapeMismatch } from "../../messages.js";
import { applyScalar, constant } from "../../scalar/expression.js";
import { float, int, positiveInteger, record, ruleOrigin, shapeOf, tensorOperand, toAxis } from "../define.js";
import { entriesOf, requireIndices, type NegativeOption } from "./indices.js";
import { callOrigin, type Known } from "../call/options.js";
import { asFloat } from "../pointwise/pointwise.js";
import type { AxisAttrs } from "../composite/softmax.js";

export interface ScatterAttrs {
  readonly axis: number;
  readonly shape: Shape;
}

const identity = (rank: number, from: number): Index[] =>
  Array.from({ length: rank }, (_, i) => ({ affine: axis(from + i) }));

/** The access at an index that an operand `by` holds; `indexRank` variables from `at` on address that operand. */
export function indexed(by: number, rank: number, at: number, indexRank: number): Index[] {
  const named = load(
    by,
    identity(indexRank, at).map((index) => index.affine),
  );
  return [...identity(at, 0), { affine: ZERO, loaded: named }, ...identity(rank - at - 1, at + indexRank)];
}

export const takeDef: OpDef<AxisAttrs> = record<AxisAttrs>({
  name: "take",
  family: "gather",
  doc: "The entries of one axis that a tensor of indices names.",
  operands: ["x", "indices"],
  infer({ inputs: [x, indices], attrs, origin }) {
    requireIndices("take", indices!, origin);
    return { shape: x!.shape.toSpliced(attrs.axis, 1, ...indices!.shape), dtype: x!.dtype };
  },
  lower({ inputs: [x, indices], attrs }) {
    const at = indexed(1, x!.shape.length, attrs.axis, indices!.shape.length);
    return { kind: "map", body: { kind: "load", operand: 0, at, guards: [], otherwise: 0 } };
  },
  vjp(adjoint) {
    const [x, indices] = adjoint.inputs as [Node, Node];
    const attrs = { axis: adjoint.attrs.axis, shape: x.shape };
    return [makeScatterAdd(ruleOrigin(adjoint), adjoint.gradient, indices, attrs), null];
  },
  differentiable: true,
  samples: () =>
    (
      [
        [shapeOf(4, 3), shapeOf(5), 0],
        [shapeOf(4), shapeOf(), 0],
        [shapeOf(4, 1), shapeOf(2, 3), 0],
        [shapeOf(2, 4, 3), shapeOf(2), 1],
        [shapeOf(2, 4), shapeOf(1), 1],
        [shapeOf(4, 3), shapeOf("b"), 0],
      ] as const
    ).map(([shape, indices, at]): Sample => ({
      inputs: [
        { ...float(shape), range: [-2, 2] },
        { ...int(indices), range: [0, 4], below: 4 },
      ],
      build: ([x, i]) => makeTake(x!.origin, x!, i!, at),
    })),
});

export const scatterAddDef: OpDef<ScatterAttrs> = record<ScatterAttrs>({
  name: "scatterAdd",
  family: "scatter",
  doc: "Zeros to which each update is added at the place that its index names.",
  operands: ["updates", "indices"],
  infer({ inputs: [updates, indices], attrs, origin }) {
    requireIndices("scatterAdd", indices!, origin);
    const expected = attrs.shape.toSpliced(attrs.axis, 1, ...indices!.shape);
    if (!sameShape(updates!.shape, expected)) {
      const why = "each index needs one update";
      throw shapeMismatch({ op: "scatterAdd", left: updates!.shape, right: expected, why, site: origin.site });
    }
    return float(attrs.shape);
  },
  lower({ inputs: [updates, indices], attrs }) {
    const { shape: domain } = updates!;
    const at = indexed(1, attrs.shape.length, attrs.axis, indices!.shape.length);
    return {
      kind: "scatter",
      domain,
      at,
      body: load(
        0,
        domain.map((_, i) => axis(i)),
      ),
    };
  },
  vjp(adjoint) {
    return [makeTake(ruleOrigin(adjoint), adjoint.gradient, adjoint.inputs[1]!, adjoint.attrs.axis), null];
  },
  differentiable: true,
  samples: () =>
    (
      [
        [shapeOf(5, 3), shapeOf(5), 0, shapeOf(4, 3)],
        [shapeOf(), shapeOf(), 0, shapeOf(4)],
        [shapeOf(2, 2, 3), shapeOf(2), 1, shapeOf(2, 4, 3)],
        [shapeOf("b", 3), shapeOf("b"), 0, shapeOf(4, 3)],
      ] as const
    ).map(([updates, indices, at, shape]): Sample => ({
      inputs: [
        { ...float(updates), range: [-2, 2] },
        { ...int(indices), range: [0, 4], below: 4 },
      ],
      build: ([x, i]) => makeScatterAdd(x!.origin, x!, i!, { axis: at, shape }),
    })),
});

/** The indices of pick and place: one for each leading position. */
const requireLeading = (op: string, shape: Shape, indices: Node, origin: Origin): void => {
  requireIndices(op, indices, origin);
  if (sameShape(indices.shape, shape)) return;
  const why = "there is one index for each leading position";
  throw shapeMismatch({ op, left: shape, right: indices.shape, why, site: origin.site });
};

const PICKS = [shapeOf(), shapeOf(1), shapeOf(3), shapeOf(2, 3), shapeOf("b")] as const;

export const pickDef: OpDef = record({
  name: "pick",
  family: "gather",
  doc: "One entry of the last axis for each leading position, named by an index.",
  operands: ["x", "indices"],
  infer({ inputs: [x, indices], origin }) {
    const leading = x!.shape.slice(0, -1);
    requireLeading("pick", leading, indices!, origin);
    return { shape: leading, dtype: x!.dtype };
  },
  lower({ inputs: [, indices] }) {
    const leading = identity(indices!.shape.length, 0);
    const named: Body = load(
      1,
      leading.map((index) => index.affine),
    );
    const at: Index[] = [...leading, { affine: ZERO, loaded: named }];
    return { kind: "map", body: { kind: "load", operand: 0, at, guards: [], otherwise: 0 } };
  },
  vjp(adjoint) {
    const [x, indices] = adjoint.inputs as [Node, Node];
    return [makePlace(ruleOrigin(adjoint), adjoint.gradient, indices, x.shape.at(-1)!), null];
  },
  differentiable: true,
  samples: () =>
    PICKS.map((shape) => ({
      inputs: [
        { ...float([...shape, dim(4)]), range: [-2, 2] },
        { ...int(shape), range: [0, 4], below: 4 },
      ],
      build: ([x, i]) => makePick(x!.origin, x!, i!),
    })),
});

export const placeDef: OpDef<{ readonly depth: Dim }> = record<{ readonly depth: Dim }>({
  name: "place",
  family: "gather",
  doc: "A new last axis with each value at the position that its index names and 0 elsewhere.",
  operands: ["x", "indices"],
  infer({ inputs: [x, indices], attrs, origin }) {
    requireLeading("place", x!.shape, indices!, origin);
    return { shape: [...x!.shape, attrs.depth], dtype: x!.dtype };
  },
  lower({ inputs: [x] }) {
    const leading = x!.shape.map((_, i) => axis(i));
    const here = applyScalar<BodyLeaf>("eq", { kind: "index", affine: axis(leading.length) }, load(1, leading));
    return { kind: "map", body: applyScalar("select", here, load(0, leading), constant(0)) };
  },
  vjp: (adjoint) => [makePick(ruleOrigin(adjoint), adjoint.gradient, adjoint.inputs[1]!), null],
  differentiable: true,
  samples: () =>
    PICKS.map((shape) => ({
      inputs: [
        { ...float(shape), range: [-2, 2] },
        { ...int(shape), range: [0, 4], below: 4 },
      ],
      build: ([x, i]) => makePlace(x!.origin, x!, i!, dim(4)),
    })),
});

export const makeTake = (origin: Origin, x: Node, indices: Node, at: number): Node =>
  createNode(takeDef, [x, indices], { axis: at }, origin);

export const makeScatterAdd = (origin: Origin, updates: Node, indices: Node, attrs: ScatterAttrs): Node =>
  createNode(scatterAddDef, [updates, indices], attrs, origin);

export const makePick = (origin: Origin, x: Node, indices: Node): Node => createNode(pickDef, [x, indices], {}, origin);

export const makePlace = (origin: Origin, x: Node, indices: Node, depth: Dim): Node =>
  createNode(placeDef, [x, indices], { depth }, origin);

/** The options of {@link addAt}, {@link setAt}, {@link take} and {@link takeAlong}. */
export interface TakeOptions extends NegativeOption {
  /** The axis; negative counts from the end. The first unless stated. */
  readonly axis?: number;
}

export const TAKE_OPTIONS = { axis: is.wholeNumber, negative: is.flag } satisfies Known<TakeOptions>;

/**
 * The entries of one axis, the first unless stated, that `indices` name: `x` of `[n, d]` at indices `[...]` gives
 * `[..., d]` (NumPy's take). The gradient adds up where an index repeats. A part from a computed place on is `take(x,
 * cast(add(range(3), start), "int32"))`.
 * @param x a tensor with one axis or more, of any dtype
 * @param indices int32, of any shape; an input of them states `below`; computed ones are looked at in each call
 *   (INDEX_OUT_OF_RANGE)
 * @returns the indices' axes in place of the axis, x's dtype
 * @throws WRONG_DTYPE for indices that are not int32; BAD_ARGUMENT for those that may name no entry
 * @example
 * ```ts
 * const rows = constant([[1, 2], [3, 4], [5, 6]]);
 * const net = network("example", { batch: 1, outputs: { y: take(rows, constant([2, 0], { dtype: "int32" })) } });
 * interpret(net, {}).outputs.y; // [5, 6, 1, 2]
 * ```
 */
export function take<const Rest extends Dims, I extends Dims, D extends DType>(
  x: Tensor<readonly [PublicDim, ...Rest], D>,
  indices: Tensor<I>,
): Tensor<readonly [...I, ...Rest], D>;
export function take<D extends DType>(x: Tensor<Dims, D>, indices: Tensor, options?: TakeOptions): Tensor<Dims, D>;
export function take(x: Tensor, indices: Tensor, options: TakeOptions = {}): Tensor {
  const origin = callOrigin("take", options, TAKE_OPTIONS);
  const [node, names] = [tensorOperand("take", "x", x, origin), tensorOperand("take", "indices", indices, origin)];
  const at = toAxis("take", options.axis ?? 0, node.shape, origin);
  return makeTake(origin, node, entriesOf("take", names, node.shape[at]!, origin, options), at);
}

/**
 * One entry of the last axis for each leading position: `x[..., indices[...]]`. `[rows, n]` at `[rows]` gives
 * `[rows]`.
 * @param x a tensor with one axis or more, of any dtype
 * @param indices x's shape without its last axis, int32; an input of them states `below`
 * @returns the shape of the indices, x's dtype
 * @throws WRONG_DTYPE for indices that are not int32; SHAPE_MISMATCH unless there is one for each leading position;
 *   BAD_ARGUMENT for those that may name no entry
 * @example
 * ```ts
 * const x = constant([[1, 2, 3], [4, 5, 6]]);
 * const net = network("example", { batch: 1, outputs: { y: pick(x, constant([2, 0], { dtype: "int32" })) } });
 * interpret(net, {}).outputs.y; // [3, 4]
 * ```
 */
export function pick<D extends DType>(
  x: Tensor<Dims, D>,
  indices: Tensor,
  options: NegativeOption = {},
): Tensor<Dims, D> {
  const origin = callOrigin("pick", options, { negative: is.flag });
  const [node, names] = [tensorOperand("pick", "x", x, origin), tensorOperand("pick", "indices", indices, origin)];
  const size = node.shape[toAxis("pick", -1, node.shape, origin)]!;
  return makePick(origin, node, entriesOf("pick", names, size, origin, options)) as Tensor<Dims, D>;
}

/**
 * Zeros `[size, ...]` to which `updates` are added at the positions of the first axis that `indices` name. Repeated
 * indices add up.
 * @param updates [..., ...], float32 (other dtypes are converted): the indices' axes come first
 * @param indices [...], int32; an input of them states `below`
 * @param size the first axis of the result: a positive integer
 * @returns [size, ...], float32
 * @throws WRONG_DTYPE for indices that are not int32; SHAPE_MISMATCH unless there is one update for each index;
 *   BAD_ARGUMENT for indices that may name no entry
 * @example
 * ```ts
 * const places = constant([0, 2, 0], { dtype: "int32" });
 * const net = network("example", { batch: 1, outputs: { y: scatterAdd(constant([1, 2, 3]), places, 4) } });
 * interpret(net, {}).outputs.y; // [4, 0, 2, 0]
 * ```
 */
export function scatterAdd(
  updates: Tensor,
  indices: Tensor,
  size: number,
  options: NegativeOption = {},
): Float32<Dims> {
  const origin = callOrigin("scatterAdd", options, { negative: is.flag });
  const node = asFloat(origin, tensorOperand("scatterAdd", "updates", updates, origin));
  const names = tensorOperand("scatterAdd", "indices", indices, origin);
  const shape = [dim(positiveInteger("scatterAdd", "size", size, origin)), ...node.shape.slice(names.shape.length)];
  const entries = entriesOf("scatterAdd", names, shape[0]!, origin, options);
  return makeScatterAdd(origin, node, entries, { axis: 0, shape }) as Tensor<Dims, "float32">;
}
