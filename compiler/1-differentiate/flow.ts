// The adjoint on its way back through pointwise ops: a value and a guard outside which it is exactly zero.
//
// The guard is kept apart while the value is multiplied by slopes, and applied last. So 0 * infinity never arises where
// a branch was not taken: `where(x > 0, log(x), 0)` has gradient 0 at x = 0, not NaN.

import { memo } from "../../src/graph/memo.js";
import { createNode, type Node } from "../../src/graph/node.js";
import { derivedOrigin } from "../../src/graph/origin.js";
import { guardRule, usesRule } from "../../src/graph/rules.js";
import { add } from "../../src/ops/pointwise/arithmetic.js";
import { logicalAnd, logicalOr } from "../../src/ops/pointwise/logic.js";
import type { Reason } from "../../src/scalar/reason.js";
import { selectedRecord } from "./records.js";

export interface Flow {
  /** The node whose adjoint it is: ops that pass it on unchanged share it. */
  readonly of: Node;
  readonly value: Node;
  /** By which rule it came to be. */
  readonly by: Reason;
  /** A bool node of the value's shape; null: everywhere. Elsewhere the value may be anything, NaN too. */
  readonly guard: Node | null;
}

export const unguarded = (of: Node, value: Node, by: Reason): Flow => ({ of, value, by, guard: null });

/** The adjoint as one node: zero outside the guard. The same node for the same flow. */
export const materialise = memo(selected);

function selected({ of, value, by, guard }: Flow): Node {
  if (guard === null) return value;
  const origin = derivedOrigin(of, by, "adjoint");
  const { def, takesCondition } = selectedRecord(guard.def);
  return createNode(def, takesCondition ? [guard, value] : [value, ...guard.inputs], {}, origin);
}

/** The sum of what comes back along several edges. */
export function combine(of: Node, flows: readonly Flow[]): Flow {
  if (flows.length === 1) return flows[0]!;
  const byGuard = new Map<Node | null, Node[]>();
  for (const { guard, value } of flows) {
    const values = byGuard.get(guard);
    if (values) values.push(value);
    else byGuard.set(guard, [value]);
  }
  const groups = [...byGuard].map(([guard, values]): Flow => ({ of, by: usesRule, guard, value: total(of, values) }));
  if (groups.length === 1) return groups[0]!;
  const guards = groups.map((group) => group.guard);
  return {
    of,
    by: usesRule,
    value: total(of, groups.map(materialise)),
    guard: guards.reduce((a, b) => a && b && logicalOr.at(derivedOrigin(of, guardRule, "guard"), a, b)),
  };
}

const total = (of: Node, values: readonly Node[]): Node =>
  values.reduce((sum, value) => add.at(derivedOrigin(of, usesRule, "adjoint"), sum, value));

/** Where both hold. */
export function both(of: Node, a: Node | null, b: Node | null): Node | null {
  if (a === null || b === null || a === b) return a ?? b;
  return logicalAnd.at(derivedOrigin(of, guardRule, "guard"), a, b);
}
