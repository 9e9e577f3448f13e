// Normalisation by a tensor's own statistics: named in the graph, with short derivatives, expanded before fusion.

import * as is from "../call/checks.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { beside, type Origin } from "../../graph/origin.js";
import type { Shape } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { badArgument } from "../../messages.js";
import { add, mul, rsqrt, square, sub } from "../pointwise/arithmetic.js";
import { spread } from "../view/broadcast.js";
import { finiteNumber, float, record, ruleOrigin, shapeOf, tensorOperand, toAxes } from "../define.js";
import { makeScalar } from "../leaf/leaves.js";
import { callOrigin } from "../call/options.js";
import { asFloat } from "../pointwise/pointwise.js";
import { makeMean } from "../reduce/reduce.js";
import { rule } from "../../graph/rules.js";

export interface StandardizeAttrs {
  /** Ascending: where mean and variance are taken. */
  readonly axes: readonly number[];
  /** Added to the variance. */
  readonly epsilon: number;
}

/** x - mean(x), and the mean of its squares: the biased variance. */
export function momentsOf(
  origin: Origin,
  x: Node,
  axes: readonly number[],
): { readonly mean: Node; readonly centred: Node; readonly variance: Node } {
  const [ofMean, ofCentred, ofVariance] = [
    beside(origin, "mean"),
    beside(origin, "centred"),
    beside(origin, "variance"),
  ];
  const mean = makeMean(ofMean, x, axes);
  const centred = sub.at(ofCentred, x, spread(ofCentred, mean, x.shape, axes));
  return { mean, centred, variance: makeMean(ofVariance, square.at(ofVariance, centred), axes) };
}

/** 1 / sqrt(squares + epsilon), repeated to x's shape. */
const inverseRoot = (origin: Origin, squares: Node, shape: Shape, { axes, epsilon }: StandardizeAttrs): Node =>
  spread(origin, rsqrt.at(origin, add.at(origin, squares, makeScalar(origin, epsilon))), shape, axes);

const meanAlong = (origin: Origin, x: Node, axes: readonly number[]): Node =>
  spread(origin, makeMean(origin, x, axes), x.shape, axes);

const normalizeSamples = (def: () => OpDef<StandardizeAttrs>): readonly Sample[] =>
  (
    [
      [shapeOf(4), [0]],
      [shapeOf(2, 3), [1]],
      [shapeOf(3, 2), [0]],
      [shapeOf(2, 1), [1]],
      [shapeOf(2, 3, 2), [1, 2]],
      [shapeOf(2, 3, 2), [0, 2]],
      [shapeOf("b", 3), [1]],
      [shapeOf("b", 3), [0]],
      [shapeOf("b", 2, 2), [0, 1]],
    ] as const
  ).map(([shape, axes]) => ({
    inputs: [{ ...float(shape), range: [-2, 2] }],
    build: ([x]) => createNode(def(), [x!], { axes: Object.freeze([...axes]), epsilon: 0.1 }, x!.origin),
  }));

export const standardizeDef: OpDef<StandardizeAttrs> = record<StandardizeAttrs>({
  name: "standardize",
  family: "composite",
  doc: "(x - mean) / sqrt(variance + epsilon), with mean and biased variance taken over some axes.",
  operands: ["x"],
  infer: ({ inputs: [x] }) => float(x!.shape),
  expand({ inputs, attrs, origin }) {
    const x = inputs[0]!;
    const { centred, variance } = momentsOf(origin, x, attrs.axes);
    return mul.at(origin, centred, inverseRoot(origin, variance, x.shape, attrs));
  },
  rule: rule(
    "standardize",
    "algebra",
    "standardize",
    String.raw`\delta_{x} = \frac{1}{s} \left(\delta - \operatorname{mean}(\delta) - \hat{x} \odot \operatorname{mean}(\delta \odot \hat{x})\right)`,
  ),
  vjp(adjoint) {
    const { inputs, output: y, gradient: g, attrs } = adjoint;
    const origin = ruleOrigin(adjoint);
    const x = inputs[0]!;
    const slope = inverseRoot(origin, momentsOf(origin, x, attrs.axes).variance, x.shape, attrs);
    const along = mul.at(origin, y, meanAlong(origin, mul.at(origin, g, y), attrs.axes));
    const across = sub.at(origin, g, meanAlong(origin, g, attrs.axes));
    return [mul.at(origin, slope, sub.at(origin, across, along))];
  },
  differentiable: true,
  samples: () => normalizeSamples(() => standardizeDef),
});

export const rmsNormalizeDef: OpDef<StandardizeAttrs> = record<StandardizeAttrs>({
  name: "rmsNormalize",
  family: "composite",
  doc: "x / sqrt(mean of squares + epsilon), with the mean taken over some axes.",
  operands: ["x"],
  infer: ({ inputs: [x] }) => float(x!.shape),
  expand({ inputs, attrs, origin }) {
    const x = inputs[0]!;
    const squares = makeMean(origin, square.at(origin, x), attrs.axes);
    return mul.at(origin, x, inverseRoot(origin, squares, x.shape, attrs));
  },
  rule: rule(
    "standardize.rms",
    "algebra",
    "divide by the root mean square",
    String.raw`\delta_{x} = \frac{1}{s} \left(\delta - \hat{x} \odot \operatorname{mean}(\delta \odot \hat{x})\right)`,
  ),
  vjp(adjoint) {
    const { inputs, output: y, gradient: g, attrs } = adjoint;
    const origin = ruleOrigin(adjoint);
    const x = inputs[0]!;
    const squares = makeMean(origin, square.at(origin, x), attrs.axes);
    const along = mul.at(origin, y, meanAlong(origin, mul.at(origin, g, y), attrs.axes));
    return [mul.at(origin, inverseRoot(origin, squares, x.shape, attrs), sub.at(origin, g, along))];
  },
  differentiable: true,
  samples: () => normalizeSamples(() => rmsNormalizeDef),
});

export const makeStandardize = (origin: Origin, x: Node, axes: readonly number[], epsilon: number): Node =>
  createNode(standardizeDef, [x], { axes: Object.freeze([...axes]), epsilon }, origin);

export const makeRmsNormalize = (origin: Origin, x: Node, axes: readonly number[], epsilon: number): Node =>
  createNode(rmsNormalizeDef, [x], { axes: Object.freeze([...axes]), epsilon }, origin);

/** What is added to a variance: not negative. */
export function toEpsilon(op: string, epsilon: number | undefined, origin: Origin): number {
  const value = finiteNumber(op, "epsilon", epsilon ?? 1e-5, origin);
  if (value >= 0) return value;
  throw badArgument({ op, argument: "epsilon", value, expected: "at least 0", site: origin.site });
}

/** The options of {@link standardize}. */
export interface StandardizeOptions {
  /** One axis or several; negative counts from the end. The last unless stated. */
  readonly axis?: number | readonly number[];
  /** Added to the variance; at least 0. 1e-5 unless stated. */
  readonly epsilon?: number;
}

/**
 * `(x - mean) / sqrt(variance + epsilon)`, with the mean and the biased variance of `x` over some axes, the last
 * unless stated (as JAX's `nn.standardize`; layer, group and batch norms without parameters).
 * @param x a tensor with one axis or more; int32 and bool are converted to float32
 * @returns x's shape, float32; 0 where all elements along the axes are equal
 * @throws BAD_ARGUMENT for an axis that x has not, or an epsilon below 0
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: standardize(constant([1, 2, 3])) } });
 * interpret(net, {}).outputs.y; // [-1.225, 0, 1.225]
 * ```
 */
export function standardize<S extends Dims>(x: Tensor<S>, options: StandardizeOptions = {}): Float32<S> {
  const origin = callOrigin("standardize", options, { axis: is.axes, epsilon: is.finite });
  const node = asFloat(origin, tensorOperand("standardize", "x", x, origin));
  const axes = toAxes("standardize", options.axis ?? -1, node.shape, origin);
  return makeStandardize(origin, node, axes, toEpsilon("standardize", options.epsilon, origin)) as Tensor<S, "float32">;
}
