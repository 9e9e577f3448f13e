// Adamax: Adam with the infinity norm.

import * as is from "../ops/call/checks.js";
import type { Optimizer } from "../graph/network.js";
import { optimizer, rateOf, withDecay, type Grouped, type Options } from "./optimizer.js";
import { epsilonOf, number } from "./settings.js";

/** The options of {@link adamax}. */
export interface AdamaxOptions extends Options {
  /** 0.002 unless stated (PyTorch's and the paper's; Keras has 0.001); a run-time hyper-parameter. */
  readonly rate?: number;
  /** 0.9 unless stated. */
  readonly beta1?: number;
  /** 0.999 unless stated. */
  readonly beta2?: number;
  /** Added to |g|; 1e-8 unless stated. */
  readonly epsilon?: number;
  /** Added to the gradient as weightDecay * w; 0 unless stated. A run-time hyper-parameter where it is not 0. */
  readonly weightDecay?: number;
}

/**
 * Adamax: {@link adam} with the infinity norm. Kingma & Ba (2015), arXiv:1412.6980, algorithm 2:
 * u <- max(beta2 u, |g| + epsilon), w <- w - rate m / ((1 - beta1^t) u), with m as in Adam. Epsilon is where PyTorch has it;
 * Keras adds it to u instead.
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for a setting that is unknown, not finite or out of range
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: adamax({ rate: 0.1 }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.9, 1.1]
 * ```
 */
export function adamax(options: Grouped<AdamaxOptions> = {}): Optimizer {
  const known = { beta1: is.finite, beta2: is.finite, epsilon: is.finite, weightDecay: is.finite } as const;
  return optimizer<AdamaxOptions>("adamax", known, options, (own) => {
    const rate = rateOf("adamax", own, 0.002);
    const beta1 = number("adamax", "beta1", own.beta1 ?? 0.9, 0, 1);
    const beta2 = number("adamax", "beta2", own.beta2 ?? 0.999, 0, 1);
    const epsilon = epsilonOf("adamax", own.epsilon ?? 1e-8);
    const decay = number("adamax", "weightDecay", own.weightDecay ?? 0, 0);
    return (parameter, raw, tools) => {
      const { slot, math, count } = tools;
      const gradient = withDecay(decay, parameter, raw, tools);
      const [m, u] = [slot("m"), slot("u")];
      const nextM = math.average(beta1, m, gradient);
      const nextU = math.max(math.mul(u, beta2), math.add(math.abs(gradient), epsilon));
      const correction = beta1 === 0 ? 1 : math.neg(math.expm1(math.mul(count(), Math.log(beta1))));
      const scaledRate = math.div(tools.rate(rate), correction);
      return [
        { leaf: m, value: nextM },
        { leaf: u, value: nextU },
        { leaf: parameter, value: math.sub(parameter, math.div(math.mul(scaledRate, nextM), nextU)) },
      ];
    };
  });
}
