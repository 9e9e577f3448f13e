// Cross-entropies and terms of entropies, element by element, without overflow.

import type { Node } from "../../graph/node.js";
import { beside, type Origin } from "../../graph/origin.js";
import { ruleOrigin } from "../define.js";
import { makeScalar } from "../leaf/leaves.js";
import { add, div, maximum, mul, neg, sigmoid, sub } from "./arithmetic.js";
import { binary, unary, type Binary, type Unary } from "./pointwise.js";
import { crossEntropyRule, rule } from "../../graph/rules.js";

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
  rule: [
    crossEntropyRule,
    rule("cross-entropy.target", "algebra", "cross-entropy, by its target", String.raw`\delta_{y} = -z\,\delta_{c}`),
  ],
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
  rule: rule(
    "cross-entropy.probability",
    "algebra",
    "cross-entropy of probabilities",
    String.raw`\delta_{p} = \left(\frac{1 - y}{1 - p} - \frac{y}{p}\right) \delta_{c}`,
  ),
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
  rule: rule(
    "entropy",
    "algebra",
    "entropy",
    String.raw`c = x \log x \;\Rightarrow\; \delta_{x} = (1 + \log x)\,\delta_{c}`,
  ),
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
  rule: rule(
    "log.bounded",
    "stability",
    "logarithm that is cut off",
    String.raw`c = \max(\log x, -100) \;\Rightarrow\; \delta_{x} = \frac{\delta_{c}}{\max(x, 10^{-12})}`,
  ),
  vjp(adjoint) {
    const origin = ruleOrigin(adjoint);
    return [div.at(origin, adjoint.gradient, atLeast(origin, adjoint.inputs[0]!))];
  },
  ranges: [[[0.1, 2]]],
});
