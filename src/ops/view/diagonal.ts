// The elements of two equal axes at equal positions: what a letter that repeats within an operand of einsum means.

import { axis } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { sameDim } from "../../graph/shape.js";
import { invariant } from "../../messages.js";
import { makeBroadcast } from "../adjoint-pairs.js";
import { float, record, ruleOrigin, shapeOf } from "../define.js";
import { makeScalar } from "../leaf/leaves.js";
import { equal, where } from "../pointwise/logic.js";
import { makeIota } from "./iota.js";
import { viewRule } from "../../graph/rules.js";

export interface DiagonalAttrs {
  /** Stays, and counts along the diagonal. */
  readonly axis: number;
  /** Vanishes; after the other. */
  readonly other: number;
}

export const diagonalDef: OpDef<DiagonalAttrs> = record<DiagonalAttrs>({
  name: "diagonal",
  family: "view",
  doc: "The elements at which two axes have the same position.",
  operands: ["x"],
  infer({ inputs: [x], attrs }) {
    const { shape } = x!;
    invariant(
      attrs.axis < attrs.other && sameDim(shape[attrs.axis]!, shape[attrs.other]!),
      "a diagonal is of a square",
    );
    return { shape: shape.toSpliced(attrs.other, 1), dtype: x!.dtype };
  },
  lower({ inputs: [x], attrs }) {
    const place = (i: number): number => (i === attrs.other ? attrs.axis : i > attrs.other ? i - 1 : i);
    const at = x!.shape.map((_, i) => axis(place(i)));
    return { kind: "map", body: load(0, at) };
  },
  rule: viewRule,
  vjp(adjoint) {
    const { attrs, gradient } = adjoint;
    const { shape } = adjoint.inputs[0]!;
    const origin = ruleOrigin(adjoint);
    const kept = shape.map((_, i) => i).filter((i) => i !== attrs.other);
    const here = equal.at(origin, makeIota(origin, shape, attrs.axis), makeIota(origin, shape, attrs.other));
    return [where.at(origin, here, makeBroadcast(origin, gradient, shape, kept), makeScalar(origin, 0))];
  },
  differentiable: true,
  samples: () =>
    (
      [
        [shapeOf(3, 3), 0, 1],
        [shapeOf(2, 3, 3), 1, 2],
        [shapeOf(3, 2, 3), 0, 2],
        [shapeOf(1, 1), 0, 1],
        [shapeOf("b", 2, 2), 1, 2],
        [shapeOf("b", 2, "b"), 0, 2],
      ] as const
    ).map(([shape, at, other]): Sample => ({
      inputs: [{ ...float(shape), range: [-2, 2] }],
      build: ([x]) => makeDiagonal(x!.origin, x!, at, other),
    })),
});

export const makeDiagonal = (origin: Origin, x: Node, at: number, other: number): Node =>
  createNode(diagonalDef, [x], { axis: at, other }, origin);
