// Positional encodings: what tells the positions of a sequence apart, to be added to their features.

import * as is from "../ops/call/checks.js";
import { callSite, originOf } from "../graph/origin.js";
import { dim } from "../graph/shape.js";
import type { Float32 } from "../graph/tensor.js";
import { cos, exp, floor, mul, sin, sub } from "../ops/pointwise/arithmetic.js";
import { positiveInteger } from "../ops/define.js";
import { makeIota } from "../ops/view/iota.js";
import { makeScalar, type Initial } from "../ops/leaf/leaves.js";
import { requireOptions } from "../ops/call/options.js";
import { asFloat } from "../ops/pointwise/pointwise.js";
import { greater, where } from "../ops/pointwise/logic.js";
import { normal } from "./initializers.js";
import { layerParameters } from "./parameters.js";

/**
 * The encoding of positions of Vaswani et al. (2017), section 3.5, arXiv:1706.03762: `sin(p / 10000^(2i / size))` at
 * the even places 2i of position p, and the cosine of the same angle at the odd places after them. It is computed, not
 * stored in the module.
 * @param length the number of positions
 * @param size the number of features
 * @returns [length, size], float32, to be added to features [batch, length, size]
 * @throws BAD_ARGUMENT for numbers that are no positive integers
 * @example
 * ```ts
 * const words = input("words", ["batch", 3, 4]);
 * add(words, sinusoidalEncoding(3, 4)); // float32 [batch, 3, 4]
 * const net = network("example", { batch: 1, outputs: { y: sinusoidalEncoding(2, 4) } });
 * interpret(net, {}).outputs.y; // [0, 1, 0, 1, 0.8415, 0.5403, 0.01, 1]
 * ```
 */
export function sinusoidalEncoding<const L extends number, const N extends number>(
  length: L,
  size: N,
): Float32<[L, N]> {
  const op = "sinusoidalEncoding";
  const origin = originOf(callSite(op));
  const shape = [positiveInteger(op, "length", length, origin), positiveInteger(op, "size", size, origin)].map((n) =>
    dim(n),
  );
  const number = (value: number) => makeScalar(origin, value);
  const position = asFloat(origin, makeIota(origin, shape, 0));
  const place = asFloat(origin, makeIota(origin, shape, 1));
  const pair = floor.at(origin, mul.at(origin, place, number(0.5)));
  const angle = mul.at(origin, position, exp.at(origin, mul.at(origin, pair, number((-2 * Math.log(10000)) / size))));
  const isOdd = greater.at(origin, sub.at(origin, place, mul.at(origin, pair, number(2))), number(0.5));
  return where.at(origin, isOdd, cos.at(origin, angle), sin.at(origin, angle)) as Float32<[L, N]>;
}

/** The options of {@link learnedEncoding}. */
export interface LearnedEncodingOptions {
  /** Normal with deviation 0.02 unless stated (BERT, GPT-2). */
  readonly weightInitializer?: Initial;
  /** Names the parameter `<name>.weight`, in place of the `const` that holds the encoding. */
  readonly name?: string;
  /** False: no gradient is derived for it and no step changes it. True unless stated. */
  readonly trainable?: boolean;
}

/**
 * A trained vector for each position: a parameter `weight` [length, size], to be added to features [batch, length,
 * size].
 * @param length the number of positions
 * @param size the number of features
 * @returns [length, size], float32
 * @throws BAD_ARGUMENT for numbers that are no positive integers
 * @example
 * ```ts
 * const words = input("words", ["batch", 16, 64]);
 * add(words, learnedEncoding(16, 64)); // float32 [batch, 16, 64]
 * ```
 */
export function learnedEncoding<const L extends number, const N extends number>(
  length: L,
  size: N,
  options: LearnedEncodingOptions = {},
): Float32<[L, N]> {
  const op = "learnedEncoding";
  const site = callSite(op);
  requireOptions(site, options, { weightInitializer: is.initial, name: is.text, trainable: is.flag });
  const origin = originOf(site);
  const shape = [positiveInteger(op, "length", length, origin), positiveInteger(op, "size", size, origin)].map((n) =>
    dim(n),
  );
  const { parameter } = layerParameters({ site, input: shape }, options);
  return parameter("weight", shape, options.weightInitializer ?? normal(0, 0.02)) as Float32<[L, N]>;
}
