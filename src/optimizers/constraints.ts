// Constraints: what holds of a parameter after each update.

import * as is from "../ops/checks.js";
import type { Node } from "../graph/node.js";
import type { Origin } from "../graph/origin.js";
import { makeSum, spread } from "../ops/broadcast.js";
import { toAxes } from "../ops/define.js";
import { arithmetic } from "./arithmetic.js";
import { positive, refuse } from "./settings.js";

export interface Constraint {
  readonly kind: "constraint";
  readonly name: string;
  /** The next value of a parameter as it shall be. */
  readonly apply: (origin: Origin, value: Node) => Node;
}

/**
 * Scales weights whose Euclidean norm exceeds `limit` down to it after each update: Srivastava et al. (2014), section
 * 5.1; Keras' MaxNorm.
 * @param axis the axis or axes that one norm runs over; unless stated all but the last, so that the weights into each unit have
 *   a norm of their own (Keras' `axis` 0 of a dense weight, [0, 1, 2] of a convolution's); parameters of a single axis, such as
 *   biases, are then left alone
 * @throws TapelessError for a limit that is not above 0; an axis that a parameter has not is refused by `network`
 */
export function maxNorm(limit: number, axis?: number | readonly number[]): Constraint {
  const name = "maxNorm";
  positive(name, "limit", limit);
  if (axis !== undefined && !is.axes.accepts(axis)) refuse(name, "axis", axis, is.axes.expected);
  return Object.freeze<Constraint>({
    kind: "constraint",
    name,
    apply: (origin, value) => {
      const rank = value.shape.length;
      if (axis === undefined && rank < 2) return value;
      const over = toAxes(name, axis ?? value.shape.map((_, i) => i).slice(0, -1), value.shape, origin);
      const math = arithmetic(origin);
      const norm = math.sqrt(makeSum(origin, math.square(value), over));
      return math.mul(value, spread(origin, math.div(limit, math.max(norm, limit)), value.shape, over));
    },
  });
}
