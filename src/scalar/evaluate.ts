// Evaluation in float64: an expression becomes nested closures. No code is generated, so it runs under a strict
// content-security policy. Shared sub-expressions are evaluated once; a branch that is not selected, never.

import { isApply, isConstant, type Argument, type Expr, type Scalar } from "./expression.js";
import { instructionOf, type AnyLeaf } from "./instructions.js";

type Evaluate = () => number;

/**
 * A function that evaluates `root`; `leaf` gives for each leaf a function that reads its present value. Booleans are 0
 * and 1.
 */
export function compileExpression<Leaf extends AnyLeaf>(root: Expr<Leaf>, leaf: (leaf: Leaf) => Evaluate): Evaluate {
  const uses = countUses(root);
  const compiled = new Map<Expr<Leaf>, Evaluate>();
  let run = 0;

  function compile(expr: Expr<Leaf>): Evaluate {
    let evaluate = compiled.get(expr);
    if (evaluate === undefined) {
      evaluate = fresh(expr);
      if (isApply(expr) && uses.get(expr)! > 1) evaluate = oncePerRun(evaluate);
      compiled.set(expr, evaluate);
    }
    return evaluate;
  }

  function fresh(expr: Expr<Leaf>): Evaluate {
    if (isConstant(expr)) {
      const { value } = expr;
      return () => value;
    }
    if (!isApply(expr)) return leaf(expr as Leaf);
    const { value } = instructionOf(expr.op);
    const [a, b, c] = expr.args.map(compile);
    if (expr.op === "select") return () => (a!() !== 0 ? b!() : c!());
    if (b === undefined) return () => value(a!());
    return () => value(a!(), b());
  }

  function oncePerRun(evaluate: Evaluate): Evaluate {
    let at = -1;
    let result = 0;
    return () => {
      if (at !== run) {
        result = evaluate();
        at = run;
      }
      return result;
    };
  }

  const evaluate = compile(root);
  return () => {
    run++;
    return evaluate();
  };
}

/** A formula as a function of its operands' values. */
export function compileScalar(scalar: Scalar): (args: readonly number[]) => number {
  let values: readonly number[] = [];
  const evaluate = compileExpression<Argument>(
    scalar,
    ({ index }) =>
      () =>
        values[index]!,
  );
  return (args) => {
    values = args;
    return evaluate();
  };
}

function countUses<Leaf extends AnyLeaf>(root: Expr<Leaf>): Map<Expr<Leaf>, number> {
  const uses = new Map<Expr<Leaf>, number>();
  const walk = (expr: Expr<Leaf>): void => {
    const before = uses.get(expr) ?? 0;
    uses.set(expr, before + 1);
    if (before === 0 && isApply(expr)) expr.args.forEach(walk);
  };
  walk(root);
  return uses;
}
