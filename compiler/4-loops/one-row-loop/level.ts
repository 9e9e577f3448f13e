// When a value of a merged kernel is known: before its row loop, in it, or after it.

import { axesOf } from "../../../src/graph/affine.js";
import { isApply, isConstant } from "../../../src/scalar/expression.js";
import type { KernelExpr } from "../../ir/kernel.js";

/** Before the row loop, within it, after it. */
export const BEFORE = 0;
export const WITHIN = 1;
export const AFTER = 2;
export type Level = typeof BEFORE | typeof WITHIN | typeof AFTER;

/** The variable of the one row loop. */
export const ROW = 0;

/** Thrown where kernels cannot become one loop. Caught by the pass; no user sees it. */
export class Unmergeable extends Error {}

/** The level of each expression, computed once; one that mixes a row with a finished sum needs a second loop. */
export class Levels {
  private readonly known = new Map<KernelExpr, Level>();

  of(expr: KernelExpr): Level {
    const seen = this.known.get(expr);
    if (seen !== undefined) return seen;
    const level = join(this.parts(expr));
    this.known.set(expr, level);
    return level;
  }

  private parts(expr: KernelExpr): readonly Level[] {
    if (isConstant(expr)) return [];
    if (isApply(expr)) return expr.args.map((arg) => this.of(arg as KernelExpr));
    if (expr.kind === "accumulator") return [AFTER];
    if (expr.kind === "index") return [axesOf(expr.affine).length > 0 ? WITHIN : BEFORE];
    if (expr.kind !== "load") return [];
    const own: Level = axesOf(expr.at.affine).length > 0 ? WITHIN : BEFORE;
    return [own, ...expr.at.loaded.map((part) => this.of(part.value))];
  }
}

function join(levels: readonly Level[]): Level {
  if (levels.includes(WITHIN) && levels.includes(AFTER)) throw new Unmergeable();
  return Math.max(BEFORE, ...levels) as Level;
}
