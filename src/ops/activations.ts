// Activations, each a formula in its stable form.

import * as is from "./checks.js";
import type { OpDef } from "../graph/op.js";
import { callSite, originOf, type Origin } from "../graph/origin.js";
import type { DimsOf, Operand, Float32, Tensor } from "../graph/tensor.js";
import { badArgument } from "../messages.js";
import { callable, finiteNumber } from "./define.js";
import { callOrigin } from "./options.js";
import { applyPointwise, pointwiseRecord, unary, type Range, type Unary } from "./pointwise.js";

const away: readonly (readonly Range[])[] = [[[0.3, 2]], [[-2, -0.3]]];

export const relu: Unary = unary("relu", {
  formula: "relu(x)",
  doc: "x where positive, else 0; its gradient at 0 is 0.",
  ranges: away,
  increasing: true,
});

export const selu: Unary = unary("selu", {
  formula: "1.0507009873554805 * where(x > 0, x, 1.6732632423543772 * expm1(x))",
  doc: "The self-normalising activation of Klambauer et al. (2017), arXiv:1706.02515.",
  ranges: away,
});

export const silu: Unary = unary("silu", { formula: "x * sigmoid(x)", doc: "x times sigmoid(x), also called swish." });

export const softplus: Unary = unary("softplus", {
  formula: "softplus(x)",
  doc: "log(1 + exp(x)), without overflow.",
});

export const mish: Unary = unary("mish", {
  formula: "x * tanh(softplus(x))",
  doc: "x times tanh(softplus(x)); Misra (2019), arXiv:1908.08681.",
});

export const logSigmoid: Unary = unary("logSigmoid", {
  formula: "logSigmoid(x)",
  doc: "The logarithm of sigmoid(x), without underflow.",
});

export const softsign: Unary = unary("softsign", {
  formula: "x / (1 + abs(x))",
  doc: "x over 1 plus its magnitude.",
  ranges: away,
});

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

/** x where positive, else `slope * x`: `leakyRelu(x, 0.1)`. The slope is 0.01 unless stated (PyTorch). */
export const leakyRelu = callable(leakyReluDef, <X extends Operand>(x: X, slope: number = 0.01): Float32<DimsOf<X>> =>
  shaped(leakyReluDef, originOf(callSite("leakyRelu")), x, { slope }),
);

export const eluDef: OpDef = pointwiseRecord("elu", {
  formula: "where(x > 0, x, alpha * expm1(x))",
  doc: "x where positive, else alpha times exp(x) - 1; Clevert et al. (2015), arXiv:1511.07289.",
  ranges: away,
  attrs: [{ alpha: 1 }, { alpha: 0.5 }],
});

/** x where positive, else `alpha * (exp(x) - 1)`: `elu(x, 0.5)`. Alpha is 1 unless stated. */
export const elu = callable(eluDef, <X extends Operand>(x: X, alpha: number = 1): Float32<DimsOf<X>> =>
  shaped(eluDef, originOf(callSite("elu")), x, { alpha }),
);

export const clipDef: OpDef = pointwiseRecord("clip", {
  formula: "clip(x, low, high)",
  doc: "x kept within two bounds; its gradient is 1 on them.",
  ranges: [[[-0.4, 0.9]], [[1.3, 2]], [[-2, -0.8]]],
  attrs: [{ low: -0.5, high: 1 }],
});

/** x kept within `low` and `high`; the gradient is 1 on the bounds and 0 outside them. */
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

/** x times the normal distribution function at x; `approximate: "tanh"` takes the older closed form (GPT-2). */
export const gelu = callable(
  geluDef,
  <X extends Operand>(x: X, options: { readonly approximate?: "none" | "tanh" } = {}): Float32<DimsOf<X>> => {
    const origin = callOrigin("gelu", options, { approximate: is.oneOf("none", "tanh") });
    const { site } = origin;
    const { approximate = "none" } = options;
    if (approximate === "none") return shaped(geluDef, origin, x, {});
    if (approximate === "tanh") return shaped(geluTanhDef, origin, x, {});
    throw badArgument({ op: "gelu", argument: "approximate", value: approximate, expected: '"none" or "tanh"', site });
  },
);
