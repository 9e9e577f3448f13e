// Simplification: laws to a fixpoint, equal nodes shared, and loops without results that nobody reads.

import type { Node } from "../../src/graph/node.js";
import { pruneScans } from "../../src/ops/scan/scan-prune.js";
import { applyLaws } from "./engine.js";
import type { RecordRewrite } from "./events.js";
import type { Law } from "./law.js";
import { laws } from "./laws.js";

export interface SimplifyOptions {
  /** Told of each use of a law, of nodes that are merged, and of results of loops that are left out. */
  readonly record?: RecordRewrite | undefined;
  /** Stop after so many uses of laws: the graph as it was then. Absent: when none applies any more. */
  readonly until?: number | undefined;
  /** Other laws than the usual ones. */
  readonly laws?: readonly Law[];
}

/** The same values from fewer and cheaper nodes. The graph must be differentiated already. */
export function simplify(roots: readonly Node[], options: SimplifyOptions = {}): readonly Node[] {
  const { laws: all = laws, record, until } = options;
  const budget = until === undefined ? undefined : { left: until };
  const engine = { laws: all, record, budget, share: true, pinned: new Set<Node>() };
  const merged = applyLaws(roots, { ...engine, laws: all.filter((each) => !each.asksForUses) });
  const simple = applyLaws(merged, engine);
  const pruned = pruneScans(simple, { record });
  return pruned.every((root, i) => root === simple[i]) ? simple : applyLaws(pruned, engine);
}
