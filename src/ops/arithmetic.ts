// Arithmetic and the elementary functions, element by element.

import type { Node } from "../graph/node.js";
import type { OpDef } from "../graph/op.js";
import { callSite, originOf } from "../graph/origin.js";
import type { DimsOf, Operand, Float32 } from "../graph/tensor.js";
import { finiteNumber } from "./define.js";
import { applyPointwise, binary, pointwiseRecord, unary, type Binary, type Range, type Unary } from "./pointwise.js";

const away: readonly (readonly Range[])[] = [[[0.3, 2]], [[-2, -0.3]]];
const positive: readonly (readonly Range[])[] = [[[0.3, 3]]];
const infix = (symbol: string) => (operands: readonly string[]) => operands.join(` ${symbol} `);
const command = (name: string) => (operands: readonly string[]) => `\\${name}\\left(${operands[0]}\\right)`;

export const add: Binary = binary("add", {
  formula: "a + b",
  doc: "The sum of two tensors.",
  commutative: true,
  tex: infix("+"),
});

export const sub: Binary = binary("sub", { formula: "a - b", doc: "The difference of two tensors.", tex: infix("-") });

export const mul: Binary = binary("mul", {
  formula: "a * b",
  doc: "The product of two tensors, element by element.",
  commutative: true,
  tex: infix("\\odot"),
});

export const div: Binary = binary("div", {
  formula: "a / b",
  doc: "The quotient of two tensors, element by element.",
  tex: ([a, b]) => `\\frac{${a}}{${b}}`,
  ranges: [
    [
      [-2, 2],
      [0.5, 2],
    ],
    [
      [-2, 2],
      [-2, -0.5],
    ],
  ],
});

const powRecord: Binary = binary("pow", {
  formula: "a ^ b",
  doc: "a to the power b.",
  tex: ([a, b]) => `${a}^{${b}}`,
  ranges: [
    [
      [0.3, 2],
      [-2, 2],
    ],
  ],
});

/** A fixed exponent is known to the derivative, so that x may be negative or zero where the power is defined. */
export const powerDef: OpDef = pointwiseRecord("power", {
  formula: "x ^ exponent",
  doc: "x to a fixed power.",
  ranges: [[[0.3, 2]], [[0.3, 2]], [[-2, -0.3]]],
  attrs: [{ exponent: 2 }, { exponent: 3 }, { exponent: -1 }],
});

export interface Power extends Binary {
  <X extends Operand>(x: X, exponent: number): Float32<DimsOf<X>>;
}

/** a to the power b, with broadcasting. */
export const pow: Power = Object.freeze(
  Object.assign(
    (a: Operand, b: Operand): Node => {
      const origin = originOf(callSite("pow"));
      if (typeof b !== "number") return applyPointwise(powRecord.def, origin, [a, b], {});
      return applyPointwise(powerDef, origin, [a], { exponent: finiteNumber("pow", "the exponent", b, origin) });
    },
    { def: powRecord.def, at: powRecord.at },
  ),
) as unknown as Power;

export const minimum: Binary = binary("minimum", {
  formula: "min(a, b)",
  doc: "The smaller of two values; equal ones share the gradient.",
  commutative: true,
  ranges: [
    [
      [-2, -0.2],
      [0.2, 2],
    ],
    [
      [0.2, 2],
      [-2, -0.2],
    ],
  ],
});

export const maximum: Binary = binary("maximum", {
  formula: "max(a, b)",
  doc: "The larger of two values; equal ones share the gradient.",
  commutative: true,
  ranges: [
    [
      [-2, -0.2],
      [0.2, 2],
    ],
    [
      [0.2, 2],
      [-2, -0.2],
    ],
  ],
});

export const neg: Unary = unary("neg", {
  formula: "-x",
  doc: "The value with its sign changed.",
  tex: ([x]) => `-${x}`,
});

export const exp: Unary = unary("exp", { formula: "exp(x)", doc: "e to the power x.", tex: ([x]) => `e^{${x}}` });

export const expm1: Unary = unary("expm1", { formula: "expm1(x)", doc: "exp(x) - 1, exact near 0." });

export const log: Unary = unary("log", {
  formula: "log(x)",
  doc: "The natural logarithm.",
  ranges: positive,
  tex: command("log"),
});

export const log1p: Unary = unary("log1p", {
  formula: "log1p(x)",
  doc: "log(1 + x), exact near 0.",
  ranges: [[[-0.6, 2]]],
});

export const sqrt: Unary = unary("sqrt", {
  formula: "sqrt(x)",
  doc: "The square root.",
  ranges: positive,
  tex: ([x]) => `\\sqrt{${x}}`,
});

export const rsqrt: Unary = unary("rsqrt", {
  formula: "rsqrt(x)",
  doc: "One over the square root.",
  ranges: positive,
});

export const reciprocal: Unary = unary("reciprocal", { formula: "reciprocal(x)", doc: "One over x.", ranges: away });

export const square: Unary = unary("square", { formula: "square(x)", doc: "x times x.", tex: ([x]) => `${x}^{2}` });

export const abs: Unary = unary("abs", {
  formula: "abs(x)",
  doc: "The magnitude; its gradient at 0 is 0.",
  ranges: away,
  tex: ([x]) => `\\left|${x}\\right|`,
});

export const sign: Unary = unary("sign", {
  formula: "sign(x)",
  doc: "-1, 0 or 1. No gradient passes.",
  ranges: away,
  differentiable: false,
});

export const floor: Unary = unary("floor", {
  formula: "floor(x)",
  doc: "The largest integer that is not above x. No gradient passes.",
  ranges: [[[0.2, 0.8]], [[-1.8, -1.2]]],
  differentiable: false,
});

export const ceil: Unary = unary("ceil", {
  formula: "ceil(x)",
  doc: "The smallest integer that is not below x. No gradient passes.",
  ranges: [[[0.2, 0.8]], [[-1.8, -1.2]]],
  differentiable: false,
});

export const round: Unary = unary("round", {
  formula: "round(x)",
  doc: "The nearest integer, halves to even (NumPy, IEEE 754). No gradient passes.",
  ranges: [[[0.6, 1.4]], [[-2.4, -1.6]]],
  differentiable: false,
});

export const sin: Unary = unary("sin", { formula: "sin(x)", doc: "The sine of x in radians.", tex: command("sin") });

export const cos: Unary = unary("cos", { formula: "cos(x)", doc: "The cosine of x in radians.", tex: command("cos") });

export const tanh: Unary = unary("tanh", { formula: "tanh(x)", doc: "The hyperbolic tangent.", tex: command("tanh") });

export const sigmoid: Unary = unary("sigmoid", {
  formula: "sigmoid(x)",
  doc: "1 / (1 + exp(-x)), without overflow.",
  tex: ([x]) => `\\sigma\\left(${x}\\right)`,
});

export const erf: Unary = unary("erf", { formula: "erf(x)", doc: "The error function." });
