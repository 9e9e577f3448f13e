// The derivative of a formula with respect to one operand: the chain rule over the expression, forwards, with the slopes
// from the instruction table, simplified as it is made.
//
// Structural zeros and conditions are carried through products (`Slope`): where a branch is not selected, or a factor is
// structurally zero, the other factors are not evaluated, so their infinities and NaNs do not leak.

import { memo } from "../../src/graph/memo.js";
import { formulaAlgebra, simplifyScalar, type Algebra, type RecordScalar } from "../../src/scalar/algebra.js";
import { isApply, isConstant, type Argument, type Scalar } from "../../src/scalar/expression.js";
import { knownSlope } from "../../src/scalar/forms.js";
import { instructionOf, type Slope } from "../../src/scalar/instructions.js";

type Tangent = Slope<Argument>;

/** Of a formula, by operand. */
const derivativesOf = memo<Scalar, Map<number, Scalar | null>>(() => new Map());

/** The derivative of `scalar` with respect to the operand at `index`; null when it is structurally zero. */
export function derivative(scalar: Scalar, index: number): Scalar | null {
  const byIndex = derivativesOf(scalar);
  let result = byIndex.get(index);
  if (result === undefined) byIndex.set(index, (result = formed(scalar, index)));
  return result;
}

/** The same, formed anew: `record` is told of each law of scalars that is used on the way. */
export function formed(scalar: Scalar, index: number, record?: RecordScalar<Argument>): Scalar | null {
  const make = formulaAlgebra(record);
  const tangent = tangentOf(make.simplify(scalar), index, make);
  // Once more from the leaves: what was made on the way may have left laws untried, and unused parts behind.
  const result = tangent === null ? null : simplifyScalar(lowered(tangent, make), record);
  return result !== null && isConstant(result) && result.value === 0 ? null : result;
}

function tangentOf(root: Scalar, index: number, make: Algebra<Argument>): Tangent {
  const tangents = new Map<Scalar, Tangent>();

  function visit(expr: Scalar): Tangent {
    let tangent = tangents.get(expr);
    if (tangent === undefined) tangents.set(expr, (tangent = fresh(expr)));
    return tangent;
  }

  function fresh(expr: Scalar): Tangent {
    if (isConstant(expr)) return null;
    if (!isApply(expr)) return expr.index === index ? make.constant(1) : null;
    const whole = knownSlope(expr);
    if (whole) return times(whole.slope(make), visit(whole.of), make);
    const inner = expr.args.map(visit);
    if (inner.every((tangent) => tangent === null)) return null;
    const slopes = instructionOf(expr.op).derivative(expr.args, expr);
    return slopes.reduce<Tangent>(
      (sum, slope, i) => plus(sum, times(inSlope(slope, make), inner[i]!, make), make),
      null,
    );
  }

  return visit(root);
}

/** Brings a slope from the table into the algebra. */
function inSlope(slope: Tangent, make: Algebra<Argument>): Tangent {
  if (slope === null) return null;
  if (slope.kind !== "pieces") return make.simplify(slope);
  return pieces(make.simplify(slope.when), inSlope(slope.yes, make), inSlope(slope.no, make));
}

function pieces(when: Scalar, yes: Tangent, no: Tangent): Tangent {
  if (isConstant(when)) return when.value === 0 ? no : yes;
  return yes === no ? yes : { kind: "pieces", when, yes, no };
}

const hasZero = (t: Tangent): boolean => t === null || (t.kind === "pieces" && (hasZero(t.yes) || hasZero(t.no)));

/** A product. It moves inside conditions as far as zeros need it to. */
function times(slope: Tangent, tangent: Tangent, make: Algebra<Argument>): Tangent {
  if (slope === null || tangent === null) return null;
  if (slope.kind === "pieces" && hasZero(slope)) {
    return pieces(slope.when, times(slope.yes, tangent, make), times(slope.no, tangent, make));
  }
  if (tangent.kind === "pieces" && hasZero(tangent)) {
    return pieces(tangent.when, times(slope, tangent.yes, make), times(slope, tangent.no, make));
  }
  return make.make("mul", lowered(slope, make), lowered(tangent, make));
}

function plus(a: Tangent, b: Tangent, make: Algebra<Argument>): Tangent {
  if (a === null || b === null) return a ?? b;
  if (a.kind === "pieces" && b.kind === "pieces" && a.when === b.when) {
    return pieces(a.when, plus(a.yes, b.yes, make), plus(a.no, b.no, make));
  }
  return make.make("add", lowered(a, make), lowered(b, make));
}

function lowered(tangent: Tangent, make: Algebra<Argument>): Scalar {
  if (tangent === null) return make.constant(0);
  if (tangent.kind !== "pieces") return tangent;
  return make.make("select", tangent.when, lowered(tangent.yes, make), lowered(tangent.no, make));
}
