// What an entry of a network's own takes from call to call.

import * as is from "../call/checks.js";
import type { DType } from "../../graph/dtype.js";
import type { Mutable } from "../../graph/dims-types.js";
import { callSite, originOf } from "../../graph/origin.js";
import { BATCH, sameDim } from "../../graph/shape.js";
import type { Dims, TensorOf } from "../../graph/tensor.js";
import { badArgument } from "../../messages.js";
import { toDtype, toShape } from "../define.js";
import { holds, makeCarry, makeFilled, requireName } from "./leaves.js";
import { requireOptions } from "../call/options.js";

/** The options of {@link carry}. */
export interface CarryOptions<D extends DType = "float32"> {
  /** "float32" unless stated; "int32" or "bool". */
  readonly dtype?: D;
  /** Where each element starts, and starts again after `resetCarries()`. 0 unless stated. */
  readonly initial?: number;
}

/**
 * A value that an entry of the network's own takes from call to call: the state of a recurrence, what attention has
 * seen, a position. {@link updating} gives it its next value, in each call of an entry that computes it. A training
 * step gives it a next value too; `predict`, `loss` and `evaluate` leave it as it is. `model.resetCarries()` sets all
 * of them back. No gradient passes from call to call. The guide is docs/generation.md.
 * @param name of the view `model.states[name]`
 * @param shape positive integers; the first axis may be "batch": then each row has its own value, and a call changes
 *   those of its own rows
 * @returns that shape, float32 unless `dtype` says otherwise
 * @throws BAD_ARGUMENT for a batch on another axis, an empty name, an initial value that the dtype cannot hold
 * @example
 * ```ts
 * const x = input("x", ["batch"]);
 * const before = carry("total", ["batch"]);
 * const total = add(before, x);
 * const outputs = { total: updating(total, [[before, total]]) };
 * const model = compile(network("adder", { batch: 1, entries: { next: { outputs } } })).create();
 * model.inputs.x!.set([2]);
 * model.next(1);
 * model.next(1);
 * model.outputs["next.total"]; // [4]
 * ```
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
