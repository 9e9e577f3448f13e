// Activations, each a formula in its stable form.

import * as is from "../call/checks.js";
import type { OpDef } from "../../graph/op.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import type { DimsOf, Operand, Float32, Tensor } from "../../graph/tensor.js";
import { badArgument } from "../../messages.js";
import { callable, finiteNumber } from "../define.js";
import { callOrigin } from "../call/options.js";
import { applyPointwise, pointwiseRecord, unary, type SampleRange, type Unary } from "./pointwise.js";

const away: readonly (readonly SampleRange[])[] = [[[0.3, 2]], [[-2, -0.3]]];

/**
 * x where positive, else 0; its gradient at 0 is 0.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: relu(constant([-1, 0, 2])) } });
 * interpret(net, {}).outputs.y; // [0, 0, 2]
 * ```
 */
export const relu: Unary = unary("relu", {
  formula: "relu(x)",
  doc: "x where positive, else 0; its gradient at 0 is 0.",
  ranges: away,
  increasing: true,
});

/**
 * The self-normalising activation of Klambauer et al. (2017), arXiv:1706.02515.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: selu(constant([-1, 0, 2])) } });
 * interpret(net, {}).outputs.y; // [-1.111, 0, 2.101]
 * ```
 */
export const selu: Unary = unary("selu", {
  formula: "1.0507009873554805 * where(x > 0, x, 1.6732632423543772 * expm1(x))",
  doc: "The self-normalising activation of Klambauer et al. (2017), arXiv:1706.02515.",
  ranges: away,
});

/**
 * x times sigmoid(x), also called swish. Ramachandran et al. (2017), arXiv:1710.05941.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: silu(constant([-1, 0, 2])) } });
 * interpret(net, {}).outputs.y; // [-0.2689, 0, 1.762]
 * ```
 */
export const silu: Unary = unary("silu", { formula: "x * sigmoid(x)", doc: "x times sigmoid(x), also called swish." });

/**
 * log(1 + exp(x)), without overflow. A smooth {@link relu}; its gradient is {@link sigmoid}.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: softplus(constant([-1, 0, 1000])) } });
 * interpret(net, {}).outputs.y; // [0.3133, 0.6931, 1000]
 * ```
 */
export const softplus: Unary = unary("softplus", {
  formula: "softplus(x)",
  doc: "log(1 + exp(x)), without overflow.",
});

/**
 * x times tanh(softplus(x)); Misra (2019), arXiv:1908.08681.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: mish(constant([-1, 0, 2])) } });
 * interpret(net, {}).outputs.y; // [-0.3034, 0, 1.944]
 * ```
 */
export const mish: Unary = unary("mish", {
  formula: "x * tanh(softplus(x))",
  doc: "x times tanh(softplus(x)); Misra (2019), arXiv:1908.08681.",
});

/**
 * The logarithm of sigmoid(x), without underflow. It is -softplus(-x), and not -Infinity where sigmoid(x) rounds to 0.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: logSigmoid(constant([-1000, 0, 2])) } });
 * interpret(net, {}).outputs.y; // [-1000, -0.6931, -0.1269]
 * ```
 */
export const logSigmoid: Unary = unary("logSigmoid", {
  formula: "logSigmoid(x)",
  doc: "The logarithm of sigmoid(x), without underflow.",
});

/**
 * x over 1 plus its magnitude. From -1 to 1.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: softsign(constant([-1, 0, 3])) } });
 * interpret(net, {}).outputs.y; // [-0.5, 0, 0.75]
 * ```
 */
export const softsign: Unary = unary("softsign", {
  formula: "x / (1 + abs(x))",
  doc: "x over 1 plus its magnitude.",
  ranges: away,
});

/**
 * A piecewise linear sigmoid: x/6 + 1/2 kept within 0 and 1 (PyTorch's and Keras 3's convention).
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: hardSigmoid(constant([-4, 0, 1.5])) } });
 * interpret(net, {}).outputs.y; // [0, 0.5, 0.75]
 * ```
 */
export const hardSigmoid: Unary = unary("hardSigmoid", {
  formula: "min(max(x / 6 + 0.5, 0), 1)",
  increasing: true,
  doc: "A piecewise linear sigmoid: x/6 + 1/2 kept within 0 and 1 (PyTorch's and Keras 3's convention).",
  ranges: [[[-2.5, 2.5]], [[-6, -3.3]], [[3.3, 6]]],
});

/** A float function of one tensor and numeric attributes. */
function shaped<X extends Operand>(
  def: OpDef,
  origin: Origin,
  x: X,
  attrs: Readonly<Record<string, number>>,
): Float32<DimsOf<X>> {
  for (const [name, value] of Object.entries(attrs)) finiteNumber(def.name, name, value, origin);
  return applyPointwise(def, origin, [x], attrs) as Tensor<DimsOf<X>, "float32">;
}

export const leakyReluDef: OpDef = pointwiseRecord("leakyRelu", {
  formula: "where(x > 0, x, slope * x)",
  doc: "x where positive, else a small slope times x.",
  ranges: away,
  attrs: [{ slope: 0.01 }, { slope: 0.3 }],
});

/**
 * x where positive, else a small slope times x.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @param slope a finite number; 0.01 unless stated, as in PyTorch (Keras has 0.3)
 * @returns x's shape, float32
 * @throws BAD_ARGUMENT for a slope that is not finite
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: leakyRelu(constant([-1, 0, 2]), 0.1) } });
 * interpret(net, {}).outputs.y; // [-0.1, 0, 2]
 * ```
 */
export const leakyRelu = callable(leakyReluDef, <X extends Operand>(x: X, slope: number = 0.01): Float32<DimsOf<X>> =>
  shaped(leakyReluDef, originOf(callSite("leakyRelu")), x, { slope }),
);

export const eluDef: OpDef = pointwiseRecord("elu", {
  formula: "where(x > 0, x, alpha * expm1(x))",
  doc: "x where positive, else alpha times exp(x) - 1; Clevert et al. (2015), arXiv:1511.07289.",
  ranges: away,
  attrs: [{ alpha: 1 }, { alpha: 0.5 }],
});

/**
 * x where positive, else alpha times exp(x) - 1; Clevert et al. (2015), arXiv:1511.07289.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @param alpha a finite number; 1 unless stated
 * @returns x's shape, float32
 * @throws BAD_ARGUMENT for an alpha that is not finite
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: elu(constant([-1, 0, 2])) } });
 * interpret(net, {}).outputs.y; // [-0.6321, 0, 2]
 * ```
 */
export const elu = callable(eluDef, <X extends Operand>(x: X, alpha: number = 1): Float32<DimsOf<X>> =>
  shaped(eluDef, originOf(callSite("elu")), x, { alpha }),
);

export const clipDef: OpDef = pointwiseRecord("clip", {
  formula: "clip(x, low, high)",
  doc: "x kept within two bounds; its gradient is 1 on them.",
  ranges: [[[-0.4, 0.9]], [[1.3, 2]], [[-2, -0.8]]],
  attrs: [{ low: -0.5, high: 1 }],
});

/**
 * x kept within two bounds; its gradient is 1 on them. Outside of them it is 0.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @param low a finite number
 * @param high a finite number, at least `low`
 * @returns x's shape, float32
 * @throws BAD_ARGUMENT where `high` is below `low`, or one of them is not finite
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: clip(constant([-3, 0.5, 2]), -1, 1) } });
 * interpret(net, {}).outputs.y; // [-1, 0.5, 1]
 * ```
 */
export const clip = callable(clipDef, <X extends Operand>(x: X, low: number, high: number): Float32<DimsOf<X>> => {
  const origin = originOf(callSite("clip"));
  if (low > high) {
    const { site } = origin;
    throw badArgument({ op: "clip", argument: "high", value: high, expected: `at least low, which is ${low}`, site });
  }
  return shaped(clipDef, origin, x, { low, high });
});

export const geluDef: OpDef = pointwiseRecord("gelu", {
  formula: "0.5 * x * (1 + erf(x * 0.7071067811865476))",
  doc: "x times the normal distribution function at x; Hendrycks and Gimpel (2016), arXiv:1606.08415.",
});

export const geluTanhDef: OpDef = pointwiseRecord("geluTanh", {
  formula: "0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))",
  doc: "gelu with its distribution function approximated through tanh.",
});

/**
 * x times the normal distribution function at x; Hendrycks and Gimpel (2016), arXiv:1606.08415. With `approximate:
 * "tanh"` it is the older closed form of GPT-2: 0.5 x (1 + tanh(0.79788 (x + 0.044715 x^3))).
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @throws BAD_ARGUMENT for another word than "none" and "tanh"
 * @example
 * ```ts
 * const x = constant([-1, 0, 2]);
 * const net = network("example", { batch: 1, outputs: { exact: gelu(x), older: gelu(x, { approximate: "tanh" }) } });
 * interpret(net, {}).outputs; // { exact: [-0.1587, 0, 1.954], older: [-0.1588, 0, 1.955] }
 * ```
 */
export const gelu = callable(
  geluDef,
  <X extends Operand>(
    x: X,
    options: {
      /** "none" unless stated; "tanh": the older closed form. */
      readonly approximate?: "none" | "tanh";
    } = {},
  ): Float32<DimsOf<X>> => {
    const origin = callOrigin("gelu", options, { approximate: is.oneOf("none", "tanh") });
    const { site } = origin;
    const { approximate = "none" } = options;
    if (approximate === "none") return shaped(geluDef, origin, x, {});
    if (approximate === "tanh") return shaped(geluTanhDef, origin, x, {});
    throw badArgument({ op: "gelu", argument: "approximate", value: approximate, expected: '"none" or "tanh"', site });
  },
);
