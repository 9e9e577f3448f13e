// Adding at indices: `x` with each update added at the place that its index names. What an update of a few rows of a
// large parameter becomes: it costs what the updates cost, not what the parameter does.

import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { dim } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { makeTake } from "../adjoint-pairs.js";
import { callOrigin } from "../call/options.js";
import { float, record, ruleOrigin, tensorOperand, toAxis, type AxisAttrs } from "../define.js";
import { entriesOf } from "../gather/indices.js";
import { TAKE_OPTIONS, type TakeOptions } from "../gather/take.js";
import { asFloat } from "../pointwise/pointwise.js";
import { requireUpdates, scatterUpdates, updateSamples } from "./indexed-updates.js";
import { markerRule, scatterRule } from "../../graph/rules.js";

export const addAtDef: OpDef<AxisAttrs> = record<AxisAttrs>({
  name: "addAt",
  family: "scatter",
  doc: "x with each update added at the place that its index names.",
  operands: ["x", "updates", "indices"],
  infer(call) {
    requireUpdates("addAt", call);
    return float(call.inputs[0]!.shape);
  },
  lower: (call) => scatterUpdates(call),
  rule: [markerRule, scatterRule],
  vjp(adjoint) {
    const taken = makeTake(ruleOrigin(adjoint), adjoint.gradient, adjoint.inputs[2]!, adjoint.attrs.axis);
    return [adjoint.gradient, taken, null];
  },
  differentiable: true,
  samples: () => updateSamples((x, updates, indices, at) => makeAddAt(x.origin, x, updates, indices, at)),
});

export const makeAddAt = (origin: Origin, x: Node, updates: Node, indices: Node, at: number): Node =>
  createNode(addAtDef, [x, updates, indices], { axis: at }, origin);

/**
 * `x` with `updates` added at the entries of one axis, the first unless stated, that `indices` name; repeated indices
 * add up. NumPy's `add.at`, JAX's `x.at[indices].add(updates)`.
 * @param x [n, ...], float32 (other dtypes are converted)
 * @param indices [...], int32; an input of them states `below`; computed ones are looked at in each call
 *   (INDEX_OUT_OF_RANGE)
 * @param updates the indices' axes in place of x's axis: [..., ...], float32 (other dtypes are converted)
 * @returns x's shape, float32
 * @throws WRONG_DTYPE for indices that are not int32; SHAPE_MISMATCH unless there is one update for each index;
 *   BAD_ARGUMENT where an input's indices are not known to be below the axis' size
 * @example
 * ```ts
 * const places = constant([2, 0, 2], { dtype: "int32" });
 * const net = network("example", { batch: 1, outputs: { y: addAt(constant([1, 2, 3]), places, constant([10, 20, 30])) } });
 * interpret(net, {}).outputs.y; // [21, 2, 43]
 * ```
 */
export function addAt(x: Tensor, indices: Tensor, updates: Tensor, options: TakeOptions = {}): Float32<Dims> {
  const origin = callOrigin("addAt", options, TAKE_OPTIONS);
  const node = asFloat(origin, tensorOperand("addAt", "x", x, origin));
  const added = asFloat(origin, tensorOperand("addAt", "updates", updates, origin));
  const names = tensorOperand("addAt", "indices", indices, origin);
  const at = toAxis("addAt", options.axis ?? 0, node.shape, origin);
  const entries = entriesOf("addAt", names, node.shape[at] ?? dim(1), origin, options);
  return makeAddAt(origin, node, added, entries, at) as Tensor<Dims, "float32">;
}
