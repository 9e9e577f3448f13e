// Common sub-expressions: equal expressions become one object, so that equality is identity.

import { applyScalar, constant, isApply, isConstant, type Expr, type ScalarOp } from "./expression.js";
import { instructionOf, type AnyLeaf } from "./instructions.js";

/** Two leaves are the same leaf when their keys are the same value (`Map` equality). */
export type LeafKey<Leaf> = (leaf: Leaf) => unknown;

/** Gives for each expression the one object that stands for all equal ones. */
export interface Interner<Leaf> {
  readonly constant: (value: number) => Expr<Leaf>;
  readonly leaf: (leaf: Leaf) => Expr<Leaf>;
  /** The operands must be interned. */
  readonly apply: (op: ScalarOp, args: readonly Expr<Leaf>[]) => Expr<Leaf>;
}

export function interner<Leaf extends AnyLeaf>(leafKey: LeafKey<Leaf>): Interner<Leaf> {
  const constants = new Map<string, Expr<Leaf>>();
  const leaves = new Map<unknown, Expr<Leaf>>();
  const applications = new Map<string, Expr<Leaf>>();
  const ids = new Map<Expr<Leaf>, number>();

  function only<Key>(table: Map<Key, Expr<Leaf>>, key: Key, make: () => Expr<Leaf>): Expr<Leaf> {
    let found = table.get(key);
    if (found === undefined) {
      table.set(key, (found = make()));
      ids.set(found, ids.size);
    }
    return found;
  }

  return {
    constant: (value) => only(constants, Object.is(value, -0) ? "-0" : String(value), () => constant(value)),
    leaf: (leaf) => only(leaves, leafKey(leaf), () => leaf),
    apply(op, args) {
      const key = args.map((arg) => ids.get(arg)!);
      if (instructionOf(op).commutative) key.sort((a, b) => a - b);
      return only(applications, `${op} ${key.join(" ")}`, () => applyScalar<Leaf>(op, ...args));
    },
  };
}

/** Rebuilds an expression bottom-up, each shared part once. */
export function rebuild<Leaf extends AnyLeaf>(
  root: Expr<Leaf>,
  build: Interner<Leaf>,
  memo: Map<Expr<Leaf>, Expr<Leaf>>,
): Expr<Leaf> {
  const seen = memo.get(root);
  if (seen !== undefined) return seen;
  let result: Expr<Leaf>;
  if (isConstant(root)) result = build.constant(root.value);
  else if (!isApply(root)) result = build.leaf(root as Leaf);
  else {
    result = build.apply(
      root.op,
      root.args.map((arg) => rebuild(arg, build, memo)),
    );
  }
  memo.set(root, result);
  return result;
}

/** The same expressions, with every equal sub-expression of any of them being one object. */
export function share<Leaf extends AnyLeaf>(roots: readonly Expr<Leaf>[], leafKey: LeafKey<Leaf>): Expr<Leaf>[] {
  const build = interner(leafKey);
  const memo = new Map<Expr<Leaf>, Expr<Leaf>>();
  return roots.map((root) => rebuild(root, build, memo));
}
