// First values of parameters, as graphs of seeded random numbers: a build runs them like any other entry.
//
// Fan-in and fan-out are those of a weight [in, out]: the sizes of its first axes and of its last one.

import type { Node } from "../graph/node.js";
import type { Origin } from "../graph/origin.js";
import { sizeOf, type Shape } from "../graph/shape.js";
import { badArgument } from "../messages.js";
import { add, div, mul, sqrt, square, sub } from "../ops/arithmetic.js";
import { makeSum } from "../ops/broadcast.js";
import { makeMatmul } from "../ops/contract.js";
import { finiteNumber } from "../ops/define.js";
import { makeFilled, makeScalar, type Initial } from "../ops/leaves.js";
import { initialClock, makeNormal, makeUniform, scaled } from "../ops/random.js";
import { makeTranspose } from "../ops/views.js";

/** Makes the graph of a parameter's first value from its shape. */
export type Initializer = Extract<Initial, (...args: never[]) => Node>;

/** Every element 0. */
export const zeros: Initializer = (shape, origin) => makeFilled(origin, 0, shape, "float32");

/** Every element `value`. */
export const filled =
  (value: number): Initializer =>
  (shape, origin) =>
    makeFilled(origin, finiteNumber("filled", "value", value, origin), shape, "float32");

/** Evenly distributed from `low` to `high`. */
export const uniform =
  (low: number, high: number): Initializer =>
  (shape, origin) =>
    scaled(origin, makeUniform(origin, shape, initialClock(origin)), high - low, low);

/** Normally distributed. */
export const normal =
  (mean: number, standardDeviation: number): Initializer =>
  (shape, origin) =>
    scaled(origin, makeNormal(origin, shape, initialClock(origin)), standardDeviation, mean);

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

/**
 * A matrix with orthonormal rows or columns, whichever are fewer, times `gain`: Saxe et al. (2014). The polar factor of a
 * normal matrix, by Newton-Schulz steps X <- 1.5 X - 0.5 X XᵀX; the first steps use the wider quintic of the same family
 * so that small singular values grow by 3.4 each time.
 */
export const orthogonal =
  (gain: number): Initializer =>
  (shape, origin) => {
    if (shape.length !== 2) {
      const expected = "for a parameter with two axes";
      throw badArgument({ op: "orthogonal", argument: "the initialiser", value: shape.length, expected, site: origin.site });
    }
    const tall = shape[0]!.times >= shape[1]!.times;
    let x: Node = makeNormal(origin, shape, initialClock(origin));
    const size = sqrt.at(origin, makeSum(origin, square.at(origin, x), [0, 1]));
    x = div.at(origin, x, size);
    for (const coefficients of STEPS) x = polarStep(origin, x, tall, coefficients);
    return mul.at(origin, x, makeScalar(origin, gain));
  };

// x (a + b g + c g²) with g = xᵀx (or x xᵀ): singular values s become a s + b s³ + c s⁵.
type Coefficients = readonly [number, number, number];
const QUINTIC: Coefficients = [3.4445, -4.775, 2.0315];
const CUBIC: Coefficients = [1.5, -0.5, 0];
const STEPS: readonly Coefficients[] = [...Array<Coefficients>(14).fill(QUINTIC), ...Array<Coefficients>(10).fill(CUBIC)];

function polarStep(origin: Origin, x: Node, tall: boolean, [a, b, c]: Coefficients): Node {
  const transposed = makeTranspose(origin, x, [1, 0]);
  const gram = tall ? makeMatmul(origin, transposed, x) : makeMatmul(origin, x, transposed);
  const times = (factor: number, node: Node): Node => mul.at(origin, node, makeScalar(origin, factor));
  const apply = (g: Node): Node => (tall ? makeMatmul(origin, x, g) : makeMatmul(origin, g, x));
  if (c === 0) return sub.at(origin, times(a, x), times(-b, apply(gram)));
  const polynomial = add.at(origin, times(b, gram), times(c, makeMatmul(origin, gram, gram)));
  return add.at(origin, times(a, x), apply(polynomial));
}

function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 };
  const last = shape[shape.length - 1]!.times;
  return shape.length === 1 ? { fanIn: last, fanOut: last } : { fanIn: sizeOf(shape).times / last, fanOut: last };
}
