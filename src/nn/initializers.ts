// First values of parameters, as graphs of seeded random numbers: a build runs them like any other entry.
//
// Fan-in and fan-out are those of a weight [..., in, out] (Keras' layout): the sizes of its last two axes, each times the
// sizes of the axes before them, the window of a convolution. A vector has both equal to its length.

import type { Node } from "../graph/node.js";
import { callSite, originOf } from "../graph/origin.js";
import { sizeOf, type Shape } from "../graph/shape.js";
import { badArgument } from "../messages.js";
import { finiteNumber } from "../ops/define.js";
import { makeFilled, type Initial } from "../ops/leaves.js";
import { initialClock, makeNormal, makeUniform, scaled } from "../ops/random.js";

/** Makes the graph of a parameter's first value from its shape. */
export type Initializer = Extract<Initial, (...args: never[]) => Node>;

/** Every element 0. */
export const zeros: Initializer = (shape, origin) => makeFilled(origin, 0, shape, "float32");

/** Every element `value`, a finite number. */
export const filled = (value: number): Initializer => {
  const number = finiteNumber("filled", "value", value, originOf(callSite("filled")));
  return (shape, origin) => makeFilled(origin, number, shape, "float32");
};

/** Evenly distributed from `low` to `high` (excluded, but for rounding); finite numbers. */
export const uniform = (low: number, high: number): Initializer => {
  const site = originOf(callSite("uniform"));
  const range = finiteNumber("uniform", "high", high, site) - finiteNumber("uniform", "low", low, site);
  if (!(range >= 0)) {
    const expected = `at least low, which is ${low}`;
    throw badArgument({ op: "uniform", argument: "high", value: high, expected, site: site.site });
  }
  return (shape, origin) => scaled(origin, makeUniform(origin, shape, initialClock(origin)), range, low);
};

/** Normally distributed; finite numbers, the deviation at least 0. */
export const normal = (mean: number, deviation: number): Initializer => {
  const origin = originOf(callSite("normal"));
  const centre = finiteNumber("normal", "mean", mean, origin);
  const width = finiteNumber("normal", "deviation", deviation, origin);
  if (width < 0) {
    const argument = "deviation";
    throw badArgument({ op: "normal", argument, value: width, expected: "at least 0", site: origin.site });
  }
  return (shape, leaf) => scaled(leaf, makeNormal(leaf, shape, initialClock(leaf)), width, centre);
};

/** Uniform within ±sqrt(6 / (fanIn + fanOut)): Glorot & Bengio (2010). Keras' default for dense layers. */
export const glorotUniform: Initializer = (shape, origin) => {
  const { fanIn, fanOut } = fans(shape);
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return uniform(-limit, limit)(shape, origin);
};

/** Normal with variance 2 / (fanIn + fanOut): Glorot & Bengio (2010). */
export const glorotNormal: Initializer = (shape, origin) => {
  const { fanIn, fanOut } = fans(shape);
  return normal(0, Math.sqrt(2 / (fanIn + fanOut)))(shape, origin);
};

/** Uniform within ±sqrt(6 / fanIn): He et al. (2015), for ReLU layers. */
export const heUniform: Initializer = (shape, origin) => {
  const limit = Math.sqrt(6 / fans(shape).fanIn);
  return uniform(-limit, limit)(shape, origin);
};

/** Normal with variance 2 / fanIn: He et al. (2015), for ReLU layers. */
export const heNormal: Initializer = (shape, origin) => normal(0, Math.sqrt(2 / fans(shape).fanIn))(shape, origin);

function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 };
  const last = shape.at(-1)!.times;
  if (shape.length === 1) return { fanIn: last, fanOut: last };
  const size = sizeOf(shape).times;
  return { fanIn: size / last, fanOut: size / shape.at(-2)!.times };
}
