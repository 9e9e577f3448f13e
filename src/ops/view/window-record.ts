// Windows of a tensor and their adjoint, the sum of what overlaps.

import { addAffine, axis, offset, type Affine } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import type { Shape } from "../../graph/shape.js";
import { invariant } from "../../messages.js";
import { float, record, ruleOrigin, shapeOf } from "../define.js";

/** The position in the whole along each of its axes, the axes of the windows being the variables. */
export interface WindowAttrs {
  readonly at: readonly Affine[];
  readonly shape: Shape;
}

const CASES: readonly (readonly [whole: Shape, windows: Shape, at: readonly Affine[]])[] = [
  [shapeOf(1), shapeOf(1, 1), [addAffine(axis(0), axis(1))]],
  [shapeOf(5), shapeOf(3, 3), [addAffine(axis(0), axis(1))]],
  [shapeOf(8), shapeOf(2, 2), [addAffine(axis(0, 3), axis(1, 2), offset(1))]],
  [shapeOf("b", 5, 2), shapeOf("b", 2, 3, 2), [axis(0), addAffine(axis(1, 2), axis(2)), axis(3)]],
  [shapeOf(3, 4), shapeOf(2, 2, 3, 2), [addAffine(axis(0), axis(1)), addAffine(axis(2), axis(3))]],
];

export const windowDef: OpDef<WindowAttrs> = record<WindowAttrs>({
  name: "window",
  family: "view",
  doc: "The elements that stand in windows over a tensor, each window with axes of its own.",
  operands: ["x"],
  infer: ({ inputs: [x], attrs }) => {
    invariant(attrs.at.length === x!.shape.length, "windows have a position along each axis");
    return { shape: attrs.shape, dtype: x!.dtype };
  },
  lower: ({ attrs }) => ({ kind: "map", body: load(0, attrs.at) }),
  vjp: (adjoint) => {
    const attrs = { at: adjoint.attrs.at, shape: adjoint.inputs[0]!.shape };
    return [makeOverlapAdd(ruleOrigin(adjoint), adjoint.gradient, attrs)];
  },
  differentiable: true,
  samples: () =>
    CASES.map(([whole, windows, at]): Sample => ({
      inputs: [{ ...float(whole), range: [-2, 2] }],
      build: ([x]) => makeWindow(x!.origin, x!, { at, shape: windows }),
    })),
});

export const overlapAddDef: OpDef<WindowAttrs> = record<WindowAttrs>({
  name: "overlapAdd",
  family: "scatter",
  doc: "Zeros to which the elements of windows are added where they stand.",
  operands: ["windows"],
  infer: ({ attrs }) => {
    invariant(attrs.at.length === attrs.shape.length, "windows have a position along each axis");
    return float(attrs.shape);
  },
  lower: ({ inputs: [windows], attrs }) => ({
    kind: "scatter",
    domain: windows!.shape,
    at: attrs.at.map((affine) => ({ affine })),
    body: load(
      0,
      windows!.shape.map((_, i) => axis(i)),
    ),
  }),
  vjp: (adjoint) => {
    const attrs = { at: adjoint.attrs.at, shape: adjoint.inputs[0]!.shape };
    return [makeWindow(ruleOrigin(adjoint), adjoint.gradient, attrs)];
  },
  differentiable: true,
  samples: () =>
    CASES.map(([whole, windows, at]): Sample => ({
      inputs: [{ ...float(windows), range: [-2, 2] }],
      build: ([x]) => makeOverlapAdd(x!.origin, x!, { at, shape: whole }),
    })),
});

const frozen = ({ at, shape }: WindowAttrs): WindowAttrs => ({ at: Object.freeze([...at]), shape });

export const makeWindow = (origin: Origin, x: Node, attrs: WindowAttrs): Node =>
  createNode(windowDef, [x], frozen(attrs), origin);

export const makeOverlapAdd = (origin: Origin, windows: Node, attrs: WindowAttrs): Node =>
  createNode(overlapAddDef, [windows], frozen(attrs), origin);
