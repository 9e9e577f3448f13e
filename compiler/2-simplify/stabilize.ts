// What is recognised before differentiation: what overflows or loses digits as written becomes the op that does not, and
// activations move behind pools.

import type { Node } from "../../src/graph/node.js";
import { everyNode } from "../../src/graph/walk.js";
import { gradientDef } from "../../src/ops/marker/markers.js";
import { applyLaws } from "./engine.js";
import type { RecordRewrite } from "./events.js";
import { poolLaws } from "./laws/pools.js";
import { stableForms } from "./laws/stable.js";

/**
 * The same values, computed stably. Equal nodes are not merged and what a gradient is taken of stays in the graph: a
 * gradient is taken with respect to an object.
 */
export function stabilize(
  roots: readonly Node[],
  { record, until }: { readonly record?: RecordRewrite | undefined; readonly until?: number | undefined } = {},
): readonly Node[] {
  const pinned = new Set<Node>();
  for (const node of everyNode(roots)) if (node.def === gradientDef) pinned.add(node.inputs[1]!);
  const budget = until === undefined ? undefined : { left: until };
  return applyLaws(roots, { laws: [...stableForms, ...poolLaws], record, budget, share: false, pinned });
}
