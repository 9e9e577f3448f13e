// Pooling and upsampling: one number of each window, or copies of each element. No parameters.

import { axis } from "../../graph/affine.js";
import { createNode, type Node } from "../../graph/node.js";
import type { NamesOf } from "../../graph/option-types.js";
import type { Origin } from "../../graph/origin.js";
import { dim, timesDim, type Dim } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import type { GlobalDims, PooledDims, UpsampledDims } from "../../graph/window-types.js";
import { badArgument } from "../../messages.js";
import { makeBroadcast, makeSum, makeWindow } from "../adjoint-pairs.js";
import * as is from "../call/checks.js";
import { callOrigin, type Known } from "../call/options.js";
import { constantDef, makeScalar } from "../leaf/leaves.js";
import { div, mul } from "../pointwise/arithmetic.js";
import { makeMean } from "../reduce/reduce.js";
import { makeSlice } from "../view/slicing.js";
import { makeReshape } from "../view/views.js";
import {
  inLayout,
  paddedFor,
  perAxis,
  spatialOperand,
  WINDOW_OPTIONS,
  windowPosition,
  windowsOver,
  type Layout,
  type PerAxis,
  type WindowAxis,
  type WindowCall,
  type WindowOptions,
} from "./geometry.js";
import { makeMaxPool, type PoolAttrs } from "./pool-record.js";

/** The options of {@link maxPool} and {@link maxPoolWithIndices}. */
export interface PoolOptions extends WindowOptions {
  /** The distance between neighbouring windows; the window's size unless stated (PyTorch, Keras; ONNX has 1). */
  readonly stride?: PerAxis;
  /**
   * True: the last window may reach beyond the padded axis, if it starts within x or the padding before it. False
   * unless stated.
   */
  readonly ceilMode?: boolean;
}

export const POOL_OPTIONS = { ...WINDOW_OPTIONS, ceilMode: is.flag } satisfies Known<PoolOptions>;

/** The options of {@link avgPool}. */
export interface AvgPoolOptions extends PoolOptions {
  /** True: elements of the padding count in the divisor. False unless stated (ONNX, Keras; PyTorch has true). */
  readonly countIncludePad?: boolean;
}

const AVG_POOL_OPTIONS = { ...POOL_OPTIONS, countIncludePad: is.flag } satisfies Known<AvgPoolOptions>;

/** The options of {@link globalAvgPool}, {@link globalMaxPool}, {@link upsample} and {@link maxUnpool}. */
export interface LayoutOptions {
  /** Where the channels of x and of the result stand; `"channelsLast"` unless stated. */
  readonly layout?: Layout;
}

export function pooled<O extends PoolOptions>(
  op: string,
  x: unknown,
  window: unknown,
  options: O,
  checks: Known<NoInfer<O>>,
): { readonly call: WindowCall; readonly axes: readonly WindowAxis[] } {
  const origin = callOrigin(op, options, checks);
  const image = spatialOperand(op, x, undefined, options.layout, origin);
  const call = { op, origin, x: image };
  const sizes = perAxis(call, "window", window, 1, image.shape.length - 2);
  if (options.ceilMode !== undefined && typeof options.ceilMode !== "boolean") {
    const value: unknown = options.ceilMode;
    throw badArgument({ op, argument: "ceilMode", value, expected: "true or false", site: origin.site });
  }
  const axes = windowsOver(call, sizes, { ...options, stride: options.stride ?? sizes }, options.ceilMode ?? false);
  return { call, axes };
}

/**
 * The largest element of each window, channel by channel, over as many spatial axes as `x` has. Padding counts as -Infinity.
 * The gradient goes to the first of equal elements. ONNX's MaxPool, PyTorch's `max_pool2d`.
 * @param x [rows, spatial..., channels], float32 (other dtypes are converted)
 * @param window the size of the window: a positive integer, or one for each spatial axis
 * @returns [rows, spatial..., channels], each spatial axis of `floor((size + padding - dilation * (window - 1) - 1) / stride) + 1`
 * @throws WRONG_RANK, WINDOW_TOO_LARGE, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = constant([[[1], [3], [2], [5]]]);
 * const net = network("example", { batch: 1, outputs: { y: maxPool(x, 2) } });
 * interpret(net, {}).outputs.y; // [3, 5]
 * ```
 */
export function maxPool<S extends Dims, const W extends PerAxis, const O extends PoolOptions = Record<never, never>>(
  x: Tensor<S>,
  window: W,
  options?: NamesOf<O, PoolOptions> & O,
): Float32<PooledDims<S, W, O>> {
  const settings: PoolOptions = options === undefined ? {} : options;
  const { call, axes } = pooled("maxPool", x, window, settings, POOL_OPTIONS);
  return inLayout(call.origin, poolMax(call, axes), settings.layout) as Float32<PooledDims<S, W, O>>;
}

function poolMax({ origin, x }: WindowCall, axes: readonly WindowAxis[]): Node {
  return makeMaxPool(origin, paddedFor(origin, x, axes, -Infinity), poolAttrs(x, axes));
}

export function poolAttrs(x: Node, axes: readonly WindowAxis[]): PoolAttrs {
  const n = axes.length;
  return {
    at: [axis(0), ...axes.map((a, i) => windowPosition(a, i + 1, n + 2 + i)), axis(n + 1)],
    window: axes.map((a) => dim(a.window)),
    shape: [x.shape[0]!, ...axes.map((a) => dim(a.count)), x.shape.at(-1)!],
  };
}

/**
 * The mean of each window, channel by channel, over as many spatial axes as `x` has. ONNX's AveragePool, PyTorch's
 * `avg_pool2d`.
 * @param x [rows, spatial..., channels], float32 (other dtypes are converted)
 * @param window the size of the window: a positive integer, or one for each spatial axis
 * @returns [rows, spatial..., channels], sizes as those of `maxPool`
 * @throws WRONG_RANK, WINDOW_TOO_LARGE, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = constant([[[1], [3], [2], [5]]]);
 * const net = network("example", { batch: 1, outputs: { y: avgPool(x, 2) } });
 * interpret(net, {}).outputs.y; // [2, 3.5]
 * ```
 */
export function avgPool<S extends Dims, const W extends PerAxis, const O extends AvgPoolOptions = Record<never, never>>(
  x: Tensor<S>,
  window: W,
  options?: NamesOf<O, AvgPoolOptions> & O,
): Float32<PooledDims<S, W, O>> {
  const settings: AvgPoolOptions = options === undefined ? {} : options;
  const { call, axes } = pooled("avgPool", x, window, settings, AVG_POOL_OPTIONS);
  const { op, origin } = call;
  const include: unknown = settings.countIncludePad ?? false;
  if (typeof include !== "boolean") {
    const expected = "true or false";
    throw badArgument({ op, argument: "countIncludePad", value: include, expected, site: origin.site });
  }
  const counts = axes.map((a) => countsOf(a, include));
  axes.forEach((a, i) => {
    if (counts[i]!.every((count) => count > 0)) return;
    const expected = `smaller than the window, so that no window of an axis of ${a.size} lies in the padding alone`;
    throw badArgument({ op, argument: "padding", value: settings.padding, expected, site: origin.site });
  });
  const sums = windowSums(call, axes);
  return inLayout(origin, divided(origin, sums, counts), settings.layout) as Float32<PooledDims<S, W, O>>;
}

/** How many elements of each window of an axis count. What lies beyond the padding never does. */
function countsOf(a: WindowAxis, includePad: boolean): number[] {
  const [from, end] = includePad ? [0, a.before + a.size + a.after] : [a.before, a.before + a.size];
  return Array.from({ length: a.count }, (_, o) => {
    const elements = Array.from({ length: a.window }, (_element, k) => o * a.stride + k * a.dilation);
    return elements.filter((p) => p >= from && p < end).length;
  });
}

/** Windows side by side are a reshape; others are read through positions that overlap or have gaps. */
function windowSums({ origin, x }: WindowCall, axes: readonly WindowAxis[]): Node {
  const [rows, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const inside = axes.map((_, i) => 2 * i + 2);
  const shape = [rows, ...axes.flatMap((a) => [dim(a.count), dim(a.window)]), channels];
  if (axes.every((a) => a.stride === a.window && a.dilation === 1 && a.before + a.after + a.beyond === 0)) {
    const covered = [rows, ...axes.map((a) => dim(a.count * a.window)), channels];
    const used = makeSlice(origin, x, { starts: covered.map(() => []), steps: covered.map(() => 1), shape: covered });
    return makeSum(origin, makeReshape(origin, used, shape), inside);
  }
  const at = [axis(0), ...axes.map((a, i) => windowPosition(a, 2 * i + 1, 2 * i + 2)), axis(shape.length - 1)];
  return makeSum(origin, makeWindow(origin, paddedFor(origin, x, axes, 0), { at, shape }), inside);
}

/** The sums divided by the product of each axis' counts. */
function divided(origin: Origin, sums: Node, counts: readonly (readonly number[])[]): Node {
  const uniform = counts.map((list) => (list.every((count) => count === list[0]) ? list[0]! : undefined));
  const common = uniform.reduce<number>((product, count) => product * (count ?? 1), 1);
  const varying = counts.flatMap((list, i): Node[] => {
    if (uniform[i] !== undefined) return [];
    const values = Object.freeze(list.map((count) => count));
    const attrs = { values, shape: [dim(list.length)], dtype: "float32" as const };
    return [makeBroadcast(origin, createNode(constantDef, [], attrs, origin), sums.shape, [i + 1])];
  });
  const scalar = makeScalar(origin, common);
  const count = varying.reduce<Node>((product, next) => mul.at(origin, product, next), scalar);
  return div.at(origin, sums, count);
}

/**
 * The largest element of each channel over all spatial axes, which vanish; the first of equal ones gets the gradient.
 * ONNX's GlobalMaxPool without its axes of size 1, Keras' GlobalMaxPooling.
 * @param x [rows, spatial..., channels], float32 (other dtypes are converted)
 * @returns [rows, channels]
 * @throws WRONG_RANK, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = constant([[[1, 10], [3, 20], [2, 90]]]);
 * const net = network("example", { batch: 1, outputs: { y: globalMaxPool(x) } });
 * interpret(net, {}).outputs.y; // [3, 90]
 * ```
 */
export function globalMaxPool<S extends Dims, const O extends LayoutOptions = Record<never, never>>(
  x: Tensor<S>,
  options?: NamesOf<O, LayoutOptions> & O,
): Float32<GlobalDims<S, O>> {
  const call = globalCall("globalMaxPool", x, options === undefined ? {} : options);
  const { origin, x: image } = call;
  const axes = windowsOver(
    call,
    image.shape.slice(1, -1).map(({ times }) => times),
    { stride: 1 },
  );
  const shape = [image.shape[0]!, image.shape.at(-1)!];
  return makeReshape(origin, poolMax(call, axes), shape) as Float32<GlobalDims<S, O>>;
}

/**
 * The mean of each channel over all spatial axes, which vanish. ONNX's GlobalAveragePool without its axes of size 1, Keras'
 * GlobalAveragePooling.
 * @param x [rows, spatial..., channels], float32 (other dtypes are converted)
 * @returns [rows, channels]
 * @throws WRONG_RANK, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = constant([[[1, 10], [3, 20], [2, 90]]]);
 * const net = network("example", { batch: 1, outputs: { y: globalAvgPool(x) } });
 * interpret(net, {}).outputs.y; // [2, 40]
 * ```
 */
export function globalAvgPool<S extends Dims, const O extends LayoutOptions = Record<never, never>>(
  x: Tensor<S>,
  options?: NamesOf<O, LayoutOptions> & O,
): Float32<GlobalDims<S, O>> {
  const { origin, x: image } = globalCall("globalAvgPool", x, options === undefined ? {} : options);
  const spatial = image.shape.slice(1, -1).map((_, i) => i + 1);
  return makeMean(origin, image, spatial) as Float32<GlobalDims<S, O>>;
}

function globalCall(op: string, x: unknown, options: LayoutOptions): WindowCall {
  const origin = callOrigin(op, options, { layout: is.oneOf("channelsLast", "channelsFirst") });
  return { op, origin, x: spatialOperand(op, x, undefined, options.layout, origin) };
}

/**
 * Each element repeated along the spatial axes: nearest-neighbour upsampling (Keras' UpSampling, PyTorch's Upsample in mode
 * "nearest", ONNX's Resize in mode "nearest" with whole scales).
 * @param x [rows, spatial..., channels]
 * @param factor how often: a positive integer, or one for each spatial axis
 * @returns [rows, spatial * factor..., channels], float32
 * @throws WRONG_RANK, BAD_ARGUMENT
 * @example
 * ```ts
 * const image = input("image", ["batch", 7, 7, 16]);
 * upsample(image, 2); // float32 [batch, 14, 14, 16]
 * const net = network("example", { batch: 1, outputs: { y: upsample(constant([[[1], [2]]]), 3) } });
 * interpret(net, {}).outputs.y; // [1, 1, 1, 2, 2, 2]
 * ```
 */
export function upsample<S extends Dims, const F extends PerAxis, const O extends LayoutOptions = Record<never, never>>(
  x: Tensor<S>,
  factor: F,
  options?: NamesOf<O, LayoutOptions> & O,
): Float32<UpsampledDims<S, F, O>> {
  const settings: LayoutOptions = options === undefined ? {} : options;
  const call = globalCall("upsample", x, settings);
  const { origin, x: image } = call;
  const spatial = image.shape.slice(1, -1);
  const factors = perAxis(call, "factor", factor, 1, spatial.length);
  const [rows, channels] = [image.shape[0]!, image.shape.at(-1)!];
  const pairs = spatial.flatMap((size, i): Dim[] => [size, dim(factors[i]!)]);
  const own = [0, ...spatial.map((_, i) => 2 * i + 1), pairs.length + 1];
  const copies = makeBroadcast(origin, image, [rows, ...pairs, channels], own);
  const shape = [rows, ...spatial.map((size, i) => timesDim(size, dim(factors[i]!))), channels];
  return inLayout(origin, makeReshape(origin, copies, shape), settings.layout) as Float32<UpsampledDims<S, F, O>>;
}
