// One-hot rows, made from indices.

import { axis } from "../../graph/affine.js";
import { load, type BodyLeaf } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import { callSite, originOf, type Origin } from "../../graph/origin.js";
import { dim, type Dim } from "../../graph/shape.js";
import type { Dims, Float32, Tensor } from "../../graph/tensor.js";
import { wrongDtype } from "../../messages.js";
import { applyScalar, constant } from "../../scalar/expression.js";
import { float, int, positiveInteger, record, shapeOf, tensorOperand } from "../define.js";

export const oneHotDef: OpDef<{ readonly depth: Dim }> = record<{ readonly depth: Dim }>({
  name: "oneHot",
  family: "gather",
  doc: "A new last axis with 1 at the position that an index names and 0 elsewhere.",
  operands: ["indices"],
  infer({ inputs: [indices], attrs, origin }) {
    if (indices!.dtype !== "int32") {
      const { dtype } = indices!;
      throw wrongDtype({ op: "oneHot", operand: "indices", dtype, expected: "int32", site: origin.site });
    }
    return float([...indices!.shape, attrs.depth]);
  },
  lower({ inputs: [indices] }) {
    const rank = indices!.shape.length;
    const named = load(
      0,
      indices!.shape.map((_, i) => axis(i)),
    );
    const here = applyScalar<BodyLeaf>("eq", { kind: "index", affine: axis(rank) }, named);
    return { kind: "map", body: applyScalar("select", here, constant(1), constant(0)) };
  },
  differentiable: false,
  samples: () =>
    [shapeOf(), shapeOf(1), shapeOf(3), shapeOf(2, 3), shapeOf("b")].map((shape) => ({
      inputs: [{ ...int(shape), range: [0, 4], below: 4 }],
      build: ([x]) => makeOneHot(x!.origin, x!, dim(4)),
    })),
});

export const makeOneHot = (origin: Origin, indices: Node, depth: Dim): Node =>
  createNode(oneHotDef, [indices], { depth }, origin);

/**
 * A new last axis with 1 at the position that an index names and 0 elsewhere. All 0 for an index out of range.
 * @param indices int32, of any shape
 * @param depth the size of the new axis: a positive integer
 * @returns [..., depth], float32
 * @throws WRONG_DTYPE for indices that are not int32, BAD_ARGUMENT for a depth that is no positive integer
 * @example
 * ```ts
 * const net = network("example", { batch: 1, outputs: { y: oneHot(constant([2, 0], { dtype: "int32" }), 3) } });
 * interpret(net, {}).outputs.y; // [0, 0, 1, 1, 0, 0]
 * ```
 */
export function oneHot<S extends Dims, const N extends number>(indices: Tensor<S>, depth: N): Float32<[...S, N]> {
  const origin = originOf(callSite("oneHot"));
  const node = tensorOperand("oneHot", "indices", indices, origin);
  const size = dim(positiveInteger("oneHot", "depth", depth, origin));
  return makeOneHot(origin, node, size) as Float32<[...S, N]>;
}
