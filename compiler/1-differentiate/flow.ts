// The adjoint on its way back through pointwise ops: a value and a guard outside which it is exactly zero.
//
// The guard is kept apart while the value is multiplied by slopes, and applied last. So 0 * infinity never arises where
// a branch was not taken: `where(x > 0, log(x), 0)` has gradient 0 at x = 0, not NaN.

import { createNode, type Node } from "../../src/graph/node.js";
import { derivedOrigin } from "../../src/graph/origin.js";
import { add } from "../../src/ops/arithmetic.js";
import { logicalAnd, logicalOr } from "../../src/ops/logic.js";
import { selectedRecord } from "./records.js";

export interface Flow {
  readonly value: Node;
  /** A bool node of the value's shape; null: everywhere. Elsewhere the value may be anything, NaN too. */
  readonly guard: Node | null;
}

export const unguarded = (value: Node): Flow => ({ value, guard: null });

/** The adjoint as one node: zero outside the guard. `of` is the node whose adjoint it is. */
export function materialise(of: Node, { value, guard }: Flow): Node {
  if (guard === null) return value;
  const origin = derivedOrigin(of, value.origin.derived?.rule ?? "vjp of where");
  const { def, takesCondition } = selectedRecord(guard.def);
  return createNode(def, takesCondition ? [guard, value] : [value, ...guard.inputs], {}, origin);
}

/** The sum of what comes back along several edges. */
export function combine(of: Node, flows: readonly Flow[]): Flow {
  const byGuard = new Map<Node | null, Node[]>();
  for (const { guard, value } of flows) {
    const values = byGuard.get(guard);
    if (values) values.push(value);
    else byGuard.set(guard, [value]);
  }
  const groups = [...byGuard].map(([guard, values]): Flow => ({ guard, value: total(of, values) }));
  if (groups.length === 1) return groups[0]!;
  return {
    value: total(
      of,
      groups.map((group) => materialise(of, group)),
    ),
    guard: groups.map((group) => group.guard).reduce((a, b) => a && b && logicalOr.at(derivedOrigin(of, GUARD), a, b)),
  };
}

const total = (of: Node, values: readonly Node[]): Node =>
  values.reduce((sum, value) => add.at(derivedOrigin(of, "vjp: sum over uses"), sum, value));

const GUARD = "vjp: where it is not zero";

/** Where both hold. */
export function both(of: Node, a: Node | null, b: Node | null): Node | null {
  if (a === null || b === null || a === b) return a ?? b;
  return logicalAnd.at(derivedOrigin(of, GUARD), a, b);
}
