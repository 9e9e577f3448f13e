// Constraints: what holds of a parameter after each update.

import * as is from "../ops/call/checks.js";
import type { Node } from "../graph/node.js";
import { callSite, type Origin } from "../graph/origin.js";
import { spread } from "../ops/view/broadcast.js";
import { makeSum } from "../ops/adjoint-pairs.js";
import { toAxes } from "../ops/define.js";
import { requireOptions } from "../ops/call/options.js";
import { arithmetic } from "./arithmetic.js";
import { positive } from "./settings.js";

/** What holds of a parameter after each update. {@link maxNorm} makes one. */
export interface Constraint {
  /** Says that it is a constraint. */
  readonly kind: "constraint";
  /** The name of the function that made it. */
  readonly name: string;
  /** The next value of a parameter as it shall be. */
  readonly apply: (origin: Origin, value: Node) => Node;
}

/** The options of {@link maxNorm}. */
export interface MaxNormOptions {
  /**
   * The axis or axes that one norm runs over. Unless stated all but the last, so that the weights into each unit have a norm of
   * their own (Keras' `axis` 0 of a dense weight, [0, 1, 2] of a convolution's); parameters of a single axis, such as
   * biases, are then left alone.
   */
  readonly axis?: number | readonly number[];
}

/**
 * Scales weights whose Euclidean norm exceeds `limit` down to it after each update: Srivastava et al. (2014), section
 * 5.1; Keras' MaxNorm.
 * @param limit the largest norm, above 0
 * @returns a constraint, for an optimizer's option `constraint`
 * @throws BAD_ARGUMENT for a limit that is not above 0; an axis that a parameter has not is refused by `network`
 * @example
 * ```ts
 * const w = parameter([2, 1], 3, { name: "w" });
 * const net = network("example", { batch: 1, loss: sum(w), optimizer: sgd({ rate: 0, constraint: maxNorm(1) }) });
 * interpret(net, {}).after.step?.parameters.w; // [0.7071, 0.7071]
 * ```
 */
export function maxNorm(limit: number, options: MaxNormOptions = {}): Constraint {
  const name = "maxNorm";
  positive(name, "limit", limit);
  requireOptions(callSite(name), options, { axis: is.axes });
  return Object.freeze<Constraint>({
    kind: "constraint",
    name,
    apply: (origin, value) => {
      const rank = value.shape.length;
      if (options.axis === undefined && rank < 2) return value;
      const axes = options.axis === undefined ? value.shape.map((_, i) => i).slice(0, -1) : options.axis;
      const over = toAxes(name, axes, value.shape, origin);
      const math = arithmetic(origin);
      const norm = math.sqrt(makeSum(origin, math.square(value), over));
      return math.mul(value, spread(origin, math.div(limit, math.max(norm, limit)), value.shape, over));
    },
  });
}
