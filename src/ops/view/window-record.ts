// The record of `window`: windows of a tensor. What its adjoint, the sum of what overlaps, shares with it.

import { addAffine, axis, offset, type Affine } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import type { Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import type { Shape } from "../../graph/shape.js";
import { invariant } from "../../messages.js";
import { float, record, ruleOrigin, shapeOf, type Maker } from "../define.js";
import { viewRule } from "../../graph/rules.js";

/** The position in the whole along each of its axes, the axes of the windows being the variables. */
export interface WindowAttrs {
  readonly at: readonly Affine[];
  readonly shape: Shape;
}

export const WINDOW_CASES: readonly (readonly [whole: Shape, windows: Shape, at: readonly Affine[]])[] = [
  [shapeOf(1), shapeOf(1, 1), [addAffine(axis(0), axis(1))]],
  [shapeOf(5), shapeOf(3, 3), [addAffine(axis(0), axis(1))]],
  [shapeOf(8), shapeOf(2, 2), [addAffine(axis(0, 3), axis(1, 2), offset(1))]],
  [shapeOf("b", 5, 2), shapeOf("b", 2, 3, 2), [axis(0), addAffine(axis(1, 2), axis(2)), axis(3)]],
  [shapeOf(3, 4), shapeOf(2, 2, 3, 2), [addAffine(axis(0), axis(1)), addAffine(axis(2), axis(3))]],
];

export function windowRecord(
  makeWindow: Maker<[x: Node, attrs: WindowAttrs]>,
  makeOverlapAdd: Maker<[windows: Node, attrs: WindowAttrs]>,
): OpDef<WindowAttrs> {
  const def = record<WindowAttrs>({
    name: "window",
    family: "view",
    doc: "The elements that stand in windows over a tensor, each window with axes of its own.",
    operands: ["x"],
    infer: ({ inputs: [x], attrs }) => {
      invariant(attrs.at.length === x!.shape.length, "windows have a position along each axis");
      return { shape: attrs.shape, dtype: x!.dtype };
    },
    lower: ({ attrs }) => ({ kind: "map", body: load(0, attrs.at) }),
    rule: viewRule,
    vjp: (adjoint) => {
      const attrs = { at: adjoint.attrs.at, shape: adjoint.inputs[0]!.shape };
      return [makeOverlapAdd(ruleOrigin(adjoint), adjoint.gradient, attrs)];
    },
    differentiable: true,
    samples: () =>
      WINDOW_CASES.map(([whole, windows, at]): Sample => ({
        inputs: [{ ...float(whole), range: [-2, 2] }],
        build: ([x]) => makeWindow(x!.origin, x!, { at, shape: windows }),
      })),
  });
  return def;
}
