// Layer norm and root-mean-square norm: each position is normalised by itself.

import * as is from "../ops/call/checks.js";
import { part } from "../graph/origin.js";
import type { Dims, Float32, Tensor } from "../graph/tensor.js";
import { tensorOperand, toAxes } from "../ops/define.js";
import { callOrigin, type Known } from "../ops/call/options.js";
import { asFloat } from "../ops/pointwise/pointwise.js";
import { makeRmsNormalize, makeStandardize, toEpsilon } from "../ops/composite/standardize.js";
import {
  AFFINE_OPTIONS,
  affineParameters,
  applyAffine,
  SCALE_OPTIONS,
  type AffineOptions,
  type LayerCall,
  type ScaleOptions,
} from "./affine.js";

interface Normalized {
  /** The axes that are normalised together; negative counts from the end. The last unless stated. */
  readonly axis?: number | readonly number[];
  /** Added to what the root is taken of; at least 0. 1e-5 unless stated (PyTorch and ONNX; Keras has 1e-3). */
  readonly epsilon?: number;
}

const NORMALIZED = { axis: is.axes, epsilon: is.finite } satisfies Known<Normalized>;

/** The options of {@link layerNorm}. */
export interface LayerNormOptions extends AffineOptions, Normalized {}

const LAYER_NORM_OPTIONS = { ...AFFINE_OPTIONS, ...NORMALIZED } satisfies Known<LayerNormOptions>;

/** The options of {@link rmsNorm}. */
export interface RmsNormOptions extends ScaleOptions, Normalized {}

const RMS_NORM_OPTIONS = { ...SCALE_OPTIONS, ...NORMALIZED } satisfies Known<RmsNormOptions>;

function layer<O extends Normalized>(op: string, x: Tensor, options: O, checks: Known<NoInfer<O>>) {
  const origin = callOrigin(op, options, checks);
  const { axis, epsilon } = options;
  const operand = asFloat(origin, tensorOperand(op, "x", x, origin));
  const call: LayerCall = { op, origin, x: operand };
  return { call, over: toAxes(op, axis ?? -1, operand.shape, origin), small: toEpsilon(op, epsilon, origin) };
}

/**
 * `(x - mean) / sqrt(variance + epsilon) * weight + bias`, with the mean and the biased variance over the normalised
 * axes: Ba, Kiros & Hinton (2016), arXiv:1607.06450. The same in training and in inference. The weight (ones) and the
 * bias (zeros) have the sizes of the normalised axes, in their order in x; Keras calls them gamma and beta. `axis:
 * [-2, -1]` is PyTorch's `normalized_shape` of two axes and ONNX' `axis: -2`.
 * @param x a tensor with one axis or more; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @throws BAD_ARGUMENT for an axis that x has not, and where the normalised axes hold the batch, unless `scale` and
 *   `center` are false; SHAPE_MISMATCH for `parameters` of other shapes
 * @example
 * ```ts
 * const x = constant([[1, 2, 3], [10, 10, 40]]);
 * const net = network("example", { batch: 1, outputs: { y: layerNorm(x) } });
 * interpret(net, {}).outputs.y; // [-1.225, 0, 1.225, -0.7071, -0.7071, 1.414]
 * ```
 */
export function layerNorm<S extends Dims>(x: Tensor<S>, options: LayerNormOptions = {}): Float32<S> {
  const { call, over, small } = layer("layerNorm", x, options, LAYER_NORM_OPTIONS);
  const normal = makeStandardize(part(call.origin, "normalized"), call.x, over, small);
  return applyAffine(call.origin, normal, over, affineParameters(call, over, options)) as Tensor<S, "float32">;
}

/**
 * `x / sqrt(mean(x²) + epsilon) * weight`, with the mean over the normalised axes: Zhang & Sennrich (2019),
 * arXiv:1910.07467. Nothing is subtracted and nothing added. The weight (ones) has the sizes of the normalised axes.
 * Epsilon is ONNX' 1e-5 (PyTorch's is the type's own, 1.2e-7; Keras' is 1e-6).
 * @param x a tensor with one axis or more; int32 and bool are converted to float32
 * @returns x's shape, float32
 * @throws BAD_ARGUMENT for an axis that x has not, and where the normalised axes hold the batch, unless `scale` is
 *   false; SHAPE_MISMATCH for `parameters` of other shapes
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: rmsNorm(constant([3, 4])) } });
 * interpret(net, {}).outputs.y; // [0.8485, 1.131]
 * ```
 */
export function rmsNorm<S extends Dims>(x: Tensor<S>, options: RmsNormOptions = {}): Float32<S> {
  const { call, over, small } = layer("rmsNorm", x, options, RMS_NORM_OPTIONS);
  const normal = makeRmsNormalize(part(call.origin, "normalized"), call.x, over, small);
  const parameters = affineParameters(call, over, { ...options, center: false });
  return applyAffine(call.origin, normal, over, parameters) as Tensor<S, "float32">;
}
