// Batch norm: each channel is normalised over the batch and all positions.

import * as is from "../ops/call/checks.js";
import { createNode, type Node } from "../graph/node.js";
import { part, type Origin } from "../graph/origin.js";
import { sizeOf } from "../graph/shape.js";
import type { Dims, Float32, Tensor } from "../graph/tensor.js";
import { badArgument, wrongRank } from "../messages.js";
import { add, div, maximum, mul, sub } from "../ops/pointwise/arithmetic.js";
import { batchNormalizeDef, otherAxes, scaleAndShift } from "../ops/composite/batch-normalize.js";
import { finiteNumber, tensorOperand, toAxis } from "../ops/define.js";
import { makeFilled, makeScalar, makeSize, makeState, stateDef } from "../ops/leaf/leaves.js";
import { greater, where } from "../ops/pointwise/logic.js";
import { updatingDef } from "../ops/marker/markers.js";
import { callOrigin, type Known } from "../ops/call/options.js";
import { asFloat } from "../ops/pointwise/pointwise.js";
import { momentsOf, toEpsilon } from "../ops/composite/standardize.js";
import { AFFINE_OPTIONS, affineParameters, type AffineOptions, type LayerCall } from "./affine.js";
import { layerParameters } from "./parameters.js";

/** The options of {@link batchNorm}. */
export interface BatchNormOptions extends AffineOptions {
  /** The axis of the channels; negative counts from the end. The last unless stated (PyTorch's channels are axis 1). */
  readonly axis?: number;
  /** Added to the variance; at least 0. 1e-5 unless stated (PyTorch and ONNX; Keras has 1e-3). */
  readonly epsilon?: number;
  /**
   * The share of the batch's statistics in the next running ones, from 0 to 1: `running + momentum * (batch - running)`.
   * 0.1 unless stated. This is PyTorch's convention; the momentum of Keras (0.99) and ONNX (0.9) is 1 minus this.
   */
  readonly momentum?: number;
  /**
   * Tensors to use in place of new parameters and states, [channels] each; the last two are made by `state(...)`. New
   * ones unless stated.
   */
  readonly parameters?: {
    readonly weight?: Tensor;
    readonly bias?: Tensor;
    readonly runningMean?: Tensor;
    readonly runningVariance?: Tensor;
  };
  /**
   * False: no step changes the layer at all. It then uses its running statistics in training too, as a frozen layer
   * does in Keras. True unless stated.
   */
  readonly trainable?: boolean;
}

const BATCH_NORM_OPTIONS = {
  ...AFFINE_OPTIONS,
  axis: is.wholeNumber,
  epsilon: is.finite,
  momentum: is.finite,
  parameters: is.parts("weight", "bias", "runningMean", "runningVariance"),
} satisfies Known<BatchNormOptions>;

/**
 * `(x - mean) / sqrt(variance + epsilon) * weight + bias` for each channel: Ioffe & Szegedy (2015), arXiv:1502.03167.
 *
 * In training (`step`, `gradients`) mean and biased variance are those of the batch, over all axes but the channels',
 * and gradients flow through them; a step moves the running statistics towards them, the variance as its unbiased
 * estimate (times n / (n - 1), n being the number of elements of a channel; with n = 1 the running variance stays as
 * it is), as PyTorch does; Keras and ONNX average the biased one. Every step whose loss reads the layer does so. In
 * inference (`predict`, `loss`) the running statistics take their place, and all of it is one scale and one shift for
 * each channel.
 *
 * Weight (ones) and bias (zeros) are parameters, running mean (zeros) and running variance (ones) states, all
 * [channels]: `<name>.weight`, `.bias`, `.runningMean`, `.runningVariance`. Keras calls the first two gamma and beta.
 * @param x [..., channels] with two axes or more; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @throws WRONG_RANK for an input with one axis, SHAPE_MISMATCH for `parameters` of other shapes, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = input("x", ["batch", 2]);
 * const y = batchNorm(x, { name: "norm" });
 * const net = network("example", { batch: 4, outputs: { y } });
 * const states = { "norm.runningMean": [10, 0], "norm.runningVariance": [4, 1] };
 * interpret(net, { inputs: { x: [12, 1, 8, 0] }, states }).outputs.y; // [1, 1, -1, 0]
 * ```
 */
export function batchNorm<S extends Dims>(x: Tensor<S>, options: BatchNormOptions = {}): Float32<S> {
  const op = "batchNorm";
  const origin = callOrigin(op, options, BATCH_NORM_OPTIONS);
  const { site } = origin;
  const operand = asFloat(origin, tensorOperand(op, "x", x, origin));
  if (operand.shape.length < 2) {
    const expected = "channels and at least one other axis";
    throw wrongRank({ op, operand: "x", shape: operand.shape, expected, site });
  }
  const axis = toAxis(op, options.axis ?? -1, operand.shape, origin);
  const channels = operand.shape[axis]!;
  if (channels.power > 0) {
    const expected = "the axis of the channels, not the batch";
    throw badArgument({ op, argument: "axis", value: options.axis ?? -1, expected, site });
  }
  const momentum = finiteNumber(op, "momentum", options.momentum ?? 0.1, origin);
  if (momentum < 0 || momentum > 1) {
    throw badArgument({ op, argument: "momentum", value: momentum, expected: "from 0 to 1", site });
  }
  const call: LayerCall = { op, origin, x: operand };
  const parameters = affineParameters(call, [axis], options);
  const filled = (value: number): Node => makeFilled(origin, value, [channels], "float32");
  const { leaf, shared } = layerParameters({ site, input: operand.shape }, options);
  const running = (role: "runningMean" | "runningVariance", initial: number): Node => {
    const statistic = shared(role, [channels]);
    if (statistic === undefined) {
      const made = leaf(role);
      return makeState(made, [channels], "float32", makeFilled(made, initial, [channels], "float32"));
    }
    if (statistic.def === stateDef) return statistic;
    throw badArgument({ op, argument: role, value: statistic.def.name, expected: "made by state(...)", site });
  };
  const [mean, variance] = [running("runningMean", 0), running("runningVariance", 1)];
  const inputs = [operand, parameters.weight ?? filled(1), parameters.bias ?? filled(0), mean, variance];
  const attrs = { axis, epsilon: toEpsilon(op, options.epsilon, origin) };
  if (options.trainable === false) return scaleAndShift(part(origin, "output"), inputs, attrs) as Tensor<S, "float32">;
  const value = createNode(batchNormalizeDef, inputs, attrs, part(origin, "output"));
  const next = nextStatistics(origin, operand, axis, momentum, [mean, variance]);
  const states = Object.freeze([mean, variance]);
  return createNode(updatingDef, [value, ...next], { states }, origin) as Tensor<S, "float32">;
}

/** The running mean and variance after a batch. */
function nextStatistics(
  origin: Origin,
  x: Node,
  axis: number,
  momentum: number,
  [mean, variance]: readonly [Node, Node],
): readonly [Node, Node] {
  const axes = otherAxes(x, axis);
  const batch = momentsOf(part(origin, "batch"), x, axes);
  const one = makeScalar(origin, 1);
  const count = makeSize(origin, sizeOf(axes.map((a) => x.shape[a]!)));
  const share = makeScalar(origin, momentum);
  const [ofMean, ofVariance] = [part(origin, "runningMean", "next"), part(origin, "runningVariance", "next")];
  const moved = (at: Origin, old: Node, now: Node): Node => add.at(at, old, mul.at(at, share, sub.at(at, now, old)));
  const others = maximum.at(origin, sub.at(origin, count, one), one);
  const ofUnbiased = part(origin, "unbiased");
  const unbiased = mul.at(ofUnbiased, batch.variance, div.at(ofUnbiased, count, others));
  const several = greater.at(origin, count, one);
  return [
    moved(ofMean, mean, batch.mean),
    where.at(ofVariance, several, moved(ofVariance, variance, unbiased), variance),
  ];
}
