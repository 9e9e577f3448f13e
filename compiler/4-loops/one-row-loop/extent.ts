// How much a kernel would be if its constant loops were written out: known from its text, before anything is run.

import type { Dim } from "../../../src/graph/shape.js";
import { isApply, isConstant } from "../../../src/scalar/expression.js";
import type { Kernel, KernelExpr, Statement } from "../../ir/kernel.js";

export interface Extent {
  /** Does it go through the rows of the batch? */
  readonly hasRows: boolean;
  /** Are all other loops short enough to be written out? */
  readonly isShort: boolean;
  /** Instructions that are applied, for one row, before any of them is found to be the same as another. */
  readonly operations: number;
}

export const isRows = (size: Dim): boolean => size.times === 1 && size.power === 1;

export const isWrittenOut = (size: Dim, units: number): boolean => size.power === 0 && size.times <= units;

const known = new WeakMap<Kernel, { readonly units: number; readonly extent: Extent }>();

/** `units`: loops over more are not written out. */
export function extentOf(kernel: Kernel, units: number): Extent {
  const before = known.get(kernel);
  if (before?.units === units) return before.extent;
  const sizes = loopSizes(kernel.body);
  const extent = {
    hasRows: sizes.some(isRows),
    isShort: sizes.every((size) => isRows(size) || isWrittenOut(size, units)),
    operations: operationsOf(kernel.body),
  };
  known.set(kernel, { units, extent });
  return extent;
}

const loopSizes = (statements: readonly Statement[]): Dim[] =>
  statements.flatMap((s) =>
    s.kind === "loop" ? [s.size, ...loopSizes(s.body)] : s.kind === "reduction" ? s.loops.map((l) => l.size) : [],
  );

const times = (sizes: readonly Dim[]): number =>
  sizes.reduce((product, size) => product * (isRows(size) ? 1 : size.times), 1);

const operationsOf = (statements: readonly Statement[]): number =>
  statements.reduce((sum, statement) => sum + operationsIn(statement), 0);

function operationsIn(statement: Statement): number {
  if (statement.kind === "let") return appliedIn(statement.value);
  if (statement.kind === "store") return appliedIn(statement.value);
  if (statement.kind === "loop") return times([statement.size]) * operationsOf(statement.body);
  const rounds = times(statement.loops.map(({ size }) => size));
  const terms = statement.accumulators.reduce((sum, { value }) => sum + appliedIn(value), 0);
  return rounds * (operationsOf(statement.lets) + terms) + (rounds - 1) * statement.accumulators.length;
}

function appliedIn(root: KernelExpr): number {
  const seen = new Set<KernelExpr>();
  const visit = (expr: KernelExpr): number => {
    if (isConstant(expr) || seen.has(expr)) return 0;
    seen.add(expr);
    if (isApply(expr)) return expr.args.reduce((sum, arg) => sum + visit(arg as KernelExpr), 1);
    return expr.kind === "load" ? expr.at.loaded.reduce((sum, part) => sum + visit(part.value), 0) : 0;
  };
  return visit(root);
}
