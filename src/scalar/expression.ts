// Scalar expressions: the shape shared by formulas, lowered ops and kernel bodies.
//
// One generic tree, `Expr<Leaf>`: constants and applications of scalar instructions over whatever leaves a
// representation has (arguments of a formula, loads of an operand, loads of a buffer). Plain frozen data; sharing is
// by identity, so an expression is a DAG and every walk over it memoises on the object.

/** What an expression evaluates to. An int may stand where a float is expected, never the other way round. */
export type ScalarType = "float" | "int" | "bool";

/** The closed set of scalar instructions. Each target has one row per member (checked with `satisfies`). */
export type ScalarOp =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "neg"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
  | "round" // round: half to even
  | "sqrt"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "sin"
  | "cos"
  | "tanh"
  | "sigmoid"
  | "erf"
  | "pow"
  | "min"
  | "max"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge" // (float, float) -> bool
  | "and"
  | "or"
  | "not" // bool -> bool
  | "select" // (bool, a, b) -> a or b
  | "hash" // (int, int) -> int: mixes two 32-bit words into one, uniformly distributed, unsigned
  | "uniform"; // int -> float: the upper 24 bits of a word, scaled into [0, 1)

export interface Constant {
  readonly kind: "constant";
  readonly value: number;
}

export interface Apply<Leaf> {
  readonly kind: "apply";
  readonly op: ScalarOp;
  readonly args: readonly Expr<Leaf>[];
}

export type Expr<Leaf> = Constant | Apply<Leaf> | Leaf;

/** A formula's operand, by position. */
export interface Argument {
  readonly kind: "argument";
  readonly index: number;
}

/** A resolved formula: an expression over its operands. */
export type Scalar = Expr<Argument>;

export const constant = (value: number): Constant => Object.freeze({ kind: "constant", value });

export const argument = (index: number): Argument => Object.freeze({ kind: "argument", index });

export const applyScalar = <Leaf>(op: ScalarOp, ...args: readonly Expr<Leaf>[]): Apply<Leaf> =>
  Object.freeze({ kind: "apply", op, args: Object.freeze(args) });

export const isApply = <Leaf extends { readonly kind: string }>(expr: Expr<Leaf>): expr is Apply<Leaf> =>
  expr.kind === "apply";

export const isConstant = <Leaf extends { readonly kind: string }>(expr: Expr<Leaf>): expr is Constant =>
  expr.kind === "constant";

/** Every part of the expressions once, operands first. `seen`: parts that were met before are not met again, and are added. */
export function forEachPart<Leaf extends { readonly kind: string }>(
  roots: Iterable<Expr<Leaf>>,
  visit: (part: Expr<Leaf>) => void,
  seen = new Set<Expr<Leaf>>(),
): void {
  const walk = (expr: Expr<Leaf>): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if (isApply(expr)) expr.args.forEach(walk);
    visit(expr);
  };
  for (const root of roots) walk(root);
}

/** Replaces every leaf; shared sub-expressions stay shared. `memo` may be passed to share between several roots. */
export function mapLeaves<From extends { readonly kind: string }, To extends { readonly kind: string }>(
  root: Expr<From>,
  leaf: (leaf: From) => Expr<To>,
  memo = new Map<Expr<From>, Expr<To>>(),
): Expr<To> {
  const seen = memo.get(root);
  if (seen !== undefined) return seen;
  let result: Expr<To>;
  if (isConstant(root)) result = root as Constant;
  else if (isApply(root)) result = applyScalar(root.op, ...root.args.map((arg) => mapLeaves(arg, leaf, memo)));
  else result = leaf(root as From);
  memo.set(root, result);
  return result;
}
