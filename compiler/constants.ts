// Values that are the same whatever a network is given: numbers of the definition, sizes, positions, and what is computed from
// them, such as a causal mask. They belong to nobody: of equal blocks the first would have them, and would differ from the others.

import type { Node } from "../src/graph/node.js";
import { topological } from "../src/graph/walk.js";
import { constantDef, sizeDef } from "../src/ops/leaf/leaf-records.js";

/**
 * The nodes under the roots that reach no input, no parameter and nothing else that changes: no state, hyper-parameter or random
 * number. Inside of regions too, whose parameters change.
 */
export function constantsUnder(roots: readonly Node[]): ReadonlySet<Node> {
  const found = new Set<Node>();
  for (const node of topological(roots)) {
    if (isConstant(node, found)) found.add(node);
    for (const region of node.regions) for (const inner of constantsUnder(region.results)) found.add(inner);
  }
  return found;
}

/** Given those of its inputs. */
function isConstant(node: Node, known: ReadonlySet<Node>): boolean {
  const { def, inputs } = node;
  if (def.family === "random" || def.family === "marker") return false;
  if (inputs.length > 0) return inputs.every((input) => known.has(input));
  if (def.family === "leaf") return def === constantDef || def === sizeDef;
  // Positions, which are made from nothing.
  return true;
}
