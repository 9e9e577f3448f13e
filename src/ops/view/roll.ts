// Rolling: the two parts of an axis change places.

import * as is from "../call/checks.js";
import { offset } from "../../graph/affine.js";
import type { DType } from "../../graph/dtype.js";
import type { Node } from "../../graph/node.js";
import type { Origin } from "../../graph/origin.js";
import { dim, printDim, sizeOf } from "../../graph/shape.js";
import type { Dims, Tensor, TensorOf } from "../../graph/tensor.js";
import { badArgument } from "../../messages.js";
import { makeConcat } from "./concat.js";
import { tensorOperand, toAxis } from "../define.js";
import { callOrigin } from "../call/options.js";
import { sliceAxis } from "./slicing.js";
import { makeReshape } from "./views.js";

/** The options of {@link roll}. */
export interface RollOptions {
  /** The axis; negative counts from the end. Unless stated all elements are rolled in row-major order, as one long axis. */
  readonly axis?: number;
}

/**
 * The elements moved on along an axis by `shift` places; those that leave it come back at its other end. NumPy's and
 * PyTorch's `roll`.
 * @param x a tensor of any shape and dtype
 * @param shift an integer; negative moves towards the start; what exceeds the axis' size goes round again
 * @returns x's shape and dtype
 * @throws BAD_ARGUMENT for an axis that x does not have, or one of the batch, whose size is not known
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: roll(constant([1, 2, 3, 4]), 1) } });
 * interpret(net, {}).outputs.y; // [4, 1, 2, 3]
 * ```
 */
export function roll<S extends Dims, D extends DType>(
  x: Tensor<S, D>,
  shift: number,
  options: RollOptions = {},
): TensorOf<S, D> {
  const origin = callOrigin("roll", options, { axis: is.wholeNumber });
  const node = tensorOperand("roll", "x", x, origin);
  if (!Number.isInteger(shift)) {
    throw badArgument({ op: "roll", argument: "shift", value: shift, expected: "an integer", site: origin.site });
  }
  if (options.axis !== undefined) {
    const at = toAxis("roll", options.axis, node.shape, origin);
    return makeRoll(origin, node, shift, at, options.axis) as TensorOf<S, D>;
  }
  const line = makeReshape(origin, node, [sizeOf(node.shape)]);
  return makeReshape(origin, makeRoll(origin, line, shift, 0, undefined), node.shape) as TensorOf<S, D>;
}

function makeRoll(origin: Origin, x: Node, shift: number, at: number, written: number | undefined): Node {
  const { times, power } = x.shape[at]!;
  if (power > 0) {
    const expected = `an axis of fixed size; ${printDim(x.shape[at]!)} elements are known at run time only`;
    throw badArgument({ op: "roll", argument: "axis", value: written, expected, site: origin.site });
  }
  const moved = ((shift % times) + times) % times;
  if (moved === 0) return x;
  const part = (start: number, size: number): Node => sliceAxis(origin, x, at, offset(start), dim(size));
  return makeConcat(origin, [part(times - moved, moved), part(0, times - moved)], at);
}
