// What every op's file starts from: making records, reading operands and axes, and the origin of derived nodes.

import type { DType } from "../graph/dtype.js";
import { type Node, type TensorType, createNode } from "../graph/node.js";
import type { OpDef, Sample } from "../graph/op.js";
import { derivedOrigin, type Origin } from "../graph/origin.js";
import { ruleOf } from "../graph/rules.js";
import { BATCH, dim, type Dim, type PublicDim, type Shape } from "../graph/shape.js";
import { badArgument, wrongRank } from "../messages.js";

/** A public function together with its record. */
export type Callable<F, A extends object = object> = F & { readonly def: OpDef<A> };

export const callable = <F extends object, A extends object>(def: OpDef<A>, call: F): Callable<F, A> =>
  Object.freeze(Object.assign(call, { def }));

export const record = <A extends object>(def: OpDef<A>): OpDef<A> => Object.freeze(def);

export const noSamples = (): readonly Sample[] => [];

/** The origin of the nodes that a derivative rule makes. */
export const ruleOrigin = (call: { readonly output: Node }): Origin =>
  derivedOrigin(call.output, ruleOf(call.output.def, 0), "part");

/** How the nodes of an op are made inside of the library. */
export type Maker<Call extends readonly unknown[]> = (origin: Origin, ...call: Call) => Node;

/** What many ops state: the axis that they work along, counted from the first. */
export interface AxisAttrs {
  readonly axis: number;
}

export const make = <A extends object>(def: OpDef<A>, origin: Origin, inputs: readonly Node[], attrs: A): Node =>
  createNode(def, inputs, attrs, origin);

export const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "def" in value && "inputs" in value && "origin" in value;

/** The operand as a node, or the user's error. */
export function tensorOperand(op: string, argument: string, value: unknown, origin: Origin): Node {
  if (isNode(value)) return value;
  throw badArgument({ op, argument, value, expected: "a tensor", site: origin.site });
}

const MAX_AXIS = 2 ** 31 - 1;

/** A written axis as a size. Sizes that the library itself computed pass through. */
export function toDim(op: string, value: PublicDim | Dim, origin: Origin): Dim {
  if (value === "batch") return BATCH;
  if (typeof value === "object" && value !== null && "times" in value) return value;
  if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= MAX_AXIS) return dim(value);
  const expected = `a positive integer up to ${MAX_AXIS} or "batch"`;
  throw badArgument({ op, argument: "each axis of a shape", value, expected, site: origin.site });
}

export function toShape(op: string, value: readonly (PublicDim | Dim)[], origin: Origin): Shape {
  if (Array.isArray(value)) return value.map((axis: PublicDim | Dim) => toDim(op, axis, origin));
  const expected = 'a list of axes, such as ["batch", 784]';
  throw badArgument({ op, argument: "the shape", value, expected, site: origin.site });
}

/** An axis counted from the end when negative, as a position. */
export function toAxis(op: string, axis: number, shape: Shape, origin: Origin): number {
  const rank = shape.length;
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    if (rank === 0) {
      throw wrongRank({ op, operand: "its operand", shape, expected: "at least one axis", site: origin.site });
    }
    const expected = `an integer from ${-rank} to ${rank - 1}`;
    throw badArgument({
      op,
      argument: "axis",
      value: axis,
      expected,
      site: origin.site,
    });
  }
  return axis < 0 ? axis + rank : axis;
}

/** A set of axes, ascending; absent means all. */
export function toAxes(
  op: string,
  axes: number | readonly number[] | undefined,
  shape: Shape,
  origin: Origin,
): number[] {
  if (axes === undefined) return shape.map((_, i) => i);
  const list: unknown = typeof axes === "number" ? [axes] : axes;
  if (!Array.isArray(list)) {
    const expected = "an integer or a list of integers";
    throw badArgument({
      op,
      argument: "axis",
      value: axes,
      expected,
      site: origin.site,
    });
  }
  const positions = list.map((axis) => toAxis(op, axis, shape, origin)).sort((a, b) => a - b);
  if (new Set(positions).size < positions.length) {
    throw badArgument({ op, argument: "axis", value: axes, expected: "distinct axes", site: origin.site });
  }
  return positions;
}

export function finiteNumber(op: string, argument: string, value: unknown, origin: Origin): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw badArgument({
    op,
    argument,
    value,
    expected: "a finite number",
    site: origin.site,
  });
}

export function positiveInteger(op: string, argument: string, value: unknown, origin: Origin): number {
  if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
  throw badArgument({
    op,
    argument,
    value,
    expected: "a positive integer",
    site: origin.site,
  });
}

const DTYPES: readonly unknown[] = ["float32", "int32", "bool"] satisfies DType[];

/** A written dtype; absent it is float32. */
export function toDtype(op: string, value: DType | undefined, origin: Origin): DType {
  if (value === undefined) return "float32";
  if (DTYPES.includes(value)) return value;
  const expected = '"float32", "int32" or "bool" (a build option makes float64 of all float32)';
  throw badArgument({ op, argument: "dtype", value, expected, site: origin.site });
}

export const float = (shape: Shape): TensorType => ({ shape, dtype: "float32" });
export const int = (shape: Shape): TensorType => ({ shape, dtype: "int32" });

/** For samples: `b` is the batch. */
export const shapeOf = (...axes: readonly (number | "b")[]): Shape => axes.map((a) => (a === "b" ? BATCH : dim(a)));
