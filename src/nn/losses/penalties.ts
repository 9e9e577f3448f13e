// Penalties on parameters, to be added to a loss.

import type { Node } from "../../graph/node.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import type { Tensor } from "../../graph/tensor.js";
import { badArgument } from "../../messages.js";
import { abs, add, mul, square } from "../../ops/pointwise/arithmetic.js";
import { makeSum } from "../../ops/adjoint-pairs.js";
import { finiteNumber, tensorOperand } from "../../ops/define.js";
import { makeScalar } from "../../ops/leaf/leaves.js";
import type { ScalarLoss } from "./rows.js";

/**
 * A penalty to be added to a loss: `factor` times the sum of squares over all the parameters (Keras' `L2`; no factor
 * 1/2). It pulls parameters towards zero. The gradient is 2 factor w.
 * @param factor a finite number
 * @param parameters one tensor or more
 * @returns a float32 scalar
 * @throws BAD_ARGUMENT for a factor that is not finite, and for no parameters
 * @example
 * ```ts
 * const w = parameter([3], 2, { name: "w" });
 * const net = network("example", { batch: 1, outputs: { penalty: l2(0.01, w) } });
 * interpret(net, {}).outputs.penalty; // [0.12]
 * ```
 */
export function l2(factor: number, ...parameters: readonly Tensor[]): ScalarLoss {
  return penalty("l2", factor, parameters, (origin, w) => square.at(origin, w));
}

/**
 * A penalty to be added to a loss: `factor` times the sum of absolute values over all the parameters (Keras' `L1`). It
 * makes parameters sparse.
 * @param factor a finite number
 * @param parameters one tensor or more
 * @returns a float32 scalar
 * @throws BAD_ARGUMENT for a factor that is not finite, and for no parameters
 * @example
 * ```ts
 * const w = parameter([3], -2, { name: "w" });
 * const net = network("example", { batch: 1, outputs: { penalty: l1(0.01, w) } });
 * interpret(net, {}).outputs.penalty; // [0.06]
 * ```
 */
export function l1(factor: number, ...parameters: readonly Tensor[]): ScalarLoss {
  return penalty("l1", factor, parameters, (origin, w) => abs.at(origin, w));
}

/**
 * A penalty to be added to a loss: l1 times the sum of absolute values plus l2 times the sum of squares over all the
 * parameters. Zou & Hastie (2005), in Keras' `L1L2` form.
 * @param l1 a finite number; may be 0
 * @param l2 a finite number; may be 0
 * @param parameters one tensor or more
 * @returns a float32 scalar
 * @throws BAD_ARGUMENT for factors that are not finite, and for no parameters
 * @example
 * ```ts
 * const w = parameter([3], 2, { name: "w" });
 * const net = network("example", { batch: 1, outputs: { penalty: elasticNet(0.1, 0.01, w) } });
 * interpret(net, {}).outputs.penalty; // [0.72]
 * ```
 */
export function elasticNet(l1: number, l2: number, ...parameters: readonly Tensor[]): ScalarLoss {
  const origin = originOf(callSite("elasticNet"));
  const part = (name: string, factor: number): Node =>
    makeScalar(origin, finiteNumber("elasticNet", name, factor, origin));
  const [size, power] = [part("l1", l1), part("l2", l2)];
  return penalty("elasticNet", 1, parameters, (at, w) =>
    add.at(at, mul.at(at, abs.at(at, w), size), mul.at(at, square.at(at, w), power)),
  );
}

function penalty(
  op: string,
  factor: number,
  parameters: readonly Tensor[],
  of: (origin: Origin, w: Node) => Node,
): ScalarLoss {
  const origin = originOf(callSite(op));
  const sums = parameters.map((p) => {
    const node = of(origin, tensorOperand(op, "each parameter", p, origin));
    return makeSum(
      origin,
      node,
      node.shape.map((_, i) => i),
    );
  });
  if (sums.length === 0) {
    throw badArgument({
      op,
      argument: "the parameters",
      value: parameters,
      expected: "one at least",
      site: origin.site,
    });
  }
  const total = sums.reduce((a, b) => add.at(origin, a, b));
  const scale = finiteNumber(op, "factor", factor, origin);
  return (scale === 1 ? total : mul.at(origin, total, makeScalar(origin, scale))) as ScalarLoss;
}
