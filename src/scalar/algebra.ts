// Expressions that simplify as they are made: constants fold, the laws of laws.ts apply, equal parts are one object.
//
// Every law keeps the value wherever the original has one (up to rounding and the sign of zero), and never makes a NaN
// or an infinity that was not there. `x * 0`, `x - x` and `x / x` therefore stay.

import {
  forEachPart,
  isApply,
  isConstant,
  type Argument,
  type Expr,
  type Scalar,
  type ScalarOp,
} from "./expression.js";
import { instructionOf, type AnyLeaf } from "./instructions.js";
import { lawsOf, type ScalarLaw } from "./laws.js";
import { interner, rebuild, type Interner, type LeafKey } from "./share.js";

export interface Algebra<Leaf> extends Interner<Leaf> {
  /** `apply` with the operands in a row. */
  readonly make: (op: ScalarOp, ...args: readonly Expr<Leaf>[]) => Expr<Leaf>;
  /** Brings an expression in, simplified. */
  readonly simplify: (root: Expr<Leaf>) => Expr<Leaf>;
}

/** One use of a law inside of an expression. */
export interface ScalarFiring<Leaf> {
  readonly law: ScalarLaw;
  readonly before: Expr<Leaf>;
  readonly after: Expr<Leaf>;
}

export type RecordScalar<Leaf> = (firing: ScalarFiring<Leaf>) => void;

/** An algebra owns the objects it makes: only they may be operands of its `apply`; `simplify` brings others in. */
export function algebra<Leaf extends AnyLeaf>(leafKey: LeafKey<Leaf>, record?: RecordScalar<Leaf>): Algebra<Leaf> {
  const plain = interner(leafKey);
  const memo = new Map<Expr<Leaf>, Expr<Leaf>>();

  function apply(op: ScalarOp, args: readonly Expr<Leaf>[]): Expr<Leaf> {
    if (args.every(isConstant)) {
      const value = instructionOf(op).value(...args.map((arg) => arg.value));
      // A NaN is left as the expression that makes it.
      return Number.isNaN(value) ? plain.apply(op, args) : plain.constant(value);
    }
    for (const law of lawsOf(op)) {
      const result = law.rewrite(args, self);
      if (result === undefined) continue;
      record?.({ law, before: { kind: "apply", op, args }, after: result });
      return result;
    }
    return plain.apply(op, args);
  }

  const self: Algebra<Leaf> = {
    ...plain,
    apply,
    make: (op, ...args) => apply(op, args),
    simplify: (root) => rebuild(root, self, memo),
  };
  return self;
}

const byIndex = (leaf: Argument): number => leaf.index;

/** An algebra for formulas. `record` is told of each use of a law. */
export const formulaAlgebra = (record?: RecordScalar<Argument>): Algebra<Argument> => algebra(byIndex, record);

/** A formula, simplified, with equal parts shared. */
export const simplifyScalar = (scalar: Scalar, record?: RecordScalar<Argument>): Scalar =>
  formulaAlgebra(record).simplify(scalar);

/** The leaves an expression reads, each once, in the order of first use. */
export function leavesOf<Leaf extends AnyLeaf>(roots: readonly Expr<Leaf>[]): Leaf[] {
  const found = new Set<Leaf>();
  forEachPart(roots, (expr) => {
    if (!isConstant(expr) && !isApply(expr)) found.add(expr as Leaf);
  });
  return [...found];
}

/**
 * The cost of evaluating the expressions together, in additions; shared parts count once. Only instructions that cost
 * `least` or more are counted.
 */
export function costOf<Leaf extends AnyLeaf>(roots: readonly Expr<Leaf>[], least: number): number {
  let cost = 0;
  forEachPart(roots, (expr) => {
    const own = isApply(expr) ? instructionOf(expr.op).cost : 0;
    if (own >= least) cost += own;
  });
  return cost;
}
