// Sums of exponentials, taken from the largest value on: named in the graph, expanded before fusion.

import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { makeSum } from "../adjoint-pairs.js";
import { float, record, ruleOrigin } from "../define.js";
import { makeScalar } from "../leaf/leaves.js";
import { stopGradientAt } from "../marker/markers.js";
import { abs, add, div, exp, log, mul, sub } from "../pointwise/arithmetic.js";
import { less, where } from "../pointwise/logic.js";
import { makeMax, publicReduce, type Reduce } from "../reduce/reduce.js";
import { reduceSamples, withoutAxes, type ReduceAttrs } from "../reduce/sum-record.js";
import { spread } from "../view/broadcast.js";
import { rule } from "../../graph/rules.js";

/** x minus its largest value over some axes: what exponentials are taken of. */
export const fromPeak = (origin: Origin, x: Node, axes: readonly number[]): Node =>
  sub.at(origin, x, spread(origin, stopGradientAt(origin, makeMax(origin, x, axes)), x.shape, axes));

/**
 * The largest value over some axes, or 0 where that is infinite: what exponentials of logSumExp are taken from. So the
 * result is -Infinity where all values are, and Infinity where one is, as in SciPy and PyTorch.
 */
function finitePeak(origin: Origin, x: Node, axes: readonly number[]): Node {
  const peak = stopGradientAt(origin, makeMax(origin, x, axes));
  const isFinite = less.at(origin, abs.at(origin, peak), makeScalar(origin, Infinity));
  return where.at(origin, isFinite, peak, makeScalar(origin, 0));
}

export const logSumExpDef: OpDef<ReduceAttrs> = record<ReduceAttrs>({
  name: "logSumExp",
  family: "composite",
  doc: "The logarithm of the sum of exponentials over some axes, without overflow.",
  operands: ["x"],
  infer: ({ inputs: [x], attrs }) => float(withoutAxes(x!.shape, attrs.axes)),
  expand({ inputs, attrs: { axes }, origin }) {
    const x = inputs[0]!;
    const peak = finitePeak(origin, x, axes);
    const terms = exp.at(origin, sub.at(origin, x, spread(origin, peak, x.shape, axes)));
    return add.at(origin, peak, log.at(origin, makeSum(origin, terms, axes)));
  },
  rule: rule(
    "reduce.log-sum-exp",
    "algebra",
    "logarithm of a sum of exponentials",
    String.raw`c = \log \textstyle\sum_{i} e^{a_{i}} \;\Rightarrow\; (\delta_{a})_{i} = \operatorname{softmax}(a)_{i}\,\delta_{c}`,
  ),
  vjp(adjoint) {
    const x = adjoint.inputs[0]!;
    const { axes } = adjoint.attrs;
    const origin = ruleOrigin(adjoint);
    // Softmax; exp(x - output) would lose the digits that the output has before its point.
    const terms = exp.at(origin, sub.at(origin, x, spread(origin, finitePeak(origin, x, axes), x.shape, axes)));
    const total = makeSum(origin, terms, axes);
    // Nothing but -Infinity has no slope, as in PyTorch.
    const divisor = where.at(origin, less.at(origin, makeScalar(origin, 0), total), total, makeScalar(origin, 1));
    const weights = div.at(origin, terms, spread(origin, divisor, x.shape, axes));
    return [mul.at(origin, weights, spread(origin, adjoint.gradient, x.shape, axes))];
  },
  differentiable: true,
  samples: () => reduceSamples(() => logSumExpDef, [-2, 2]),
});

export function makeLogSumExp(origin: Origin, x: Node, axes: readonly number[]): Node {
  return createNode(logSumExpDef, [x], { axes: Object.freeze([...axes]) }, origin);
}

/**
 * The logarithm of the sum of exponentials over some axes, without overflow. log(sum(exp(x))), computed from the
 * largest value on; -Infinity where all values are, as in SciPy and PyTorch.
 * @param x a tensor of any shape, or a number; int32 and bool are converted to float32
 * @returns float32: a scalar, or with `axis` x's other axes
 * @throws BAD_ARGUMENT for an axis that x has not, or one that is named twice
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: logSumExp(constant([1000, 1000])) } });
 * interpret(net, {}).outputs.y; // [1001]
 * ```
 */
export const logSumExp: Reduce = publicReduce("logSumExp", logSumExpDef, makeLogSumExp);
