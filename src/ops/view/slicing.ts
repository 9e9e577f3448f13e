// Slice and pad: each is the other's derivative. A flip is a slice with step -1.

import { addAffine, axis, offset, scaleAffine, type Affine } from "../../graph/affine.js";
import type { DType } from "../../graph/dtype.js";
import { load, type Bound } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import { dim, printDim, sameDim, type Dim, type Shape } from "../../graph/shape.js";
import type { SlicedDims } from "../../graph/part-types.js";
import type { Dims, Tensor, TensorOf } from "../../graph/tensor.js";
import { badArgument, invariant } from "../../messages.js";
import { float, record, ruleOrigin, shapeOf, tensorOperand, toAxes } from "../define.js";
import { viewRule } from "../../graph/rules.js";

/** Element i of a slice is element `start + step * i` of the whole, on each axis. */
export interface Window {
  readonly starts: readonly Affine[];
  /** Not zero. */
  readonly steps: readonly number[];
}

export interface SliceAttrs extends Window {
  readonly shape: Shape;
}

export interface PadAttrs extends Window {
  readonly shape: Shape;
  readonly value: number;
}

const position = (window: Window, i: number): Affine => addAffine(window.starts[i]!, axis(i, window.steps[i]!));

const fixed = (...starts: readonly number[]): readonly Affine[] => starts.map((n) => offset(n));

export const sliceDef: OpDef<SliceAttrs> = record<SliceAttrs>({
  name: "slice",
  family: "view",
  doc: "Every step-th element between two positions, on each axis.",
  operands: ["x"],
  infer: ({ inputs: [x], attrs }) => ({ shape: attrs.shape, dtype: x!.dtype }),
  lower: ({ inputs: [x], attrs }) => ({
    kind: "map",
    body: load(
      0,
      x!.shape.map((_, i) => position(attrs, i)),
    ),
  }),
  rule: viewRule,
  vjp: (adjoint) => {
    const { starts, steps } = adjoint.attrs;
    const { shape } = adjoint.inputs[0]!;
    return [makePad(ruleOrigin(adjoint), adjoint.gradient, { starts, steps, shape, value: 0 })];
  },
  differentiable: true,
  samples: () =>
    (
      [
        [shapeOf(5), shapeOf(3), fixed(1), [1]],
        [shapeOf(5), shapeOf(2), fixed(1), [2]],
        [shapeOf(5), shapeOf(5), fixed(4), [-1]],
        [shapeOf(5), shapeOf(2), fixed(4), [-3]],
        [shapeOf(1, 4), shapeOf(1, 1), fixed(0, 3), [1, 1]],
        [shapeOf(4, 5), shapeOf(2, 2), fixed(0, 3), [2, -2]],
        [shapeOf("b", 4), shapeOf("b", 2), fixed(0, 1), [1, 1]],
        [shapeOf("b", 3), shapeOf("b", 3), [addAffine(offset(1, 1), offset(-1)), offset(0)], [-1, 1]],
      ] as const
    ).map(([from, shape, starts, steps]): Sample => ({
      inputs: [{ ...float(from), range: [-2, 2] }],
      build: ([x]) => makeSlice(x!.origin, x!, { starts, steps, shape }),
    })),
});

/** The whole axis, in order. */
const untouched = (from: Dim, to: Dim, start: Affine, step: number): boolean =>
  step === 1 && start.length === 0 && sameDim(from, to);

export const padDef: OpDef<PadAttrs> = record<PadAttrs>({
  name: "pad",
  family: "view",
  doc: "A larger tensor that holds x at given positions and one value elsewhere.",
  operands: ["x"],
  infer({ inputs: [x], attrs }) {
    invariant(attrs.value === 0 || attrs.steps.every((s) => Math.abs(s) === 1), "a pad with gaps has zeros in them");
    return { shape: attrs.shape, dtype: x!.dtype };
  },
  lower({ inputs: [x], attrs }) {
    const from = x!.shape;
    // Gaps would need a division to find the element behind a position; writing each element to its place needs none.
    if (attrs.steps.some((step) => Math.abs(step) !== 1)) {
      const at = from.map((_, i) => ({ affine: position(attrs, i) }));
      return {
        kind: "scatter",
        domain: from,
        at,
        body: load(
          0,
          from.map((_, i) => axis(i)),
        ),
      };
    }
    const inverse = from.map((_, i) => {
      const step = attrs.steps[i]!;
      return addAffine(axis(i, step), scaleAffine(attrs.starts[i]!, dim(-step)));
    });
    const guards = inverse.flatMap((index, i): Bound[] =>
      untouched(from[i]!, attrs.shape[i]!, attrs.starts[i]!, attrs.steps[i]!) ? [] : [{ index, size: from[i]! }],
    );
    return { kind: "map", body: load(0, inverse, guards, attrs.value) };
  },
  rule: viewRule,
  vjp: (adjoint) => {
    const { starts, steps } = adjoint.attrs;
    return [makeSlice(ruleOrigin(adjoint), adjoint.gradient, { starts, steps, shape: adjoint.inputs[0]!.shape })];
  },
  differentiable: true,
  samples: () =>
    (
      [
        [shapeOf(3), shapeOf(6), fixed(1), [1], 0],
        [shapeOf(3), shapeOf(6), fixed(2), [1], 1.5],
        [shapeOf(2), shapeOf(6), fixed(1), [3], 0],
        [shapeOf(3), shapeOf(4), fixed(3), [-1], 0],
        [shapeOf(2, 2), shapeOf(4, 5), fixed(0, 4), [2, -3], 0],
        [shapeOf(1, 2), shapeOf(3, 4), fixed(2, 0), [1, 1], -1],
        [shapeOf("b", 2), shapeOf("b", 4), fixed(0, 1), [1, 1], 0],
      ] as const
    ).map(([from, shape, starts, steps, value]): Sample => ({
      inputs: [{ ...float(from), range: [-2, 2] }],
      build: ([x]) => makePad(x!.origin, x!, { starts, steps, shape, value }),
    })),
});

const frozenWindow = ({ starts, steps }: Window): Window => ({
  starts: Object.freeze([...starts]),
  steps: Object.freeze([...steps]),
});

const changesNothing = (from: Shape, to: Shape, window: Window): boolean =>
  from.every((d, i) => untouched(d, to[i]!, window.starts[i]!, window.steps[i]!));

export const makeSlice = (origin: Origin, x: Node, attrs: SliceAttrs): Node =>
  changesNothing(x.shape, attrs.shape, attrs)
    ? x
    : createNode(sliceDef, [x], { ...frozenWindow(attrs), shape: attrs.shape }, origin);

export const makePad = (origin: Origin, x: Node, attrs: PadAttrs): Node =>
  changesNothing(x.shape, attrs.shape, attrs)
    ? x
    : createNode(padDef, [x], { ...frozenWindow(attrs), shape: attrs.shape, value: attrs.value }, origin);

/** A part of one axis, from `start` on, of the given size. */
export const sliceAxis = (origin: Origin, x: Node, at: number, start: Affine, size: Dim): Node =>
  makeSlice(origin, x, {
    starts: x.shape.map((_, i) => (i === at ? start : offset(0))),
    steps: x.shape.map(() => 1),
    shape: x.shape.map((d, i) => (i === at ? size : d)),
  });

// Public functions

/** What to take of one axis: null for all of it, or start, stop (excluded) and step as in NumPy; null where left out. */
export type SliceRange = null | readonly [start: number | null, stop: number | null, step?: number | null];

interface Taken {
  readonly start: Affine;
  readonly step: number;
  readonly size: Dim;
}

const last = (size: Dim): Affine => addAffine(offset(size.times, size.power), offset(-1));

/** NumPy's reading of a range on one axis. */
function readRange(range: SliceRange | undefined, size: Dim, origin: Origin): Taken {
  const [from, to, by] = range ?? [null, null];
  const step = by ?? 1;
  const refuse = (expected: string): never => {
    throw badArgument({ op: "slice", argument: "each range", value: range, expected, site: origin.site });
  };
  if (!Number.isInteger(step) || step === 0) refuse("made of integers, with a step other than 0");
  if ([from, to].some((n) => n !== null && !Number.isInteger(n))) refuse("made of integers or null");
  if (size.power > 0) {
    if (from === null && to === null && step === 1) return { start: offset(0), step, size };
    if (from === null && to === null && step === -1) return { start: last(size), step, size };
    if ((from ?? 0) === 0 && to === 1 && step === 1) return { start: offset(0), step, size: dim(1) };
    if (from === -1 && to === null && step === 1) return { start: last(size), step, size: dim(1) };
    return refuse(`null, [null, null, -1], [0, 1] or [-1, null] on an axis of ${printDim(size)} elements`);
  }
  const n = size.times;
  const clamp = (value: number, low: number, high: number): number =>
    Math.min(Math.max(value < 0 ? value + n : value, low), high);
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const start = from === null ? (step > 0 ? 0 : n - 1) : clamp(from, low, high);
  const stop = to === null ? (step > 0 ? n : -1) : clamp(to, low, high);
  const count = Math.ceil((stop - start) / step);
  if (count <= 0) refuse(`a range with elements on an axis of ${n}`);
  return { start: offset(start), step, size: dim(count) };
}

/**
 * A part of a tensor, by NumPy's rules: `slice(x, [null, [1, -1], [null, null, 2]])` is `x[:, 1:-1, ::2]`. Axes that
 * are not listed stay whole. An axis of the batch can be taken whole, reversed, or at its first or last element.
 * @param x a tensor of any dtype
 * @param ranges for each axis null (all of it) or [start, stop, step]: stop is excluded, negative counts from the end,
 *   null and what is left out is NumPy's default
 * @returns the part, x's dtype
 * @throws BAD_ARGUMENT for a range without elements, more ranges than axes, or one that an axis of the batch cannot
 *   have
 * @example
 * ```ts
 * const x = constant([[1, 2, 3], [4, 5, 6]]);
 * const net = network("example", { batch: 1, outputs: { right: slice(x, [null, [1, null]]), backwards: slice(x, [[0, 1], [null, null, -1]]) } });
 * interpret(net, {}).outputs; // { right: [2, 3, 5, 6], backwards: [3, 2, 1] }
 * ```
 */
export function slice<S extends Dims, D extends DType, const R extends readonly SliceRange[]>(
  x: Tensor<S, D>,
  ranges: R,
): TensorOf<SlicedDims<S, R>, D> {
  const origin = originOf(callSite("slice"));
  const node = tensorOperand("slice", "x", x, origin);
  if (!Array.isArray(ranges) || ranges.length > node.shape.length) {
    const expected = `a list of at most ${node.shape.length}, one for each axis`;
    throw badArgument({ op: "slice", argument: "the ranges", value: ranges, expected, site: origin.site });
  }
  const taken = node.shape.map((size, i) => readRange(ranges[i] as SliceRange | undefined, size, origin));
  return makeSlice(origin, node, {
    starts: taken.map((t) => t.start),
    steps: taken.map((t) => t.step),
    shape: taken.map((t) => t.size),
  }) as TensorOf<SlicedDims<S, R>, D>;
}

/**
 * The elements in reverse order along some axes, along all of them unless stated.
 * @param x a tensor of any shape and dtype
 * @param axis an axis or several; negative counts from the end
 * @returns x's shape and dtype
 * @throws BAD_ARGUMENT for an axis that x has not
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: flip(constant([[1, 2], [3, 4]]), 1) } });
 * interpret(net, {}).outputs.y; // [2, 1, 4, 3]
 * ```
 */
export function flip<S extends Dims, D extends DType>(
  x: Tensor<S, D>,
  axis?: number | readonly number[],
): TensorOf<S, D> {
  const origin = originOf(callSite("flip"));
  const node = tensorOperand("flip", "x", x, origin);
  const flipped = toAxes("flip", axis, node.shape, origin);
  return makeSlice(origin, node, {
    starts: node.shape.map((size, i) => (flipped.includes(i) ? last(size) : offset(0))),
    steps: node.shape.map((_, i) => (flipped.includes(i) ? -1 : 1)),
    shape: node.shape,
  }) as TensorOf<S, D>;
}
