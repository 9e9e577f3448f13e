// What an optimizer gives a step to change, looked at: an optimizer may be a user's own.

import type { Assignment } from "./graph/network.js";
import type { Node } from "./graph/node.js";
import { sameShape } from "./graph/shape.js";
import { badUpdate, printType } from "./messages.js";

/** Which of a step's leaves a step may change. */
const CHANGES: ReadonlySet<string> = new Set(["parameter", "state"]);

/**
 * The updates as they are.
 * @throws BAD_UPDATE for what is no parameter or state, two next values of one, and a next value of another shape or dtype
 */
export function checkedUpdates(optimizer: string, updates: readonly Assignment[]): readonly Assignment[] {
  const seen = new Set<Node>();
  for (const { leaf, value } of updates) {
    const site = value.origin.site;
    if (!CHANGES.has(leaf.def.name)) {
      throw badUpdate({ optimizer, leaf, why: "a next value, but no step changes it", site });
    }
    if (seen.has(leaf)) throw badUpdate({ optimizer, leaf, why: "two next values", site });
    seen.add(leaf);
    if (!sameShape(leaf.shape, value.shape) || leaf.dtype !== value.dtype) {
      throw badUpdate({ optimizer, leaf, why: `a next value that is ${printType(value)}`, site });
    }
  }
  return updates;
}
