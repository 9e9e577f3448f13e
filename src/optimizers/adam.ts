// Adam, with optional decoupled weight decay.

import { UPDATE_RULE, type Assignment, type Optimizer } from "../graph/network.js";
import { derivedOrigin } from "../graph/origin.js";
import { add, div, expm1, mul, neg, sqrt, square, sub } from "../ops/arithmetic.js";
import { makeScalar } from "../ops/leaves.js";
import { asFloat } from "../ops/pointwise.js";
import { number, optimizer, type Grouped, type Options } from "./optimizer.js";

export interface AdamOptions extends Options {
  /** 0.001 unless stated; a run-time hyper-parameter. */
  readonly rate?: number;
  /** 0.9 unless stated. */
  readonly beta1?: number;
  /** 0.999 unless stated. */
  readonly beta2?: number;
  /** Added outside the square root; 1e-8 unless stated (PyTorch's; Keras has 1e-7). */
  readonly epsilon?: number;
  /** Decoupled (AdamW): w loses rate * weightDecay * w. 0 unless stated. A run-time hyper-parameter where it is not 0. */
  readonly weightDecay?: number;
}

const SETTINGS = { rate: true, beta1: true, beta2: true, epsilon: true, weightDecay: true } as const;

/**
 * Kingma & Ba (2015), algorithm 1: m and v are averages of g and g², both corrected for their start at zero;
 * w <- w - rate m̂ / (sqrt(v̂) + epsilon). The corrections 1 - beta^t are computed as -expm1(t log beta), which keeps
 * float32's digits for small t. Weight decay is Loshchilov & Hutter's (2019), as in PyTorch's AdamW.
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own; their rates are
 *   hyper-parameters called `group1.rate` and so on
 * @throws TapelessError for a setting that is unknown, not finite or out of range
 */
export function adam(options: Grouped<AdamOptions> = {}): Optimizer {
  return optimizer<AdamOptions>("adam", SETTINGS, options, (own) => {
    const rate = number("adam", "rate", own.rate ?? 0.001, 0);
    const beta1 = number("adam", "beta1", own.beta1 ?? 0.9, 0, 1);
    const beta2 = number("adam", "beta2", own.beta2 ?? 0.999, 0, 1);
    const epsilon = number("adam", "epsilon", own.epsilon ?? 1e-8, 0);
    const decay = number("adam", "weightDecay", own.weightDecay ?? 0, 0);
    return (parameter, gradient, { hyper, slot, count }): readonly Assignment[] => {
      const origin = derivedOrigin(parameter, UPDATE_RULE);
      const num = (value: number) => makeScalar(origin, value);
      const t = asFloat(origin, count);
      const correction = (beta: number) =>
        beta === 0 ? num(1) : neg.at(origin, expm1.at(origin, mul.at(origin, t, num(Math.log(beta)))));
      const average = (beta: number, before: typeof gradient, now: typeof gradient) =>
        add.at(origin, mul.at(origin, before, num(beta)), mul.at(origin, now, num(1 - beta)));
      const [m, v] = [slot("m"), slot("v")];
      const nextM = average(beta1, m, gradient);
      const nextV = average(beta2, v, square.at(origin, gradient));
      const size = add.at(origin, sqrt.at(origin, div.at(origin, nextV, correction(beta2))), num(epsilon));
      const scaledRate = div.at(origin, hyper("rate", rate), correction(beta1));
      const moved = sub.at(origin, parameter, div.at(origin, mul.at(origin, scaledRate, nextM), size));
      const shrink = mul.at(origin, mul.at(origin, hyper("rate", rate), hyper("weightDecay", decay)), parameter);
      return [
        { leaf: m, value: nextM },
        { leaf: v, value: nextV },
        { leaf: parameter, value: decay === 0 ? moved : sub.at(origin, moved, shrink) },
      ];
    };
  });
}
