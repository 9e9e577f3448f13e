// The ledger of a reverse sweep: which use of which node sent which adjoint, by which rule, under which guard.

import type { Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import type { ScalarFiring } from "../../src/scalar/algebra.js";
import type { Argument, Scalar } from "../../src/scalar/expression.js";
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
    }
  | ({
      readonly kind: "scalar";
      /** A law was used inside of the formula whose slope is formed. Operand i is argument i, the output the one after. */
    } & ScalarFiring<Argument>)
  | {
      readonly kind: "slope";
      /** The slope of an op's formula by an operand, when it is first asked for; the laws that were used come before it. */
      readonly def: OpDef;
      readonly operand: number;
      readonly formula: Scalar;
      readonly slope: Scalar;
    };

/** Is told, and remembers whose slopes it was told. */
export interface Listener {
  readonly record: (event: SweepEvent) => void;
  readonly slopes: Map<Scalar, Set<number>>;
}
