// Scalar instructions as JavaScript: how each is written, of operands that read as one piece.

import { isApply, isConstant, type Expr, type ScalarOp } from "../../src/scalar/expression.js";
import { hash, erf, roundHalfEven, sigmoid, uniform } from "../../src/scalar/numeric.js";

/** What the printed text calls that Math does not have. */
export const RUNTIME = { hash, erf, roundHalfEven, sigmoid, uniform };

type Write = (...args: readonly string[]) => string;

const infix =
  (symbol: string): Write =>
  (a, b) =>
    `(${a} ${symbol} ${b})`;
/** Of conditions, which are numbers as everything is. */
const compare =
  (symbol: string): Write =>
  (a, b) =>
    `+(${a} ${symbol} ${b})`;
const call =
  (name: string): Write =>
  (...args) =>
    `${name}(${args.join(", ")})`;

export const SCALARS = {
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  div: infix("/"),
  neg: (a) => `-(${a})`,
  abs: call("Math.abs"),
  sign: call("Math.sign"),
  floor: call("Math.floor"),
  ceil: call("Math.ceil"),
  round: call("roundHalfEven"),
  sqrt: call("Math.sqrt"),
  exp: call("Math.exp"),
  expm1: call("Math.expm1"),
  log: call("Math.log"),
  log1p: call("Math.log1p"),
  sin: call("Math.sin"),
  cos: call("Math.cos"),
  tanh: call("Math.tanh"),
  sigmoid: call("sigmoid"),
  erf: call("erf"),
  pow: call("Math.pow"),
  min: call("Math.min"),
  max: call("Math.max"),
  eq: compare("==="),
  ne: compare("!=="),
  lt: compare("<"),
  le: compare("<="),
  gt: compare(">"),
  ge: compare(">="),
  and: (a, b) => `+(${a} !== 0 && ${b} !== 0)`,
  or: (a, b) => `+(${a} !== 0 || ${b} !== 0)`,
  not: (a) => `+(${a} === 0)`,
  select: (c, a, b) => `(${c} !== 0 ? ${a} : ${b})`,
  hash: call("hash"),
  uniform: call("uniform"),
} satisfies Record<ScalarOp, Write>;

export type Scalars = Readonly<Record<ScalarOp, Write>>;

/** An expression as text. What it uses twice is put before it by `bind`, which gives the name of a line's value. */
export function printExpression<Leaf extends { readonly kind: string }>(
  root: Expr<Leaf>,
  { scalars, leaf, bind }: { scalars: Scalars; leaf: (leaf: Leaf) => string; bind: (text: string) => string },
): string {
  const uses = new Map<Expr<Leaf>, number>();
  const count = (expr: Expr<Leaf>): void => {
    const before = uses.get(expr) ?? 0;
    uses.set(expr, before + 1);
    if (before === 0 && isApply(expr)) expr.args.forEach(count);
  };
  count(root);
  const texts = new Map<Expr<Leaf>, string>();
  const print = (expr: Expr<Leaf>): string => {
    const known = texts.get(expr);
    if (known !== undefined) return known;
    let text: string;
    if (isConstant(expr))
      text = Object.is(expr.value, -0) ? "(-0)" : expr.value < 0 ? `(${expr.value})` : `${expr.value}`;
    else if (isApply(expr)) {
      text = scalars[expr.op](...expr.args.map(print));
      if (uses.get(expr)! > 1) text = bind(text);
    } else text = leaf(expr as Leaf);
    texts.set(expr, text);
    return text;
  };
  return print(root);
}
