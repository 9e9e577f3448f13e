// What laws ask about nodes.

import { isA, type Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import type { Origin } from "../../src/graph/origin.js";
import { isOne, sameDim, type Shape } from "../../src/graph/shape.js";
import { broadcastDef } from "../../src/ops/adjoint-pairs.js";
import { reshapeDef } from "../../src/ops/view/views.js";
import { constantDef, makeFilled } from "../../src/ops/leaf/leaves.js";

/** The inputs of a node of this op. */
export const under = (node: Node | undefined, def: OpDef): readonly Node[] | undefined =>
  node?.def === def ? node.inputs : undefined;

/** The number that fills a constant. */
export function filledWith(node: Node): number | undefined {
  if (!isA(node, constantDef)) return undefined;
  const { values } = node.attrs;
  return values.length === 1 ? values[0] : undefined;
}

export const isFilledWith = (node: Node, value: number): boolean => filledWith(node) === value;

/** A constant of one number, of the node's shape and dtype. */
export const filledLike = (origin: Origin, node: Node, value: number): Node =>
  makeFilled(origin, value, node.shape, node.dtype);

/** A broadcast taken apart. */
export interface Repeated {
  readonly of: Node;
  /** The output axis of each axis of `of`. */
  readonly axes: readonly number[];
}

export function repeated(node: Node): Repeated | undefined {
  return isA(node, broadcastDef) ? { of: node.inputs[0]!, axes: node.attrs.axes } : undefined;
}

/** The scalar that is repeated over a whole tensor. */
export function repeatedScalar(node: Node): Node | undefined {
  const whole = repeated(node);
  return whole?.axes.length === 0 ? whole.of : undefined;
}

/**
 * Where two shapes differ only in axes of size 1: the pairs of axes that correspond, in order; undefined where they
 * differ in more.
 */
export function samePairs(a: Shape, b: Shape): (readonly [number, number])[] | undefined {
  const [left, right] = [bigAxes(a), bigAxes(b)];
  const same = left.length === right.length && left.every((i, n) => sameDim(a[i]!, b[right[n]!]!));
  return same ? left.map((i, n) => [i, right[n]!] as const) : undefined;
}

/**
 * What lies under broadcasts and reshapes that only repeat and insert axes of size 1, and the axis of `node` at which each
 * of its axes stands; -1 for axes of size 1 of which that is not known.
 */
export function underStretching(node: Node, isOpaque: (node: Node) => boolean): Repeated {
  let of = node;
  let axes: readonly number[] = node.shape.map((_, i) => i);
  while (!isOpaque(of)) {
    const before: Node | undefined = of.inputs[0];
    const whole = repeated(of);
    const pairs = isA(of, reshapeDef) ? samePairs(before!.shape, of.shape) : undefined;
    if (whole) axes = whole.axes.map((axis) => axes[axis]!);
    else if (pairs) {
      const images = new Map(pairs);
      const outer = axes;
      axes = before!.shape.map((_, i) => (images.has(i) ? outer[images.get(i)!]! : -1));
    } else break;
    of = before!;
  }
  return { of, axes };
}

/** The axes that are not of size 1. */
export const bigAxes = (shape: Shape): number[] => shape.flatMap((d, i) => (isOne(d) ? [] : [i]));

/** Factors that may be merged without leaving float32's range. */
export const isModerate = (value: number): boolean => Math.abs(value) >= 1e-18 && Math.abs(value) <= 1e18;
