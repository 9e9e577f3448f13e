// Reading the entries of an axis by index.

import type { DType } from "../../graph/dtype.js";
import type { PublicDim } from "../../graph/shape.js";
import type { Dims, Tensor } from "../../graph/tensor.js";
import { makeTake } from "../adjoint-pairs.js";
import * as is from "../call/checks.js";
import { callOrigin, type Known } from "../call/options.js";
import { tensorOperand, toAxis } from "../define.js";
import { entriesOf, type NegativeOption } from "./indices.js";

/** The options of {@link addAt}, {@link setAt}, {@link take} and {@link takeAlong}. */
export interface TakeOptions extends NegativeOption {
  /** The axis; negative counts from the end. The first unless stated. */
  readonly axis?: number;
}

export const TAKE_OPTIONS = { axis: is.wholeNumber, negative: is.flag } satisfies Known<TakeOptions>;

/**
 * The entries of one axis, the first unless stated, that `indices` name: `x` of `[n, d]` at indices `[...]` gives
 * `[..., d]` (NumPy's take). The gradient adds up where an index repeats. A part from a computed place on is `take(x,
 * cast(add(range(3), start), "int32"))`.
 * @param x a tensor with one axis or more, of any dtype
 * @param indices int32, of any shape; an input of them states `below`; computed ones are looked at in each call
 *   (INDEX_OUT_OF_RANGE)
 * @returns the indices' axes in place of the axis, x's dtype
 * @throws WRONG_DTYPE for indices that are not int32; BAD_ARGUMENT for those that may name no entry
 * @example
 * ```ts
 * const rows = constant([[1, 2], [3, 4], [5, 6]]);
 * const net = network("example", { batch: 1, outputs: { y: take(rows, constant([2, 0], { dtype: "int32" })) } });
 * interpret(net, {}).outputs.y; // [5, 6, 1, 2]
 * ```
 */
export function take<const Rest extends Dims, I extends Dims, D extends DType>(
  x: Tensor<readonly [PublicDim, ...Rest], D>,
  indices: Tensor<I>,
): Tensor<readonly [...I, ...Rest], D>;

export function take<D extends DType>(x: Tensor<Dims, D>, indices: Tensor, options?: TakeOptions): Tensor<Dims, D>;

export function take(x: Tensor, indices: Tensor, options: TakeOptions = {}): Tensor {
  const origin = callOrigin("take", options, TAKE_OPTIONS);
  const [node, names] = [tensorOperand("take", "x", x, origin), tensorOperand("take", "indices", indices, origin)];
  const at = toAxis("take", options.axis ?? 0, node.shape, origin);
  return makeTake(origin, node, entriesOf("take", names, node.shape[at]!, origin, options), at);
}
