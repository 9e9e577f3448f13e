// Lion: the sign of an average of gradients.

import * as is from "../ops/call/checks.js";
import type { Optimizer } from "../graph/network.js";
import { optimizer, rateOf, type Grouped, type Options } from "./optimizer.js";
import { number } from "./settings.js";

/** The options of {@link lion}. */
export interface LionOptions extends Options {
  /** 0.0001 unless stated, the paper's; a run-time hyper-parameter. */
  readonly rate?: number;
  /** The share of the past in the direction; 0.9 unless stated. */
  readonly beta1?: number;
  /** The share of the past in the average; 0.99 unless stated. */
  readonly beta2?: number;
  /** Decoupled: w loses rate * weightDecay * w. 0 unless stated. A run-time hyper-parameter where it is not 0. */
  readonly weightDecay?: number;
}

/**
 * Lion: steps of one size, by the sign of an average of gradients. Chen et al. (2023), arXiv:2302.06675, algorithm 2: w
 * <- w - rate (sign(beta1 m + (1 - beta1) g) + weightDecay w), then m <- beta2 m + (1 - beta2) g. The sign of 0 is 0.
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for a setting that is unknown, not finite or out of range
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: lion({ rate: 0.1 }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.9, 1.1]
 * ```
 */
export function lion(options: Grouped<LionOptions> = {}): Optimizer {
  const known = { beta1: is.finite, beta2: is.finite, weightDecay: is.finite } as const;
  return optimizer<LionOptions>("lion", known, options, (own) => {
    const rate = rateOf("lion", own, 1e-4);
    const beta1 = number("lion", "beta1", own.beta1 ?? 0.9, 0, 1);
    const beta2 = number("lion", "beta2", own.beta2 ?? 0.99, 0, 1);
    const decay = number("lion", "weightDecay", own.weightDecay ?? 0, 0);
    return (parameter, gradient, tools) => {
      const { slot, math, hyper } = tools;
      const m = slot("m");
      const direction = math.sign(math.average(beta1, m, gradient));
      const pull = decay === 0 ? direction : math.add(direction, math.mul(hyper("weightDecay", decay), parameter));
      return [
        { leaf: m, value: math.average(beta2, m, gradient) },
        { leaf: parameter, value: math.sub(parameter, math.mul(tools.rate(rate), pull)) },
      ];
    };
  });
}
