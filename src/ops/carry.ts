// What an entry of a network's own takes from call to call.

import * as is from "./checks.js";
import type { DType } from "../graph/dtype.js";
import type { Mutable } from "../graph/dims-types.js";
import { callSite, originOf } from "../graph/origin.js";
import { BATCH, sameDim } from "../graph/shape.js";
import type { Dims, TensorOf } from "../graph/tensor.js";
import { badArgument } from "../messages.js";
import { toDtype, toShape } from "./define.js";
import { holds, makeCarry, makeFilled, requireName } from "./leaves.js";
import { requireOptions } from "./options.js";

export interface CarryOptions<D extends DType = "float32"> {
  readonly dtype?: D;
  /** Where each element starts, and starts again after `resetCarries()`. 0 unless stated. */
  readonly initial?: number;
}

/**
 * A value that an entry of the network's own takes from call to call: the state of a recurrence, what attention has seen, a
 * position. `updating` gives it its next value, in each call of an entry that computes it (see `NetworkOptions.entries`); a
 * training step gives it a next value too, and `predict`, `loss` and `evaluate` leave it as it is. `resetCarries()` of the model
 * sets all of them back. No gradient passes from call to call.
 *
 * `const h = carry("h", ["batch", 96])` and then `updating(y, [[h, next]])`.
 * @param name of the view `states[name]`
 * @param shape positive integers; the first axis may be "batch": then each row has its own value, and a call changes those of
 *   its own rows
 * @throws BAD_ARGUMENT for a batch on another axis, a name without a letter, an initial value that the dtype cannot hold
 */
export function carry<const S extends Dims, D extends DType = "float32">(
  name: string,
  shape: S,
  options: CarryOptions<D> = {},
): TensorOf<Mutable<S>, D> {
  const op = "carry";
  const site = callSite(op);
  requireOptions(site, options, { dtype: is.oneOf("float32", "int32", "bool"), initial: is.finite });
  const origin = originOf(site, undefined, name);
  requireName(op, name, origin);
  const sizes = toShape(op, shape, origin);
  // The rows of a call are the first of the memory only where they stand first.
  if (sizes.some((size, i) => size.power > 0 && (i > 0 || !sameDim(size, BATCH)))) {
    const expected = 'made of integers, with "batch" as the first axis or none';
    throw badArgument({ op, argument: "the shape", value: shape, expected, site });
  }
  const dtype = toDtype(op, options.dtype, origin);
  const { initial = 0 } = options;
  if (!holds(dtype, initial)) {
    const expected = dtype === "bool" ? "0 or 1 in a bool" : "a 32-bit integer in an int32";
    throw badArgument({ op, argument: "initial", value: initial, expected, site });
  }
  return makeCarry(origin, sizes, dtype, makeFilled(origin, initial, sizes, dtype)) as TensorOf<Mutable<S>, D>;
}
