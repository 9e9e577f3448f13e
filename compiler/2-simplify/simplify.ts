// Simplification: laws to a fixpoint, equal nodes shared, and loops without results that nobody reads.

import type { Node } from "../../src/graph/node.js";
import { pruneScans } from "../../src/ops/scan/scan-prune.js";
import { applyLaws, type Firing, type Law } from "./engine.js";
import { laws } from "./laws.js";

export interface SimplifyOptions {
  /** Called for each use of a law. */
  readonly record?: (firing: Firing) => void;
  /** Other laws than the usual ones. */
  readonly laws?: readonly Law[];
}

/** The same values from fewer and cheaper nodes. The graph must be differentiated already. */
export function simplify(roots: readonly Node[], options: SimplifyOptions = {}): readonly Node[] {
  const all = options.laws ?? laws;
  const engine = { laws: all, record: options.record, share: true, pinned: new Set<Node>() };
  const merged = applyLaws(roots, { ...engine, laws: all.filter((each) => !each.asksForUses) });
  const simple = applyLaws(merged, engine);
  const pruned = pruneScans(simple);
  return pruned.every((root, i) => root === simple[i]) ? simple : applyLaws(pruned, engine);
}
