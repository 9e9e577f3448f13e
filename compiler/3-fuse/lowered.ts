// What fusion knows of a node: its lowering, and the buffer-sharing of reshapes.

import { addAffine, axis, scaleAffine, ZERO, type Affine } from "../../src/graph/affine.js";
import type { Node } from "../../src/graph/node.js";
import { isOne, sameDim, timesDim, ONE, type Dim, type Shape } from "../../src/graph/shape.js";
import { lowered } from "../ir/lowered.js";

export { lowered };

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
