// Patterns that laws and known forms look for in an expression.

import { isApply, isConstant, type Expr, type ScalarOp } from "./expression.js";
import type { AnyLeaf } from "./instructions.js";

/** How expressions are made: plainly, or by an algebra that simplifies. */
export interface Make<Leaf> {
  readonly apply: (op: ScalarOp, args: readonly Expr<Leaf>[]) => Expr<Leaf>;
  readonly constant: (value: number) => Expr<Leaf>;
}

/** The operands of an expression when it is an application of `op`. */
export const under = <Leaf extends AnyLeaf>(
  expr: Expr<Leaf> | undefined,
  op: ScalarOp,
): readonly Expr<Leaf>[] | undefined => (expr !== undefined && isApply(expr) && expr.op === op ? expr.args : undefined);

export const value = <Leaf extends AnyLeaf>(expr: Expr<Leaf>): number | undefined =>
  isConstant(expr) ? expr.value : undefined;

export const is = <Leaf extends AnyLeaf>(expr: Expr<Leaf>, number: number): boolean => value(expr) === number;

/** A power of two within float32's normal range, so that dividing by it and multiplying by its inverse are the same. */
export const isPowerOfTwo = (x: number): boolean =>
  x !== 0 && Math.abs(Math.log2(Math.abs(x))) <= 60 && Number.isInteger(Math.log2(Math.abs(x)));

/** Small enough that moving the factor through a product cannot overflow where the product did not. */
export const isModerate = (x: number | undefined): x is number =>
  x !== undefined && Math.abs(x) >= 2 ** -10 && Math.abs(x) <= 2 ** 10;

/** Representable in float32 with full precision: merging two factors must not leave its range. */
export const isNormal = (x: number): boolean => Math.abs(x) > 1e-30 && Math.abs(x) < 1e30;

/** A product with a constant factor, as [factor, rest]. */
export function scaled<Leaf extends AnyLeaf>(expr: Expr<Leaf>): readonly [number, Expr<Leaf>] | undefined {
  const product = under(expr, "mul");
  const factor = product && value(product[0]!);
  return factor === undefined ? undefined : [factor, product![1]!];
}

/** The `x` of 1 / x. */
export function reciprocal<Leaf extends AnyLeaf>(expr: Expr<Leaf>): Expr<Leaf> | undefined {
  const quotient = under(expr, "div");
  return quotient && is(quotient[0]!, 1) ? quotient[1] : undefined;
}

/** Whether `factor` is a factor of a product of products. */
export function hasFactor<Leaf extends AnyLeaf>(product: Expr<Leaf>, factor: Expr<Leaf>): boolean {
  const found = new Set([product]);
  for (const part of found) for (const inner of under(part, "mul") ?? []) found.add(inner);
  return found.has(factor);
}

/** Any expression as [factor, rest]. */
export function multiple<Leaf extends AnyLeaf>(expr: Expr<Leaf>): readonly [number, Expr<Leaf>] {
  const negated = under(expr, "neg");
  return negated ? [-1, negated[0]!] : (scaled(expr) ?? [1, expr]);
}

/** The `u` of 1 + exp(u). */
export function onePlusExp<Leaf extends AnyLeaf>(expr: Expr<Leaf>): Expr<Leaf> | undefined {
  const sum = under(expr, "add");
  if (sum === undefined) return undefined;
  if (is(sum[0]!, 1)) return under(sum[1]!, "exp")?.[0];
  return is(sum[1]!, 1) ? under(sum[0]!, "exp")?.[0] : undefined;
}

/** What the truth of one comparison says of others of the same operands. Its falsehood says nothing: NaN. */
const IMPLIED: { readonly [op in ScalarOp]?: { readonly [op in ScalarOp]?: boolean } } = {
  gt: { lt: false, eq: false, le: false, ge: true, ne: true },
  lt: { gt: false, eq: false, ge: false, le: true, ne: true },
  eq: { gt: false, lt: false, ne: false, ge: true, le: true },
};

/** Whether `question` holds where `condition` is known to be `truth`; undefined where that does not follow. */
function implied<Leaf extends AnyLeaf>(
  condition: Expr<Leaf>,
  truth: boolean,
  question: Expr<Leaf>,
): boolean | undefined {
  if (condition === question) return truth;
  if (!truth || !isApply(condition) || !isApply(question)) return undefined;
  const same = condition.args.length === 2 && condition.args.every((arg, i) => arg === question.args[i]);
  return same ? IMPLIED[condition.op]?.[question.op] : undefined;
}

/** Drops the branches of nested selections that a known condition rules out. */
export function assume<Leaf extends AnyLeaf>(
  condition: Expr<Leaf>,
  truth: boolean,
  expr: Expr<Leaf>,
  make: Make<Leaf>,
): Expr<Leaf> {
  const inner = under(expr, "select");
  if (!inner) return expr;
  const known = implied(condition, truth, inner[0]!);
  if (known !== undefined) return assume(condition, truth, inner[known ? 1 : 2]!, make);
  const branches = [inner[1]!, inner[2]!].map((branch) => assume(condition, truth, branch, make));
  return branches[0] === inner[1] && branches[1] === inner[2] ? expr : make.apply("select", [inner[0]!, ...branches]);
}
