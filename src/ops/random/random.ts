// Randomness: an integer hash of (seed, stream, step, element index), never a loop counter, so that the backward pass
// recomputes masks and tiling changes no bit.

import { addAffine, axis, scaleAffine, ZERO } from "../../graph/affine.js";
import type { Mutable } from "../../graph/dims-types.js";
import { load, type Body } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { stridesOf, type PublicDim, type Shape } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { badArgument, invariant } from "../../messages.js";
import { applyScalar, constant } from "../../scalar/expression.js";
import * as is from "../call/checks.js";
import { callOrigin, type Known } from "../call/options.js";
import { finiteNumber, float, noSamples, record, toShape } from "../define.js";
import { makeFilled, makeScalar } from "../leaf/leaves.js";
import { SEED, CLOCK } from "../leaf/seed-and-clock.js";
import { add, mul } from "../pointwise/arithmetic.js";
import { less } from "../pointwise/logic.js";
import { normalQuantileDef } from "../pointwise/normal-quantile.js";

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

/** The operand that is the stream's hash where the node does not name a stream: a function's, whose calls differ in it. */
const STREAM = 2;

export const randomUniformDef: OpDef<RandomAttrs> = record<RandomAttrs>({
  name: "randomUniform",
  family: "random",
  doc: "Numbers distributed evenly over 0 to 1, 1 excluded.",
  operands: ["seed", "clock"],
  infer: ({ attrs }) => float(attrs.shape),
  lower({ attrs, inputs }) {
    const given = inputs.length > STREAM;
    invariant(given || attrs.stream !== undefined, "a random node has a stream when it is lowered");
    const stream: Body = given ? load(STREAM, []) : constant(streamHash(attrs.stream!));
    const strides = stridesOf(attrs.shape);
    const index = addAffine(...attrs.shape.map((_, i) => scaleAffine(axis(i), strides[i]!)));
    const hash = (a: Body, b: Body): Body => applyScalar("hash", a, b);
    const run = hash(hash(load(0, []), stream), load(1, []));
    return {
      kind: "map",
      body: applyScalar("uniform", hash(run, { kind: "index", affine: index.length ? index : ZERO })),
    };
  },
  differentiable: false,
  samples: noSamples,
});

export const makeUniform = (origin: Origin, shape: Shape, clock: Node, stream?: string): Node =>
  createNode(randomUniformDef, [SEED, clock], stream === undefined ? { shape } : { shape, stream }, origin);

/** The stream that a random node draws from; undefined for other nodes. */
export const streamOf = (node: Node): string | undefined =>
  node.def.family === "random" ? (node.attrs as RandomAttrs).stream : undefined;

/** The random node with its stream as an operand: the hash, an int32 scalar. */
export function withStreamGiven(node: Node, inputs: readonly Node[], stream: Node): Node {
  const { stream: _, ...attrs } = node.attrs as RandomAttrs;
  return createNode(node.def, [...inputs, stream], attrs, node.origin);
}

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

export const RANDOM_OPTIONS = { stream: is.text } satisfies Known<RandomOptions>;

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

export function rate(op: string, name: string, value: number, upTo: number, origin: Origin): number {
  if (value >= 0 && value <= upTo) return value;
  throw badArgument({ op, argument: name, value, expected: `from 0 to ${upTo}`, site: origin.site });
}
