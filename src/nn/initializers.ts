// First values of parameters, as graphs of seeded random numbers: a build runs them like any other entry.
//
// Fan-in and fan-out are those of a weight [..., in, out] (Keras' layout): the sizes of its last two axes, each times the
// sizes of the axes before them, the window of a convolution. A vector has both equal to its length.

import type { Node } from "../graph/node.js";
import { callSite, originOf } from "../graph/origin.js";
import { sizeOf, type Shape } from "../graph/shape.js";
import { badArgument } from "../messages.js";
import { finiteNumber } from "../ops/define.js";
import { makeFilled, type Initial } from "../ops/leaf/leaves.js";
import { initialClock, makeNormal, makeUniform, scaled } from "../ops/random/random.js";

/**
 * Makes the graph of a parameter's first value from its shape: `weightInitializer: heNormal`. The seed of the model
 * says which random numbers they are. {@link heNormal} is one.
 *
 * Fan-in and fan-out are the sizes of the last two axes of a weight [..., in, out], each times the sizes of the axes
 * before them, the window of a convolution. A vector has both equal to its length.
 */
export type Initializer = Extract<Initial, (...args: never[]) => Node>;

/**
 * Every element 0.
 * @example
 * ```ts
 * const b = parameter([3], zeros, { name: "b" });
 * const net = network("example", { batch: 1, outputs: { b: b } });
 * interpret(net, {}).outputs.b; // [0, 0, 0]
 * ```
 */
export const zeros: Initializer = (shape, origin) => makeFilled(origin, 0, shape, "float32");

/**
 * Every element the same number.
 * @param value a finite number
 * @returns an initialiser
 * @throws BAD_ARGUMENT for a number that is not finite
 * @example
 * ```ts
 * const h = dense(input("x", ["batch", 2]), 3, { biasInitializer: filled(0.1) });
 * const b = parameter([3], filled(0.1), { name: "b" });
 * const net = network("example", { batch: 1, outputs: { b: b } });
 * interpret(net, {}).outputs.b; // [0.1, 0.1, 0.1]
 * ```
 */
export const filled = (value: number): Initializer => {
  const number = finiteNumber("filled", "value", value, originOf(callSite("filled")));
  return (shape, origin) => makeFilled(origin, number, shape, "float32");
};

/**
 * Evenly distributed from `low` to `high`, which is excluded but for rounding.
 * @param low a finite number
 * @param high a finite number, at least `low`
 * @returns an initialiser
 * @throws BAD_ARGUMENT where `high` is below `low`, or one of them is not finite
 * @example
 * ```ts
 * const w = parameter([1000], uniform(-0.1, 0.1), { name: "w" });
 * const net = network("example", { batch: 1, outputs: { least: min(w), largest: max(w) } });
 * interpret(net, { seed: 1 }).outputs; // { least: [-0.09998], largest: [0.1] }
 * ```
 */
export const uniform = (low: number, high: number): Initializer => {
  const site = originOf(callSite("uniform"));
  const range = finiteNumber("uniform", "high", high, site) - finiteNumber("uniform", "low", low, site);
  if (!(range >= 0)) {
    const expected = `at least low, which is ${low}`;
    throw badArgument({ op: "uniform", argument: "high", value: high, expected, site: site.site });
  }
  return (shape, origin) => scaled(origin, makeUniform(origin, shape, initialClock(origin)), range, low);
};

/**
 * Normally distributed.
 * @param mean a finite number
 * @param deviation the standard deviation, at least 0
 * @returns an initialiser
 * @throws BAD_ARGUMENT for a deviation below 0, or a number that is not finite
 * @example
 * ```ts
 * const w = parameter([1000], normal(0, 0.1), { name: "w" });
 * const net = network("example", { batch: 1, outputs: { mean: mean(w), variance: variance(w) } });
 * interpret(net, { seed: 1 }).outputs; // { mean: [0.0002433], variance: [0.009511] }
 * ```
 */
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

/**
 * Uniform within ±sqrt(6 / (fanIn + fanOut)): Glorot & Bengio (2010). Keras' default for dense layers, and this
 * library's.
 * @example
 * ```ts
 * const w = parameter([300, 100], glorotUniform, { name: "w" });
 * const net = network("example", { batch: 1, outputs: { largest: max(abs(w)) } });
 * interpret(net, { seed: 1 }).outputs.largest; // [0.1225]
 * ```
 */
export const glorotUniform: Initializer = (shape, origin) => {
  const { fanIn, fanOut } = fans(shape);
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return uniform(-limit, limit)(shape, origin);
};

/**
 * Normal with variance 2 / (fanIn + fanOut): Glorot & Bengio (2010).
 * @example
 * ```ts
 * const w = parameter([300, 100], glorotNormal, { name: "w" });
 * const net = network("example", { batch: 1, outputs: { variance: variance(w) } });
 * interpret(net, { seed: 1 }).outputs.variance; // [0.004952]
 * ```
 */
export const glorotNormal: Initializer = (shape, origin) => {
  const { fanIn, fanOut } = fans(shape);
  return normal(0, Math.sqrt(2 / (fanIn + fanOut)))(shape, origin);
};

/**
 * Uniform within ±sqrt(6 / fanIn): He et al. (2015), arXiv:1502.01852, for ReLU layers.
 * @example
 * ```ts
 * const w = parameter([300, 100], heUniform, { name: "w" });
 * const net = network("example", { batch: 1, outputs: { largest: max(abs(w)) } });
 * interpret(net, { seed: 1 }).outputs.largest; // [0.1414]
 * ```
 */
export const heUniform: Initializer = (shape, origin) => {
  const limit = Math.sqrt(6 / fans(shape).fanIn);
  return uniform(-limit, limit)(shape, origin);
};

/**
 * Normal with variance 2 / fanIn: He et al. (2015), arXiv:1502.01852, for ReLU layers.
 * @example
 * ```ts
 * const w = parameter([300, 100], heNormal, { name: "w" });
 * const net = network("example", { batch: 1, outputs: { variance: variance(w) } });
 * interpret(net, { seed: 1 }).outputs.variance; // [0.006602]
 * ```
 */
export const heNormal: Initializer = (shape, origin) => normal(0, Math.sqrt(2 / fans(shape).fanIn))(shape, origin);

function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 };
  const last = shape.at(-1)!.times;
  if (shape.length === 1) return { fanIn: last, fanOut: last };
  const size = sizeOf(shape).times;
  return { fanIn: size / last, fanOut: size / shape.at(-2)!.times };
}
