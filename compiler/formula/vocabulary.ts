// The words of the formula language, in Maps: constants, functions, operators. Functions are the instructions that are
// written as calls, and the forms of src/scalar/forms.ts.

import type { Scalar, ScalarOp, ScalarType, Argument } from "../../src/scalar/expression.js";
import { forms, type Form } from "../../src/scalar/forms.js";
import { instructionOf, instructions } from "../../src/scalar/instructions.js";
import type { Make } from "../../src/scalar/patterns.js";

export interface Callable {
  /** The last one repeats. */
  readonly operands: readonly (ScalarType | "any")[];
  readonly least: number;
  readonly most: number;
  /** "branches": what its second and third operand are. */
  readonly result: ScalarType | "branches";
  readonly build: (make: Make<Argument>, args: readonly Scalar[]) => Scalar;
}

function instruction(op: ScalarOp): Callable {
  const { operands, arity, result } = instructionOf(op);
  return { operands, least: arity, most: arity, result, build: (make, args) => make.apply(op, args) };
}

/** Any number of operands, combined from the left. */
const repeated = (op: ScalarOp): Callable => ({
  ...instruction(op),
  most: 100,
  build: (make, args) => args.reduce((left, right) => make.apply(op, [left, right])),
});

const form = ({ operands, build }: Form): Callable => ({
  operands: ["float"],
  least: operands.length,
  most: operands.length,
  result: "float",
  build: (make, args) => build(make, ...args),
});

const ops = Object.keys(instructions) as ScalarOp[];

export const constants: ReadonlyMap<string, number> = new Map([
  ["pi", Math.PI],
  ["e", Math.E],
]);

export const functions: ReadonlyMap<string, Callable> = new Map([
  ...ops.flatMap((op): [string, Callable][] => {
    const { notation } = instructionOf(op);
    return notation.kind === "call" && op !== "not" ? [[notation.name, instruction(op)]] : [];
  }),
  ["pow", instruction("pow")],
  ["min", repeated("min")],
  ["max", repeated("max")],
  ["where", { ...instruction("select"), operands: ["bool", "any"], result: "branches" }],
  ...Object.entries(forms).map(([name, each]): [string, Callable] => [name, form(each)]),
]);

/** Operators with two operands, by symbol. */
export const operators: ReadonlyMap<string, Callable> = new Map(
  ops.flatMap((op): [string, Callable][] => {
    const { notation } = instructionOf(op);
    return notation.kind === "infix" ? [[notation.symbol, instruction(op)]] : [];
  }),
);

export const unaryOperators: ReadonlyMap<string, Callable> = new Map([
  ["-", instruction("neg")],
  ["+", { ...instruction("neg"), build: (_, [x]) => x! }],
  ["not", instruction("not")],
]);
