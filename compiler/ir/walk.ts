// Walks over kernels and programs: what the printers, the planner and the verifier share.

import type { Affine } from "../../src/graph/affine.js";
import { isApply, isConstant } from "../../src/scalar/expression.js";
import type { KernelExpr, KernelLeaf, Loop, Position, Statement, Store } from "./kernel.js";
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

/** Does it hold of every index and of all that is accessed? */
export function everyPosition(statements: readonly Statement[], holds: (affine: Affine) => boolean): boolean {
  const seen = new Set<KernelExpr>();
  const inPosition = ({ affine, loaded }: Position): boolean =>
    holds(affine) && loaded.every(({ value }) => inValue(value));
  const inValue = (expr: KernelExpr): boolean => {
    if (isConstant(expr) || seen.has(expr)) return true;
    seen.add(expr);
    if (isApply(expr)) return expr.args.every((arg) => inValue(arg as KernelExpr));
    return expr.kind === "load" ? inPosition(expr.at) : expr.kind !== "index" || holds(expr.affine);
  };
  const inStatement = (s: Statement): boolean => {
    if (s.kind === "loop") return s.body.every(inStatement);
    if (s.kind === "reduction") return [...s.lets, ...s.accumulators].every(({ value }) => inValue(value));
    return inValue(s.value) && (s.kind === "let" || inPosition(s.at));
  };
  return statements.every(inStatement);
}

/** Does anything that the statements do depend on the number of rows: how often a loop runs, where an element lies? */
export function dependsOnRows(statements: readonly Statement[]): boolean {
  const seen = new Set<KernelExpr>();
  const grows = ({ power }: { readonly power: number }): boolean => power > 0;
  const inPosition = ({ affine, loaded }: Position): boolean =>
    affine.some(grows) ||
    loaded.some(
      ({ stride, value, below, computed }) =>
        grows(stride) || (computed !== undefined && grows(below)) || inValue(value),
    );
  const inValue = (expr: KernelExpr): boolean => {
    if (isConstant(expr) || seen.has(expr)) return false;
    seen.add(expr);
    if (isApply(expr)) return expr.args.some((arg) => inValue(arg as KernelExpr));
    if (expr.kind === "load") return inPosition(expr.at);
    return expr.kind === "index" ? expr.affine.some(grows) : expr.kind === "size" && grows(expr.dim);
  };
  const inStatement = (s: Statement): boolean => {
    if (s.kind === "loop") return grows(s.size) || s.body.some(inStatement);
    if (s.kind === "reduction")
      return (
        s.loops.some(({ size }) => grows(size)) || [...s.lets, ...s.accumulators].some(({ value }) => inValue(value))
      );
    return inValue(s.value) || (s.kind === "store" && inPosition(s.at));
  };
  return statements.some(inStatement);
}

/** All loops, each before those in it. */
export const loopsOf = (statements: readonly Statement[]): Loop[] =>
  statements.flatMap((s) => (s.kind === "loop" ? [s, ...loopsOf(s.body)] : []));

export function storesOf(statements: readonly Statement[]): Store[] {
  return statements.flatMap((s) => (s.kind === "loop" ? storesOf(s.body) : s.kind === "store" ? [s] : []));
}

/** All calls, those in loops included, in program order. */
export function callsOf(items: readonly ProgramItem[]): Call[] {
  return items.flatMap((item) => (item.kind === "call" ? [item] : callsOf(item.body)));
}
