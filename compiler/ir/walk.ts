// Walks over kernels and programs: what the printers, the planner and the verifier share.

import { isApply, isConstant } from "../../src/scalar/expression.js";
import type { KernelExpr, KernelLeaf, Statement, Store } from "./kernel.js";
import type { Call, ProgramItem } from "./program.js";

/** Every expression root of the statements, with the number of enclosing loops. */
export function forEachValue(statements: readonly Statement[], visit: (value: KernelExpr) => void): void {
  for (const statement of statements) {
    if (statement.kind === "loop") forEachValue(statement.body, visit);
    else if (statement.kind === "reduction") {
      statement.lets.forEach((l) => visit(l.value));
      statement.accumulators.forEach((a) => visit(a.value));
    } else {
      visit(statement.value);
      if (statement.kind === "store") statement.at.loaded.forEach((part) => visit(part.value));
    }
  }
}

/** Every distinct leaf below an expression, those in gathered positions included. */
export function forEachLeaf(root: KernelExpr, visit: (leaf: KernelLeaf) => void, seen = new Set<KernelExpr>()): void {
  if (seen.has(root) || isConstant(root)) return;
  seen.add(root);
  if (isApply(root)) {
    for (const arg of root.args) forEachLeaf(arg, visit, seen);
    return;
  }
  visit(root);
  if (root.kind === "load") for (const part of root.at.loaded) forEachLeaf(part.value, visit, seen);
}

export function storesOf(statements: readonly Statement[]): Store[] {
  return statements.flatMap((s) => (s.kind === "loop" ? storesOf(s.body) : s.kind === "store" ? [s] : []));
}

/** All calls, those in loops included, in program order. */
export function callsOf(items: readonly ProgramItem[]): Call[] {
  return items.flatMap((item) => (item.kind === "call" ? [item] : callsOf(item.body)));
}
