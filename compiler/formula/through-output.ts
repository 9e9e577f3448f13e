// A derivative written in terms of the formula's own output where that is cheaper: tanh' = 1 - out². What the backward
// pass reads is then often only the output, which is kept anyway, and the operand's memory is free.
//
// Facts are collected from the formula ("this sub-expression is the output divided by 1.05"), and the derivative is
// rebuilt with them.

import { memo } from "../../src/graph/memo.js";
import {
  formulaAlgebra,
  costOf,
  leavesOf,
  type Algebra,
  type RecordScalar,
  type ScalarFiring,
} from "../../src/scalar/algebra.js";
import {
  argument,
  isApply,
  isConstant,
  type Argument,
  type Scalar,
  type ScalarOp,
} from "../../src/scalar/expression.js";
import { knownSlope } from "../../src/scalar/forms.js";
import { under } from "../../src/scalar/patterns.js";
import { derivative, formed } from "./derivative.js";

export interface ThroughOutput {
  /** Over the operands, and where `usesOutput` over the output as one more argument after them. */
  readonly scalar: Scalar;
  readonly usesOutput: boolean;
}

/** What sub-expressions of the formula are, in terms of its output. */
interface Facts {
  readonly values: Map<Scalar, Scalar>;
  /** Facts that hold where a condition does, and where it does not. */
  readonly branches: Map<Scalar, readonly [whereTrue: Facts, whereFalse: Facts]>;
}

/** Of a formula, by operand and number of operands. */
const derivativesOf = memo<Scalar, Map<string, ThroughOutput | null>>(() => new Map());

/** The derivative with respect to the operand at `index` of a formula with `operands` operands; null: structurally zero. */
export function derivativeThroughOutput(scalar: Scalar, index: number, operands: number): ThroughOutput | null {
  const byOperand = derivativesOf(scalar);
  const key = `${index} of ${operands}`;
  let result = byOperand.get(key);
  if (result === undefined) byOperand.set(key, (result = cheaper(scalar, derivative(scalar, index), operands)));
  return result;
}

/** How such a derivative is formed: the laws of scalars that are used on the way, in order. */
export function stepsThroughOutput(scalar: Scalar, index: number, operands: number): ScalarFiring<Argument>[] {
  const steps: ScalarFiring<Argument>[] = [];
  const record = (firing: ScalarFiring<Argument>): void => void steps.push(firing);
  cheaper(scalar, formed(scalar, index, record), operands, record);
  return steps;
}

function cheaper(
  scalar: Scalar,
  plain: Scalar | null,
  operands: number,
  record?: RecordScalar<Argument>,
): ThroughOutput | null {
  if (plain === null) return null;
  const make = formulaAlgebra(record);
  const output = make.leaf(argument(operands));
  const facts = noFacts();
  learn(make.simplify(scalar), output, output, facts, make);
  const through = apply(make.simplify(plain), facts, make);
  return isCheaper(through, plain, operands)
    ? { scalar: through, usesOutput: true }
    : { scalar: plain, usesOutput: false };
}

const TRANSCENDENTAL = 20;

/** Fewer transcendental instructions; or no dearer, and it reads nothing but the output. */
function isCheaper(through: Scalar, plain: Scalar, output: number): boolean {
  const read = leavesOf([through]);
  if (!read.some((leaf) => leaf.index === output)) return false;
  const [after, before] = [costOf([through], TRANSCENDENTAL), costOf([plain], TRANSCENDENTAL)];
  return after < before || (after === before && read.length === 1 && costOf([through], 0) <= costOf([plain], 0));
}

const noFacts = (): Facts => ({ values: new Map(), branches: new Map() });

/**
 * `expr` has the value `value`; and it is positive exactly where `sign` is. Learns what follows for its parts, as far as
 * that loses no accuracy.
 */
function learn(expr: Scalar, value: Scalar, sign: Scalar, facts: Facts, make: Algebra<Argument>): void {
  if (isConstant(expr)) return;
  facts.values.set(expr, value);
  if (!isApply(expr)) return;
  const [a, b] = expr.args;
  if (expr.op === "neg") return learn(a!, make.make("neg", value), make.make("neg", value), facts, make);
  if (expr.op === "mul" && isConstant(a!) && Math.abs(a.value) > 1e-3 && Math.abs(a.value) < 1e3) {
    const part = make.make("mul", make.constant(1 / a.value), value);
    learn(b!, part, a.value >= 1 ? sign : part, facts, make);
    // c * exp(u) = c * expm1(u) + c
    const power = under(b!, "expm1")?.[0];
    if (power) facts.values.set(make.make("mul", a, make.make("exp", power)), make.make("add", value, a));
  }
  const power = under(expr, "expm1")?.[0];
  if (power) facts.values.set(make.make("exp", power), make.make("add", value, make.constant(1)));
  // sigmoid(x) = 1 - exp(-softplus(x))
  const whole = knownSlope(expr);
  if (whole && expr.op === "add") {
    const slope = make.make("neg", make.make("expm1", make.make("neg", value)));
    facts.values.set(make.make("sigmoid", whole.of), slope);
  }
  if (expr.op === "select") learnSelect(expr.args, value, sign, facts, make);
}

/** where(x > 0, x, n) with n <= 0 is positive exactly where x is: relu, leaky relu, elu. */
function learnSelect(
  args: readonly Scalar[],
  value: Scalar,
  sign: Scalar,
  facts: Facts,
  make: Algebra<Argument>,
): void {
  const [condition, then, otherwise] = [args[0]!, args[1]!, args[2]!];
  const compared = under(condition, "gt");
  if (!compared || !isConstant(compared[1]!) || compared[1].value !== 0) return;
  const x = compared[0]!;
  if (!isPositiveLike(then, x) || !isNotPositive(otherwise, x)) return;
  const [whereTrue, whereFalse] = [noFacts(), noFacts()];
  learn(then, value, sign, whereTrue, make);
  learn(otherwise, value, sign, whereFalse, make);
  facts.values.set(condition, make.make("gt", sign, make.constant(0)));
  facts.branches.set(condition, [whereTrue, whereFalse]);
}

/** Positive where x is, without underflow: x, or c * x with c >= 1. */
function isPositiveLike(expr: Scalar, x: Scalar): boolean {
  if (expr === x) return true;
  const product = under(expr, "mul");
  return product !== undefined && isConstant(product[0]!) && product[0].value >= 1 && product[1] === x;
}

const ODD: ReadonlySet<ScalarOp> = new Set<ScalarOp>(["expm1", "tanh", "erf", "sign", "floor"]);

/** At most zero where x is. */
function isNotPositive(expr: Scalar, x: Scalar): boolean {
  if (expr === x) return true;
  if (isConstant(expr)) return expr.value <= 0;
  if (!isApply(expr)) return false;
  const [a, b] = expr.args;
  if (expr.op === "mul") return isConstant(a!) && a.value >= 0 && isNotPositive(b!, x);
  if (expr.op === "min") return isNotPositive(a!, x) || isNotPositive(b!, x);
  return ODD.has(expr.op) && isNotPositive(a!, x);
}

/** Rebuilds an expression with the facts put in. */
function apply(root: Scalar, facts: Facts, make: Algebra<Argument>): Scalar {
  const rewritten = new Map<Scalar, Scalar>();

  function visit(expr: Scalar): Scalar {
    let result = rewritten.get(expr);
    if (result === undefined) rewritten.set(expr, (result = fresh(expr)));
    return result;
  }

  function fresh(expr: Scalar): Scalar {
    const value = facts.values.get(expr);
    if (value !== undefined) return value;
    if (!isApply(expr)) return expr;
    const branches = expr.op === "select" ? facts.branches.get(expr.args[0]!) : undefined;
    if (!branches) return make.apply(expr.op, expr.args.map(visit));
    const [whereTrue, whereFalse] = branches.map((own) => joined(facts, own));
    return make.make(
      "select",
      visit(expr.args[0]!),
      apply(expr.args[1]!, whereTrue!, make),
      apply(expr.args[2]!, whereFalse!, make),
    );
  }

  return visit(root);
}

const joined = (a: Facts, b: Facts): Facts => ({
  values: new Map([...a.values, ...b.values]),
  branches: new Map([...a.branches, ...b.branches]),
});
