// Convolutions with a weight that is given: how the operands become one windowed contraction. The layers that make their
// weights themselves are in nn/convolution.ts.

import * as is from "../call/checks.js";
import { axis, offset, type Affine } from "../../graph/affine.js";
import type { Node } from "../../graph/node.js";
import { dim, printShape, timesDim, type Dim, type Shape } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { badArgument, badGroups, shapeMismatch, wrongRank } from "../../messages.js";
import { convolveTransposed, makeConvolve, type ConvolveAttrs } from "../contract/convolve.js";
import { positiveInteger, tensorOperand } from "../define.js";
import {
  inLayout,
  paddedFor,
  perAxis,
  readPadding,
  spatialOperand,
  WINDOW_OPTIONS,
  windowPosition,
  windowsOver,
  type PerAxis,
  type WindowAxis,
  type WindowCall,
  type WindowOptions,
} from "./geometry.js";
import { callOrigin, type Known } from "../call/options.js";
import { asFloat } from "../pointwise/pointwise.js";
import { makeSlice } from "../view/slicing.js";
import { makeReshape, makeTranspose } from "../view/views.js";

/**
 * How the axes of a convolution's weight stand. "keras": [window..., channels / groups, filters], of a transposed
 * convolution [window..., filters / groups, channels]. "pytorch": [filters, channels / groups, window...], of a
 * transposed one [channels, filters / groups, window...]; it is read through another access pattern, nothing is
 * copied.
 */
export type WeightLayout = "keras" | "pytorch";

/** The options of {@link convolve}. */
export interface ConvolveOptions extends WindowOptions {
  /** Channels and filters fall into so many groups that do not mix. 1 unless stated; as many as channels: depthwise. */
  readonly groups?: number;
  /** `"keras"` unless stated. */
  readonly weightLayout?: WeightLayout;
}

export const CONVOLVE_OPTIONS = {
  ...WINDOW_OPTIONS,
  groups: is.positiveInteger,
  weightLayout: is.oneOf("keras", "pytorch"),
} satisfies Known<ConvolveOptions>;

/** The options of {@link convolveTranspose}. */
export interface ConvolveTransposeOptions extends ConvolveOptions {
  /** Added to the result's size after each axis; less than the stride or the dilation. 0 unless stated. */
  readonly outputPadding?: PerAxis;
}

export const CONVOLVE_TRANSPOSE_OPTIONS = {
  ...CONVOLVE_OPTIONS,
  outputPadding: is.perAxis,
} satisfies Known<ConvolveTransposeOptions>;

/** A weight in Keras' layout as the user's, and back: the window's axes first, the others reversed. */
export const fromPytorch = (rank: number): number[] => [...Array.from({ length: rank }, (_, i) => i + 2), 1, 0];
export const toPytorch = (rank: number): number[] => [rank + 1, rank, ...Array.from({ length: rank }, (_, i) => i)];

export function readWeightLayout(call: Pick<WindowCall, "op" | "origin">, layout: unknown): WeightLayout {
  if (layout === undefined || layout === "keras" || layout === "pytorch") return layout ?? "keras";
  const expected = '"keras" or "pytorch"';
  throw badArgument({ op: call.op, argument: "weightLayout", value: layout, expected, site: call.origin.site });
}

/** The number of groups, which must divide both. */
export function readGroups(
  { op, origin, x }: WindowCall,
  groups: unknown,
  channels: number,
  filters: number,
  weight: string,
): number {
  const count = positiveInteger(op, "groups", groups ?? 1, origin);
  for (const [what, size] of [
    ["channels", channels],
    ["filters", filters],
  ] as const) {
    if (size % count === 0) continue;
    const { site } = origin;
    throw badGroups({ op, groups: count, what, channels: size, left: x.shape, right: weight, site });
  }
  return count;
}

/** The weight as [window..., channels / groups, filters] and what its axes say. */
function weightOperand(call: WindowCall, w: unknown, rank: number, layout: unknown): Node {
  const { op, origin } = call;
  const node = asFloat(origin, tensorOperand(op, "w", w, origin));
  if (node.shape.length !== rank + 2 || node.shape.some((size) => size.power > 0)) {
    const expected = `${rank + 2} axes without the batch, as x has`;
    throw wrongRank({ op, operand: "w", shape: node.shape, expected, site: origin.site });
  }
  return readWeightLayout(call, layout) === "pytorch" ? makeTranspose(origin, node, fromPytorch(rank)) : node;
}

/** The odd element at the end, or at the start. */
const halves = (total: number, upper: boolean): readonly [number, number] => {
  const less = Math.floor(total / 2);
  return upper ? [less, total - less] : [total - less, less];
};

/** How the axes of image, weight and result are labelled; `groups` of 1 have no label of their own. */
function labelled(axes: readonly WindowAxis[], rows: Dim, inner: Dim, groups: number, filters: Dim): ConvolveAttrs {
  const n = axes.length;
  const [channel, filter, group] = [2 * n + 1, 2 * n + 2, 2 * n + 3];
  const grouped = groups === 1 ? [] : [group];
  const plain = (label: number): Affine => axis(label);
  return {
    sizes: [
      rows,
      ...axes.map((a) => dim(a.count)),
      ...axes.map((a) => dim(a.window)),
      inner,
      filters,
      ...grouped.map(() => dim(groups)),
    ],
    left: [plain(0), ...axes.map((a, i) => windowPosition(a, i + 1, n + i + 1)), ...grouped.map(plain), plain(channel)],
    right: [...axes.map((_, i) => n + i + 1), channel, ...grouped, filter],
    output: [0, ...axes.map((_, i) => i + 1), ...grouped, filter],
  };
}

/** The last axis as groups of equal size, or as it is where there is one group. */
const inGroups = ({ origin }: WindowCall, x: Node, groups: number): Node =>
  groups === 1
    ? x
    : makeReshape(origin, x, [...x.shape.slice(0, -1), dim(groups), dim(x.shape.at(-1)!.times / groups)]);

const withoutGroups = (origin: WindowCall["origin"], y: Node, groups: number): Node =>
  groups === 1 ? y : makeReshape(origin, y, [...y.shape.slice(0, -2), timesDim(y.shape.at(-2)!, y.shape.at(-1)!)]);

/** A convolution before its groups are joined. `weight` is in Keras' layout, x has its channels last. */
export function convolveGroups(call: WindowCall, weight: Node, axes: readonly WindowAxis[], groups: number): Node {
  const { origin, x } = call;
  const [channels, filters] = [x.shape.at(-1)!.times, weight.shape.at(-1)!.times];
  const attrs = labelled(axes, x.shape[0]!, dim(channels / groups), groups, dim(filters / groups));
  const image = inGroups(call, paddedFor(origin, x, axes, 0), groups);
  return makeConvolve(origin, image, inGroups(call, weight, groups), attrs);
}

/** The windows of a transposed convolution over its result, and the result's sizes with what is cut off around it. */
export interface TransposedAxes {
  readonly axes: readonly WindowAxis[];
  readonly sizes: readonly number[];
}

export function transposedAxes(
  call: WindowCall,
  window: readonly number[],
  options: ConvolveTransposeOptions,
): TransposedAxes {
  const rank = window.length;
  const { op, origin, x } = call;
  const strides = perAxis(call, "stride", options.stride ?? 1, 1, rank);
  const dilations = perAxis(call, "dilation", options.dilation ?? 1, 1, rank);
  const extra = perAxis(call, "outputPadding", options.outputPadding ?? 0, 0, rank);
  extra.forEach((n, i) => {
    if (n < Math.max(strides[i]!, dilations[i]!)) return;
    const expected = "less than the stride or the dilation";
    throw badArgument({ op, argument: "outputPadding", value: options.outputPadding, expected, site: origin.site });
  });
  const counts = x.shape.slice(1, -1).map(({ times }) => times);
  const full = counts.map((count, i) => (count - 1) * strides[i]! + dilations[i]! * (window[i]! - 1) + 1);
  const same = options.padding === "same" || options.padding === "sameLower";
  // "same" makes size * stride elements; where the windows do not reach so far, zeros follow.
  const target = counts.map((count, i) => count * strides[i]!);
  const missing = full.map((n, i) => (same ? Math.max(0, target[i]! - n - extra[i]!) : 0));
  const wide = full.map((n, i) => n + extra[i]! + missing[i]!);
  const upper = options.padding === "same";
  const padding = same
    ? wide.map((n, i) => halves(n - target[i]!, upper))
    : readPadding(
        call,
        options.padding ?? "valid",
        wide.map((size) => ({ size, window: 1, stride: 1, dilation: 1 })),
      );
  const sizes = wide.map((n, i) => n - padding[i]![0] - padding[i]![1]);
  if (sizes.some((n) => n < 1)) {
    const expected = `smaller: of a result of ${wide.join(" x ")} nothing is left`;
    throw badArgument({ op, argument: "padding", value: options.padding, expected, site: origin.site });
  }
  const axes = window.map((w, i): WindowAxis => ({
    size: sizes[i]!,
    window: w,
    stride: strides[i]!,
    dilation: dilations[i]!,
    before: padding[i]![0],
    after: padding[i]![1],
    beyond: 0,
    count: counts[i]!,
  }));
  return { axes, sizes };
}

/** A transposed convolution before its groups are joined. `weight` is [window..., filters / groups, channels]. */
export function transposeGroups(call: WindowCall, weight: Node, { axes, sizes }: TransposedAxes, groups: number): Node {
  const { origin, x } = call;
  const channels = x.shape.at(-1)!.times;
  const filters = weight.shape.at(-2)!;
  const attrs = labelled(axes, x.shape[0]!, filters, groups, dim(channels / groups));
  const ends = [...(groups === 1 ? [] : [dim(groups)]), filters];
  const padded: Shape = [x.shape[0]!, ...axes.map((a) => dim(a.before + a.size + a.after)), ...ends];
  const read: Shape = [x.shape[0]!, ...sizes.map((n) => dim(n)), ...ends];
  const uncropped = convolveTransposed(
    origin,
    inGroups(call, x, groups),
    inGroups(call, weight, groups),
    attrs,
    padded,
    read,
  );
  return makeSlice(origin, uncropped, {
    starts: [offset(0), ...axes.map((a) => offset(a.before)), ...ends.map(() => offset(0))],
    steps: padded.map(() => 1),
    shape: read,
  });
}

const spatialRank = (x: Node): number => x.shape.length - 2;

/**
 * The convolution (cross-correlation, as everywhere in this field) of `x` with a given weight, over as many spatial axes as
 * `x` has: `y[r, o, f] = sum over k, c of x[r, stride * o + dilation * k - padding, c] * w[k, c, f]`. ONNX's Conv, PyTorch's
 * `functional.conv1d` and `conv2d`.
 * @param x [rows, spatial..., channels], float32 (other dtypes are converted)
 * @param w [window..., channels / groups, filters], or another layout, see `weightLayout`
 * @returns [rows, spatial..., filters], each spatial axis of `floor((size + padding - dilation * (window - 1) - 1) / stride) + 1`
 * @throws WRONG_RANK, SHAPE_MISMATCH, BAD_GROUPS, WINDOW_TOO_LARGE, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = constant([[[1], [2], [3], [4]]]);
 * const difference = constant([[[-1]], [[1]]]);
 * const net = network("example", { batch: 1, outputs: { y: convolve(x, difference) } });
 * interpret(net, {}).outputs.y; // [1, 1, 1]
 * ```
 */
export function convolve(x: Tensor, w: Tensor, options: ConvolveOptions = {}): Float32<Dims> {
  const op = "convolve";
  const origin = callOrigin(op, options, CONVOLVE_OPTIONS);
  const image = spatialOperand(op, x, undefined, options.layout, origin);
  const call = { op, origin, x: image };
  const rank = spatialRank(image);
  const weight = weightOperand(call, w, rank, options.weightLayout);
  const [inner, filters] = [weight.shape.at(-2)!.times, weight.shape.at(-1)!.times];
  const channels = image.shape.at(-1)!.times;
  const groups = readGroups(call, options.groups, channels, filters, printShape((w as Node).shape));
  if (inner * groups !== channels) {
    const why = `a weight for ${inner * groups} channels${groups > 1 ? ` in ${groups} groups` : ""}, but x has ${channels}`;
    throw shapeMismatch({ op, left: x.shape, right: w.shape, why, site: origin.site });
  }
  const window = weight.shape.slice(0, rank).map(({ times }) => times);
  const axes = windowsOver(call, window, { ...options, stride: options.stride ?? 1 });
  const y = withoutGroups(origin, convolveGroups(call, weight, axes, groups), groups);
  return inLayout(origin, y, options.layout) as Tensor<Dims, "float32">;
}

/**
 * The transposed convolution (the gradient of a convolution with respect to its input) with a given weight, over as many
 * spatial axes as `x` has. ONNX's ConvTranspose, PyTorch's `functional.conv_transpose2d`.
 * @param x [rows, spatial..., channels], float32 (other dtypes are converted)
 * @param w [window..., filters / groups, channels], or another layout, see `weightLayout`
 * @returns [rows, spatial..., filters], each spatial axis of
 * `(size - 1) * stride - padding + dilation * (window - 1) + 1 + outputPadding`; with padding "same": `size * stride`
 * @throws WRONG_RANK, SHAPE_MISMATCH, BAD_GROUPS, BAD_ARGUMENT
 * @example
 * ```ts
 * const x = constant([[[1], [2]]]);
 * const w = constant([[[1]], [[10]]]);
 * const net = network("example", { batch: 1, outputs: { y: convolveTranspose(x, w, { stride: 2 }) } });
 * interpret(net, {}).outputs.y; // [1, 10, 2, 20]
 * ```
 */
export function convolveTranspose(x: Tensor, w: Tensor, options: ConvolveTransposeOptions = {}): Float32<Dims> {
  const op = "convolveTranspose";
  const origin = callOrigin(op, options, CONVOLVE_TRANSPOSE_OPTIONS);
  const image = spatialOperand(op, x, undefined, options.layout, origin);
  const call = { op, origin, x: image };
  const rank = spatialRank(image);
  const weight = weightOperand(call, w, rank, options.weightLayout);
  const channels = image.shape.at(-1)!.times;
  if (weight.shape.at(-1)!.times !== channels) {
    const why = `a weight for ${weight.shape.at(-1)!.times} channels, but x has ${channels}`;
    throw shapeMismatch({ op, left: x.shape, right: w.shape, why, site: origin.site });
  }
  const groups = readGroups(call, options.groups, channels, channels, printShape((w as Node).shape));
  const window = weight.shape.slice(0, rank).map(({ times }) => times);
  const y = transposeGroups(call, weight, transposedAxes(call, window, options), groups);
  return inLayout(origin, withoutGroups(origin, y, groups), options.layout) as Tensor<Dims, "float32">;
}
