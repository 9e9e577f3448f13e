// Writing at indices: `x` with other entries at the places that indices name. What a cache of keys and values is filled with, a
// position at a time: it costs what the written entries cost, not what the cache does.

import type { DType } from "../../graph/dtype.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { dim, isOne, sizeOf, type Dim, type Shape } from "../../graph/shape.js";
import type { Dims, Tensor } from "../../graph/tensor.js";
import { wrongDtype } from "../../messages.js";
import { makeBroadcast, makeTake } from "../adjoint-pairs.js";
import { callOrigin } from "../call/options.js";
import { record, ruleOrigin, tensorOperand, toAxis, type AxisAttrs } from "../define.js";
import { entriesOf } from "../gather/indices.js";
import { TAKE_OPTIONS, type TakeOptions } from "../gather/take.js";
import { makeFilled } from "../leaf/leaves.js";
import { mul } from "../pointwise/arithmetic.js";
import { equal } from "../pointwise/logic.js";
import { asFloat } from "../pointwise/pointwise.js";
import { makeIota } from "../view/iota.js";
import { makeReshape } from "../view/views.js";
import { requireUpdates, scatterUpdates, updateSamples } from "./indexed-updates.js";
import { makeScatterMax } from "./scatter-extremes.js";
import { rule } from "../../graph/rules.js";

export const setAtDef: OpDef<AxisAttrs> = record<AxisAttrs>({
  name: "setAt",
  family: "scatter",
  doc: "x with each update in the place that its index names; of several for one place, the last.",
  operands: ["x", "updates", "indices"],
  infer(call) {
    requireUpdates("setAt", call);
    const [x, updates] = call.inputs;
    if (updates!.dtype !== x!.dtype) {
      const { site } = call.origin;
      throw wrongDtype({ op: "setAt", operand: "the updates", dtype: updates!.dtype, expected: x!.dtype, site });
    }
    return { shape: x!.shape, dtype: x!.dtype };
  },
  lower: (call) => scatterUpdates(call, "last"),
  rule: rule(
    "scatter.set",
    "algebra",
    "what was replaced has none",
    String.raw`c = a,\; c_{k} = u \;\Rightarrow\; \delta_{u} = (\delta_{c})_{k},\quad (\delta_{a})_{k} = 0`,
  ),
  vjp(adjoint) {
    const [, updates, indices] = adjoint.inputs as [Node, Node, Node];
    const origin = ruleOrigin(adjoint);
    const { gradient, attrs } = adjoint;
    const none = makeFilled(origin, 0, updates.shape, "float32");
    const taken = makeTake(origin, gradient, indices, attrs.axis);
    const size = adjoint.output.shape[attrs.axis]!;
    const kept = keptUpdates(origin, indices, size);
    const axes = indices.shape.map((_, i) => attrs.axis + i);
    const ofUpdates = kept ? mul.at(origin, taken, makeBroadcast(origin, kept, updates.shape, axes)) : taken;
    return [makeSetAt(origin, gradient, none, indices, attrs.axis), ofUpdates, null];
  },
  differentiable: true,
  samples: () => updateSamples((x, updates, indices, at) => makeSetAt(x.origin, x, updates, indices, at)),
});

/** 1 for each index that no later one repeats, else 0; nothing where there is one index. */
function keptUpdates(origin: Origin, indices: Node, size: Dim): Node | undefined {
  if (indices.shape.every(isOne)) return undefined;
  const count: Shape = [sizeOf(indices.shape)];
  const flat = makeReshape(origin, indices, count);
  const order = asFloat(origin, makeIota(origin, count, 0));
  const last = makeScatterMax(origin, order, flat, { axis: 0, shape: [size] });
  const kept = asFloat(origin, equal.at(origin, order, makeTake(origin, last, flat, 0)));
  return makeReshape(origin, kept, indices.shape);
}

export const makeSetAt = (origin: Origin, x: Node, updates: Node, indices: Node, at: number): Node =>
  createNode(setAtDef, [x, updates, indices], { axis: at }, origin);

/**
 * `x` with `updates` in the places of one axis (0 unless stated) that int32 `indices` name (JAX's `x.at[indices].set(updates)`,
 * PyTorch's `index_copy`). Of several updates for one place the last is kept, and it alone has a gradient.
 * `setAt([1, 2, 3], [2, 0], [8, 9])` is `[9, 2, 8]`.
 *
 * Assigned to a state that nothing else reads (`updating(y, [[cache, setAt(cache, position, row)]])`), it is done in place.
 * @param x [n, ...] of any dtype
 * @param indices [...], int32; a scalar writes one entry. An input of them states `below`; computed ones are looked at in each
 *   call (INDEX_OUT_OF_RANGE), before anything changes
 * @param updates the indices' axes in place of the axis, of x's dtype: [..., ...]
 * @returns x's shape and dtype
 * @throws SHAPE_MISMATCH unless there is one update for each index; WRONG_DTYPE for updates of another dtype; BAD_ARGUMENT where
 *   an input's indices are not known to be below the axis' size
 * @example
 * ```ts
 * const places = constant([2, 0], { dtype: "int32" });
 * const net = network("example", { batch: 1, outputs: { y: setAt(constant([1, 2, 3]), places, constant([8, 9])) } });
 * interpret(net, {}).outputs.y; // [9, 2, 8]
 * ```
 */
export function setAt<S extends Dims, D extends DType>(
  x: Tensor<S, D>,
  indices: Tensor,
  updates: Tensor,
  options: TakeOptions = {},
): Tensor<S, D> {
  const op = "setAt";
  const origin = callOrigin(op, options, TAKE_OPTIONS);
  const node = tensorOperand(op, "x", x, origin);
  const names = tensorOperand(op, "indices", indices, origin);
  const at = toAxis(op, options.axis ?? 0, node.shape, origin);
  const entries = entriesOf(op, names, node.shape[at] ?? dim(1), origin, options);
  return makeSetAt(origin, node, tensorOperand(op, "updates", updates, origin), entries, at) as Tensor<S, D>;
}
