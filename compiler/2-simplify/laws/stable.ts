// Forms that overflow, underflow or lose digits as written, and the ops that do not.

import { createNode, isA, type Node } from "../../../src/graph/node.js";
import type { OpDef } from "../../../src/graph/op.js";
import { isOne } from "../../../src/graph/shape.js";
import { logSigmoid, softplus } from "../../../src/ops/pointwise/activations.js";
import { add, div, exp, expm1, log, log1p, mul, neg, sigmoid, sub } from "../../../src/ops/pointwise/arithmetic.js";
import type { ReduceAttrs } from "../../../src/ops/reduce/sum-record.js";
import { sumDef } from "../../../src/ops/adjoint-pairs.js";
import { softmaxCrossEntropyDef, softTargetCrossEntropyDef } from "../../../src/ops/composite/entropy.js";
import { probabilityCrossEntropy, sigmoidCrossEntropy } from "../../../src/ops/pointwise/entropy.js";
import { pickDef } from "../../../src/ops/gather/pick.js";
import { constantDef } from "../../../src/ops/leaf/leaves.js";
import { logSumExpDef } from "../../../src/ops/composite/log-sum-exp.js";
import { logSoftmaxDef, makeLogSoftmax, makeSoftmax, softmaxDef } from "../../../src/ops/composite/softmax.js";
import type { AxisAttrs } from "../../../src/ops/define.js";
import { stability, type Law, type Place } from "../law.js";
import { filledWith, repeatedScalar, underStretching } from "../match.js";

/** The inputs of a node of this op, if the law may look through it. */
const through = (node: Node | undefined, def: OpDef, place: Place): readonly Node[] | undefined =>
  node?.def === def && !place.isOpaque(node) ? node.inputs : undefined;

/** Is it this number everywhere? Before simplification numbers are repeated by broadcast nodes. */
const isNumber = (node: Node, value: number): boolean => {
  const scalar = repeatedScalar(node) ?? node;
  return isA(scalar, constantDef) && filledWith(scalar) === value;
};

/** The `x` of 1 - x. */
function oneMinus(node: Node | undefined, place: Place): Node | undefined {
  const difference = through(node, sub.def, place);
  return difference && isNumber(difference[0]!, 1) ? difference[1] : undefined;
}

const axisOf = (node: Node): number => (node.attrs as AxisAttrs).axis;

const isLastAxis = (node: Node, axis: number): boolean => axis === node.shape.length - 1;

export const stableForms: readonly Law[] = [
  stability("log-of-softmax", "log(softmax(x)) = logSoftmax(x)", log.def, ({ inputs: [p] }, place) => {
    const x = through(p, softmaxDef, place)?.[0];
    return x && makeLogSoftmax(place.origin, x, axisOf(p!));
  }),
  stability("log-of-sigmoid", "log(sigmoid(x)) = logSigmoid(x)", log.def, ({ inputs: [p] }, place) => {
    const x = through(p, sigmoid.def, place)?.[0];
    return x && logSigmoid.at(place.origin, x);
  }),
  stability("log-of-one-minus-sigmoid", "log(1 - sigmoid(x)) = -softplus(x)", log.def, ({ inputs: [q] }, place) => {
    const x = through(oneMinus(q, place), sigmoid.def, place)?.[0];
    return x && neg.at(place.origin, softplus.at(place.origin, x));
  }),
  stability("log-sum-exp", "log(sum(exp(x))) = logSumExp(x)", log.def, ({ inputs: [total] }, place) => {
    const terms = through(total, sumDef, place)?.[0];
    const x = through(terms, exp.def, place)?.[0];
    return x && createNode(logSumExpDef, [x], { axes: (total!.attrs as ReduceAttrs).axes }, place.origin);
  }),
  stability("softplus", "log(1 + exp(x)) = softplus(x)", log.def, ({ inputs: [sum] }, place) => {
    const terms = through(sum, add.def, place);
    if (!terms) return undefined;
    const power = isNumber(terms[0]!, 1) ? terms[1] : isNumber(terms[1]!, 1) ? terms[0] : undefined;
    const x = through(power, exp.def, place)?.[0];
    return x && softplus.at(place.origin, x);
  }),
  stability("log1p", "log(1 + x) = log1p(x)", log.def, ({ inputs: [sum] }, place) => {
    const terms = through(sum, add.def, place);
    if (!terms) return undefined;
    const x = isNumber(terms[0]!, 1) ? terms[1] : isNumber(terms[1]!, 1) ? terms[0] : undefined;
    return x && log1p.at(place.origin, x);
  }),
  stability("log1p-minus", "log(1 - x) = log1p(-x)", log.def, ({ inputs: [difference] }, place) => {
    const x = oneMinus(difference, place);
    return x && log1p.at(place.origin, neg.at(place.origin, x));
  }),
  stability("softplus-of-log1p", "log1p(exp(x)) = softplus(x)", log1p.def, ({ inputs: [power] }, place) => {
    const x = through(power, exp.def, place)?.[0];
    return x && softplus.at(place.origin, x);
  }),
  stability("expm1", "exp(x) - 1 = expm1(x)", sub.def, ({ inputs: [power, one] }, place) => {
    const x = isNumber(one!, 1) ? through(power, exp.def, place)?.[0] : undefined;
    return x && expm1.at(place.origin, x);
  }),
  stability("stable-softmax", "exp(x) / sum(exp(x)) = softmax(x)", div.def, ({ inputs: [power, below] }, place) => {
    const x = through(power, exp.def, place)?.[0];
    const axis = x && axisReducedAway(power!, below!, sumDef, place);
    return axis !== undefined && makeSoftmax(place.origin, x!, axis);
  }),
  stability("stable-log-softmax", "x - logSumExp(x) = logSoftmax(x)", sub.def, ({ inputs: [x, below] }, place) => {
    const axis = axisReducedAway(x!, below!, logSumExpDef, place);
    return axis !== undefined && makeLogSoftmax(place.origin, x!, axis);
  }),
  stability(
    { id: "softmax-cross-entropy-of-log-sum-exp", title: "cross-entropy of a softmax" },
    "logSumExp(x) - pick(x, class) = softmaxCrossEntropy(x, class)",
    sub.def,
    ({ inputs: [sum, chosen] }, place) => {
      const [x, index] = through(chosen, pickDef, place) ?? [];
      const axes = (sum!.attrs as Partial<ReduceAttrs>).axes;
      if (!x || through(sum, logSumExpDef, place)?.[0] !== x || axes?.length !== 1) return undefined;
      return isLastAxis(x, axes[0]!) && createNode(softmaxCrossEntropyDef, [x, index!], {}, place.origin);
    },
  ),

  stability(
    { id: "sigmoid-cross-entropy", title: "cross-entropy of a sigmoid" },
    "probabilityCrossEntropy(sigmoid(x), t) = sigmoidCrossEntropy(x, t)",
    probabilityCrossEntropy.def,
    (node, place) => {
      const x = through(node.inputs[0], sigmoid.def, place)?.[0];
      return x && sigmoidCrossEntropy.at(place.origin, x, node.inputs[1]!);
    },
  ),
  stability(
    { id: "softmax-cross-entropy", title: "cross-entropy of a softmax" },
    "-pick(logSoftmax(x), class) = softmaxCrossEntropy(x, class)",
    neg.def,
    ({ inputs: [picked] }, place) => {
      const chosen = through(picked, pickDef, place);
      const x = through(chosen?.[0], logSoftmaxDef, place)?.[0];
      if (!x || !isLastAxis(x, axisOf(chosen![0]!))) return undefined;
      return createNode(softmaxCrossEntropyDef, [x, chosen![1]!], {}, place.origin);
    },
  ),
  stability(
    { id: "soft-target-cross-entropy", title: "cross-entropy of a softmax" },
    "-sum(t * logSoftmax(x)) = softTargetCrossEntropy(x, t)",
    neg.def,
    ({ inputs: [total] }, place) => {
      const product = through(through(total, sumDef, place)?.[0], mul.def, place);
      const axes = (total!.attrs as Partial<ReduceAttrs>).axes;
      if (!product || axes?.length !== 1) return undefined;
      for (const [logs, target] of [product, [product[1]!, product[0]!]]) {
        const x = through(logs, logSoftmaxDef, place)?.[0];
        const matches = x && axisOf(logs!) === axes[0] && isLastAxis(x, axes[0]);
        if (matches) return createNode(softTargetCrossEntropyDef, [x, target!], {}, place.origin);
      }
      return undefined;
    },
  ),
  stability(
    { id: "sigmoid-cross-entropy-in-full", title: "cross-entropy of a sigmoid" },
    "-(t log(sigmoid(x)) + (1 - t) log(1 - sigmoid(x))) = sigmoidCrossEntropy(x, t)",
    neg.def,
    (node, place) => {
      const sum = through(node.inputs[0], add.def, place);
      if (!sum) return undefined;
      for (const [first, second] of [sum, [sum[1]!, sum[0]!]]) {
        const found = likelihoodOfOne(first, place);
        const other = likelihoodOfZero(second, place);
        if (found.some(([x, t]) => other.some(([z, u]) => x === z && t === u))) {
          const [x, t] = found.find(([a, b]) => other.some(([z, u]) => a === z && b === u))!;
          return sigmoidCrossEntropy.at(place.origin, x, t);
        }
      }
      return undefined;
    },
  ),
];

/** The only axis over which `x` was reduced, if `repeated` is the result, repeated along it. */
function axisReducedAway(x: Node, repeated: Node, by: OpDef, place: Place): number | undefined {
  const { of: total, axes: images } = underStretching(repeated, place.isOpaque);
  const axes = (total.attrs as Partial<ReduceAttrs>).axes;
  if (through(total, by, place)?.[0] !== x || axes?.length !== 1) return undefined;
  const kept = x.shape.map((_, i) => i).filter((i) => i !== axes[0]);
  const isAligned = kept.every((axis, i) => axis === images[i] || isOne(x.shape[axis]!));
  return isAligned ? axes[0] : undefined;
}

type Pair = readonly [x: Node, t: Node];

/** t * logSigmoid(x) as [x, t], read either way round. */
function likelihoodOfOne(node: Node | undefined, place: Place): Pair[] {
  const product = through(node, mul.def, place);
  if (!product) return [];
  return [product, [product[1]!, product[0]!]].flatMap(([t, logs]): Pair[] => {
    const x = through(logs, logSigmoid.def, place)?.[0];
    return x ? [[x, t!]] : [];
  });
}

/** (1 - t) * -softplus(x) as [x, t]. */
function likelihoodOfZero(node: Node | undefined, place: Place): Pair[] {
  const product = through(node, mul.def, place);
  if (!product) return [];
  return [product, [product[1]!, product[0]!]].flatMap(([rest, logs]): Pair[] => {
    const t = oneMinus(rest, place);
    const x = through(through(logs, neg.def, place)?.[0], softplus.def, place)?.[0];
    return t && x ? [[x, t]] : [];
  });
}
