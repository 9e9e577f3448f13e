// Adagrad: each element's rate falls with the sum of its squared gradients.

import * as is from "../ops/call/checks.js";
import type { Optimizer } from "../graph/network.js";
import { optimizer, rateOf, withDecay, type Grouped, type Options } from "./optimizer.js";
import { epsilonOf, flag, number } from "./settings.js";

/** The options of {@link adagrad}. */
export interface AdagradOptions extends Options {
  /** 0.01 unless stated (PyTorch's; Keras has 0.001); a run-time hyper-parameter. */
  readonly rate?: number;
  /** The rate after t updates is rate / (1 + rateDecay t); 0 unless stated. PyTorch's lr_decay, ONNX' decay_factor. */
  readonly rateDecay?: number;
  /** What the sum starts at; 0 unless stated (PyTorch's; Keras has 0.1). */
  readonly initialSum?: number;
  /** 1e-10 unless stated (PyTorch's; Keras has 1e-7). */
  readonly epsilon?: number;
  /** True: epsilon is added inside the root, as in Keras. False unless stated: outside, as in PyTorch and ONNX. */
  readonly epsilonInside?: boolean;
  /** Added to the gradient as weightDecay * w; 0 unless stated. ONNX' norm_coefficient. A run-time hyper-parameter where it is not 0. */
  readonly weightDecay?: number;
}

/**
 * Adagrad: each element's rate falls with the sum of its squared gradients. Duchi et al. (2011): s <- s + g², w <- w -
 * rate g / (sqrt(s) + epsilon). ONNX' Adagrad operator is this with its own defaults (epsilon 1e-6).
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for a setting that is unknown, not finite or out of range
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: adagrad({ rate: 0.1 }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.9, 1.1]
 * ```
 */
export function adagrad(options: Grouped<AdagradOptions> = {}): Optimizer {
  const known = {
    rateDecay: is.finite,
    initialSum: is.finite,
    epsilon: is.finite,
    epsilonInside: is.flag,
    weightDecay: is.finite,
  } as const;
  return optimizer<AdagradOptions>("adagrad", known, options, (own) => {
    const rate = rateOf("adagrad", own, 0.01);
    const rateDecay = number("adagrad", "rateDecay", own.rateDecay ?? 0, 0);
    const initial = number("adagrad", "initialSum", own.initialSum ?? 0, 0);
    const epsilon = epsilonOf("adagrad", own.epsilon ?? 1e-10);
    const inside = flag("adagrad", "epsilonInside", own.epsilonInside, false);
    const decay = number("adagrad", "weightDecay", own.weightDecay ?? 0, 0);
    return (parameter, raw, tools) => {
      const { slot, math, count } = tools;
      const gradient = withDecay(decay, parameter, raw, tools);
      const sum = slot("sum", initial);
      const next = math.add(sum, math.square(gradient));
      const root = inside ? math.sqrt(math.add(next, epsilon)) : math.add(math.sqrt(next), epsilon);
      const falling = (): ReturnType<typeof count> => math.add(math.mul(math.sub(count(), 1), rateDecay), 1);
      const now = rateDecay === 0 ? tools.rate(rate) : math.div(tools.rate(rate), falling());
      return [
        { leaf: sum, value: next },
        // The rate last: the gradient of a table is one sum of scattered rows, and not another one with the rate in it.
        { leaf: parameter, value: math.sub(parameter, math.mul(now, math.div(gradient, root))) },
      ];
    };
  });
}
