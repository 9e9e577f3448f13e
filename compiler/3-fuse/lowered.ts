// What fusion knows of a node: its lowering, and the buffer-sharing of reshapes.

import { addAffine, axis, scaleAffine, ZERO, type Affine } from "../../src/graph/affine.js";
import { load, type BodyLeaf, type Lowering } from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import { isOne, sameDim, timesDim, ONE, type Dim, type Shape } from "../../src/graph/shape.js";
import { invariant } from "../../src/messages.js";
import { mapLeaves, type Argument } from "../../src/scalar/expression.js";
import { resolveScalar } from "../formula/resolve.js";

const lowerings = new WeakMap<Node, Lowering>();

/** The node's meaning, element by element. A pointwise op's comes from its formula. */
export function lowered(node: Node): Lowering {
  const known = lowerings.get(node);
  if (known) return known;
  const lowering = node.def.lower?.({ ...node, output: node }) ?? pointwiseLowering(node);
  lowerings.set(node, lowering);
  return lowering;
}

function pointwiseLowering(node: Node): Lowering {
  invariant(node.def.family === "pointwise", `op ${node.def.name} has a lowering or a formula`);
  const identity = node.shape.map((_, i) => axis(i));
  const body = mapLeaves<Argument, BodyLeaf>(resolveScalar(node.def, node.attrs), ({ index }) => load(index, identity));
  return { kind: "map", body };
}

/** The node whose elements this node shows under another shape. */
export function stripAlias(node: Node): Node {
  let base = node;
  while (lowered(base).kind === "alias") base = base.inputs[0]!;
  return base;
}

/**
 * How the axes of `from` are indexed by the axes of `to` when both list the same elements in row-major order: an affine
 * expression for each axis of `from`, or nothing where that would need a division (two axes merged into one).
 */
export function affineReshape(from: Shape, to: Shape): Affine[] | undefined {
  const result: Affine[] = [];
  let next = 0;
  for (const size of from) {
    if (isOne(size)) {
      result.push(ZERO);
      continue;
    }
    // Consume axes of `to` until their product is this axis.
    let index: Affine = ZERO;
    let product: Dim = ONE;
    while (!sameDim(product, size)) {
      const part = to[next];
      if (part === undefined) return undefined;
      product = timesDim(product, part);
      if (product.times > size.times || product.power > size.power) return undefined;
      if (!isOne(part)) index = addAffine(scaleAffine(index, part), axis(next));
      next++;
    }
    result.push(index);
  }
  return to.slice(next).every(isOne) ? result : undefined;
}
