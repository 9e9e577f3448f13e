// Kernels in which rounding each step would show are computed in doubles, one value after the other.

import { isApply, isConstant } from "../../src/scalar/expression.js";
import type { Kernel, KernelExpr } from "../ir/kernel.js";
import { printKernel } from "../ir/print.js";
import { forEachValue } from "../ir/walk.js";
import type { LoopPass } from "./pass.js";

export const precision: LoopPass = {
  name: "precision",
  run: (kernel, { machine: { vectors } }) =>
    vectors && isDelicate(kernel, vectors.delicate) ? Object.freeze({ ...kernel, precision: "float64" }) : kernel,
  // More precise is never wrong.
  verify: () => undefined,
  print: printKernel,
};

/** Has a value more additions of constants than that? It is an approximation by polynomials. */
function isDelicate(kernel: Kernel, most: number): boolean {
  let delicate = false;
  forEachValue(kernel.body, (value) => (delicate ||= stepsOf(value, new Set()) > most));
  return delicate;
}

/** Additions of constants. */
function stepsOf(expr: KernelExpr, seen: Set<KernelExpr>): number {
  if (isConstant(expr) || !isApply(expr) || seen.has(expr)) return 0;
  seen.add(expr);
  const args = expr.args as readonly KernelExpr[];
  const counts = expr.op === "add" && args.some(isConstant);
  return args.reduce((sum, arg) => sum + stepsOf(arg, seen), counts ? 1 : 0);
}
