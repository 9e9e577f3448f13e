// RMSprop: gradients divided by a running root of their mean square.

import * as is from "../ops/call/checks.js";
import type { Optimizer } from "../graph/network.js";
import { optimizer, rateOf, withDecay, type Grouped, type Options } from "./optimizer.js";
import { epsilonOf, flag, number } from "./settings.js";

/** The options of {@link rmsprop}. */
export interface RmspropOptions extends Options {
  /** 0.01 unless stated (PyTorch's; Keras has 0.001); a run-time hyper-parameter. */
  readonly rate?: number;
  /** The share of the past in the averages; 0.99 unless stated (PyTorch's alpha; Keras has 0.9). */
  readonly rho?: number;
  /** 1e-8 unless stated (PyTorch's; Keras has 1e-7). */
  readonly epsilon?: number;
  /** True: epsilon is added inside the root, as in Keras and TensorFlow. False unless stated: outside, as in PyTorch. */
  readonly epsilonInside?: boolean;
  /** True: the variance divides in place of the mean square (Graves, 2013). False unless stated. */
  readonly centered?: boolean;
  /** 0 unless stated, below 1: b <- momentum b + g / root, w <- w - rate b. A run-time hyper-parameter where it is not 0. */
  readonly momentum?: number;
  /** Added to the gradient as weightDecay * w; 0 unless stated. A run-time hyper-parameter where it is not 0. */
  readonly weightDecay?: number;
}

const SETTINGS = {
  rho: is.finite,
  epsilon: is.finite,
  epsilonInside: is.flag,
  centered: is.flag,
  momentum: is.finite,
  weightDecay: is.finite,
} as const;

/**
 * RMSprop: gradients divided by a running root of their mean square. Hinton's lecture 6e (2012): s <- rho s + (1 - rho)
 * g², w <- w - rate g / (sqrt(s) + epsilon); centered, the square of the mean gradient is taken off s. PyTorch's
 * convention for momentum; Keras multiplies by the rate before the momentum, which differs where the rate changes.
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for a setting that is unknown, not finite or out of range
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: rmsprop({ rate: 0.01 }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.9, 1.1]
 * ```
 */
export function rmsprop(options: Grouped<RmspropOptions> = {}): Optimizer {
  return optimizer<RmspropOptions>("rmsprop", SETTINGS, options, (own) => {
    const rate = rateOf("rmsprop", own, 0.01);
    const rho = number("rmsprop", "rho", own.rho ?? 0.99, 0, 1);
    const epsilon = epsilonOf("rmsprop", own.epsilon ?? 1e-8);
    const momentum = number("rmsprop", "momentum", own.momentum ?? 0, 0, 1);
    const decay = number("rmsprop", "weightDecay", own.weightDecay ?? 0, 0);
    const inside = flag("rmsprop", "epsilonInside", own.epsilonInside, false);
    const centered = flag("rmsprop", "centered", own.centered, false);
    return (parameter, raw, tools) => {
      const { slot, math, hyper } = tools;
      const gradient = withDecay(decay, parameter, raw, tools);
      const squares = slot("squares");
      const nextSquares = math.average(rho, squares, math.square(gradient));
      const mean = centered ? slot("mean") : undefined;
      const nextMean = mean && math.average(rho, mean, gradient);
      // Rounding may take a variance of zero below it.
      const power = nextMean ? math.max(math.sub(nextSquares, math.square(nextMean)), 0) : nextSquares;
      const root = inside ? math.sqrt(math.add(power, epsilon)) : math.add(math.sqrt(power), epsilon);
      const direction = math.div(gradient, root);
      const buffer = momentum > 0 ? slot("velocity") : undefined;
      const velocity = buffer && math.add(math.mul(hyper("momentum", momentum), buffer), direction);
      return [
        { leaf: squares, value: nextSquares },
        ...(mean && nextMean ? [{ leaf: mean, value: nextMean }] : []),
        ...(buffer && velocity ? [{ leaf: buffer, value: velocity }] : []),
        { leaf: parameter, value: math.sub(parameter, math.mul(tools.rate(rate), velocity ?? direction)) },
      ];
    };
  });
}
