// A partial derivative taken apart: where it is structurally zero, and what it is elsewhere.

import {
  applyScalar,
  argument,
  constant,
  isApply,
  isConstant,
  mapLeaves,
  type Scalar,
} from "../../src/scalar/expression.js";
import { leavesOf } from "../../src/scalar/algebra.js";

export interface Partial {
  /** A condition; null: nowhere structurally zero. */
  readonly support: Scalar | null;
  /** The partial where the condition holds; anything elsewhere. */
  readonly slope: Scalar;
}

const isZero = (expr: Scalar): boolean => isConstant(expr) && expr.value === 0;

/** `where(x > 0, 1, 0)` is 1 with support x > 0. */
export function takeApart(partial: Scalar): Partial {
  const support = supportOf(partial);
  return { support: support === true || support === false ? null : support, slope: withoutZeros(partial) };
}

function supportOf(expr: Scalar): Scalar | boolean {
  if (isZero(expr)) return false;
  if (!isApply(expr) || expr.op !== "select") return true;
  const condition = expr.args[0]!;
  const [then, otherwise] = [supportOf(expr.args[1]!), supportOf(expr.args[2]!)];
  const not = applyScalar("not", condition);
  return or(and(condition, then), and(not, otherwise), condition, not);
}

function and(a: Scalar, b: Scalar | boolean): Scalar | boolean {
  if (b === false) return false;
  return b === true ? a : applyScalar("and", a, b);
}

/** `(c and p) or (not c and q)`, given both sides; where p or q is true it is shorter. */
function or(a: Scalar | boolean, b: Scalar | boolean, c: Scalar, notC: Scalar): Scalar | boolean {
  if (a === false) return b;
  if (b === false) return a;
  if (a === c && b === notC) return true;
  return applyScalar("or", a as Scalar, b as Scalar);
}

function withoutZeros(expr: Scalar): Scalar {
  if (!isApply(expr) || expr.op !== "select") return expr;
  const [condition, then, otherwise] = [expr.args[0]!, expr.args[1]!, expr.args[2]!];
  if (isZero(then)) return withoutZeros(otherwise);
  if (isZero(otherwise)) return withoutZeros(then);
  const [a, b] = [withoutZeros(then), withoutZeros(otherwise)];
  return a === then && b === otherwise ? expr : applyScalar("select", condition, a, b);
}

/** A formula over the operands it really uses. */
export interface Compact {
  readonly scalar: Scalar;
  /** For each operand of `scalar` its position among the given ones. */
  readonly used: readonly number[];
}

export function compact(scalar: Scalar): Compact {
  const used = leavesOf([scalar])
    .map((leaf) => leaf.index)
    .sort((a, b) => a - b);
  return { scalar: mapLeaves(scalar, (leaf) => argument(used.indexOf(leaf.index))), used };
}

/** `where(condition, value, 0)` as a formula: the value is operand 0, those of the condition follow. */
export const whereElseZero = (condition: Scalar): Scalar =>
  applyScalar(
    "select",
    mapLeaves(condition, (leaf) => argument(leaf.index + 1)),
    argument(0),
    constant(0),
  );
