// Cross-entropies from logits: named in the graph, with the short derivatives that make a training step cheap and exact.

import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import { beside, callSite, originOf, type Origin } from "../../graph/origin.js";
import { dim, sameShape } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { shapeMismatch, wrongRank } from "../../messages.js";
import { add, div, maximum, mul, neg, sigmoid, sub } from "../pointwise/arithmetic.js";
import { makeSum, spread } from "../view/broadcast.js";
import { float, int, record, ruleOrigin, shapeOf, tensorOperand } from "../define.js";
import { makePick } from "../gather/pick.js";
import { requireBelow } from "../gather/indices.js";
import { makeOneHot } from "../view/iota.js";
import { makeScalar } from "../leaf/leaves.js";
import { asFloat, binary, unary, type Binary, type Unary } from "../pointwise/pointwise.js";
import { makeLogSoftmax, makeSoftmax } from "./softmax.js";

const LEADING = [shapeOf(), shapeOf(1), shapeOf(3), shapeOf(2, 3), shapeOf("b")] as const;

const lastAxis = (x: Node): number => x.shape.length - 1;

/** A value for each row, repeated over the classes. */
const overClasses = (origin: Origin, rows: Node, logits: Node): Node =>
  spread(origin, rows, logits.shape, [lastAxis(logits)]);

export const softmaxCrossEntropyDef: OpDef = record({
  name: "softmaxCrossEntropy",
  family: "composite",
  doc: "Minus the logarithm of the probability that softmax gives the right class; one value for each row.",
  operands: ["logits", "classes"],
  infer({ inputs: [logits, classes], origin }) {
    const rows = logits!.shape.slice(0, -1);
    if (!sameShape(rows, classes!.shape)) {
      const why = "there is one class for each row of logits";
      throw shapeMismatch({ op: origin.site.call, left: logits!.shape, right: classes!.shape, why, site: origin.site });
    }
    return float(rows);
  },
  expand({ inputs, origin }) {
    const [logits, classes] = inputs as [Node, Node];
    return neg.at(origin, makePick(origin, makeLogSoftmax(origin, logits, lastAxis(logits)), classes));
  },
  vjp(adjoint) {
    const [logits, classes] = adjoint.inputs as [Node, Node];
    const origin = ruleOrigin(adjoint);
    const probabilities = makeSoftmax(beside(origin, "probabilities"), logits, lastAxis(logits));
    const error = sub.at(origin, probabilities, makeOneHot(origin, classes, logits.shape.at(-1)!));
    return [mul.at(origin, error, overClasses(origin, adjoint.gradient, logits)), null];
  },
  differentiable: true,
  samples: () =>
    LEADING.map((rows) => ({
      inputs: [
        { ...float([...rows, dim(4)]), range: [-2, 2] },
        { ...int(rows), range: [0, 4], below: 4 },
      ],
      build: ([x, t]) => createNode(softmaxCrossEntropyDef, [x!, t!], {}, x!.origin),
    })),
});

export const softTargetCrossEntropyDef: OpDef = record({
  name: "softTargetCrossEntropy",
  family: "composite",
  doc: "Minus the sum of target times log softmax; one value for each row.",
  operands: ["logits", "target"],
  infer({ inputs: [logits, target], origin }) {
    if (!sameShape(logits!.shape, target!.shape)) {
      const why = "there is one target for each logit";
      throw shapeMismatch({ op: origin.site.call, left: logits!.shape, right: target!.shape, why, site: origin.site });
    }
    return float(logits!.shape.slice(0, -1));
  },
  expand({ inputs, origin }) {
    const [logits, target] = inputs as [Node, Node];
    const terms = mul.at(origin, target, makeLogSoftmax(origin, logits, lastAxis(logits)));
    return neg.at(origin, makeSum(origin, terms, [lastAxis(logits)]));
  },
  vjp(adjoint) {
    const [logits, target] = adjoint.inputs as [Node, Node];
    const origin = ruleOrigin(adjoint);
    const axis = lastAxis(logits);
    // Targets need not add up to 1.
    const mass = overClasses(origin, makeSum(origin, target, [axis]), logits);
    const error = sub.at(
      origin,
      mul.at(origin, makeSoftmax(beside(origin, "probabilities"), logits, axis), mass),
      target,
    );
    const g = overClasses(origin, adjoint.gradient, logits);
    return [mul.at(origin, error, g), mul.at(origin, neg.at(origin, makeLogSoftmax(origin, logits, axis)), g)];
  },
  differentiable: true,
  samples: () =>
    LEADING.map((rows) => ({
      inputs: [
        { ...float([...rows, dim(4)]), range: [-2, 2] },
        { ...float([...rows, dim(4)]), range: [0, 1] },
      ],
      build: ([x, t]) => createNode(softTargetCrossEntropyDef, [x!, t!], {}, x!.origin),
    })),
});

/** The cross-entropy of rows as internal nodes; int32 targets are classes, float ones probabilities. */
export function makeSoftmaxCrossEntropy(origin: Origin, logits: Node, target: Node): Node {
  const { site } = origin;
  const op = site.call;
  if (logits.shape.length === 0) {
    throw wrongRank({ op, operand: "logits", shape: logits.shape, expected: "an axis of classes, the last", site });
  }
  const x = asFloat(origin, logits);
  if (target.dtype === "int32") {
    requireBelow(op, target, logits.shape.at(-1)!, origin);
    return createNode(softmaxCrossEntropyDef, [x, target], {}, origin);
  }
  return createNode(softTargetCrossEntropyDef, [x, asFloat(origin, target)], {}, origin);
}

/**
 * The cross-entropy between softmax of `logits` and a target, in nats: one value for each row. {@link crossEntropy} is
 * the loss that is made of it.
 * @param logits [..., classes]; int32 and bool are converted to float32
 * @param target int32 [...] with class indices, or float [..., classes] with probabilities
 * @returns [...], float32
 * @throws WRONG_RANK for logits without an axis, SHAPE_MISMATCH for a target that does not fit, BAD_ARGUMENT for
 *   indices that may name no class
 * @example
 * ```ts
 * const logits = constant([[0, 0], [1000, 0]]);
 * const net = network("example", { batch: 1, outputs: { y: softmaxCrossEntropy(logits, constant([0, 1], { dtype: "int32" })) } });
 * interpret(net, {}).outputs.y; // [0.6931, 1000]
 * ```
 */
export function softmaxCrossEntropy(logits: Tensor, target: Tensor): Float32<Dims> {
  const origin = originOf(callSite("softmaxCrossEntropy"));
  return makeSoftmaxCrossEntropy(
    origin,
    tensorOperand("softmaxCrossEntropy", "logits", logits, origin),
    tensorOperand("softmaxCrossEntropy", "target", target, origin),
  ) as Tensor<Dims, "float32">;
}

/**
 * -t log(sigmoid(x)) - (1 - t) log(1 - sigmoid(x)), without overflow. The cross-entropy between sigmoid of logits x
 * and targets t from 0 to 1, element by element, in nats. {@link binaryCrossEntropy} is the loss that is made of it.
 * Shapes are broadcast by NumPy's rule.
 * @param a logits, a tensor of any shape, or a number
 * @param b targets from 0 to 1
 * @returns the common shape, float32
 * @throws SHAPE_MISMATCH where the shapes do not combine
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: sigmoidCrossEntropy(constant([0, 1000, -1000]), constant([1, 1, 1])) } });
 * interpret(net, {}).outputs.y; // [0.6931, 0, 1000]
 * ```
 */
export const sigmoidCrossEntropy: Binary = binary("sigmoidCrossEntropy", {
  // softplus(logits) - logits * target, added up in the order in which large numbers cancel exactly.
  formula: "max(logits, 0) - logits * target + log1p(exp(-abs(logits)))",
  doc: "-t log(sigmoid(x)) - (1 - t) log(1 - sigmoid(x)), without overflow.",
  operands: ["logits", "target"],
  vjp(adjoint) {
    const { inputs, gradient: g } = adjoint;
    const [logits, target] = inputs as [Node, Node];
    const origin = ruleOrigin(adjoint);
    const error = sub.at(origin, sigmoid.at(beside(origin, "probabilities"), logits), target);
    return [mul.at(origin, g, error), neg.at(origin, mul.at(origin, g, logits))];
  },
  ranges: [
    [
      [0.3, 2],
      [0, 1],
    ],
    [
      [-2, -0.3],
      [0, 1],
    ],
  ],
});

/**
 * What slopes of logarithms of probabilities divide by at least, as in PyTorch: where a unit is certain and wrong its gradient
 * is large, and finite.
 */
const LEAST = 1e-12;

const atLeast = (origin: Origin, x: Node): Node => maximum.at(origin, x, makeScalar(origin, LEAST));

/** The cross-entropy between probabilities and targets from 0 to 1, element by element, in nats. */
export const probabilityCrossEntropy: Binary = binary("probabilityCrossEntropy", {
  formula: "-(target * where(log(p) < -100, -100, log(p)) + (1 - target) * where(log1p(-p) < -100, -100, log1p(-p)))",
  doc: "-t log(p) - (1 - t) log(1 - p); each logarithm is at least -100, as in PyTorch, and its slope 1 / max(p, 1e-12) or 1 / max(1 - p, 1e-12).",
  operands: ["p", "target"],
  vjp(adjoint) {
    const { inputs, gradient: g } = adjoint;
    const [p, target] = inputs as [Node, Node];
    const origin = ruleOrigin(adjoint);
    const one = makeScalar(origin, 1);
    const other = sub.at(origin, one, p);
    const above = div.at(origin, sub.at(origin, one, target), atLeast(origin, other));
    const slope = sub.at(origin, above, div.at(origin, target, atLeast(origin, p)));
    const odds = sub.at(origin, boundedLog.at(origin, other), boundedLog.at(origin, p));
    return [mul.at(origin, g, slope), mul.at(origin, g, odds)];
  },
  ranges: [
    [
      [0.1, 0.9],
      [0, 1],
    ],
  ],
});

/** A term of an entropy: x log(x), 0 where x is 0. */
export const entropyTerm: Unary = unary("entropyTerm", {
  formula: "where(x > 0, x * log(x), 0)",
  doc: "x times its logarithm, 0 at 0; its slope is 1 + log(x), the logarithm being at least -100.",
  vjp(adjoint) {
    const x = adjoint.inputs[0]!;
    const origin = ruleOrigin(adjoint);
    const positive = maximum.at(origin, x, makeScalar(origin, 0));
    const slope = add.at(origin, boundedLog.at(origin, positive), makeScalar(origin, 1));
    return [mul.at(origin, adjoint.gradient, slope)];
  },
  ranges: [[[0.1, 2]]],
});

/** The natural logarithm, at least -100. */
export const boundedLog: Unary = unary("boundedLog", {
  formula: "where(log(x) < -100, -100, log(x))",
  doc: "The natural logarithm, at least -100 as in PyTorch's losses, with the slope 1 / max(x, 1e-12).",
  vjp(adjoint) {
    const origin = ruleOrigin(adjoint);
    return [div.at(origin, adjoint.gradient, atLeast(origin, adjoint.inputs[0]!))];
  },
  ranges: [[[0.1, 2]]],
});
