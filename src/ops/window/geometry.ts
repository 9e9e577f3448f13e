// How windows stand over the spatial axes of a tensor: stride, dilation, padding, and how many there are.
//
// A window of n elements, dilated by d, spans d * (n - 1) + 1. With p elements of padding in all, an axis of s elements holds
// floor((s + p - span) / stride) + 1 windows.

import * as is from "../call/checks.js";
import { addAffine, axis, offset, type Affine } from "../../graph/affine.js";
import type { Node } from "../../graph/node.js";
import type { Origin } from "../../graph/origin.js";
import { dim } from "../../graph/shape.js";
import { badArgument, windowTooLarge, wrongRank } from "../../messages.js";
import { tensorOperand } from "../define.js";
import type { Known } from "../call/options.js";
import { asFloat } from "../pointwise/pointwise.js";
import { makePad } from "../view/slicing.js";
import { makeTranspose } from "../view/views.js";

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[];

/**
 * What stands around the spatial axes. "valid" is nothing. "same" is what makes `ceil(size / stride)` windows, the odd
 * element after the axis (TensorFlow, Keras, ONNX's SAME_UPPER); "sameLower" has it before (SAME_LOWER). A number
 * surrounds every axis; a list has for each axis a number, or a pair `[before, after]`.
 */
export type Padding = "valid" | "same" | "sameLower" | number | readonly PaddingOfAxis[];

export type PaddingOfAxis = number | readonly [before: number, after: number];

/**
 * Where the channels stand. "channelsLast": [rows, spatial..., channels] (Keras' default); "channelsFirst": [rows,
 * channels, spatial...] (PyTorch, ONNX).
 */
export type Layout = "channelsLast" | "channelsFirst";

/** How windows stand over the spatial axes of a tensor. {@link convolve} and {@link maxPool} take them, among others. */
export interface WindowOptions {
  /** The distance between neighbouring windows; positive integers. 1 unless stated, and of pools the window's size. */
  readonly stride?: PerAxis;
  /** The distance between the elements of a window; positive integers, 1 unless stated. */
  readonly dilation?: PerAxis;
  /** `"valid"` unless stated: none. */
  readonly padding?: Padding;
  /** Where the channels of x and of the result stand; `"channelsLast"` unless stated. */
  readonly layout?: Layout;
}

export const WINDOW_OPTIONS = {
  stride: is.perAxis,
  dilation: is.perAxis,
  padding: is.either(
    '"valid", "same", "sameLower", a number, or a list with one for each axis',
    is.oneOf("valid", "same", "sameLower"),
    is.perAxis,
  ),
  layout: is.oneOf("channelsLast", "channelsFirst"),
} satisfies Known<WindowOptions>;

/** The windows along one axis. */
export interface WindowAxis {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  /** Elements that the last window has beyond the padding, which `ceilMode` allows. */
  readonly beyond: number;
  readonly count: number;
}

/** What a window function is about, for its messages. */
export interface WindowCall {
  readonly op: string;
  readonly origin: Origin;
  /** Channels last. */
  readonly x: Node;
}

const spanOf = ({ window, dilation }: Pick<WindowAxis, "window" | "dilation">): number => dilation * (window - 1) + 1;

/** An integer for each spatial axis. */
export function perAxis(call: WindowCall, argument: string, value: unknown, least: number, rank: number): number[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : Array.from({ length: rank }, () => value);
  const valid = (one: unknown): boolean => typeof one === "number" && Number.isInteger(one) && one >= least;
  if (list.length === rank && list.every(valid)) return list as number[];
  const kind = least === 1 ? "a positive integer" : "an integer, 0 or more";
  const expected = `${kind}${rank > 1 ? `, or ${rank} of them` : ""}`;
  throw badArgument({ op: call.op, argument, value, expected, site: call.origin.site });
}

/** The padding of each axis before and after it, "same" being resolved. */
export function readPadding(
  call: Pick<WindowCall, "op" | "origin">,
  padding: unknown,
  axes: readonly Omit<WindowAxis, "before" | "after" | "beyond" | "count">[],
): (readonly [number, number])[] {
  if (padding === "valid") return axes.map(() => [0, 0]);
  if (padding === "same" || padding === "sameLower") {
    return axes.map((a) => {
      const total = Math.max(0, (Math.ceil(a.size / a.stride) - 1) * a.stride + spanOf(a) - a.size);
      const less = Math.floor(total / 2);
      return padding === "same" ? [less, total - less] : [total - less, less];
    });
  }
  const list: readonly unknown[] = Array.isArray(padding) ? padding : axes.map(() => padding);
  const width = (n: unknown): n is number => typeof n === "number" && Number.isInteger(n) && n >= 0;
  const pairs = list.map((one) => (Array.isArray(one) ? (one as readonly unknown[]) : [one, one]));
  if (pairs.length === axes.length && pairs.every((pair) => pair.length === 2 && pair.every(width))) {
    return pairs as unknown as [number, number][];
  }
  const n = axes.length;
  const expected =
    `"valid", "same", "sameLower", an integer, 0 or more, or a list of ${n}: ` +
    "for each spatial axis such an integer or a pair [before, after]";
  throw badArgument({ op: call.op, argument: "padding", value: padding, expected, site: call.origin.site });
}

/** x with its channels last and its rank checked. */
export function spatialOperand(
  op: string,
  x: unknown,
  rank: number | undefined,
  layout: unknown,
  origin: Origin,
): Node {
  const { site } = origin;
  const node = asFloat(origin, tensorOperand(op, "x", x, origin));
  if (layout !== undefined && layout !== "channelsLast" && layout !== "channelsFirst") {
    throw badArgument({ op, argument: "layout", value: layout, expected: '"channelsLast" or "channelsFirst"', site });
  }
  const first = layout === "channelsFirst";
  const fits = rank === undefined ? node.shape.length > 2 : node.shape.length === rank + 2;
  const spatial = first ? node.shape.slice(2) : node.shape.slice(1, -1);
  const channels = first ? node.shape[1] : node.shape.at(-1);
  if (!fits || [...spatial, channels].some((size) => size === undefined || size.power > 0)) {
    const axes =
      rank === undefined ? "one or more spatial axes" : rank === 1 ? "1 spatial axis" : `${rank} spatial axes`;
    const order = first ? `channels and ${axes}` : `${axes} and channels`;
    const expected = `${rank === undefined ? "three axes or more" : `${rank + 2} axes`}: rows, ${order}, with "batch" in the rows only`;
    throw wrongRank({ op, operand: "x", shape: node.shape, expected, site });
  }
  return first ? channelsLast(origin, node) : node;
}

const channelsLast = (origin: Origin, x: Node): Node =>
  makeTranspose(origin, x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]);

/** A result whose channels are last, as the caller wants it. */
export const inLayout = (origin: Origin, y: Node, layout: Layout | undefined): Node =>
  layout === "channelsFirst"
    ? makeTranspose(origin, y, [0, y.shape.length - 1, ...y.shape.slice(1, -1).map((_, i) => i + 1)])
    : y;

/** The windows of the given sizes over the spatial axes of x. */
export function windowsOver(
  call: WindowCall,
  window: readonly number[],
  options: WindowOptions & { readonly stride: PerAxis },
  ceilMode = false,
): WindowAxis[] {
  const rank = window.length;
  const strides = perAxis(call, "stride", options.stride, 1, rank);
  const dilations = perAxis(call, "dilation", options.dilation ?? 1, 1, rank);
  const axes = window.map((w, i) => ({
    size: call.x.shape[i + 1]!.times,
    window: w,
    stride: strides[i]!,
    dilation: dilations[i]!,
  }));
  const padding = readPadding(call, options.padding ?? "valid", axes);
  return axes.map((a, i) => {
    const [before, after] = padding[i]!;
    const room = a.size + before + after - spanOf(a);
    if (room < 0) {
      const { op, origin, x } = call;
      const padded = x.shape.slice(1, -1).map(({ times }, k) => times + padding[k]![0] + padding[k]![1]);
      throw windowTooLarge({ op, window, dilation: dilations, padded, shape: x.shape, site: origin.site });
    }
    const steps = ceilMode ? Math.ceil(room / a.stride) : room / a.stride;
    // A window that would start in the padding after the axis is left out (PyTorch, ONNX).
    const fits = ceilMode && steps * a.stride >= a.size + before ? steps - 1 : steps;
    const count = Math.floor(fits) + 1;
    const beyond = Math.max(0, (count - 1) * a.stride + spanOf(a) - a.size - before - after);
    return { ...a, before, after, beyond, count };
  });
}

/** x amid its padding. */
export function paddedFor(origin: Origin, x: Node, axes: readonly WindowAxis[], value: number): Node {
  const starts = [0, ...axes.map(({ before }) => before), 0].map((n) => offset(n));
  const sizes = axes.map(({ before, size, after, beyond }) => dim(before + size + after + beyond));
  const shape = [x.shape[0]!, ...sizes, x.shape.at(-1)!];
  return makePad(origin, x, { starts, steps: starts.map(() => 1), shape, value });
}

/** Element k of window o, the axes being those variables. */
export const windowPosition = (a: WindowAxis, o: number, k: number): Affine =>
  addAffine(axis(o, a.stride), axis(k, a.dilation));
