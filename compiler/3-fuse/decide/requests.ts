// What is asked to be stored, one after the other, each with its reason.

import type { Node } from "../../../src/graph/node.js";
import type { StoreReason, StoreRequest } from "../decisions.js";
import { isLooped, type Root } from "../roots.js";
import { isGiven } from "./graph.js";

export interface Requests {
  readonly list: readonly StoreRequest[];
  /** Is it stored already, given, or asked for here? */
  readonly isStored: (node: Node) => boolean;
  readonly ask: (root: Root, because: StoreReason) => void;
}

/** `stored`: before any is asked for. */
export function startRequests(stored: ReadonlyMap<Root, unknown>): Requests {
  const list: StoreRequest[] = [];
  const asked = new Set<Root>();
  return {
    list,
    isStored: (node) => stored.has(node) || asked.has(node) || isGiven(node),
    ask: (root, because) => {
      if (stored.has(root) || asked.has(root) || (isGiven(root) && !isLooped(root))) return;
      asked.add(root);
      list.push({ root, because });
    },
  };
}
