// What every op that reads or writes by index begins with.

import { axis, ZERO } from "../../graph/affine.js";
import { load, type Index } from "../../graph/lowering.js";
import type { Node } from "../../graph/node.js";
import type { Origin } from "../../graph/origin.js";
import type { Shape } from "../../graph/shape.js";
import { wrongDtype } from "../../messages.js";

export const requireIndices = (op: string, indices: Node, origin: Origin): void => {
  if (indices.dtype === "int32") return;
  throw wrongDtype({ op, operand: "indices", dtype: indices.dtype, expected: "int32", site: origin.site });
};

export interface ScatterAttrs {
  readonly axis: number;
  readonly shape: Shape;
}

export const identity = (rank: number, from: number): Index[] =>
  Array.from({ length: rank }, (_, i) => ({ affine: axis(from + i) }));

/** The access at an index that an operand `by` holds; `indexRank` variables from `at` on address that operand. */
export function indexed(by: number, rank: number, at: number, indexRank: number): Index[] {
  const named = load(
    by,
    identity(indexRank, at).map((index) => index.affine),
  );
  return [...identity(at, 0), { affine: ZERO, loaded: named }, ...identity(rank - at - 1, at + indexRank)];
}
