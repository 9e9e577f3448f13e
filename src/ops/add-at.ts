// Adding at indices: `x` with each update added at the place that its index names. What an update of a few rows of a
// large parameter becomes: it costs what the updates cost, not what the parameter does.

import { axis } from "../graph/affine.js";
import { load } from "../graph/lowering.js";
import { createNode, type Node } from "../graph/node.js";
import type { OpDef, Sample } from "../graph/op.js";
import type { Origin } from "../graph/origin.js";
import { dim, sameShape } from "../graph/shape.js";
import type { Dims, Float32, Tensor } from "../graph/tensor.js";
import { shapeMismatch } from "../messages.js";
import { float, int, record, ruleOrigin, shapeOf, tensorOperand, toAxis } from "./define.js";
import { indexed, makeTake, TAKE_OPTIONS, type TakeOptions } from "./gather.js";
import { entriesOf, requireIndices } from "./indices.js";
import { callOrigin } from "./options.js";
import { asFloat } from "./pointwise.js";
import type { AxisAttrs } from "./softmax.js";

export const addAtDef: OpDef<AxisAttrs> = record<AxisAttrs>({
  name: "addAt",
  family: "scatter",
  doc: "x with each update added at the place that its index names.",
  operands: ["x", "updates", "indices"],
  infer({ inputs: [x, updates, indices], attrs, origin }) {
    requireIndices("addAt", indices!, origin);
    const expected = x!.shape.toSpliced(attrs.axis, 1, ...indices!.shape);
    if (!sameShape(updates!.shape, expected)) {
      const why = "each index needs one update";
      throw shapeMismatch({ op: "addAt", left: updates!.shape, right: expected, why, site: origin.site });
    }
    return float(x!.shape);
  },
  lower({ inputs: [x, updates, indices], attrs }) {
    const { shape: domain } = updates!;
    const at = indexed(2, x!.shape.length, attrs.axis, indices!.shape.length);
    const body = load(
      1,
      domain.map((_, i) => axis(i)),
    );
    return { kind: "scatter", onto: 0, domain, at, body };
  },
  vjp(adjoint) {
    const taken = makeTake(ruleOrigin(adjoint), adjoint.gradient, adjoint.inputs[2]!, adjoint.attrs.axis);
    return [adjoint.gradient, taken, null];
  },
  differentiable: true,
  samples: () =>
    (
      [
        [shapeOf(4, 3), shapeOf(5, 3), shapeOf(5), 0],
        [shapeOf(4), shapeOf(), shapeOf(), 0],
        [shapeOf(2, 4, 3), shapeOf(2, 2, 3), shapeOf(2), 1],
        [shapeOf(4, 1), shapeOf(2, 3, 1), shapeOf(2, 3), 0],
        [shapeOf(4, 3), shapeOf("b", 3), shapeOf("b"), 0],
      ] as const
    ).map(([x, updates, indices, at]): Sample => ({
      inputs: [
        { ...float(x), range: [-2, 2] },
        { ...float(updates), range: [-2, 2] },
        { ...int(indices), range: [0, 4], below: 4 },
      ],
      build: ([a, u, i]) => makeAddAt(a!.origin, a!, u!, i!, at),
    })),
});

export const makeAddAt = (origin: Origin, x: Node, updates: Node, indices: Node, at: number): Node =>
  createNode(addAtDef, [x, updates, indices], { axis: at }, origin);

/**
 * `x` with `updates` added at the entries of one axis (0 unless stated) that int32 `indices` name; repeated indices add
 * up (NumPy's `add.at`, JAX's `x.at[indices].add(updates)`). `x` of `[n, d]`, indices `[...]`, updates `[..., d]`.
 * @throws SHAPE_MISMATCH unless there is one update for each index; BAD_ARGUMENT where an input's indices are not known to
 *   be below the axis' size
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
