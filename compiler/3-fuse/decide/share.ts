// The step of the decision: with this much stored, which roots share a kernel; or what must be stored as well, because kernels
// that cannot be one would compute it again.

import type { Node } from "../../../src/graph/node.js";
import { build } from "../build/build.js";
import { sizeOfBlock } from "../build/tree.js";
import { costFrom, DEAR } from "../cost.js";
import type { FuseDecision, StoreRequest } from "../decisions.js";
import { computedWith } from "../epilogue.js";
import { lowered } from "../lowered.js";
import { push, type Root } from "../roots.js";
import type { FuseGraph } from "./graph.js";
import { areTogether, eachAlone, KERNEL_LIMIT, kernelsOf, type Fits, type Groups } from "./groups.js";
import { mergeNumbers, mergeReaders, mergeSharers, type SharedNode } from "./merge.js";
import { runOrder, type Edge } from "./order.js";
import { startRequests, type Requests } from "./requests.js";
import type { Settled } from "./settle.js";

export interface Shares {
  /** What must be stored as well; empty where the kernels are decided. */
  readonly store: readonly StoreRequest[];
  readonly kernels: readonly (readonly Root[])[];
  readonly decisions: readonly FuseDecision[];
}

export function share(graph: FuseGraph, settled: Settled, edges: readonly Edge[]): Shares {
  const { drafts } = settled;
  const groups = eachAlone(runOrder(drafts, graph.order, edges), drafts);
  const requests = startRequests(settled.stored);
  const fits = fitsIn(graph, settled, requests);
  const shared = sharedNodes(graph, settled);
  mergeSharers(groups, shared, graph.readers, requests, fits);
  if (requests.list.length > 0) return { store: requests.list, kernels: [], decisions: apartIn(groups) };
  mergeReaders(groups, drafts, fits);
  mergeNumbers(groups, drafts, fits);
  storeDear(groups, shared, requests);
  if (requests.list.length > 0) return { store: requests.list, kernels: [], decisions: [] };
  return { store: [], kernels: kernelsOf(groups), decisions: groups.decisions };
}

/** Why sharers of a reduction did not become one: the reason why it is stored. */
const apartIn = ({ decisions }: Groups): readonly FuseDecision[] => decisions.filter(({ kind }) => kind === "apart");

/** Nodes that several roots compute in place, in the graph's order. */
function sharedNodes({ order }: FuseGraph, { drafts }: Settled): readonly SharedNode[] {
  const roots = new Map<Node, Root[]>();
  for (const [root, { footprint }] of drafts) {
    for (const node of footprint.computes) if (node !== root) push(roots, node, root);
  }
  return [...roots].filter(([, computing]) => computing.length > 1).sort((a, b) => order.get(a[0])! - order.get(b[0])!);
}

/** Asks for dear values that several kernels would compute to be stored. */
function storeDear(groups: Groups, shared: readonly SharedNode[], requests: Requests): void {
  const cost = costFrom(requests.isStored);
  for (const [node, roots] of shared) {
    if (lowered(node).kind !== "map" || node.def.family === "view" || cost(node) < DEAR) continue;
    if (areTogether(groups, roots) || isRandom(node, requests.isStored)) continue;
    requests.ask(node, "dear in several kernels");
  }
}

/** Masks are recomputed, never stored. */
const isRandom = (node: Node, isStored: (node: Node) => boolean): boolean =>
  [node, ...computedWith(node, isStored)].some(({ def }) => def.family === "random");

/** Would the roots' kernel have one outermost loop, and no more than engines compile well? */
function fitsIn({ readers }: FuseGraph, { drafts, computedBy }: Settled, requests: Requests): Fits {
  // Of a root that computes what is asked for by now, nothing is known.
  const stale = new Set<Root>();
  let looked = 0;
  return (group) => {
    for (; looked < requests.list.length; looked++) {
      const { root } = requests.list[looked]!;
      for (const reader of (computedBy as ReadonlyMap<Root, readonly Root[]>).get(root) ?? []) stale.add(reader);
    }
    const roots = group.map((root) => ({ root, known: stale.has(root) ? undefined : drafts.get(root)?.footprint }));
    const built = build(roots, { isStored: requests.isStored, readers, startsInPlace: () => false });
    if ("store" in built) return "more would be stored";
    if (built.body.items.filter((item) => item.kind === "loop").length > 1) return "other loops";
    return sizeOfBlock(built.body) <= KERNEL_LIMIT ? undefined : "size limit";
  };
}
