// What an optimizer gives a step to change, and inference to read, looked at: an optimizer may be a user's own.

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
    alike(optimizer, leaf, value, "a next value");
  }
  return updates;
}

/**
 * What inference reads in place of parameters, as it is.
 * @throws BAD_UPDATE for a value of another shape or dtype than its parameter's
 */
export function checkedReplacements(optimizer: string, values: ReadonlyMap<Node, Node>): ReadonlyMap<Node, Node> {
  for (const [parameter, value] of values) alike(optimizer, parameter, value, "a value for inference");
  return values;
}

function alike(optimizer: string, leaf: Node, value: Node, what: string): void {
  if (sameShape(leaf.shape, value.shape) && leaf.dtype === value.dtype) return;
  throw badUpdate({ optimizer, leaf, why: `${what} that is ${printType(value)}`, site: value.origin.site });
}
