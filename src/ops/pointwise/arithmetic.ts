// Arithmetic and the elementary functions, element by element.

import type { Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import { callSite, originOf } from "../../graph/origin.js";
import type { DimsOf, Operand, Float32 } from "../../graph/tensor.js";
import { finiteNumber } from "../define.js";
import {
  applyPointwise,
  binary,
  pointwiseRecord,
  unary,
  type Binary,
  type SampleRange,
  type Unary,
} from "./pointwise.js";

const away: readonly (readonly SampleRange[])[] = [[[0.3, 2]], [[-2, -0.3]]];
const positive: readonly (readonly SampleRange[])[] = [[[0.3, 3]]];
const infix = (symbol: string) => (operands: readonly string[]) => operands.join(` ${symbol} `);
const command = (name: string) => (operands: readonly string[]) => `\\${name}\\left(${operands[0]}\\right)`;

/**
 * The sum of two tensors. Shapes are broadcast by NumPy's rule: axes are aligned from the last one, and an axis that
 * is missing or has size 1 stretches.
 * @param a a tensor of any shape, or a number; int32 and bool are converted to float32
 * @param b as a
 * @returns the common shape, float32
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const a = constant([[1], [2]]);
 * const b = constant([10, 20]);
 * const net = network("example", { batch: 1, outputs: { y: add(a, b) } });
 * interpret(net, {}).outputs.y; // [11, 21, 12, 22]
 * ```
 */
export const add: Binary = binary("add", {
  formula: "a + b",
  doc: "The sum of two tensors.",
  commutative: true,
  tex: infix("+"),
});

/**
 * The difference of two tensors. Shapes are broadcast by NumPy's rule.
 * @param a a tensor of any shape, or a number; int32 and bool are converted to float32
 * @param b as a
 * @returns the common shape, float32
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: sub(constant([5, 7]), 2) } });
 * interpret(net, {}).outputs.y; // [3, 5]
 * ```
 *
 */
export const sub: Binary = binary("sub", { formula: "a - b", doc: "The difference of two tensors.", tex: infix("-") });

/**
 * The product of two tensors, element by element. Shapes are broadcast by NumPy's rule. {@link matmul} multiplies
 * matrices.
 * @param a a tensor of any shape, or a number; int32 and bool are converted to float32
 * @param b as a
 * @returns the common shape, float32
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const a = constant([[1, 2], [3, 4]]);
 * const net = network("example", { batch: 1, outputs: { y: mul(a, constant([10, 100])) } });
 * interpret(net, {}).outputs.y; // [10, 200, 30, 400]
 * ```
 */
export const mul: Binary = binary("mul", {
  formula: "a * b",
  doc: "The product of two tensors, element by element.",
  commutative: true,
  tex: infix("\\odot"),
});

/**
 * The quotient of two tensors, element by element. Shapes are broadcast by NumPy's rule. A division by 0 gives an
 * infinity, and 0 / 0 gives NaN (IEEE 754).
 * @param a a tensor of any shape, or a number; int32 and bool are converted to float32
 * @param b as a
 * @returns the common shape, float32
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: div(constant([1, 3, -1]), constant([2, 4, 0])) } });
 * interpret(net, {}).outputs.y; // [0.5, 0.75, -Infinity]
 * ```
 */
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

/**
 * a to the power b. Shapes are broadcast by NumPy's rule. With an exponent that is a number, a may be negative or zero
 * where the power is defined: `pow(x, 2)`. With a tensor as the exponent the gradient needs log(a), so a should be
 * above 0.
 * @param a a tensor of any shape, or a number
 * @param b a tensor, or a finite number
 * @returns the common shape, float32
 * @throws SHAPE_MISMATCH where the shapes do not combine, BAD_ARGUMENT for an exponent that is not finite
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: pow(constant([-2, 3]), 2) } });
 * interpret(net, {}).outputs.y; // [4, 9]
 * ```
 */
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

/**
 * The smaller of two values; equal ones share the gradient. Element by element; shapes are broadcast by NumPy's rule.
 * {@link min} reduces over axes.
 * @param a a tensor of any shape, or a number; int32 and bool are converted to float32
 * @param b as a
 * @returns the common shape, float32
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: minimum(constant([1, 5]), 3) } });
 * interpret(net, {}).outputs.y; // [1, 3]
 * ```
 */
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

/**
 * The larger of two values; equal ones share the gradient. Element by element; shapes are broadcast by NumPy's rule.
 * {@link max} reduces over axes.
 * @param a a tensor of any shape, or a number; int32 and bool are converted to float32
 * @param b as a
 * @returns the common shape, float32
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: maximum(constant([1, 5]), 3) } });
 * interpret(net, {}).outputs.y; // [3, 5]
 * ```
 */
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

/**
 * The value with its sign changed.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: neg(constant([1, -2])) } });
 * interpret(net, {}).outputs.y; // [-1, 2]
 * ```
 */
export const neg: Unary = unary("neg", {
  formula: "-x",
  doc: "The value with its sign changed.",
  tex: ([x]) => `-${x}`,
});

/**
 * e to the power x. It overflows to Infinity above 709.78 in float64, and above 88.72 in float32.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: exp(constant([0, 1])) } });
 * interpret(net, {}).outputs.y; // [1, 2.718]
 * ```
 */
export const exp: Unary = unary("exp", { formula: "exp(x)", doc: "e to the power x.", tex: ([x]) => `e^{${x}}` });

/**
 * exp(x) - 1, exact near 0. There exp(x) itself rounds to 1, and the difference loses its digits.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: expm1(constant([1e-9, 1])) } });
 * interpret(net, {}).outputs.y; // [1e-9, 1.718]
 * ```
 */
export const expm1: Unary = unary("expm1", { formula: "expm1(x)", doc: "exp(x) - 1, exact near 0." });

/**
 * The natural logarithm. -Infinity at 0, NaN below.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: log(constant([1, 10, 0])) } });
 * interpret(net, {}).outputs.y; // [0, 2.303, -Infinity]
 * ```
 */
export const log: Unary = unary("log", {
  formula: "log(x)",
  doc: "The natural logarithm.",
  ranges: positive,
  tex: command("log"),
});

/**
 * log(1 + x), exact near 0. There 1 + x rounds to 1, and its logarithm loses its digits. -Infinity at -1, NaN below.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: log1p(constant([1e-9, 1])) } });
 * interpret(net, {}).outputs.y; // [1e-9, 0.6931]
 * ```
 */
export const log1p: Unary = unary("log1p", {
  formula: "log1p(x)",
  doc: "log(1 + x), exact near 0.",
  ranges: [[[-0.6, 2]]],
});

/**
 * The square root. NaN below 0; its gradient at 0 is infinite.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: sqrt(constant([4, 2])) } });
 * interpret(net, {}).outputs.y; // [2, 1.414]
 * ```
 */
export const sqrt: Unary = unary("sqrt", {
  formula: "sqrt(x)",
  doc: "The square root.",
  ranges: positive,
  tex: ([x]) => `\\sqrt{${x}}`,
});

/**
 * One over the square root. Infinity at 0, NaN below.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: rsqrt(constant([4, 2])) } });
 * interpret(net, {}).outputs.y; // [0.5, 0.7071]
 * ```
 */
export const rsqrt: Unary = unary("rsqrt", {
  formula: "rsqrt(x)",
  doc: "One over the square root.",
  ranges: positive,
});

/**
 * One over x. Infinity at 0.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: reciprocal(constant([4, -0.5])) } });
 * interpret(net, {}).outputs.y; // [0.25, -2]
 * ```
 */
export const reciprocal: Unary = unary("reciprocal", { formula: "reciprocal(x)", doc: "One over x.", ranges: away });

/**
 * x times x.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: square(constant([3, -4])) } });
 * interpret(net, {}).outputs.y; // [9, 16]
 * ```
 */
export const square: Unary = unary("square", { formula: "square(x)", doc: "x times x.", tex: ([x]) => `${x}^{2}` });

/**
 * The magnitude; its gradient at 0 is 0.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: abs(constant([-2, 0, 3])) } });
 * interpret(net, {}).outputs.y; // [2, 0, 3]
 * ```
 */
export const abs: Unary = unary("abs", {
  formula: "abs(x)",
  doc: "The magnitude; its gradient at 0 is 0.",
  ranges: away,
  tex: ([x]) => `\\left|${x}\\right|`,
});

/**
 * -1, 0 or 1. No gradient passes.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: sign(constant([-2, 0, 3])) } });
 * interpret(net, {}).outputs.y; // [-1, 0, 1]
 * ```
 */
export const sign: Unary = unary("sign", {
  formula: "sign(x)",
  doc: "-1, 0 or 1. No gradient passes.",
  ranges: away,
  differentiable: false,
});

/**
 * The largest integer that is not above x. No gradient passes.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32: {@link cast} makes int32 of it
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: floor(constant([1.7, -1.2])) } });
 * interpret(net, {}).outputs.y; // [1, -2]
 * ```
 */
export const floor: Unary = unary("floor", {
  formula: "floor(x)",
  doc: "The largest integer that is not above x. No gradient passes.",
  ranges: [[[0.2, 0.8]], [[-1.8, -1.2]]],
  differentiable: false,
});

/**
 * The smallest integer that is not below x. No gradient passes.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32: {@link cast} makes int32 of it
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: ceil(constant([1.2, -1.7])) } });
 * interpret(net, {}).outputs.y; // [2, -1]
 * ```
 */
export const ceil: Unary = unary("ceil", {
  formula: "ceil(x)",
  doc: "The smallest integer that is not below x. No gradient passes.",
  ranges: [[[0.2, 0.8]], [[-1.8, -1.2]]],
  differentiable: false,
});

/**
 * The nearest integer, halves to even (NumPy, IEEE 754). No gradient passes. {@link straightThrough} gives it one.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32: {@link cast} makes int32 of it
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: round(constant([0.5, 1.5, -1.7])) } });
 * interpret(net, {}).outputs.y; // [0, 2, -2]
 * ```
 */
export const round: Unary = unary("round", {
  formula: "round(x)",
  doc: "The nearest integer, halves to even (NumPy, IEEE 754). No gradient passes.",
  ranges: [[[0.6, 1.4]], [[-2.4, -1.6]]],
  differentiable: false,
});

/**
 * The sine of x in radians.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: sin(constant([0, Math.PI / 2])) } });
 * interpret(net, {}).outputs.y; // [0, 1]
 * ```
 */
export const sin: Unary = unary("sin", { formula: "sin(x)", doc: "The sine of x in radians.", tex: command("sin") });

/**
 * The cosine of x in radians.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: cos(constant([0, Math.PI])) } });
 * interpret(net, {}).outputs.y; // [1, -1]
 * ```
 */
export const cos: Unary = unary("cos", { formula: "cos(x)", doc: "The cosine of x in radians.", tex: command("cos") });

/**
 * The hyperbolic tangent. From -1 to 1.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: tanh(constant([-1, 0, 20])) } });
 * interpret(net, {}).outputs.y; // [-0.7616, 0, 1]
 * ```
 */
export const tanh: Unary = unary("tanh", { formula: "tanh(x)", doc: "The hyperbolic tangent.", tex: command("tanh") });

/**
 * 1 / (1 + exp(-x)), without overflow. From 0 to 1: the probability whose logit is x.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: sigmoid(constant([-1000, 0, 2])) } });
 * interpret(net, {}).outputs.y; // [0, 0.5, 0.8808]
 * ```
 */
export const sigmoid: Unary = unary("sigmoid", {
  formula: "sigmoid(x)",
  doc: "1 / (1 + exp(-x)), without overflow.",
  tex: ([x]) => `\\sigma\\left(${x}\\right)`,
});

/**
 * The error function. erf(x) = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x; from -1 to 1.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: erf(constant([0, 0.5, 3])) } });
 * interpret(net, {}).outputs.y; // [0, 0.5205, 1]
 * ```
 */
export const erf: Unary = unary("erf", { formula: "erf(x)", doc: "The error function." });
