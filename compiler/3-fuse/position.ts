// Positions: affine expressions over a kernel's loop variables plus loaded integers. Composition of accesses.

import { addAffine, axis, scaleAffine, ZERO, type Affine } from "../../src/graph/affine.js";
import { isOne, sameShape, stridesOf, timesDim, type Dim, type Shape } from "../../src/graph/shape.js";
import { applyScalar } from "../../src/scalar/expression.js";
import type { Gathered, KernelExpr, Position } from "../ir/kernel.js";
import { positionKey } from "../ir/position-key.js";

export { identityOfObject, positionKey } from "../ir/position-key.js";

/**
 * Sums count in variables of their own, from this number on: a position that was made for other loops is not taken for one of
 * theirs. A kernel that is whole counts in depths alone.
 */
export const OF_SUM = 1 << 10;

/** How many loops are around the one that has the variable. */
export const depthOf = (variable: number): number => (variable < OF_SUM ? variable : variable - OF_SUM);

const at = (affine: Affine): Position => ({ affine, loaded: [] });

const ORIGIN: Position = at(ZERO);

/** The position of a tensor's own axes under loops over its axes of size other than one. */
export const identityPositions = (shape: Shape): Position[] => loopPositions(shape, 0);

/** One loop variable for each axis of size other than one, numbered from `first`. */
export function loopPositions(shape: Shape, first: number): Position[] {
  let next = first;
  return shape.map((size) => (isOne(size) ? ORIGIN : at(axis(next++))));
}

/** The affine expression over axes, with each axis replaced by a position. */
export function compose(affine: Affine, axes: readonly Position[]): Position {
  const terms: Affine[] = [];
  const loaded: Gathered[] = [];
  for (const term of affine) {
    const factor = { times: term.times, power: term.power };
    if (term.axis === undefined) {
      terms.push([term]);
      continue;
    }
    const position = axes[term.axis]!;
    terms.push(scaleAffine(position.affine, factor));
    for (const part of position.loaded) loaded.push({ ...part, stride: timesDim(part.stride, factor) });
  }
  return { affine: addAffine(...terms), loaded };
}

/**
 * The same element of a tensor: along an axis of one entry there is only the first, wherever the loops stand. What a view says
 * of such an axis may count loops that what is computed there knows nothing of. An entry that must be looked at first stays.
 */
export function withinAxes(shape: Shape, index: readonly Position[]): readonly Position[] {
  const strays = (size: Dim, k: number): boolean => isOne(size) && index[k] !== ORIGIN;
  return shape.some(strays) ? index.map((position, k) => (isOne(shape[k]!) ? first(position) : position)) : index;
}

function first({ loaded }: Position): Position {
  const computed = loaded.filter((part) => part.computed !== undefined);
  return computed.length === 0 ? ORIGIN : { affine: ZERO, loaded: computed };
}

const flat = new WeakMap<readonly Position[], { readonly shape: Shape; readonly position: Position }>();

/** The flat position of a multi-dimensional one in a row-major tensor. Chains of pointwise ops ask again and again. */
export function flatten(shape: Shape, index: readonly Position[]): Position {
  const known = flat.get(index);
  if (known && sameShape(known.shape, shape)) return known.position;
  const position = flattened(shape, index);
  flat.set(index, { shape, position });
  return position;
}

function flattened(shape: Shape, index: readonly Position[]): Position {
  const strides = stridesOf(shape);
  return {
    affine: addAffine(...index.map((p, k) => scaleAffine(p.affine, strides[k]!))),
    loaded: index.flatMap((p, k) => p.loaded.map((part) => ({ ...part, stride: timesDim(part.stride, strides[k]!) }))),
  };
}

/** A position as an integer expression. */
export function positionValue(position: Position): KernelExpr {
  let value: KernelExpr = { kind: "index", affine: position.affine };
  for (const part of position.loaded) {
    const size: KernelExpr =
      part.stride.power === 0 ? { kind: "constant", value: part.stride.times } : { kind: "size", dim: part.stride };
    value = applyScalar("add", value, applyScalar("mul", size, part.value));
  }
  return value;
}

const indexKeys = new WeakMap<readonly Position[], string>();

/** The same of a multi-dimensional position. */
export function indexKey(index: readonly Position[]): string {
  const known = indexKeys.get(index);
  if (known !== undefined) return known;
  const key = index.map(positionKey).join(";");
  indexKeys.set(index, key);
  return key;
}
