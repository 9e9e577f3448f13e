// One entry of the last axis for each leading position, and its derivative: pick and place.

import { axis, ZERO } from "../../graph/affine.js";
import type { DType } from "../../graph/dtype.js";
import { load, type Body, type BodyLeaf, type Index } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { dim, sameShape, type Dim, type Shape } from "../../graph/shape.js";
import type { Dims, Tensor } from "../../graph/tensor.js";
import { shapeMismatch } from "../../messages.js";
import { applyScalar, constant } from "../../scalar/expression.js";
import * as is from "../call/checks.js";
import { callOrigin } from "../call/options.js";
import { float, int, record, ruleOrigin, shapeOf, tensorOperand, toAxis } from "../define.js";
import { requireIndices, identity } from "./indexed.js";
import { entriesOf, type NegativeOption } from "./indices.js";
import { lookupRule, scatterRule } from "../../graph/rules.js";

/** The indices of pick and place: one for each leading position. */
const requireLeading = (op: string, shape: Shape, indices: Node, origin: Origin): void => {
  requireIndices(op, indices, origin);
  if (sameShape(indices.shape, shape)) return;
  const why = "there is one index for each leading position";
  throw shapeMismatch({ op, left: shape, right: indices.shape, why, site: origin.site });
};

const PICKS = [shapeOf(), shapeOf(1), shapeOf(3), shapeOf(2, 3), shapeOf("b")] as const;

export const pickDef: OpDef = record({
  name: "pick",
  family: "gather",
  doc: "One entry of the last axis for each leading position, named by an index.",
  operands: ["x", "indices"],
  infer({ inputs: [x, indices], origin }) {
    const leading = x!.shape.slice(0, -1);
    requireLeading("pick", leading, indices!, origin);
    return { shape: leading, dtype: x!.dtype };
  },
  lower({ inputs: [, indices] }) {
    const leading = identity(indices!.shape.length, 0);
    const named: Body = load(
      1,
      leading.map((index) => index.affine),
    );
    const at: Index[] = [...leading, { affine: ZERO, loaded: named }];
    return { kind: "map", body: { kind: "load", operand: 0, at, guards: [], otherwise: 0 } };
  },
  rule: lookupRule,
  vjp(adjoint) {
    const [x, indices] = adjoint.inputs as [Node, Node];
    return [makePlace(ruleOrigin(adjoint), adjoint.gradient, indices, x.shape.at(-1)!), null];
  },
  differentiable: true,
  samples: () =>
    PICKS.map((shape) => ({
      inputs: [
        { ...float([...shape, dim(4)]), range: [-2, 2] },
        { ...int(shape), range: [0, 4], below: 4 },
      ],
      build: ([x, i]) => makePick(x!.origin, x!, i!),
    })),
});

export const placeDef: OpDef<{ readonly depth: Dim }> = record<{ readonly depth: Dim }>({
  name: "place",
  family: "gather",
  doc: "A new last axis with each value at the position that its index names and 0 elsewhere.",
  operands: ["x", "indices"],
  infer({ inputs: [x, indices], attrs, origin }) {
    requireLeading("place", x!.shape, indices!, origin);
    return { shape: [...x!.shape, attrs.depth], dtype: x!.dtype };
  },
  lower({ inputs: [x] }) {
    const leading = x!.shape.map((_, i) => axis(i));
    const here = applyScalar<BodyLeaf>("eq", { kind: "index", affine: axis(leading.length) }, load(1, leading));
    return { kind: "map", body: applyScalar("select", here, load(0, leading), constant(0)) };
  },
  rule: scatterRule,
  vjp: (adjoint) => [makePick(ruleOrigin(adjoint), adjoint.gradient, adjoint.inputs[1]!), null],
  differentiable: true,
  samples: () =>
    PICKS.map((shape) => ({
      inputs: [
        { ...float(shape), range: [-2, 2] },
        { ...int(shape), range: [0, 4], below: 4 },
      ],
      build: ([x, i]) => makePlace(x!.origin, x!, i!, dim(4)),
    })),
});

export const makePick = (origin: Origin, x: Node, indices: Node): Node => createNode(pickDef, [x, indices], {}, origin);

export const makePlace = (origin: Origin, x: Node, indices: Node, depth: Dim): Node =>
  createNode(placeDef, [x, indices], { depth }, origin);

/**
 * One entry of the last axis for each leading position: `x[..., indices[...]]`. `[rows, n]` at `[rows]` gives
 * `[rows]`.
 * @param x a tensor with one axis or more, of any dtype
 * @param indices x's shape without its last axis, int32; an input of them states `below`
 * @returns the shape of the indices, x's dtype
 * @throws WRONG_DTYPE for indices that are not int32; SHAPE_MISMATCH unless there is one for each leading position;
 *   BAD_ARGUMENT for those that may name no entry
 * @example
 * ```ts
 * const x = constant([[1, 2, 3], [4, 5, 6]]);
 * const net = network("example", { batch: 1, outputs: { y: pick(x, constant([2, 0], { dtype: "int32" })) } });
 * interpret(net, {}).outputs.y; // [3, 4]
 * ```
 */
export function pick<D extends DType>(
  x: Tensor<Dims, D>,
  indices: Tensor,
  options: NegativeOption = {},
): Tensor<Dims, D> {
  const origin = callOrigin("pick", options, { negative: is.flag });
  const [node, names] = [tensorOperand("pick", "x", x, origin), tensorOperand("pick", "indices", indices, origin)];
  const size = node.shape[toAxis("pick", -1, node.shape, origin)]!;
  return makePick(origin, node, entriesOf("pick", names, size, origin, options)) as Tensor<Dims, D>;
}
