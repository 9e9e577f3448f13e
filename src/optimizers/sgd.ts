// Stochastic gradient descent with momentum, Nesterov's variant and weight decay, in PyTorch's conventions.

import * as is from "../ops/call/checks.js";
import type { Optimizer } from "../graph/network.js";
import { optimizer, rateOf, withDecay, type Grouped, type Options } from "./optimizer.js";
import { flag, number, refuse } from "./settings.js";

/** The options of {@link momentum}, {@link nesterov} and {@link sgd}. */
export interface SgdOptions extends Options {
  /** 0.01 unless stated (Keras; PyTorch has 0.001); a run-time hyper-parameter. */
  readonly rate?: number;
  /** 0 (none) unless stated, below 1: v <- momentum v + g. A run-time hyper-parameter where it is not 0. */
  readonly momentum?: number;
  /** 0 unless stated, below 1: v <- momentum v + (1 - dampening) g from the second update on. Needs momentum. */
  readonly dampening?: number;
  /**
   * True: steps along g + momentum v: Nesterov (1983), in Sutskever's form as PyTorch has it. Needs momentum. False
   * unless stated.
   */
  readonly nesterov?: boolean;
  /** Added to the gradient as weightDecay * w; 0 unless stated. A run-time hyper-parameter where it is not 0. */
  readonly weightDecay?: number;
}

const SETTINGS = { momentum: is.finite, dampening: is.finite, nesterov: is.flag, weightDecay: is.finite } as const;

/**
 * Stochastic gradient descent: w <- w - rate g. PyTorch's conventions: decay is added to the gradient, and velocity is
 * v <- momentum v + (1 - dampening) g, starting at the first g. ONNX' Momentum operator is the same, with alpha for momentum,
 * beta for 1 - dampening and norm_coefficient for weightDecay. Keras multiplies the gradient in the velocity by the rate,
 * which differs where the rate changes.
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own; those are
 *   hyper-parameters called `group1.rate` and so on
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for a setting that is unknown, not finite or out of range
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: sgd({ rate: 0.1 }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.9, 1.4]
 * ```
 */
export const sgd = (options: Grouped<SgdOptions> = {}): Optimizer => descent("sgd", options, {});

/**
 * Gradient descent with momentum: {@link sgd} with momentum 0.9 unless stated.
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for a setting that is unknown, not finite or out of range
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: momentum({ rate: 0.1 }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.9, 1.4]
 * ```
 */
export const momentum = (options: Grouped<SgdOptions> = {}): Optimizer =>
  descent("momentum", options, { momentum: 0.9 });

/**
 * Gradient descent with Nesterov's momentum: {@link sgd} with `nesterov` and momentum 0.9 unless stated.
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for a setting that is unknown, not finite or out of range
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: nesterov({ rate: 0.1 }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.81, 1.76]
 * ```
 */
export const nesterov = (options: Grouped<SgdOptions> = {}): Optimizer =>
  descent("nesterov", options, { momentum: 0.9, nesterov: true });

function descent(name: string, options: Grouped<SgdOptions>, defaults: Partial<SgdOptions>): Optimizer {
  return optimizer<SgdOptions>(name, SETTINGS, options, (given) => {
    const own = { ...defaults, ...given };
    const rate = rateOf(name, own, 0.01);
    const momentum = number(name, "momentum", own.momentum ?? 0, 0, 1);
    const dampening = number(name, "dampening", own.dampening ?? 0, 0, 1);
    const decay = number(name, "weightDecay", own.weightDecay ?? 0, 0);
    const nesterov = flag(name, "nesterov", own.nesterov, false);
    if (nesterov && momentum === 0) refuse(name, "momentum", momentum, "above 0 where nesterov is true");
    if (dampening > 0 && momentum === 0) refuse(name, "momentum", momentum, "above 0 where there is dampening");
    return (parameter, gradient, tools) => {
      const { hyper, slot, math, count } = tools;
      const step = (direction: typeof gradient) => math.sub(parameter, math.mul(tools.rate(rate), direction));
      const g = withDecay(decay, parameter, gradient, tools);
      if (momentum === 0) return [{ leaf: parameter, value: step(g) }];
      const factor = hyper("momentum", momentum);
      const velocity = slot("velocity");
      const added = dampening === 0 ? g : math.mul(g, math.where(math.less(1, count()), 1 - dampening, 1));
      const next = math.add(math.mul(factor, velocity), added);
      const direction = nesterov ? math.add(g, math.mul(factor, next)) : next;
      return [
        { leaf: velocity, value: next },
        { leaf: parameter, value: step(direction) },
      ];
    };
  });
}
