// Cross-entropies from logits: named in the graph, with the short derivatives that make a training step cheap and exact.

import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import { beside, callSite, originOf, type Origin } from "../../graph/origin.js";
import { dim, sameShape } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { shapeMismatch, wrongRank } from "../../messages.js";
import { makeSum } from "../adjoint-pairs.js";
import { float, int, record, ruleOrigin, shapeOf, tensorOperand } from "../define.js";
import { requireBelow } from "../gather/indices.js";
import { makeOneHot } from "../gather/one-hot.js";
import { makePick } from "../gather/pick.js";
import { mul, neg, sub } from "../pointwise/arithmetic.js";
import { asFloat } from "../pointwise/pointwise.js";
import { spread } from "../view/broadcast.js";
import { makeLogSoftmax, makeSoftmax } from "./softmax.js";
import { crossEntropyRule, rule } from "../../graph/rules.js";

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
  rule: crossEntropyRule,
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
  rule: [
    crossEntropyRule,
    rule(
      "cross-entropy.soft-target",
      "algebra",
      "cross-entropy, by its target",
      String.raw`\delta_{y} = -\log \operatorname{softmax}(z)\,\delta_{c}`,
    ),
  ],
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
