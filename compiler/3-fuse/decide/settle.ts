// From what is asked to be stored to what that takes: each root is built alone, and what its build asks for is stored too, until
// no build asks for more.

import type { Node } from "../../../src/graph/node.js";
import { build } from "../build/build.js";
import { sizeOfBlock, type Footprint } from "../build/tree.js";
import type { StoreReason, StoreRequest } from "../decisions.js";
import { stripAlias } from "../lowered.js";
import { isCopy, isLooped, push, valueOf, type Root } from "../roots.js";
import { isGiven, type FuseGraph } from "./graph.js";

/** A root built alone. */
export interface Draft {
  readonly footprint: Footprint;
  /** The size of its body. */
  readonly size: number;
}

/** What is stored so far, why, and what each of it needs. */
export interface Settled {
  readonly stored: ReadonlyMap<Root, StoreReason>;
  readonly drafts: ReadonlyMap<Root, Draft>;
  /** The roots whose drafts compute a node in place, or did so before they were drafted again. */
  readonly computedBy: ReadonlyMap<Node, readonly Root[]>;
}

export const NOTHING: Settled = { stored: new Map(), drafts: new Map(), computedBy: new Map() };

/**
 * The step: the same with more stored. Roots that computed what is stored now are drafted again. It ends because each turn
 * stores more of a graph that does not grow. `remembered`: drafts of the same roots for other entries; new ones are added.
 */
export function settle(
  graph: FuseGraph,
  before: Settled,
  requests: readonly StoreRequest[],
  remembered: Map<Root, Draft>,
): Settled {
  const stored = new Map(before.stored);
  const drafts = new Map(before.drafts);
  const computedBy = new Map([...before.computedBy].map(([node, roots]) => [node, [...roots]]));
  let pending: Root[] = [];
  const store = ({ root, because }: StoreRequest): void => {
    if (stored.has(root) || (isGiven(root) && !isLooped(root))) return;
    stored.set(root, because);
    pending.push(root);
    if (isCopy(root)) return;
    for (const reader of computedBy.get(root) ?? []) if (drafts.delete(reader)) pending.push(reader);
  };
  requests.forEach(store);
  while (pending.length > 0) {
    const turn = new Set(pending);
    pending = [];
    for (const root of turn) {
      const { draft, store: also } = draftOf(root, graph, stored, remembered);
      also.forEach(store);
      drafts.set(root, draft);
      for (const node of draft.footprint.computes) push(computedBy, node, root);
    }
  }
  return { stored, drafts, computedBy };
}

interface Drafted {
  readonly draft: Draft;
  /** What must be stored for it. */
  readonly store: readonly StoreRequest[];
}

function draftOf(
  root: Root,
  graph: FuseGraph,
  stored: ReadonlyMap<Root, StoreReason>,
  remembered: Map<Root, Draft>,
): Drafted {
  if (isLooped(root)) return { draft: draftOfLoop(valueOf(root)), store: [] };
  const isStored = (node: Node): boolean => stored.has(node) || isGiven(node);
  const known = remembered.get(root);
  if (known && [...known.footprint.computes].every((node) => node === root || !isStored(node))) {
    const reads = [...known.footprint.reads.keys()];
    return { draft: known, store: reads.map((read) => ({ root: read, because: "stored for another entry" })) };
  }
  const drafted = buildAlone(root, graph, isStored);
  remembered.set(root, drafted.draft);
  return drafted;
}

/** Built until nothing more is asked for; each turn stores one more node below the root, of which there are so many. */
function buildAlone(root: Root, { readers }: FuseGraph, isStored: (node: Node) => boolean): Drafted {
  const store: StoreRequest[] = [];
  const asked = new Set<Root>();
  for (;;) {
    const built = build([{ root }], {
      isStored: (node) => isStored(node) || asked.has(node),
      readers,
      startsInPlace: () => false,
    });
    if (!("store" in built)) {
      const draft = { footprint: built.footprints[0]!, size: sizeOfBlock(built.body) };
      return { draft, store };
    }
    store.push(...built.store);
    for (const request of built.store) asked.add(request.root);
  }
}

const draftOfLoop = (loop: Node): Draft => ({
  footprint: {
    reads: new Map(loop.inputs.map((input) => [stripAlias(input), 0])),
    computes: new Set(),
    reductions: new Map(),
  },
  size: 0,
});
