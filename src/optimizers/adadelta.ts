// Adadelta: steps in the parameter's own unit.

import * as is from "../ops/call/checks.js";
import type { Optimizer } from "../graph/network.js";
import { optimizer, rateOf, withDecay, type Grouped, type Options } from "./optimizer.js";
import { epsilonOf, number } from "./settings.js";

/** The options of {@link adadelta}. */
export interface AdadeltaOptions extends Options {
  /** 1 unless stated, the paper's (Keras has 0.001); a run-time hyper-parameter. */
  readonly rate?: number;
  /** The share of the past in both averages; 0.9 unless stated (PyTorch's; Keras and the paper's experiments have 0.95). */
  readonly rho?: number;
  /** Added inside both roots; 1e-6 unless stated (PyTorch's; Keras has 1e-7). */
  readonly epsilon?: number;
  /** Added to the gradient as weightDecay * w; 0 unless stated. A run-time hyper-parameter where it is not 0. */
  readonly weightDecay?: number;
}

/**
 * Adadelta: steps in the parameter's own unit. Zeiler (2012), arXiv:1212.5701, algorithm 1: d = sqrt(E[d²] + epsilon) /
 * sqrt(E[g²] + epsilon) g, w <- w - rate d, where E are averages with share rho of the past. PyTorch and Keras agree
 * but for their defaults.
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for a setting that is unknown, not finite or out of range
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: adadelta({ rate: 100 }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.6838, 1.316]
 * ```
 */
export function adadelta(options: Grouped<AdadeltaOptions> = {}): Optimizer {
  const known = { rho: is.finite, epsilon: is.finite, weightDecay: is.finite } as const;
  return optimizer<AdadeltaOptions>("adadelta", known, options, (own) => {
    const rate = rateOf("adadelta", own, 1);
    const rho = number("adadelta", "rho", own.rho ?? 0.9, 0, 1);
    const epsilon = epsilonOf("adadelta", own.epsilon ?? 1e-6);
    const decay = number("adadelta", "weightDecay", own.weightDecay ?? 0, 0);
    return (parameter, raw, tools) => {
      const { slot, math } = tools;
      const gradient = withDecay(decay, parameter, raw, tools);
      const [squares, deltas] = [slot("squares"), slot("deltas")];
      const nextSquares = math.average(rho, squares, math.square(gradient));
      const root = (average: typeof raw) => math.sqrt(math.add(average, epsilon));
      const delta = math.mul(math.div(root(deltas), root(nextSquares)), gradient);
      return [
        { leaf: squares, value: nextSquares },
        { leaf: deltas, value: math.average(rho, deltas, math.square(delta)) },
        { leaf: parameter, value: math.sub(parameter, math.mul(tools.rate(rate), delta)) },
      ];
    };
  });
}
