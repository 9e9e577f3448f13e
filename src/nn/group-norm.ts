// Group norm and instance norm: each example is normalised by itself, over its positions and some of its channels.

import * as is from "../ops/call/checks.js";
import type { Node } from "../graph/node.js";
import { dim } from "../graph/shape.js";
import { part } from "../graph/origin.js";
import type { Dims, Float32, Tensor } from "../graph/tensor.js";
import { badArgument, groupsDoNotDivide, wrongRank } from "../messages.js";
import { positiveInteger, tensorOperand, toAxis } from "../ops/define.js";
import { callOrigin, type Known } from "../ops/call/options.js";
import { asFloat } from "../ops/pointwise/pointwise.js";
import { makeStandardize, toEpsilon } from "../ops/composite/standardize.js";
import { makeReshape } from "../ops/view/views.js";
import { AFFINE_OPTIONS, affineParameters, applyAffine, type AffineOptions, type LayerCall } from "./affine.js";

/** The options of {@link groupNorm} and {@link instanceNorm}. */
export interface GroupNormOptions extends AffineOptions {
  /** The axis of the channels; negative counts from the end. The last unless stated (PyTorch's and ONNX' is axis 1). */
  readonly axis?: number;
  /** Added to the variance; at least 0. 1e-5 unless stated (PyTorch and ONNX; Keras has 1e-3). */
  readonly epsilon?: number;
}

const GROUP_NORM_OPTIONS = {
  ...AFFINE_OPTIONS,
  axis: is.wholeNumber,
  epsilon: is.finite,
} satisfies Known<GroupNormOptions>;

/** The operand, its axis of channels, and the number added to variances. */
function layer(op: string, x: Tensor, options: GroupNormOptions, rank: number, expected: string) {
  const origin = callOrigin(op, options, GROUP_NORM_OPTIONS);
  const operand = asFloat(origin, tensorOperand(op, "x", x, origin));
  const { site } = origin;
  if (operand.shape.length < rank) throw wrongRank({ op, operand: "x", shape: operand.shape, expected, site });
  const axis = toAxis(op, options.axis ?? -1, operand.shape, origin);
  if (axis === 0 || operand.shape[axis]!.power > 0) {
    const expectedAxis = "the axis of the channels, neither the first nor the batch";
    throw badArgument({ op, argument: "axis", value: options.axis ?? -1, expected: expectedAxis, site });
  }
  const call: LayerCall = { op, origin, x: operand };
  return { call, axis, epsilon: toEpsilon(op, options.epsilon, origin) };
}

/**
 * `(x - mean) / sqrt(variance + epsilon) * weight + bias`, with the mean and the biased variance over all positions
 * and channels of a group, for each example (the first axis) and group by itself: Wu & He (2018), arXiv:1803.08494.
 * The same in training and in inference. The weight (ones) and the bias (zeros) are [channels], as in PyTorch, Keras
 * and ONNX since opset 21.
 * @param x [examples, ..., channels] with two axes or more; int32 and bool are converted to float32
 * @param groups how many groups of adjacent channels; it divides their number. 1 is a layer norm over all but the
 *   first axis (with a weight for each channel), as many as channels an instance norm
 * @returns x's shape, float32
 * @throws WRONG_RANK, BAD_GROUPS where the groups do not divide the channels, SHAPE_MISMATCH for `parameters` of other
 *   shapes, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = constant([[1, 3, 10, 30]]);
 * const net = network("example", { batch: 1, outputs: { y: groupNorm(x, 2) } });
 * interpret(net, {}).outputs.y; // [-1, 1, -1, 1]
 * ```
 */
export function groupNorm<S extends Dims>(x: Tensor<S>, groups: number, options: GroupNormOptions = {}): Float32<S> {
  const op = "groupNorm";
  const { call, axis, epsilon } = layer(op, x, options, 2, "examples and channels");
  const { origin, x: operand } = call;
  const channels = operand.shape[axis]!.times;
  const count = positiveInteger(op, "groups", groups, origin);
  if (channels % count !== 0)
    throw groupsDoNotDivide({ op, groups: count, channels, shape: operand.shape, site: origin.site });
  const split = makeReshape(origin, operand, operand.shape.toSpliced(axis, 1, dim(count), dim(channels / count)));
  const within = split.shape.map((_, i) => i).filter((i) => i !== 0 && i !== axis);
  const normal = makeStandardize(part(origin, "normalized"), split, within, epsilon);
  // The parameters are split too, so that one loop normalises, scales and shifts.
  const both = [axis, axis + 1];
  const halves = (parameter: Node | undefined): Node | undefined =>
    parameter &&
    makeReshape(
      origin,
      parameter,
      both.map((i) => split.shape[i]!),
    );
  const { weight, bias } = affineParameters(call, [axis], options);
  const scaled = applyAffine(origin, normal, both, { weight: halves(weight), bias: halves(bias) });
  return makeReshape(origin, scaled, operand.shape) as Tensor<S, "float32">;
}

/**
 * `(x - mean) / sqrt(variance + epsilon) * weight + bias`, with the mean and the biased variance over all positions,
 * for each example (the first axis) and channel by itself: Ulyanov, Vedaldi & Lempitsky (2016), arXiv:1607.08022. The
 * same in training and in inference; no running statistics are kept. The weight (ones) and the bias (zeros) are
 * [channels], as in ONNX; PyTorch has them with `affine=True` only.
 * @param x [examples, ..., channels] with an axis of positions or more; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @throws WRONG_RANK, SHAPE_MISMATCH for `parameters` of other shapes, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = constant([[[1, 10], [3, 30]]]);
 * const net = network("example", { batch: 1, outputs: { y: instanceNorm(x) } });
 * interpret(net, {}).outputs.y; // [-1, -1, 1, 1]
 * ```
 */
export function instanceNorm<S extends Dims>(x: Tensor<S>, options: GroupNormOptions = {}): Float32<S> {
  const expected = "examples, channels and at least one axis of positions";
  const { call, axis, epsilon } = layer("instanceNorm", x, options, 3, expected);
  const { origin, x: operand } = call;
  const positions = operand.shape.map((_, i) => i).filter((i) => i !== 0 && i !== axis);
  const normal = makeStandardize(part(origin, "normalized"), operand, positions, epsilon);
  return applyAffine(origin, normal, [axis], affineParameters(call, [axis], options)) as Tensor<S, "float32">;
}
