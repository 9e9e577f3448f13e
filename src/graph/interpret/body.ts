// A lowering's body as a function of the odometer's present index tuple. Nothing is read outside an operand: what cannot
// be shown to lie inside is checked at every access.

import { indexOutOfRange, invariant } from "../../messages.js";
import { compileExpression } from "../../scalar/evaluate.js";
import type { Body, BodyLeaf, Bound, Index, Load } from "../lowering.js";
import type { Node } from "../node.js";
import { evaluateDim, evaluateShape } from "../shape.js";
import { addLinear, extremesOf, linearOf, type Linear, type Odometer } from "./odometer.js";

export interface BodyContext {
  readonly node: Node;
  readonly rows: number;
  readonly odometer: Odometer;
  /** The values of the node's inputs, filled in before each run. */
  readonly operands: readonly Float64Array[];
}

type Read = () => number;

export const compileBody = (body: Body, context: BodyContext): Read =>
  compileExpression<BodyLeaf>(body, (leaf) => compileLeaf(leaf, context));

function compileLeaf(leaf: BodyLeaf, context: BodyContext): Read {
  const { odometer, rows } = context;
  switch (leaf.kind) {
    case "size": {
      const value = evaluateDim(leaf.dim, rows);
      return () => value;
    }
    case "index":
      return followed(linearOf(leaf.affine, odometer.extents.length, rows), odometer);
    case "load":
      return compileLoad(leaf, context);
  }
}

function followed(linear: Linear, { follow, at }: Odometer): Read {
  const k = follow(linear);
  return () => at[k]!;
}

/** The position that a load without conditions reads, when it lies inside for every index tuple. */
export function plainPosition(load: Load, { node, rows, odometer }: BodyContext): Linear | undefined {
  const variables = odometer.extents.length;
  if (load.guards.some((guard) => !alwaysHolds(guard, odometer, rows))) return undefined;
  const sizes = evaluateShape(node.inputs[load.operand]!.shape, rows);
  let position = linearOf([], variables, rows);
  for (const [i, { affine, loaded }] of load.at.entries()) {
    const along = linearOf(affine, variables, rows);
    if (loaded !== undefined || !isInside(along, sizes[i]!, odometer)) return undefined;
    position = addLinear(along, position, sizes[i]!);
  }
  return position;
}

function compileLoad(load: Load, context: BodyContext): Read {
  const { operands, odometer, rows } = context;
  const { operand, otherwise } = load;
  const plain = plainPosition(load, context);
  if (plain !== undefined) {
    const { at } = odometer;
    const k = odometer.follow(plain);
    return () => operands[operand]![at[k]!]!;
  }
  const position = compilePosition(load.at, context.node.inputs[operand]!, context);
  const guards = load.guards
    .filter((guard) => !alwaysHolds(guard, odometer, rows))
    .map(({ index, size }) => ({
      read: followed(linearOf(index, odometer.extents.length, rows), odometer),
      size: evaluateDim(size, rows),
    }));
  return () => {
    for (const { read, size } of guards) {
      const value = read();
      if (!(value >= 0 && value < size)) return otherwise;
    }
    return operands[operand]![position()]!;
  };
}

/** The row-major position of an access in `target`, each axis checked where it may lie outside. */
export function compilePosition(at: readonly Index[], target: Pick<Node, "shape">, context: BodyContext): Read {
  const { odometer, rows, node } = context;
  invariant(at.length === target.shape.length, `${node.def.name} accesses each axis of its operand`);
  const sizes = evaluateShape(target.shape, rows);
  const axes = at.map(({ affine, loaded }, i) => {
    const along = linearOf(affine, odometer.extents.length, rows);
    const read = followed(along, odometer);
    const size = sizes[i]!;
    if (loaded === undefined) {
      if (isInside(along, size, odometer)) return { read, size };
      return { read: inside(read, size, context), size };
    }
    const named = compileBody(loaded, context);
    return { read: inRange(() => read() + named(), size, i, context), size };
  });
  return () => {
    let position = 0;
    for (const { read, size } of axes) position = position * size + read();
    return position;
  };
}

const isInside = (linear: Linear, size: number, { extents }: Odometer): boolean => {
  const [low, high] = extremesOf(linear, extents);
  return low >= 0 && high < size;
};

const alwaysHolds = ({ index, size }: Bound, odometer: Odometer, rows: number): boolean =>
  isInside(linearOf(index, odometer.extents.length, rows), evaluateDim(size, rows), odometer);

function inside(read: Read, size: number, { node }: BodyContext): Read {
  return () => {
    const value = read();
    invariant(value >= 0 && value < size, `${node.def.name} accesses only elements of its operands`);
    return value;
  };
}

/** An index from data: a wrong one is the caller's. */
function inRange(read: Read, size: number, axis: number, { node }: BodyContext): Read {
  return () => {
    const value = read();
    if (Number.isInteger(value) && value >= 0 && value < size) return value;
    throw indexOutOfRange({ op: node.def.name, index: value, axis, size, site: node.origin.site });
  };
}
