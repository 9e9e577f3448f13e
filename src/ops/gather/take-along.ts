// Reading along one axis at an index for each element, and its adjoint (NumPy's take_along_axis and what undoes it).

import { axis, ZERO } from "../../graph/affine.js";
import type { DType } from "../../graph/dtype.js";
import { load, type Index } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { dim, sameShape, type Shape } from "../../graph/shape.js";
import type { Dims, Tensor, TensorOf } from "../../graph/tensor.js";
import { invariant, shapeMismatch } from "../../messages.js";
import { float, int, record, ruleOrigin, shapeOf, tensorOperand, toAxis } from "../define.js";
import { TAKE_OPTIONS, type TakeOptions } from "./pick.js";
import { entriesOf } from "./indices.js";
import { callOrigin } from "../call/options.js";

interface AlongAttrs {
  readonly axis: number;
}

interface AddAlongAttrs extends AlongAttrs {
  readonly shape: Shape;
}

/** The position itself, but along one axis what the second operand says there. */
const along = (rank: number, at: number): Index[] => {
  const here = Array.from({ length: rank }, (_, i) => axis(i));
  return here.map((affine, i) => (i === at ? { affine: ZERO, loaded: load(1, here) } : { affine }));
};

const SHAPES: readonly (readonly [shape: Shape, count: number, axis: number])[] = [
  [shapeOf(4), 3, 0],
  [shapeOf(4, 1), 5, 0],
  [shapeOf(2, 4, 3), 2, 1],
  [shapeOf("b", 4), 1, 1],
  [shapeOf("b", 4, 2), 6, 1],
];

export const takeAlongDef: OpDef<AlongAttrs> = record<AlongAttrs>({
  name: "takeAlong",
  family: "gather",
  doc: "For each position the entry of one axis that an index names.",
  operands: ["x", "indices"],
  infer({ inputs: [x, indices], attrs }) {
    const expected = x!.shape.with(attrs.axis, indices!.shape[attrs.axis]!);
    invariant(
      indices!.dtype === "int32" && sameShape(indices!.shape, expected),
      "only the axis that is read may differ",
    );
    return { shape: indices!.shape, dtype: x!.dtype };
  },
  lower: ({ inputs: [x], attrs }) => ({
    kind: "map",
    body: { kind: "load", operand: 0, at: along(x!.shape.length, attrs.axis), guards: [], otherwise: 0 },
  }),
  vjp(adjoint) {
    const [x, indices] = adjoint.inputs as [Node, Node];
    return [makeAddAlong(ruleOrigin(adjoint), adjoint.gradient, indices, adjoint.attrs.axis, x.shape), null];
  },
  differentiable: true,
  samples: () =>
    SHAPES.map(([shape, count, at]): Sample => ({
      inputs: [
        { ...float(shape), range: [-2, 2] },
        { ...int(shape.with(at, dim(count))), range: [0, 4], below: 4 },
      ],
      build: ([x, i]) => makeTakeAlong(x!.origin, x!, i!, at),
    })),
});

export const addAlongDef: OpDef<AddAlongAttrs> = record<AddAlongAttrs>({
  name: "addAlong",
  family: "scatter",
  doc: "Zeros to which each update is added at the entry of one axis that its index names.",
  operands: ["updates", "indices"],
  infer({ inputs: [updates, indices], attrs }) {
    invariant(
      indices!.dtype === "int32" && sameShape(updates!.shape, indices!.shape),
      "there is one index for each update",
    );
    return float(attrs.shape);
  },
  lower: ({ inputs: [updates], attrs }) => ({
    kind: "scatter",
    domain: updates!.shape,
    at: along(updates!.shape.length, attrs.axis),
    body: load(
      0,
      updates!.shape.map((_, i) => axis(i)),
    ),
  }),
  vjp: (adjoint) => [
    makeTakeAlong(ruleOrigin(adjoint), adjoint.gradient, adjoint.inputs[1]!, adjoint.attrs.axis),
    null,
  ],
  differentiable: true,
  samples: () =>
    SHAPES.map(([shape, count, at]): Sample => {
      const updates = shape.with(at, dim(count));
      return {
        inputs: [
          { ...float(updates), range: [-2, 2] },
          { ...int(updates), range: [0, 4], below: 4 },
        ],
        build: ([x, i]) => makeAddAlong(x!.origin, x!, i!, at, shape),
      };
    }),
});

/** `x` read along `at` at int32 `indices`, which must lie in range: `[b, n, c]` at `[b, m, c]` gives `[b, m, c]`. */
export const makeTakeAlong = (origin: Origin, x: Node, indices: Node, at: number): Node =>
  createNode(takeAlongDef, [x, indices], { axis: at }, origin);

export const makeAddAlong = (origin: Origin, updates: Node, indices: Node, at: number, shape: Shape): Node =>
  createNode(addAlongDef, [updates, indices], { axis: at, shape }, origin);

/**
 * At each place of `indices` the entry of `x` that it names along one axis, the last unless stated: `result[i, j] =
 * x[i, indices[i, j]]`. NumPy's `take_along_axis`, PyTorch's `gather`, ONNX' `GatherElements`. The gradient adds up
 * where an index repeats.
 * @param x a tensor with one axis or more, of any dtype
 * @param indices int32, x's shape but for the length of that axis; an input of them states `below`
 * @returns the shape of the indices, x's dtype
 * @throws WRONG_DTYPE for indices that are not int32; SHAPE_MISMATCH where another axis differs; BAD_ARGUMENT for
 *   those that may name no entry
 * @example
 * ```ts
 * const x = constant([[1, 2, 3], [4, 5, 6]]);
 * const net = network("example", { batch: 1, outputs: { y: takeAlong(x, constant([[2, 0], [1, 1]], { dtype: "int32" })) } });
 * interpret(net, {}).outputs.y; // [3, 1, 5, 5]
 * ```
 */
export function takeAlong<S extends Dims, D extends DType>(
  x: Tensor<Dims, D>,
  indices: Tensor<S>,
  options: TakeOptions = {},
): TensorOf<S, D> {
  const origin = callOrigin("takeAlong", options, TAKE_OPTIONS);
  const node = tensorOperand("takeAlong", "x", x, origin);
  const names = tensorOperand("takeAlong", "indices", indices, origin);
  const at = toAxis("takeAlong", options.axis ?? -1, node.shape, origin);
  const entries = entriesOf("takeAlong", names, node.shape[at]!, origin, options);
  if (!sameShape(names.shape, node.shape.with(at, names.shape[at] ?? dim(1)))) {
    const why = `the indices may differ from x along axis ${at} only`;
    throw shapeMismatch({ op: "takeAlong", left: node.shape, right: names.shape, why, site: origin.site });
  }
  return makeTakeAlong(origin, node, entries, at) as TensorOf<S, D>;
}
