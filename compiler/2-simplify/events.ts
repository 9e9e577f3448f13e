// What happened to a graph while it was simplified.

import type { Node } from "../../src/graph/node.js";
import type { Pruned } from "../../src/ops/scan/scan-prune.js";
import type { Reason } from "../../src/scalar/reason.js";
import type { Law } from "./law.js";

/** One use of a law. */
export interface Firing {
  readonly kind: "law";
  readonly law: Law;
  /** The node it was applied to. */
  readonly place: Node;
  readonly result: Node;
  /** How many nodes the place stood for, and the result stands for: all that they need. Counted when asked. */
  readonly nodesBefore: number;
  readonly nodesAfter: number;
}

/** What a phase that rewrites graphs did. */
export type RewriteEvent =
  | Firing
  | {
      readonly kind: "merge";
      /** Two equal nodes became one. */
      readonly kept: Node;
      readonly dropped: Node;
    }
  | {
      readonly kind: "expand";
      /** A composite, and the graph that it stands for. */
      readonly node: Node;
      readonly expansion: Node;
    }
  | {
      readonly kind: "loop";
      /** A node of a loop, or a loop's result, and what has its value now. */
      readonly law: Reason;
      readonly place: Node;
      readonly result: Node;
    }
  | Pruned;

export type RecordRewrite = (event: RewriteEvent) => void;
