// The ledger of a reverse sweep: which use of which node sent which adjoint, by which rule, under which guard.

import type { Node } from "../../src/graph/node.js";
import type { Reason } from "../../src/scalar/reason.js";

/** What the reverse sweep did. A seed begins the sweep of one scalar; all up to the next seed belong to it. */
export type SweepEvent =
  | {
      readonly kind: "seed";
      /** The scalar that is differentiated, and its adjoint, 1. */
      readonly node: Node;
      readonly value: Node;
      /** The nodes whose adjoints are asked for. */
      readonly wanted: readonly Node[];
    }
  | {
      readonly kind: "edge";
      /** The use: `from` reads `to` as its operand of this number. */
      readonly from: Node;
      readonly to: Node;
      readonly operand: number;
      /** By which rule the adjoint of `from` became a contribution to that of `to`. */
      readonly rule: Reason;
      /** The contribution, wherever the guard holds; elsewhere it is 0 whatever the value is. Null: everywhere. */
      readonly value: Node;
      readonly guard: Node | null;
    }
  | {
      readonly kind: "sum";
      /** A node with several uses that sent something. */
      readonly node: Node;
      /** What they sent, in the order of their edges. */
      readonly parts: readonly { readonly value: Node; readonly guard: Node | null }[];
      /** The adjoint of the node: their sum. */
      readonly value: Node;
      readonly guard: Node | null;
    }
  | {
      readonly kind: "expand";
      /** A node without a rule of its own, and the graph that it stands for, which is differentiated in its place. */
      readonly node: Node;
      readonly expansion: Node;
    };

export type RecordSweep = (event: SweepEvent) => void;
