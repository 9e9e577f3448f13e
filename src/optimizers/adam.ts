// Adam, AdamW and AMSGrad: one rule with three sets of defaults.

import * as is from "../ops/call/checks.js";
import type { Node } from "../graph/node.js";
import type { Optimizer } from "../graph/network.js";
import { optimizer, rateOf, withDecay, type Grouped, type Options } from "./optimizer.js";
import { epsilonOf, flag, number } from "./settings.js";

/** The options of {@link adam}, {@link adamw} and {@link amsgrad}. */
export interface AdamOptions extends Options {
  /** 0.001 unless stated; a run-time hyper-parameter. */
  readonly rate?: number;
  /** 0.9 unless stated. */
  readonly beta1?: number;
  /** 0.999 unless stated. */
  readonly beta2?: number;
  /** Added outside the square root; 1e-8 unless stated (PyTorch's; Keras has 1e-7). */
  readonly epsilon?: number;
  /**
   * True: epsilon is added to the root of v as it is, not corrected for its start at zero ("epsilon hat" of the paper's
   * section 2), as Keras, TensorFlow and ONNX' Adam operator do. False unless stated, as in the paper's algorithm and PyTorch.
   */
  readonly epsilonHat?: boolean;
  /** 0 unless stated (0.01 for adamw). A run-time hyper-parameter where it is not 0. */
  readonly weightDecay?: number;
  /**
   * True unless stated, as in AdamW and Keras: w loses rate * weightDecay * w. False: weightDecay * w is added to the
   * gradient, as in PyTorch's Adam and ONNX' Adam operator (norm_coefficient).
   */
  readonly decoupled?: boolean;
  /** True: the largest v so far divides. False unless stated. */
  readonly amsgrad?: boolean;
}

const SETTINGS = {
  beta1: is.finite,
  beta2: is.finite,
  epsilon: is.finite,
  epsilonHat: is.flag,
  weightDecay: is.finite,
  decoupled: is.flag,
  amsgrad: is.flag,
} as const;

/**
 * Adam: each element has a step of its own, from averages of its gradient and of the gradient's square. Kingma & Ba (2015),
 * arXiv:1412.6980, algorithm 1: m and v are averages of g and g², both corrected for their start at zero;
 * w <- w - rate m̂ / (sqrt(v̂) + epsilon). The corrections 1 - beta^t are computed as -expm1(t log beta), which keeps
 * float32's digits for small t. Weight decay is Loshchilov & Hutter's (2019), as in Keras and PyTorch's AdamW, unless
 * `decoupled` is false.
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own; their rates are
 *   hyper-parameters called `group1.rate` and so on
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for a setting that is unknown, not finite or out of range
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: adam({ rate: 0.1 }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.9, 1.1]
 * ```
 */
export const adam = (options: Grouped<AdamOptions> = {}): Optimizer => rule("adam", options, {});

/**
 * AdamW: {@link adam} with decoupled weight decay of 0.01 unless stated. Loshchilov & Hutter (2019), arXiv:1711.05101, with
 * PyTorch's defaults.
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for a setting that is unknown, not finite or out of range
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: adamw({ rate: 0.1 }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.899, 1.099]
 * ```
 */
export const adamw = (options: Grouped<AdamOptions> = {}): Optimizer => rule("adamw", options, { weightDecay: 0.01 });

/**
 * AMSGrad: {@link adam} whose step is divided by the largest v so far. Reddi et al. (2018), arXiv:1904.09237. As in
 * PyTorch the largest is taken of v as it is, and corrected for the start at zero afterwards.
 * @param options what holds for all parameters, and `groups` of parameters with settings of their own
 * @returns an optimizer, for a network or one of its steps
 * @throws BAD_ARGUMENT for a setting that is unknown, not finite or out of range
 * @example
 * ```ts
 * const w = parameter([2], 1, { name: "w" });
 * const loss = sum(mul(w, constant([1, -4])));
 * const net = network("example", { batch: 1, loss, optimizer: amsgrad({ rate: 0.1 }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.9, 1.1]
 * ```
 */
export const amsgrad = (options: Grouped<AdamOptions> = {}): Optimizer => rule("amsgrad", options, { amsgrad: true });

function rule(name: string, options: Grouped<AdamOptions>, defaults: AdamOptions): Optimizer {
  return optimizer<AdamOptions>(name, SETTINGS, options, (given) => {
    const own = { ...defaults, ...given };
    const rate = rateOf(name, own, 0.001);
    const beta1 = number(name, "beta1", own.beta1 ?? 0.9, 0, 1);
    const beta2 = number(name, "beta2", own.beta2 ?? 0.999, 0, 1);
    const epsilon = epsilonOf(name, own.epsilon ?? 1e-8);
    const decay = number(name, "weightDecay", own.weightDecay ?? 0, 0);
    const hat = flag(name, "epsilonHat", own.epsilonHat, false);
    const decoupled = flag(name, "decoupled", own.decoupled, true);
    const keepsLargest = flag(name, "amsgrad", own.amsgrad, false);
    return (parameter, raw, tools) => {
      const { hyper, slot, math, count } = tools;
      const correction = (beta: number): Node =>
        beta === 0 ? math.node(1) : math.neg(math.expm1(math.mul(count(), Math.log(beta))));
      const gradient = decoupled ? raw : withDecay(decay, parameter, raw, tools);
      const [m, v] = [slot("m"), slot("v")];
      const nextM = math.average(beta1, m, gradient);
      const nextV = math.average(beta2, v, math.square(gradient));
      const largest = keepsLargest ? slot("largest") : undefined;
      const nextLargest = largest && math.max(largest, nextV);
      const squares = nextLargest ?? nextV;
      const corrected = correction(beta2);
      // With epsilon hat the root's correction multiplies the whole quotient.
      const size = math.add(math.sqrt(hat ? squares : math.div(squares, corrected)), epsilon);
      const whole = math.div(tools.rate(rate), correction(beta1));
      const scaledRate = hat ? math.mul(whole, math.sqrt(corrected)) : whole;
      const moved = math.sub(parameter, math.div(math.mul(scaledRate, nextM), size));
      const shrink = math.mul(math.mul(tools.rate(rate), hyper("weightDecay", decay)), parameter);
      return [
        { leaf: m, value: nextM },
        { leaf: v, value: nextV },
        ...(largest && nextLargest ? [{ leaf: largest, value: nextLargest }] : []),
        { leaf: parameter, value: decay === 0 || !decoupled ? moved : math.sub(moved, shrink) },
      ];
    };
  });
}
