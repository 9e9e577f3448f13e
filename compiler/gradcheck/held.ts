// Values that derivatives take as constants (`stopGradient`) keep, while others are varied, what they are at the point: what
// differences then see is what the derivative is meant to be. In a loop each turn has its own value.

import type { Node } from "../../src/graph/node.js";
import { rewrite } from "../../src/graph/walk.js";
import { add, sub } from "../../src/ops/pointwise/arithmetic.js";
import { customGradientDef, type CustomGradientAttrs } from "../../src/ops/marker/custom-gradient.js";
import { stopGradientAt, stopGradientDef, straightThroughDef } from "../../src/ops/marker/markers.js";
import type { Through } from "../interpret.js";

export interface Holding {
  readonly through: Through;
  /** Before each evaluation: of values as they come, or of those that are varied. */
  readonly begin: (what: "keep" | "vary") => void;
}

export function holding(): Holding {
  const kept = new Map<Node, Float64Array[]>();
  const turns = new Map<Node, number>();
  let varies = false;
  return {
    begin(what) {
      varies = what === "vary";
      turns.clear();
      if (!varies) kept.clear();
    },
    through(node, value) {
      if (node.def !== stopGradientDef) return value;
      const turn = turns.get(node) ?? 0;
      turns.set(node, turn + 1);
      const values = kept.get(node) ?? [];
      if (varies) return values[turn]!;
      kept.set(node, [...values, Float64Array.from(value)]);
      return value;
    },
  };
}

/**
 * The graph whose derivative a definition means. A straight-through value is `value`, moving as its surrogate does. A gradient
 * that is stated and not to be checked is taken off, and `unchecked` is told of it: what differences see is the function's own.
 */
export const asMeant = (roots: readonly Node[], unchecked: (node: Node) => void): readonly Node[] =>
  rewrite(roots, (node, original) => {
    const { def, origin, inputs } = node;
    if (def === straightThroughDef) {
      const [value, surrogate] = inputs as [Node, Node];
      const fixed = sub.at(origin, stopGradientAt(origin, value), stopGradientAt(origin, surrogate));
      return add.at(origin, fixed, surrogate);
    }
    if (def !== customGradientDef || (node.attrs as CustomGradientAttrs).check) return node;
    unchecked(original);
    return inputs[0]!;
  });
