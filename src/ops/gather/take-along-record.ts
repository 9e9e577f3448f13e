// The record of `takeAlong`, and what its adjoint shares with it.

import { axis, ZERO } from "../../graph/affine.js";
import { load, type Index } from "../../graph/lowering.js";
import type { Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { dim, sameShape, type Shape } from "../../graph/shape.js";
import { invariant } from "../../messages.js";
import { float, int, record, ruleOrigin, shapeOf, type Maker } from "../define.js";
import { lookupRule } from "../../graph/rules.js";

export interface AlongAttrs {
  readonly axis: number;
}

/** The position itself, but along one axis what the second operand says there. */
export const along = (rank: number, at: number): Index[] => {
  const here = Array.from({ length: rank }, (_, i) => axis(i));
  return here.map((affine, i) => (i === at ? { affine: ZERO, loaded: load(1, here) } : { affine }));
};

export const ALONG_SHAPES: readonly (readonly [shape: Shape, count: number, axis: number])[] = [
  [shapeOf(4), 3, 0],
  [shapeOf(4, 1), 5, 0],
  [shapeOf(2, 4, 3), 2, 1],
  [shapeOf("b", 4), 1, 1],
  [shapeOf("b", 4, 2), 6, 1],
];

export function takeAlongRecord(
  makeTakeAlong: Maker<[x: Node, indices: Node, at: number]>,
  makeAddAlong: Maker<[updates: Node, indices: Node, at: number, shape: Shape]>,
): OpDef<AlongAttrs> {
  const def = record<AlongAttrs>({
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
    rule: lookupRule,
    vjp(adjoint) {
      const [x, indices] = adjoint.inputs as [Node, Node];
      return [makeAddAlong(ruleOrigin(adjoint), adjoint.gradient, indices, adjoint.attrs.axis, x.shape), null];
    },
    differentiable: true,
    samples: () =>
      ALONG_SHAPES.map(([shape, count, at]): Sample => ({
        inputs: [
          { ...float(shape), range: [-2, 2] },
          { ...int(shape.with(at, dim(count))), range: [0, 4], below: 4 },
        ],
        build: ([x, i]) => makeTakeAlong(x!.origin, x!, i!, at),
      })),
  });
  return def;
}
