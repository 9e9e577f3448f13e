// Indices: which they may be, and those that count from the end where they are negative, as in NumPy.

import { createNode, isA, type Node } from "../../graph/node.js";
import type { Origin } from "../../graph/origin.js";
import { evaluateDim, printDim, type Dim } from "../../graph/shape.js";
import { badArgument } from "../../messages.js";
import { makeBroadcast } from "../adjoint-pairs.js";
import { constantDef, inputDef, makeSize, type InputAttrs } from "../leaf/leaves.js";
import { fromEndDef } from "../pointwise/from-end.js";
import { makeCast } from "../pointwise/logic.js";
import { requireIndices } from "./indexed.js";

/** The inputs whose values a node shows as they are, through views of any kind. */
export function inputsShown(node: Node): InputAttrs[] {
  const shown = new Set([node]);
  for (const one of shown) if (one.def.family === "view") for (const input of one.inputs) shown.add(input);
  return [...shown].filter((leaf) => isA(leaf, inputDef)).map(({ attrs }) => attrs);
}

/**
 * Indices that are written down must be in range, and those that come from an input as they are must be known to be: the
 * emitted module checks them against `below` before a kernel runs, and a bad index would read foreign memory.
 */
export function requireBelow(
  op: string,
  indices: Node,
  size: Dim,
  origin: Origin,
  shown: readonly InputAttrs[] = inputsShown(indices),
): void {
  requireIndices(op, indices, origin);
  // The smallest run has one row.
  const limit = evaluateDim(size, 1);
  const written = isA(indices, constantDef) ? indices.attrs.values : [];
  const stray = written.find((value) => value < 0 || value >= limit);
  if (stray !== undefined) {
    const expected = `from 0 to ${limit - 1}, the entries of an axis of ${printDim(size)}`;
    throw badArgument({ op, argument: "each index", value: stray, expected, site: origin.site });
  }
  for (const { below, name, ignoreIndex } of shown) {
    if (ignoreIndex !== undefined) {
      throw badArgument({
        op,
        argument: `"ignoreIndex" of the indices ${JSON.stringify(name)}`,
        value: ignoreIndex,
        expected: "absent: only sequenceCrossEntropy, crossEntropy and negativeLogLikelihood leave such positions out",
        site: origin.site,
      });
    }
    if (below !== undefined && below <= limit) continue;
    throw badArgument({
      op,
      argument: `"below" of the indices ${JSON.stringify(name)}`,
      value: below,
      expected: `given and at most ${limit}, the entries of an axis of ${printDim(size)}`,
      site: origin.site,
    });
  }
}

/** What a function does with indices that are computed: those below 0 are refused unless it says `negative: true`. */
export interface NegativeOption {
  /**
   * True: computed indices below 0 count from the end, as in NumPy, and an input of indices needs no `below`. False unless stated:
   * they are refused (INDEX_OUT_OF_RANGE). Indices that are written in the definition may be negative in any case.
   */
  readonly negative?: boolean;
}

/** The indices as entries of an axis of this size, counted from its start; or the user's error. */
export function entriesOf(
  op: string,
  indices: Node,
  size: Dim,
  origin: Origin,
  { negative = false }: NegativeOption = {},
): Node {
  requireIndices(op, indices, origin);
  const counted = (): Node => {
    const length = makeCast(origin, makeSize(origin, size), "int32");
    return createNode(fromEndDef, [indices, makeBroadcast(origin, length, indices.shape, [])], {}, origin);
  };
  if (isA(indices, constantDef)) {
    const { values } = indices.attrs;
    if (values.every((value) => value >= 0 || value < -size.times)) requireBelow(op, indices, size, origin);
    else if (size.power > 0) return counted();
    else {
      const from = values.map((value) => (value < 0 ? value + size.times : value));
      const attrs = { ...indices.attrs, values: Object.freeze(from) };
      const written = createNode(constantDef, [], attrs, indices.origin);
      requireBelow(op, written, size, origin);
      return written;
    }
    return indices;
  }
  if (negative) return counted();
  requireBelow(op, indices, size, origin);
  return indices;
}
