// The same values for less, where several are computed together: one exponential for a sigmoid and its cross-entropy, one
// reciprocal for all divisions by what does not change from row to row.

import type { Algebra } from "../../../src/scalar/algebra.js";
import { applyScalar, constant, isApply, isConstant } from "../../../src/scalar/expression.js";
import type { KernelExpr, KernelLeaf } from "../../ir/kernel.js";
import { BEFORE, type Levels } from "./level.js";

/** The rewriting of the expressions below `roots`, all of which are computed. */
export function cheaper(
  roots: readonly KernelExpr[],
  make: Algebra<KernelLeaf>,
  levels: Levels,
): (expr: KernelExpr) => KernelExpr {
  const present = new Set<KernelExpr>();
  const collect = (expr: KernelExpr): void => {
    if (present.has(expr)) return;
    present.add(expr);
    if (!isConstant(expr) && isApply(expr)) expr.args.forEach((arg) => collect(arg as KernelExpr));
  };
  roots.forEach(collect);
  const memo = new Map<KernelExpr, KernelExpr>();
  const reciprocals = new Map<KernelExpr, KernelExpr>();
  const reciprocal = (of: KernelExpr): KernelExpr => {
    const known = reciprocals.get(of) ?? applyScalar<KernelLeaf>("div", constant(1), of);
    reciprocals.set(of, known);
    return known;
  };
  // Without the laws, which would make 1 / (1 + exp(-|x|)) a sigmoid again.
  const replace = (expr: KernelExpr): KernelExpr => {
    if (isConstant(expr) || !isApply(expr)) return expr;
    const known = memo.get(expr);
    if (known) return known;
    const [first, second] = expr.args as KernelExpr[];
    const args = expr.args.map((arg) => replace(arg as KernelExpr));
    const e = make.make("exp", make.make("neg", make.make("abs", first!)));
    const same = args.every((arg, i) => arg === expr.args[i]);
    let result: KernelExpr = same ? expr : applyScalar<KernelLeaf>(expr.op, ...args);
    if (expr.op === "sigmoid" && present.has(e)) result = sigmoidFrom(args[0]!, replace(e));
    else if (expr.op === "div" && levels.of(first!) !== BEFORE && levels.of(second!) === BEFORE && !isConstant(second!))
      result = applyScalar<KernelLeaf>("mul", args[0]!, reciprocal(args[1]!));
    memo.set(expr, result);
    return result;
  };
  return replace;
}

/** With e = exp(-|x|): 1 / (1 + e) for x >= 0, else e / (1 + e). */
function sigmoidFrom(x: KernelExpr, e: KernelExpr): KernelExpr {
  const numerator = applyScalar<KernelLeaf>("select", applyScalar("ge", x, constant(0)), constant(1), e);
  return applyScalar<KernelLeaf>("div", numerator, applyScalar<KernelLeaf>("add", constant(1), e));
}
