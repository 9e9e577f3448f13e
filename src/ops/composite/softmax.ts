// Softmax and its logarithm: named in the graph, with short derivatives, expanded before fusion.

import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { makeSum } from "../adjoint-pairs.js";
import * as is from "../call/checks.js";
import { callOrigin } from "../call/options.js";
import { float, record, ruleOrigin, shapeOf, tensorOperand, toAxis, type AxisAttrs } from "../define.js";
import { div, exp, log, mul, sub } from "../pointwise/arithmetic.js";
import { asFloat } from "../pointwise/pointwise.js";
import { spread } from "../view/broadcast.js";
import { fromPeak } from "./log-sum-exp.js";
import { rule } from "../../graph/rules.js";

/** Sums over the axis and puts it back. */
const along = (origin: Origin, x: Node, axis: number): Node =>
  spread(origin, makeSum(origin, x, [axis]), x.shape, [axis]);

const axisSamples = (def: () => OpDef<AxisAttrs>): readonly Sample[] =>
  (
    [
      [shapeOf(1), 0],
      [shapeOf(4), 0],
      [shapeOf(2, 3), 1],
      [shapeOf(2, 3), 0],
      [shapeOf(2, 1), 1],
      [shapeOf(2, 3, 2), 1],
      [shapeOf("b", 3), 1],
      [shapeOf("b", 3), 0],
    ] as const
  ).map(([shape, axis]) => ({
    inputs: [{ ...float(shape), range: [-2, 2] }],
    build: ([x]) => createNode(def(), [x!], { axis }, x!.origin),
  }));

export const softmaxDef: OpDef<AxisAttrs> = record<AxisAttrs>({
  name: "softmax",
  family: "composite",
  doc: "Exponentials divided by their sum along one axis, without overflow.",
  operands: ["x"],
  infer: ({ inputs: [x] }) => float(x!.shape),
  expand({ inputs, attrs: { axis }, origin }) {
    const e = exp.at(origin, fromPeak(origin, inputs[0]!, [axis]));
    return div.at(origin, e, along(origin, e, axis));
  },
  rule: rule(
    "softmax",
    "algebra",
    "softmax",
    String.raw`P = \operatorname{softmax}(A) \;\Rightarrow\; \delta_{A} = P \odot \left(\delta_{P} - \textstyle\sum \delta_{P} \odot P\right)`,
  ),
  vjp(adjoint) {
    const { output: y, gradient: g, attrs } = adjoint;
    const origin = ruleOrigin(adjoint);
    const projected = along(origin, mul.at(origin, g, y), attrs.axis);
    return [mul.at(origin, y, sub.at(origin, g, projected))];
  },
  differentiable: true,
  samples: () => axisSamples(() => softmaxDef),
});

export const logSoftmaxDef: OpDef<AxisAttrs> = record<AxisAttrs>({
  name: "logSoftmax",
  family: "composite",
  doc: "The logarithm of softmax along one axis, without overflow.",
  operands: ["x"],
  infer: ({ inputs: [x] }) => float(x!.shape),
  expand({ inputs, attrs: { axis }, origin }) {
    // Not x - logSumExp(x): far from 0 that would be a small difference of large numbers.
    const shifted = fromPeak(origin, inputs[0]!, [axis]);
    const total = log.at(origin, makeSum(origin, exp.at(origin, shifted), [axis]));
    return sub.at(origin, shifted, spread(origin, total, shifted.shape, [axis]));
  },
  rule: rule(
    "log-softmax",
    "algebra",
    "logarithm of a softmax",
    String.raw`L = \log \operatorname{softmax}(A) \;\Rightarrow\; \delta_{A} = \delta_{L} - e^{L} \odot \textstyle\sum \delta_{L}`,
  ),
  vjp(adjoint) {
    const { inputs, gradient: g, attrs } = adjoint;
    const origin = ruleOrigin(adjoint);
    const weights = makeSoftmax(origin, inputs[0]!, attrs.axis);
    return [sub.at(origin, g, mul.at(origin, weights, along(origin, g, attrs.axis)))];
  },
  differentiable: true,
  samples: () => axisSamples(() => logSoftmaxDef),
});

export const makeSoftmax = (origin: Origin, x: Node, axis: number): Node =>
  createNode(softmaxDef, [x], { axis }, origin);

export const makeLogSoftmax = (origin: Origin, x: Node, axis: number): Node =>
  createNode(logSoftmaxDef, [x], { axis }, origin);

export interface AxisOptions {
  /** The axis; negative counts from the end. The last unless stated. */
  readonly axis?: number;
}

function apply(op: string, x: unknown, options: AxisOptions, makeIt: typeof makeSoftmax): Node {
  const origin = callOrigin(op, options, { axis: is.wholeNumber });
  const node = asFloat(origin, tensorOperand(op, "x", x, origin));
  return makeIt(origin, node, toAxis(op, options.axis ?? -1, node.shape, origin));
}

/**
 * Exponentials divided by their sum along one axis: each line of it becomes a probability distribution. Without
 * overflow. For a loss give the logits to {@link crossEntropy} as they are.
 * @param x a tensor with one axis or more; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @throws BAD_ARGUMENT for an axis that x has not, WRONG_RANK for a scalar
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: softmax(constant([[0, 0], [1000, 0]])) } });
 * interpret(net, {}).outputs.y; // [0.5, 0.5, 1, 0]
 * ```
 */
export function softmax<S extends Dims>(x: Tensor<S>, options: AxisOptions = {}): Float32<S> {
  return apply("softmax", x, options, makeSoftmax) as Tensor<S, "float32">;
}

/**
 * The logarithm of softmax along one axis, without overflow. It is exact where softmax itself would be 0.
 * @param x a tensor with one axis or more; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @throws BAD_ARGUMENT for an axis that x has not, WRONG_RANK for a scalar
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: logSoftmax(constant([[0, 0], [1000, 0]])) } });
 * interpret(net, {}).outputs.y; // [-0.6931, -0.6931, 0, -1000]
 * ```
 */
export function logSoftmax<S extends Dims>(x: Tensor<S>, options: AxisOptions = {}): Float32<S> {
  return apply("logSoftmax", x, options, makeLogSoftmax) as Tensor<S, "float32">;
}
