// Borders around a tensor: a value, or what the tensor itself has there under a rule. All but the value are its own parts, joined.

import { offset } from "../../graph/affine.js";
import type { DType } from "../../graph/dtype.js";
import type { Node } from "../../graph/node.js";
import type { Origin } from "../../graph/origin.js";
import type { PaddedDims } from "../../graph/part-types.js";
import { dim, ONE, printDim } from "../../graph/shape.js";
import type { Dims, Tensor, TensorOf } from "../../graph/tensor.js";
import { badArgument } from "../../messages.js";
import { makeBroadcast } from "../adjoint-pairs.js";
import * as is from "../call/checks.js";
import { callOrigin } from "../call/options.js";
import { finiteNumber, tensorOperand } from "../define.js";
import { makeConcat } from "./concat.js";
import { makePad, makeSlice, sliceAxis } from "./slicing.js";

/**
 * What a border holds: a value ("constant"), the outermost elements again ("edge"), the elements mirrored at them
 * ("reflect"), or those of the other end ("wrap"). {@link pad} takes it.
 */
export type PadMode = "constant" | "edge" | "reflect" | "wrap";

/** The options of {@link pad}. */
export interface PadOptions {
  /**
   * What the border holds: `"constant"` (unless stated) a value; `"edge"` the first and the last element, repeated;
   * `"reflect"` the elements as a mirror on the first and on the last one shows them, which are not repeated themselves;
   * `"wrap"` those of the other end.
   */
  readonly mode?: PadMode;
  /** What a constant border holds: a finite number, 0 unless stated. */
  readonly value?: number;
}

/** How many elements before and after an axis. */
type Width = readonly [before: number, after: number];

/**
 * A border around a tensor: NumPy's `pad` with its modes (PyTorch's `functional.pad` calls them `constant`, `replicate`,
 * `reflect` and `circular`). `[1, 2, 3]` with `[[2, 2]]` is `[0, 0, 1, 2, 3, 0, 0]`, `[1, 1, 1, 2, 3, 3, 3]` by `"edge"`,
 * `[3, 2, 1, 2, 3, 2, 1]` by `"reflect"` and `[2, 3, 1, 2, 3, 1, 2]` by `"wrap"`. Gradients of copies add up.
 * @param x any shape and dtype
 * @param widths for each axis how many elements before and after it; an axis of the batch takes none. By `"reflect"` each is
 *   smaller than the axis, by `"wrap"` at most its size (as in PyTorch; NumPy would begin again)
 * @returns x's dtype, each axis of `before + size + after`
 * @throws BAD_ARGUMENT for widths that do not fit the axes or the mode, and for a `value` in another mode than "constant"
 * @example
 * ```ts
 * const x = constant([1, 2, 3]);
 * const net = network("example", { batch: 1, outputs: { zeros: pad(x, [[1, 2]]), mirrored: pad(x, [[2, 2]], { mode: "reflect" }) } });
 * interpret(net, {}).outputs; // { zeros: [0, 1, 2, 3, 0, 0], mirrored: [3, 2, 1, 2, 3, 2, 1] }
 * ```
 */
export function pad<S extends Dims, D extends DType, const W extends readonly Width[]>(
  x: Tensor<S, D>,
  widths: W,
  options: PadOptions = {},
): TensorOf<PaddedDims<S, W>, D> {
  const origin = callOrigin("pad", options, {
    mode: is.oneOf("constant", "edge", "reflect", "wrap"),
    value: is.anyNumber,
  });
  const node = tensorOperand("pad", "x", x, origin);
  const mode = options.mode ?? "constant";
  const value = finiteNumber("pad", "value", options.value ?? 0, origin);
  if (mode !== "constant" && options.value !== undefined) {
    const expected = `absent: in mode "${mode}" the border holds elements of x`;
    throw badArgument({ op: "pad", argument: "value", value, expected, site: origin.site });
  }
  const read = readWidths(node, widths, origin);
  if (mode === "constant") return constantBorder(origin, node, read, value) as TensorOf<PaddedDims<S, W>, D>;
  read.forEach((width, i) => requireRoom(node, i, width, mode, origin));
  return read.reduce((inner, width, i) => joined(origin, inner, i, width, mode), node) as TensorOf<PaddedDims<S, W>, D>;
}

function readWidths(node: Node, widths: readonly Width[], origin: Origin): readonly Width[] {
  const refuse = (argument: string, wrong: unknown, expected: string): never => {
    throw badArgument({ op: "pad", argument, value: wrong, expected, site: origin.site });
  };
  if (!Array.isArray(widths) || widths.length !== node.shape.length) {
    refuse("the widths", widths, `one pair for each of the ${node.shape.length} axes`);
  }
  return node.shape.map((size, i) => {
    const width: unknown = widths[i];
    const valid = Array.isArray(width) && width.length === 2 && width.every((n) => Number.isInteger(n) && n >= 0);
    if (!valid) refuse("each pair", width, "two integers that are not negative");
    const [before, after] = width as Width;
    if (before + after > 0 && size.power > 0) refuse("each pair", width, "[0, 0] on an axis of the batch");
    return [before, after];
  });
}

function constantBorder(origin: Origin, x: Node, widths: readonly Width[], value: number): Node {
  const shape = x.shape.map((size, i) => {
    const [before, after] = widths[i]!;
    return before + after === 0 ? size : dim(size.times + before + after);
  });
  const starts = widths.map(([before]) => offset(before));
  return makePad(origin, x, { starts, steps: starts.map(() => 1), shape, value });
}

type OwnMode = Exclude<PadMode, "constant">;

/** How wide a border may be where it holds parts of the axis. */
const MOST = {
  edge: () => Infinity,
  reflect: (size) => size - 1,
  wrap: (size) => size,
} satisfies Record<OwnMode, (size: number) => number>;

function requireRoom(x: Node, axis: number, width: Width, mode: OwnMode, origin: Origin): void {
  const size = x.shape[axis]!;
  const most = MOST[mode](size.times);
  if (Math.max(...width) === 0 || Math.max(...width) <= most) return;
  const expected = `two integers up to ${most} in mode "${mode}", along an axis of ${printDim(size)}`;
  throw badArgument({ op: "pad", argument: `the pair of axis ${axis}`, value: width, expected, site: origin.site });
}

/** x between two parts of itself. Corners come right of themselves: the parts of a later axis hold the borders of the earlier ones. */
function joined(origin: Origin, x: Node, axis: number, [before, after]: Width, mode: OwnMode): Node {
  const n = x.shape[axis]!.times;
  const part = {
    edge: (at: "before" | "after", count: number) => repeated(origin, x, axis, at === "before" ? 0 : n - 1, count),
    reflect: (at: "before" | "after", count: number) =>
      backwards(origin, x, axis, at === "before" ? count : n - 2, count),
    wrap: (at: "before" | "after", count: number) =>
      sliceAxis(origin, x, axis, offset(at === "before" ? n - count : 0), dim(count)),
  }[mode];
  const parts = [...(before > 0 ? [part("before", before)] : []), x, ...(after > 0 ? [part("after", after)] : [])];
  return makeConcat(origin, parts, axis);
}

/** One entry of an axis, so many times. */
function repeated(origin: Origin, x: Node, axis: number, at: number, count: number): Node {
  const entry = sliceAxis(origin, x, axis, offset(at), ONE);
  return makeBroadcast(
    origin,
    entry,
    x.shape.with(axis, dim(count)),
    x.shape.map((_, i) => i),
  );
}

/** So many entries of an axis from one on, in reverse order. */
const backwards = (origin: Origin, x: Node, axis: number, start: number, count: number): Node =>
  makeSlice(origin, x, {
    starts: x.shape.map((_, i) => offset(i === axis ? start : 0)),
    steps: x.shape.map((_, i) => (i === axis ? -1 : 1)),
    shape: x.shape.with(axis, dim(count)),
  });
