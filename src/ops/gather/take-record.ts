// The record of `take`.

import type { Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { float, int, record, ruleOrigin, shapeOf, type AxisAttrs, type Maker } from "../define.js";
import { indexed, requireIndices, type ScatterAttrs } from "./indexed.js";
import { lookupRule } from "../../graph/rules.js";

export function takeRecord(
  makeTake: Maker<[x: Node, indices: Node, at: number]>,
  makeScatterAdd: Maker<[updates: Node, indices: Node, attrs: ScatterAttrs]>,
): OpDef<AxisAttrs> {
  const def = record<AxisAttrs>({
    name: "take",
    family: "gather",
    doc: "The entries of one axis that a tensor of indices names.",
    operands: ["x", "indices"],
    infer({ inputs: [x, indices], attrs, origin }) {
      requireIndices("take", indices!, origin);
      return { shape: x!.shape.toSpliced(attrs.axis, 1, ...indices!.shape), dtype: x!.dtype };
    },
    lower({ inputs: [x, indices], attrs }) {
      const at = indexed(1, x!.shape.length, attrs.axis, indices!.shape.length);
      return { kind: "map", body: { kind: "load", operand: 0, at, guards: [], otherwise: 0 } };
    },
    rule: lookupRule,
    vjp(adjoint) {
      const [x, indices] = adjoint.inputs as [Node, Node];
      const attrs = { axis: adjoint.attrs.axis, shape: x.shape };
      return [makeScatterAdd(ruleOrigin(adjoint), adjoint.gradient, indices, attrs), null];
    },
    differentiable: true,
    samples: () =>
      (
        [
          [shapeOf(4, 3), shapeOf(5), 0],
          [shapeOf(4), shapeOf(), 0],
          [shapeOf(4, 1), shapeOf(2, 3), 0],
          [shapeOf(2, 4, 3), shapeOf(2), 1],
          [shapeOf(2, 4), shapeOf(1), 1],
          [shapeOf(4, 3), shapeOf("b"), 0],
        ] as const
      ).map(([shape, indices, at]): Sample => ({
        inputs: [
          { ...float(shape), range: [-2, 2] },
          { ...int(indices), range: [0, 4], below: 4 },
        ],
        build: ([x, i]) => makeTake(x!.origin, x!, i!, at),
      })),
  });
  return def;
}
