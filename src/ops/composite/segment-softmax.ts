// Softmax within segments: named in the graph, with a short derivative, expanded before fusion.

import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { dim, type Dim } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { makeScatterAdd, makeTake } from "../adjoint-pairs.js";
import { float, int, record, ruleOrigin, shapeOf } from "../define.js";
import { stopGradientAt } from "../marker/markers.js";
import { div, exp, mul, sub } from "../pointwise/arithmetic.js";
import { makeScatterMax } from "../scatter/scatter-extremes.js";
import { SEGMENT_OPTIONS, segmentAttrs, segmentCall, type SegmentOptions } from "../scatter/segments.js";
import { rule } from "../../graph/rules.js";

interface SegmentSoftmaxAttrs {
  readonly axis: number;
  readonly segments: Dim;
}

export const segmentSoftmaxDef: OpDef<SegmentSoftmaxAttrs> = record<SegmentSoftmaxAttrs>({
  name: "segmentSoftmax",
  family: "composite",
  doc: "Exponentials divided by their sum over the entries of an axis that have the same id, without overflow.",
  operands: ["x", "ids"],
  infer: ({ inputs: [x] }) => float(x!.shape),
  expand({ inputs, attrs: { axis, segments }, origin }) {
    const [x, ids] = inputs as readonly [Node, Node];
    const attrs = segmentAttrs(x, ids, axis, segments);
    const ofSegment = (value: Node): Node => makeTake(origin, value, ids, axis);
    const peak = stopGradientAt(origin, makeScatterMax(origin, x, ids, attrs));
    const e = exp.at(origin, sub.at(origin, x, ofSegment(peak)));
    return div.at(origin, e, ofSegment(makeScatterAdd(origin, e, ids, attrs)));
  },
  rule: rule(
    "softmax.segments",
    "algebra",
    "softmax within segments",
    String.raw`\delta_{A} = P \odot \left(\delta_{P} - \textstyle\sum_{\text{segment}} \delta_{P} \odot P\right)`,
  ),
  vjp(adjoint) {
    const { output: y, gradient: g, attrs, inputs } = adjoint;
    const [x, ids] = inputs as readonly [Node, Node];
    const origin = ruleOrigin(adjoint);
    const sums = makeScatterAdd(origin, mul.at(origin, g, y), ids, segmentAttrs(x, ids, attrs.axis, attrs.segments));
    return [mul.at(origin, y, sub.at(origin, g, makeTake(origin, sums, ids, attrs.axis))), null];
  },
  differentiable: true,
  samples: () =>
    (
      [
        [shapeOf(1), shapeOf(1), 0],
        [shapeOf(6), shapeOf(6), 0],
        [shapeOf(2, 5, 3), shapeOf(5), 1],
        [shapeOf(2, 3, 1), shapeOf(2, 3), 0],
        [shapeOf("b", 2), shapeOf("b"), 0],
        [shapeOf("b", 5), shapeOf(5), 1],
      ] as const
    ).map(([shape, ids, axis]): Sample => ({
      inputs: [
        { ...float(shape), range: [-2, 2] },
        { ...int(ids), range: [0, 3], below: 3 },
      ],
      build: ([x, i]) => createNode(segmentSoftmaxDef, [x!, i!], { axis, segments: dim(3) }, x!.origin),
    })),
});

/**
 * Softmax within each segment: the entries that bear the same id become a probability distribution, element by element
 * along the other axes. Exponentials are taken from the segment's largest entry, so that none overflows. What graph
 * attention weighs edges with (PyTorch Geometric's `softmax(src, index)`).
 * @param x [n, ...], float32 (other dtypes are converted); with `axis` the entries stand along another axis
 * @param ids [n], int32: the segment of each entry, as of {@link segmentSum}
 * @param count how many segments: a positive integer
 * @returns x's shape, float32
 * @throws WRONG_DTYPE, WRONG_RANK, SHAPE_MISMATCH and BAD_ARGUMENT as {@link segmentSum}
 * @example
 * ```ts
 * const ids = constant([1, 0, 1], { dtype: "int32" });
 * const net = network("example", { batch: 1, outputs: { y: segmentSoftmax(constant([0, 5, 0]), ids, 2) } });
 * interpret(net, {}).outputs.y; // [0.5, 1, 0.5]
 * ```
 */
export function segmentSoftmax<S extends Dims>(
  x: Tensor<S>,
  ids: Tensor,
  count: number,
  options: SegmentOptions = {},
): Float32<S> {
  const call = segmentCall("segmentSoftmax", [x, ids, count], options, SEGMENT_OPTIONS);
  const { axis, shape } = call.attrs;
  const attrs = { axis, segments: shape[axis]! };
  return createNode(segmentSoftmaxDef, [call.x, call.ids], attrs, call.origin) as Tensor<S, "float32">;
}
