// The convolution layers: a windowed contraction with a weight of the layer's own, a bias, an activation.

import * as is from "../ops/call/checks.js";
import type { Node } from "../graph/node.js";
import { dim, printShape, timesDim, type Dim, type Shape } from "../graph/shape.js";
import type { Dims, Float32, Tensor } from "../graph/tensor.js";
import type { NamesOf } from "../graph/option-types.js";
import type { ConvolvedDims, TransposedConvDims } from "../graph/window-types.js";
import { add } from "../ops/pointwise/arithmetic.js";
import { broadcastLast } from "../ops/view/broadcast.js";
import {
  CONVOLVE_OPTIONS,
  CONVOLVE_TRANSPOSE_OPTIONS,
  convolveGroups,
  fromPytorch,
  readGroups,
  readWeightLayout,
  toPytorch,
  transposedAxes,
  transposeGroups,
  type ConvolveOptions,
  type ConvolveTransposeOptions,
} from "../ops/window/convolution.js";
import { isNode, positiveInteger } from "../ops/define.js";
import {
  inLayout,
  perAxis,
  spatialOperand,
  windowsOver,
  type PerAxis,
  type WindowCall,
} from "../ops/window/geometry.js";
import { initialGraph, type Initial } from "../ops/leaf/leaves.js";
import { callOrigin, type Known } from "../ops/call/options.js";
import { makeReshape, makeTranspose } from "../ops/view/views.js";
import { glorotUniform, zeros } from "./initializers.js";
import { activated, layerParameters, type LayerParameters } from "./parameters.js";

/** The options of {@link conv1d}, {@link conv2d} and {@link conv3d}. */
export interface ConvOptions extends ConvolveOptions {
  /** Applied to the result, such as `relu`. None unless stated. */
  readonly activation?: (x: Tensor) => Tensor;
  /** False: no bias. True unless stated. */
  readonly bias?: boolean;
  /**
   * Glorot uniform unless stated (Keras). It is given the weight in Keras' layout, [window..., channels / groups, filters],
   * whatever layout the weight is kept in: fan-in is `window * channels / groups`, fan-out `window * filters`.
   */
  readonly weightInitializer?: Initial;
  /** Zeros unless stated. */
  readonly biasInitializer?: Initial;
  /** Names the parameters `<name>.weight` and `<name>.bias`, in place of the `const` that holds the layer. */
  readonly name?: string;
  /**
   * Tensors to use in place of new parameters: a weight (see `weightLayout`), a bias [filters]. New ones unless
   * stated.
   */
  readonly parameters?: { readonly weight?: Tensor; readonly bias?: Tensor };
  /** False: no gradient is derived for the layer's parameters and no step changes them. True unless stated. */
  readonly trainable?: boolean;
}

const CONV_OPTIONS = {
  ...CONVOLVE_OPTIONS,
  activation: is.call,
  bias: is.flag,
  weightInitializer: is.initial,
  biasInitializer: is.initial,
  name: is.text,
  parameters: is.parts("weight", "bias"),
  trainable: is.flag,
} satisfies Known<ConvOptions>;

/** The options of {@link convTranspose2d}. */
export interface ConvTransposeOptions extends ConvOptions, ConvolveTransposeOptions {}

const CONV_TRANSPOSE_OPTIONS = {
  ...CONV_OPTIONS,
  ...CONVOLVE_TRANSPOSE_OPTIONS,
} satisfies Known<ConvTransposeOptions>;

/** How many spatial axes a convolution goes over. */
type SpatialRank = 1 | 2 | 3;

interface SpatialLength {
  readonly 1: 3;
  readonly 2: 4;
  readonly 3: 5;
}

interface WrongRank {
  readonly 1: "the input has three axes: rows, length, channels";
  readonly 2: "the input has four axes: rows, height, width, channels";
  readonly 3: "the input has five axes: rows, depth, height, width, channels";
}

/** `unknown` where a convolution can take the tensor; otherwise the sentence that the editor shows. */
export type ConvCompatible<
  S extends Dims,
  Rank extends SpatialRank,
  Op extends string = `conv${Rank}d`,
> = number extends S["length"]
  ? unknown
  : S["length"] extends SpatialLength[Rank]
    ? unknown
    : `${Op}: ${WrongRank[Rank]}`;

/**
 * A convolution over two spatial axes (cross-correlation, as everywhere in this field), then bias and activation.
 * Stride and dilation are 1 and padding is "valid" unless stated, as in Keras and PyTorch.
 *
 * The weight is [kernel, kernel, channels / groups, filters] (Keras). With `weightLayout: "pytorch"` it is [filters,
 * channels / groups, kernel, kernel], so that parameters trained there load as they are.
 * @param x [rows, height, width, channels] (channels last, as in Keras; see `layout`); int32 and bool are converted to
 *   float32
 * @param filters the size of the result's last axis: a positive integer
 * @param kernel the size of the window: a positive integer, or one for each spatial axis
 * @returns [rows, height', width', filters], float32; each spatial axis has `floor((size + padding - dilation *
 *   (kernel - 1) - 1) / stride) + 1` elements
 * @throws WRONG_RANK, SHAPE_MISMATCH, BAD_GROUPS, WINDOW_TOO_LARGE, BAD_ARGUMENT
 * @example
 * ```ts
 * const image = input("image", ["batch", 28, 28, 1]);
 * conv2d(image, 8, 3, { activation: relu }); // float32 [batch, 26, 26, 8]
 * conv2d(image, 8, 3, { padding: "same", stride: 2 }); // float32 [batch, 14, 14, 8]
 * ```
 */
export function conv2d<
  S extends Dims,
  const N extends number,
  const K extends PerAxis,
  const O extends ConvOptions = Record<never, never>,
>(
  x: ConvCompatible<S, 2> & Tensor<S>,
  filters: N,
  kernel: K,
  options?: NamesOf<O, ConvOptions> & O,
): Float32<ConvolvedDims<S, N, K, O>> {
  return convolution("conv2d", x, filters, kernel, options === undefined ? {} : options, 2) as Float32<
    ConvolvedDims<S, N, K, O>
  >;
}

/**
 * A convolution over one spatial axis, then bias and activation: as {@link conv2d}. The weight is [kernel, channels /
 * groups, filters], with `weightLayout: "pytorch"` [filters, channels / groups, kernel].
 * @param x [rows, length, channels] (channels last; see `layout`); int32 and bool are converted to float32
 * @param filters the size of the result's last axis: a positive integer
 * @param kernel the size of the window: a positive integer
 * @returns [rows, length', filters], float32
 * @throws WRONG_RANK, SHAPE_MISMATCH, BAD_GROUPS, WINDOW_TOO_LARGE, BAD_ARGUMENT
 * @example
 * ```ts
 * const sound = input("sound", ["batch", 1000, 2]);
 * conv1d(sound, 16, 9, { stride: 4 }); // float32 [batch, 248, 16]
 * ```
 */
export function conv1d<
  S extends Dims,
  const N extends number,
  const K extends PerAxis,
  const O extends ConvOptions = Record<never, never>,
>(
  x: ConvCompatible<S, 1> & Tensor<S>,
  filters: N,
  kernel: K,
  options?: NamesOf<O, ConvOptions> & O,
): Float32<ConvolvedDims<S, N, K, O>> {
  return convolution("conv1d", x, filters, kernel, options === undefined ? {} : options, 1) as Float32<
    ConvolvedDims<S, N, K, O>
  >;
}

/**
 * A convolution over three spatial axes, then bias and activation: as {@link conv2d}. The weight is [kernel, kernel,
 * kernel, channels / groups, filters], with `weightLayout: "pytorch"` [filters, channels / groups, kernel, kernel,
 * kernel].
 * @param x [rows, depth, height, width, channels] (channels last; see `layout`); int32 and bool are converted to
 *   float32
 * @param filters the size of the result's last axis: a positive integer
 * @param kernel the size of the window: a positive integer, or one for each spatial axis
 * @returns [rows, depth', height', width', filters], float32
 * @throws WRONG_RANK, SHAPE_MISMATCH, BAD_GROUPS, WINDOW_TOO_LARGE, BAD_ARGUMENT
 * @example
 * ```ts
 * const scan = input("scan", ["batch", 16, 16, 16, 1]);
 * maxPool(conv3d(scan, 8, 3), 2); // float32 [batch, 7, 7, 7, 8]
 * ```
 */
export function conv3d<
  S extends Dims,
  const N extends number,
  const K extends PerAxis,
  const O extends ConvOptions = Record<never, never>,
>(
  x: ConvCompatible<S, 3> & Tensor<S>,
  filters: N,
  kernel: K,
  options?: NamesOf<O, ConvOptions> & O,
): Float32<ConvolvedDims<S, N, K, O>> {
  return convolution("conv3d", x, filters, kernel, options === undefined ? {} : options, 3) as Float32<
    ConvolvedDims<S, N, K, O>
  >;
}

/**
 * A transposed convolution over two spatial axes (the gradient of {@link conv2d} with respect to its input), then bias
 * and activation. Sizes are those of PyTorch and ONNX.
 *
 * The weight is [kernel, kernel, filters / groups, channels] (Keras). With `weightLayout: "pytorch"` it is [channels,
 * filters / groups, kernel, kernel]. Initialisers see [kernel, kernel, channels / groups, filters].
 * @param x [rows, height, width, channels] (channels last; see `layout`); int32 and bool are converted to float32
 * @param filters the size of the result's last axis: a positive integer
 * @param kernel the size of the window: a positive integer, or one for each spatial axis
 * @returns [rows, height', width', filters], float32; each spatial axis has
 *   `(size - 1) * stride - padding + dilation * (kernel - 1) + 1 + outputPadding` elements, with padding "same" `size * stride`
 * @throws WRONG_RANK, SHAPE_MISMATCH, BAD_GROUPS, BAD_ARGUMENT
 * @example
 * ```ts
 * const small = input("small", ["batch", 7, 7, 16]);
 * convTranspose2d(small, 8, 3, { stride: 2, padding: "same" }); // float32 [batch, 14, 14, 8]
 * ```
 */
export function convTranspose2d<
  S extends Dims,
  const N extends number,
  const K extends PerAxis,
  const O extends ConvTransposeOptions = Record<never, never>,
>(
  x: ConvCompatible<S, 2, "convTranspose2d"> & Tensor<S>,
  filters: N,
  kernel: K,
  options?: NamesOf<O, ConvTransposeOptions> & O,
): Float32<TransposedConvDims<S, N, K, O>> {
  return transposedConvolution(x, filters, kernel, options === undefined ? {} : options) as Float32<
    TransposedConvDims<S, N, K, O>
  >;
}

function transposedConvolution(x: unknown, filters: unknown, kernel: unknown, options: ConvTransposeOptions): Node {
  const op = "convTranspose2d";
  const call = layerCall(op, x, options, CONV_TRANSPOSE_OPTIONS, 2);
  const { count, window, groups, channels } = sizesOf(call, filters, kernel, options, 2);
  const shape = [...window, dim(count.times / groups), dim(channels)];
  const weight = weightOf(call, options, shape, (origin, initial) => {
    const canonical = [...window, dim(channels / groups), count];
    const graph = initialGraph(op, initial, canonical, "float32", origin);
    if (groups === 1) return makeTranspose(origin, graph, [0, 1, 3, 2]);
    // [window, channels / groups, groups, filters / groups] -> [window, filters / groups, groups, channels / groups]
    const split = makeReshape(origin, graph, [...canonical.slice(0, -1), dim(groups), dim(count.times / groups)]);
    return makeReshape(origin, makeTranspose(origin, split, [0, 1, 4, 3, 2]), shape);
  });
  const sizes = window.map(({ times }) => times);
  const product = transposeGroups(call, weight, transposedAxes(call, sizes, options), groups);
  return finished(call, product, groups, options);
}

function convolution(
  op: string,
  x: unknown,
  filters: unknown,
  kernel: unknown,
  options: ConvOptions,
  rank: SpatialRank,
): Node {
  const call = layerCall(op, x, options, CONV_OPTIONS, rank);
  const { count, window, groups, channels } = sizesOf(call, filters, kernel, options, rank);
  const axes = windowsOver(
    call,
    window.map(({ times }) => times),
    { ...options, stride: options.stride ?? 1 },
  );
  const shape = [...window, dim(channels / groups), count];
  const weight = weightOf(call, options, shape, (origin, initial) =>
    initialGraph(op, initial, shape, "float32", origin),
  );
  return finished(call, convolveGroups(call, weight, axes, groups), groups, options);
}

function layerCall<O extends ConvOptions>(
  op: string,
  x: unknown,
  options: O,
  checks: Known<NoInfer<O>>,
  rank: number,
): WindowCall {
  const origin = callOrigin(op, options, checks);
  return { op, origin, x: spatialOperand(op, x, rank, options.layout, origin) };
}

function sizesOf(
  call: WindowCall,
  filters: unknown,
  kernel: unknown,
  options: ConvOptions,
  rank: number,
): { readonly count: Dim; readonly window: Dim[]; readonly groups: number; readonly channels: number } {
  const { op, origin, x } = call;
  const count = dim(positiveInteger(op, "filters", filters, origin));
  const window = perAxis(call, "kernel", kernel, 1, rank).map((n) => dim(n));
  const channels = x.shape.at(-1)!.times;
  const sharedWeight = options.parameters?.weight;
  const weight = isNode(sharedWeight) ? printShape(sharedWeight.shape) : `for ${count.times} filters`;
  return { count, window, groups: readGroups(call, options.groups, channels, count.times, weight), channels };
}

const parametersOf = ({ origin, x }: WindowCall, options: ConvOptions): LayerParameters =>
  layerParameters({ site: origin.site, input: x.shape }, options);

/** The weight in Keras' layout: the layer's own parameter or a shared one, in whatever layout it is kept. */
function weightOf(
  call: WindowCall,
  options: ConvOptions,
  shape: Shape,
  initialOf: (origin: WindowCall["origin"], initial: Initial) => Node,
): Node {
  const rank = shape.length - 2;
  const pytorch = readWeightLayout(call, options.weightLayout) === "pytorch";
  const kept = pytorch ? toPytorch(rank).map((i) => shape[i]!) : shape;
  const initial: Initial = (_, leaf) => {
    const canonical = initialOf(leaf, options.weightInitializer ?? glorotUniform);
    return pytorch ? makeTranspose(leaf, canonical, toPytorch(rank)) : canonical;
  };
  const weight = parametersOf(call, options).parameter("weight", kept, initial);
  return pytorch ? makeTranspose(call.origin, weight, fromPytorch(rank)) : weight;
}

/** Bias, groups joined, the activation, and the layout that the caller wants. */
function finished(call: WindowCall, product: Node, groups: number, options: ConvOptions): Node {
  const { origin } = call;
  const ends = groups === 1 ? product.shape.slice(-1) : product.shape.slice(-2);
  const filters = ends.reduce(timesDim);
  let sum = product;
  if (options.bias !== false) {
    const bias = parametersOf(call, options).parameter("bias", [filters], options.biasInitializer ?? zeros);
    // Added group by group, so that it stays in the convolution's epilogue.
    sum = add.at(origin, product, broadcastLast(origin, makeReshape(origin, bias, ends), product.shape));
  }
  const joined = makeReshape(origin, sum, [...product.shape.slice(0, product.shape.length - ends.length), filters]);
  const y = inLayout(origin, joined, options.layout);
  const { activation } = options;
  if (activation === undefined) return y;
  const { site } = origin;
  return activated(y, { site, argument: "activation", activation, example: "relu", keepsDtype: false });
}
