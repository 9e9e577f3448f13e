// Randomness: an integer hash of (seed, stream, step, element index), never a loop counter, so that the backward pass
// recomputes masks and tiling changes no bit.

import * as is from "../call/checks.js";
import { addAffine, axis, scaleAffine, ZERO } from "../../graph/affine.js";
import { load, type Body } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import { originOf, type Origin } from "../../graph/origin.js";
import { stridesOf, type PublicDim, type Shape } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import type { Mutable } from "../../graph/dims-types.js";
import { badArgument, invariant } from "../../messages.js";
import { applyScalar, argument, constant, type Scalar } from "../../scalar/expression.js";
import { add, mul } from "../pointwise/arithmetic.js";
import { finiteNumber, float, noSamples, record, tensorOperand, toShape } from "../define.js";
import { leafRecord, makeFilled, makeScalar } from "../leaf/leaves.js";
import { callOrigin, type Known } from "../call/options.js";
import { asFloat, pointwiseRecord } from "../pointwise/pointwise.js";
import { less } from "../pointwise/logic.js";

const scalarInt = { shape: Object.freeze([]) as Shape, dtype: "int32" } as const;

export const seedDef: OpDef = leafRecord("seed", "The seed of the run.");
export const clockDef: OpDef = leafRecord("clock", "The number of training steps done so far.");

const LIBRARY = originOf(Object.freeze({ call: "random" }));

/** The seed of the run: one leaf for every network. */
export const SEED: Node = createNode(seedDef, [], scalarInt, LIBRARY);

/** The number of training steps done so far. A step that reaches it counts it up. */
export const CLOCK: Node = createNode(clockDef, [], scalarInt, LIBRARY);

export interface RandomAttrs {
  readonly shape: Shape;
  /** Names the sequence; absent until the compiler has put the node's name. */
  readonly stream?: string;
}

/** FNV-1a over the UTF-16 code units: 32 bits, unsigned. */
export function streamHash(stream: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < stream.length; i++) hash = Math.imul(hash ^ stream.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export const randomUniformDef: OpDef<RandomAttrs> = record<RandomAttrs>({
  name: "randomUniform",
  family: "random",
  doc: "Numbers distributed evenly over 0 to 1, 1 excluded.",
  operands: ["seed", "clock"],
  infer: ({ attrs }) => float(attrs.shape),
  lower({ attrs }) {
    invariant(attrs.stream !== undefined, "a random node has a stream when it is lowered");
    const strides = stridesOf(attrs.shape);
    const index = addAffine(...attrs.shape.map((_, i) => scaleAffine(axis(i), strides[i]!)));
    const hash = (a: Body, b: Body): Body => applyScalar("hash", a, b);
    const run = hash(hash(load(0, []), constant(streamHash(attrs.stream))), load(1, []));
    return {
      kind: "map",
      body: applyScalar("uniform", hash(run, { kind: "index", affine: index.length ? index : ZERO })),
    };
  },
  differentiable: false,
  samples: noSamples,
});

/** Counts a step: the clock, and the step counts of optimizers. */
export const incrementDef: OpDef = pointwiseRecord("increment", {
  formula: "n + 1",
  doc: "The next integer.",
  operands: ["n"],
  kinds: ["int32"],
  result: "int32",
  differentiable: false,
});

export const makeIncrement = (origin: Origin, n: Node): Node => createNode(incrementDef, [n], {}, origin);

// Acklam's coefficients: central numerator and denominator, tail numerator and denominator. The central ones are those of the
// same polynomials in u = 1/4 - r in place of his r: all are positive, so that nothing cancels in float32.
const A = [
  39.69683028665376, 171.3250605662033, 79.79293095160679, 8.063526208948025, 0.18871540632296283,
  0.0007095380368489987,
];
const B = [
  54.47609879822406, 93.49071336026083, 28.16070475073575, 2.109875377347591, 0.038455833779857174,
  0.00011040444440565955,
];
const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];

/** 24 random bits as a standard normal value: the inverse distribution function, in + - * / and sqrt only. */
export const normalQuantileDef: OpDef = pointwiseRecord("normalQuantile", {
  doc: "A uniform number as a standard normal one: Acklam's rational inverse of the distribution function.",
  scalar: normalQuantile(),
  differentiable: false,
  ranges: [[[0.001, 0.999]]],
});

/**
 * P. J. Acklam's approximation (relative error below 1.15e-9). Its tails need sqrt(-2 log p); the logarithm comes from six
 * square roots and the series of atanh, so that every engine gives the same bits. In float32 it is right to 1e-6 of itself.
 */
function normalQuantile(): Scalar {
  const num = (value: number): Scalar => constant(value);
  const sum2 = (a: Scalar, b: Scalar): Scalar => applyScalar("add", a, b);
  const minus = (a: Scalar, b: Scalar): Scalar => applyScalar("sub", a, b);
  const times = (a: Scalar, b: Scalar): Scalar => applyScalar("mul", a, b);
  const over = (a: Scalar, b: Scalar): Scalar => applyScalar("div", a, b);
  const polynomial = (x: Scalar, coefficients: readonly number[]): Scalar =>
    coefficients.slice(1).reduce((sum, c) => sum2(times(sum, x), num(c)), num(coefficients[0]!));

  // Half a step off the grid, so that the 2^24 values lie symmetrically and none is 0 or 1.
  const q = sum2(minus(argument(0), num(0.5)), num(2 ** -25));
  const tail = minus(num(0.5), applyScalar("abs", q));
  // 1/4 - q², from factors that are exact.
  const u = times(tail, minus(num(1), tail));
  const central = over(times(polynomial(u, A), q), polynomial(u, B));
  let root: Scalar = tail;
  // (root - 1) / (root + 1) for the last root, where root - 1 = (tail - 1) / (each root + 1): a difference would cancel.
  let product: Scalar | undefined;
  for (let i = 0; i < 6; i++) {
    root = applyScalar("sqrt", root);
    const factor = sum2(root, num(1));
    product = product ? times(product, factor) : factor;
  }
  const z = over(minus(tail, num(1)), times(product!, sum2(root, num(1))));
  const series = polynomial(times(z, z), [1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1]);
  const t = applyScalar("sqrt", times(times(z, series), num(-4 * 2 ** 6)));
  const outer = over(polynomial(t, C), polynomial(t, [...D, 1]));
  const signed = times(applyScalar("neg", applyScalar("sign", q)), outer);
  return applyScalar("select", applyScalar("lt", tail, num(0.02425)), signed, central);
}

export const makeUniform = (origin: Origin, shape: Shape, clock: Node, stream?: string): Node =>
  createNode(randomUniformDef, [SEED, clock], stream === undefined ? { shape } : { shape, stream }, origin);

export const makeNormal = (origin: Origin, shape: Shape, clock: Node, stream?: string): Node =>
  createNode(normalQuantileDef, [makeUniform(origin, shape, clock, stream)], {}, origin);

/** The clock of initial values: they are drawn once. */
export const initialClock = (origin: Origin): Node => makeFilled(origin, 0, [], "int32");

/** Multiplies by a number and adds one. */
export const scaled = (origin: Origin, x: Node, factor: number, shift: number): Node => {
  const product = factor === 1 ? x : mul.at(origin, x, makeScalar(origin, factor));
  return shift === 0 ? product : add.at(origin, product, makeScalar(origin, shift));
};

export interface RandomOptions {
  /** Names the sequence of numbers: equal streams give equal numbers. The node's own name unless stated. */
  readonly stream?: string;
}

const RANDOM_OPTIONS = { stream: is.text } satisfies Known<RandomOptions>;

export interface UniformOptions extends RandomOptions {
  /** The least number. 0 unless stated. */
  readonly low?: number;
  /** What all numbers are below. 1 unless stated. */
  readonly high?: number;
}

export interface NormalOptions extends RandomOptions {
  /** 0 unless stated. */
  readonly mean?: number;
  /** The standard deviation. 1 unless stated. */
  readonly deviation?: number;
}

/**
 * Fresh numbers in each training step, distributed evenly from `low` to `high`, the latter excluded. The seed of the
 * model and the step's number say which: equal ones give equal numbers.
 * @param shape positive integers and "batch"
 * @returns that shape, float32
 * @throws BAD_ARGUMENT for what is no shape
 * @example
 * ```ts
 * const noise = randomUniform([1000], { low: -1, high: 1, stream: "noise" });
 * const net = network("example", { batch: 1, outputs: { mean: mean(noise), inside: less(max(abs(noise)), 1) } });
 * interpret(net, { seed: 1 }).outputs; // { mean: [-0.009231], inside: [1] }
 * ```
 */
export function randomUniform<const S extends Dims>(shape: S, options: UniformOptions = {}): Float32<Mutable<S>> {
  const origin = callOrigin("randomUniform", options, { ...RANDOM_OPTIONS, low: is.finite, high: is.finite });
  const low = finiteNumber("randomUniform", "low", options.low ?? 0, origin);
  const high = finiteNumber("randomUniform", "high", options.high ?? 1, origin);
  const uniform = makeUniform(
    origin,
    toShape("randomUniform", shape as readonly PublicDim[], origin),
    CLOCK,
    options.stream,
  );
  return scaled(origin, uniform, high - low, low) as Float32<Mutable<S>>;
}

/**
 * Fresh normally distributed numbers in each training step. The seed of the model and the step's number say which:
 * equal ones give equal numbers.
 * @param shape positive integers and "batch"
 * @returns that shape, float32
 * @throws BAD_ARGUMENT for what is no shape
 * @example
 * ```ts
 * const noise = randomNormal([1000], { deviation: 2, stream: "noise" });
 * const net = network("example", { batch: 1, outputs: { mean: mean(noise), variance: variance(noise) } });
 * interpret(net, { seed: 1 }).outputs; // { mean: [-0.03601], variance: [3.917] }
 * ```
 */
export function randomNormal<const S extends Dims>(shape: S, options: NormalOptions = {}): Float32<Mutable<S>> {
  const origin = callOrigin("randomNormal", options, { ...RANDOM_OPTIONS, mean: is.finite, deviation: is.finite });
  const centre = finiteNumber("randomNormal", "mean", options.mean ?? 0, origin);
  const deviation = finiteNumber("randomNormal", "deviation", options.deviation ?? 1, origin);
  const normal = makeNormal(
    origin,
    toShape("randomNormal", shape as readonly PublicDim[], origin),
    CLOCK,
    options.stream,
  );
  return scaled(origin, normal, deviation, centre) as Float32<Mutable<S>>;
}

/**
 * Fresh random bools in each training step, true with the given probability.
 * @param shape positive integers and "batch"
 * @param probability from 0 to 1
 * @returns that shape, bool
 * @throws BAD_ARGUMENT for another probability, or what is no shape
 * @example
 * ```ts
 * const heads = bernoulli([1000], 0.3, { stream: "heads" });
 * const net = network("example", { batch: 1, outputs: { share: mean(heads) } });
 * interpret(net, { seed: 1 }).outputs.share; // [0.298]
 * ```
 */
export function bernoulli<const S extends Dims>(
  shape: S,
  probability: number,
  options: RandomOptions = {},
): Tensor<Mutable<S>, "bool"> {
  const origin = callOrigin("bernoulli", options, RANDOM_OPTIONS);
  const chance = rate("bernoulli", "probability", probability, 1, origin);
  const uniform = makeUniform(
    origin,
    toShape("bernoulli", shape as readonly PublicDim[], origin),
    CLOCK,
    options.stream,
  );
  return less.at(origin, uniform, makeScalar(origin, chance)) as Tensor<Mutable<S>, "bool">;
}

function rate(op: string, name: string, value: number, upTo: number, origin: Origin): number {
  if (value >= 0 && value <= upTo) return value;
  throw badArgument({ op, argument: name, value, expected: `from 0 to ${upTo}`, site: origin.site });
}

/** Keeps an element where its noise reaches the rate. A node of its own, so that inference can leave it out. */
export const dropoutDef: OpDef = pointwiseRecord("dropout", {
  formula: "where(noise >= rate, x / (1 - rate), 0)",
  doc: "In training sets elements to 0 and scales the others up; in inference the value itself.",
  operands: ["x", "noise"],
  inference: ({ inputs: [x] }) => x!,
  ranges: [
    [
      [-2, 2],
      [0, 0.2],
    ],
    [
      [-2, 2],
      [0.4, 1],
    ],
  ],
  attrs: [{ rate: 0.3 }],
});

/**
 * In training sets each element to 0 with the given probability and divides the others by `1 - probability`; in
 * inference x itself. Srivastava et al. (2014), scaled in training as PyTorch and Keras do.
 * @param x a tensor of any shape; int32 and bool are converted to float32
 * @param probability from 0 to below 1
 * @returns x's shape, float32
 * @throws BAD_ARGUMENT for another probability
 * @example
 * ```ts
 * const w = parameter([6], 1, { name: "w" });
 * const kept = dropout(w, 0.5, { stream: "kept" });
 * const net = network("example", { batch: 1, outputs: { kept }, loss: sum(kept), optimizer: sgd() });
 * const { outputs, gradients } = interpret(net, { seed: 1 });
 * outputs.kept; // [1, 1, 1, 1, 1, 1]
 * gradients.w; // [2, 2, 2, 0, 0, 2]
 * ```
 */
export function dropout<S extends Dims>(x: Tensor<S>, probability: number, options: RandomOptions = {}): Float32<S> {
  const origin = callOrigin("dropout", options, RANDOM_OPTIONS);
  const node = asFloat(origin, tensorOperand("dropout", "x", x, origin));
  if (probability === 1) {
    throw badArgument({ op: "dropout", argument: "rate", value: 1, expected: "below 1", site: origin.site });
  }
  const attrs = { rate: rate("dropout", "probability", probability, 1, origin) };
  const noise = makeUniform(origin, node.shape, CLOCK, options.stream);
  return createNode(dropoutDef, [node, noise], attrs, origin) as Tensor<S, "float32">;
}

/** A node of its own, so that inference can leave it out. */
export const gaussianNoiseDef: OpDef = pointwiseRecord("gaussianNoise", {
  formula: "x + deviation * noise",
  doc: "In training adds normal noise; in inference the value itself.",
  operands: ["x", "noise"],
  inference: ({ inputs: [x] }) => x!,
  attrs: [{ deviation: 0.5 }],
});

/**
 * In training adds fresh normal noise of mean 0 and the given standard deviation to each element; in inference x
 * itself. Keras' GaussianNoise: what a denoising autoencoder removes.
 * @param x a tensor of any shape; int32 and bool are converted to float32
 * @param deviation at least 0
 * @returns x's shape, float32
 * @throws BAD_ARGUMENT for another deviation
 * @example
 * ```ts
 * const x = input("x", ["batch", 3]);
 * const net = network("example", { batch: 1, outputs: { predicted: gaussianNoise(x, 0.1) } });
 * interpret(net, { inputs: { x: [1, 2, 3] } }).outputs.predicted; // [1, 2, 3]
 * ```
 */
export function gaussianNoise<S extends Dims>(
  x: Tensor<S>,
  deviation: number,
  options: RandomOptions = {},
): Float32<S> {
  const op = "gaussianNoise";
  const origin = callOrigin(op, options, RANDOM_OPTIONS);
  const node = asFloat(origin, tensorOperand(op, "x", x, origin));
  const attrs = { deviation: finiteNumber(op, "deviation", deviation, origin) };
  if (deviation < 0) {
    throw badArgument({ op, argument: "deviation", value: deviation, expected: "at least 0", site: origin.site });
  }
  const noise = makeNormal(origin, node.shape, CLOCK, options.stream);
  return createNode(gaussianNoiseDef, [node, noise], attrs, origin) as Tensor<S, "float32">;
}
