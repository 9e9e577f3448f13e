// The closed table of scalar instructions: types, value, derivative, cost and notation of each, side by side.
// Evaluators, the derivative of formulas, the printers and the targets all read it; none of them names an instruction
// unless it must.

import { applyScalar, constant, isApply, isConstant, type Expr, type ScalarOp, type ScalarType } from "./expression.js";
import { erf, hash, roundHalfEven, sigmoid, uniform } from "./numeric.js";

/** What every leaf of an expression has. */
export interface AnyLeaf {
  readonly kind: string;
}

/** A slope that depends on a condition. Kept apart from `select`, so that a structural zero stays known as one. */
export interface Pieces<Leaf> {
  readonly kind: "pieces";
  readonly when: Expr<Leaf>;
  readonly yes: Slope<Leaf>;
  readonly no: Slope<Leaf>;
}

/** A partial derivative; null is structurally zero, and stays zero even where its factor is infinite. */
export type Slope<Leaf> = Expr<Leaf> | Pieces<Leaf> | null;

export type Notation =
  | { readonly kind: "infix"; readonly symbol: string; readonly tex: string; readonly precedence: number }
  | { readonly kind: "prefix"; readonly symbol: string; readonly tex: string; readonly precedence: number }
  | { readonly kind: "call"; readonly name: string; readonly tex: string };

export interface Instruction {
  readonly operands: readonly ScalarType[];
  /** `select` gives what its branches are: see `scalarType`. */
  readonly result: ScalarType;
  readonly arity: number;
  /** In float64. Booleans are 0 and 1. `select` is evaluated lazily by whoever evaluates. */
  readonly value: (...args: number[]) => number;
  /** For each operand the partial derivative, in terms of the operands and of the instruction's own output. */
  readonly derivative: <Leaf extends AnyLeaf>(
    args: readonly Expr<Leaf>[],
    output: Expr<Leaf>,
  ) => readonly Slope<Leaf>[];
  /** The operands of a two-operand instruction may be swapped. */
  readonly commutative: boolean;
  /** Roughly, in additions. */
  readonly cost: number;
  readonly notation: Notation;
}

export const PRECEDENCE = { or: 1, and: 2, compare: 3, sum: 4, product: 5, prefix: 5, power: 6, atom: 7 } as const;

type Unary = <Leaf extends AnyLeaf>(x: Expr<Leaf>, output: Expr<Leaf>) => Slope<Leaf>;
type Binary = <Leaf extends AnyLeaf>(a: Expr<Leaf>, b: Expr<Leaf>, output: Expr<Leaf>) => readonly Slope<Leaf>[];

const call = (name: string, tex = `\\operatorname{${name}}`): Notation => ({ kind: "call", name, tex });
const infix = (symbol: string, precedence: number, tex = symbol): Notation => ({
  kind: "infix",
  symbol,
  tex,
  precedence,
});

/** Slope zero everywhere it exists. */
const flat = (): null => null;

function unary(notation: Notation, cost: number, value: (x: number) => number, slope: Unary): Instruction {
  return {
    operands: ["float"],
    result: "float",
    arity: 1,
    value,
    derivative: (args, output) => [slope(args[0]!, output)],
    commutative: false,
    cost,
    notation,
  };
}

function binary(
  notation: Notation,
  cost: number,
  value: (a: number, b: number) => number,
  slopes: Binary,
): Instruction {
  return {
    operands: ["float", "float"],
    result: "float",
    arity: 2,
    value,
    derivative: (args, output) => slopes(args[0]!, args[1]!, output),
    commutative: false,
    cost,
    notation,
  };
}

const commutes = (instruction: Instruction): Instruction => ({ ...instruction, commutative: true });

const compare = (symbol: string, tex: string, holds: (a: number, b: number) => boolean): Instruction => ({
  ...binary(
    infix(symbol, PRECEDENCE.compare, tex),
    1,
    (a, b) => (holds(a, b) ? 1 : 0),
    () => [null, null],
  ),
  result: "bool",
});

const logical = (symbol: "and" | "or", tex: string, value: (a: number, b: number) => number): Instruction => ({
  ...commutes(binary(infix(symbol, PRECEDENCE[symbol], tex), 1, value, () => [null, null])),
  operands: ["bool", "bool"],
  result: "bool",
});

const pieces = <Leaf>(when: Expr<Leaf>, yes: Slope<Leaf>, no: Slope<Leaf>): Pieces<Leaf> => ({
  kind: "pieces",
  when,
  yes,
  no,
});

/** The slopes of max or min: `wins` orders the operands; a tie is shared. */
const extremum =
  (wins: "gt" | "lt", loses: "gt" | "lt"): Binary =>
  (a, b) => [
    pieces(applyScalar(wins, a, b), ONE, pieces(applyScalar(loses, a, b), null, HALF)),
    pieces(applyScalar(wins, a, b), null, pieces(applyScalar(loses, a, b), ONE, HALF)),
  ];

const ONE = constant(1);
const HALF = constant(0.5);
const ZERO = constant(0);
const TWO_OVER_SQRT_PI = constant(2 / Math.sqrt(Math.PI));

const pow: Binary = (x, y, output) => {
  const byExponent = pieces(applyScalar("gt", x, ZERO), applyScalar("mul", output, applyScalar("log", x)), null);
  if (isConstant(y)) return [powerRule(x, y.value, output), byExponent];
  const slope = applyScalar("mul", y, applyScalar("pow", x, applyScalar("sub", y, ONE)));
  return [pieces(applyScalar("ne", y, ZERO), slope, null), byExponent];
};

function powerRule<Leaf extends AnyLeaf>(x: Expr<Leaf>, exponent: number, output: Expr<Leaf>): Slope<Leaf> {
  if (exponent === 0) return null;
  if (exponent === 1) return ONE;
  if (exponent === 2) return applyScalar("mul", constant(2), x);
  if (exponent === 0.5) return applyScalar("div", HALF, output);
  return applyScalar("mul", constant(exponent), applyScalar("pow", x, constant(exponent - 1)));
}

export const instructions = {
  add: commutes(
    binary(
      infix("+", PRECEDENCE.sum),
      1,
      (a, b) => a + b,
      () => [ONE, ONE],
    ),
  ),
  sub: binary(
    infix("-", PRECEDENCE.sum),
    1,
    (a, b) => a - b,
    () => [ONE, constant(-1)],
  ),
  mul: commutes(
    binary(
      infix("*", PRECEDENCE.product, "\\cdot"),
      1,
      (a, b) => a * b,
      (a, b) => [b, a],
    ),
  ),
  div: binary(
    infix("/", PRECEDENCE.product),
    5,
    (a, b) => a / b,
    (a, b, q) => [
      applyScalar("div", ONE, b),
      // The reciprocal's slope needs only the reciprocal.
      applyScalar("neg", isConstant(a) && a.value === 1 ? applyScalar("mul", q, q) : applyScalar("div", q, b)),
    ],
  ),
  neg: unary(
    { kind: "prefix", symbol: "-", tex: "-", precedence: PRECEDENCE.prefix },
    1,
    (x) => -x,
    () => constant(-1),
  ),

  abs: unary(call("abs"), 1, Math.abs, (x) => applyScalar("sign", x)),
  sign: unary(call("sign"), 2, Math.sign, flat),
  floor: unary(call("floor"), 1, Math.floor, flat),
  ceil: unary(call("ceil"), 1, Math.ceil, flat),
  round: unary(call("round"), 1, roundHalfEven, flat),

  sqrt: unary(call("sqrt", "\\sqrt"), 6, Math.sqrt, (_, y) => applyScalar("div", HALF, y)),
  exp: unary(call("exp", "\\exp"), 20, Math.exp, (_, y) => y),
  expm1: unary(call("expm1"), 20, Math.expm1, (_, y) => applyScalar("add", y, ONE)),
  log: unary(call("log", "\\log"), 20, Math.log, (x) => applyScalar("div", ONE, x)),
  log1p: unary(call("log1p"), 20, Math.log1p, (x) => applyScalar("div", ONE, applyScalar("add", ONE, x))),
  sin: unary(call("sin", "\\sin"), 20, Math.sin, (x) => applyScalar("cos", x)),
  cos: unary(call("cos", "\\cos"), 20, Math.cos, (x) => applyScalar("neg", applyScalar("sin", x))),
  tanh: unary(call("tanh", "\\tanh"), 25, Math.tanh, (_, y) => applyScalar("sub", ONE, applyScalar("mul", y, y))),
  sigmoid: unary(call("sigmoid", "\\sigma"), 25, sigmoid, (_, y) => applyScalar("mul", y, applyScalar("sub", ONE, y))),
  erf: unary(call("erf"), 30, erf, (x) =>
    applyScalar("mul", TWO_OVER_SQRT_PI, applyScalar("exp", applyScalar("neg", applyScalar("mul", x, x)))),
  ),
  pow: binary(infix("^", PRECEDENCE.power), 40, Math.pow, pow),

  min: commutes(binary(call("min", "\\min"), 1, Math.min, extremum("lt", "gt"))),
  max: commutes(binary(call("max", "\\max"), 1, Math.max, extremum("gt", "lt"))),

  eq: commutes(compare("==", "=", (a, b) => a === b)),
  ne: commutes(compare("!=", "\\ne", (a, b) => a !== b)),
  lt: compare("<", "<", (a, b) => a < b),
  le: compare("<=", "\\le", (a, b) => a <= b),
  gt: compare(">", ">", (a, b) => a > b),
  ge: compare(">=", "\\ge", (a, b) => a >= b),

  and: logical("and", "\\land", (a, b) => (a !== 0 && b !== 0 ? 1 : 0)),
  or: logical("or", "\\lor", (a, b) => (a !== 0 || b !== 0 ? 1 : 0)),
  not: {
    ...unary(call("not", "\\lnot "), 1, (x) => (x === 0 ? 1 : 0), flat),
    operands: ["bool"],
    result: "bool",
  },
  select: {
    operands: ["bool", "float", "float"],
    result: "float",
    arity: 3,
    value: (c, a, b) => (c !== 0 ? a! : b!),
    derivative: ([c]) => [null, pieces(c!, ONE, null), pieces(c!, null, ONE)],
    commutative: false,
    cost: 1,
    notation: call("where"),
  },

  hash: {
    ...binary(call("hash"), 10, hash, () => [null, null]),
    operands: ["int", "int"],
    result: "int",
  },
  uniform: {
    ...unary(call("uniform"), 2, uniform, flat),
    operands: ["int"],
  },
} satisfies Record<ScalarOp, Instruction>;

/** The row of an instruction, as the general type. */
export const instructionOf = (op: ScalarOp): Instruction => instructions[op];

/** What an expression evaluates to. A `select` is what both its branches are; a constant adapts to the other branch. */
export function scalarType<Leaf extends AnyLeaf>(root: Expr<Leaf>, leaf: (leaf: Leaf) => ScalarType): ScalarType {
  if (isConstant(root)) return "float";
  if (!isApply(root)) return leaf(root as Leaf);
  if (root.op !== "select") return instructionOf(root.op).result;
  const [a, b] = [root.args[1]!, root.args[2]!];
  if (isConstant(a)) return scalarType(b, leaf);
  const first = scalarType(a, leaf);
  return first === "float" || isConstant(b) || scalarType(b, leaf) === first ? first : "float";
}
