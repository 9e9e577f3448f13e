// Stochastic gradient descent with momentum, Nesterov's variant and weight decay, in PyTorch's conventions.

import { UPDATE_RULE, type Assignment, type Optimizer } from "../graph/network.js";
import { derivedOrigin } from "../graph/origin.js";
import type { Node } from "../graph/node.js";
import { add, mul, sub } from "../ops/arithmetic.js";
import { number, optimizer, refuse, type Grouped, type Options } from "./optimizer.js";

export interface SgdOptions extends Options {
  /** The learning rate; a run-time hyper-parameter. */
  readonly rate: number;
  /** 0 (none) unless stated, below 1: v <- momentum v + g. A run-time hyper-parameter where it is not 0. */
  readonly momentum?: number;
  /** Steps along g + momentum v: Nesterov (1983), in Sutskever's form as PyTorch has it. Needs momentum. */
  readonly nesterov?: boolean;
  /** Added to the gradient as weightDecay * w; 0 unless stated. A run-time hyper-parameter where it is not 0. */
  readonly weightDecay?: number;
}

const SETTINGS = { rate: true, momentum: true, nesterov: true, weightDecay: true } as const;

/**
 * Stochastic gradient descent: w <- w - rate g. PyTorch's conventions: decay is added to the gradient, and velocity is
 * v <- momentum v + g, without dampening.
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own; those are
 *   hyper-parameters called `group1.rate` and so on
 * @throws TapelessError for a setting that is unknown, not finite or out of range
 */
export function sgd(options: Grouped<SgdOptions>): Optimizer {
  return optimizer<SgdOptions>("sgd", SETTINGS, options, (own) => {
    const rate = number("sgd", "rate", own.rate, 0);
    const momentum = number("sgd", "momentum", own.momentum ?? 0, 0, 1);
    const decay = number("sgd", "weightDecay", own.weightDecay ?? 0, 0);
    if (own.nesterov && momentum === 0) refuse("sgd", "momentum", momentum, "above 0 where nesterov is true");
    return (parameter, gradient, { hyper, slot }): readonly Assignment[] => {
      const origin = derivedOrigin(parameter, UPDATE_RULE);
      const step = (direction: Node): Node => sub.at(origin, parameter, mul.at(origin, hyper("rate", rate), direction));
      const g =
        decay === 0 ? gradient : add.at(origin, gradient, mul.at(origin, hyper("weightDecay", decay), parameter));
      if (momentum === 0) return [{ leaf: parameter, value: step(g) }];
      const factor = hyper("momentum", momentum);
      const velocity = slot("velocity");
      const next = add.at(origin, mul.at(origin, factor, velocity), g);
      const direction = own.nesterov ? add.at(origin, g, mul.at(origin, factor, next)) : next;
      return [
        { leaf: velocity, value: next },
        { leaf: parameter, value: step(direction) },
      ];
    };
  });
}
