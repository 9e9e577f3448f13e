// Noise in training that inference leaves out. Each is a formula over random numbers of its own.

import { createNode } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { badArgument } from "../../messages.js";
import { callOrigin } from "../call/options.js";
import { finiteNumber, tensorOperand } from "../define.js";
import { CLOCK } from "../leaf/seed-and-clock.js";
import { makeNormal, makeUniform, RANDOM_OPTIONS, rate, type RandomOptions } from "../random/random.js";
import { asFloat, pointwiseRecord } from "./pointwise.js";

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
