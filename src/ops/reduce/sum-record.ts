// The record of `sum`, and what all reductions share.

import { axis } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import type { Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import type { Shape } from "../../graph/shape.js";
import { float, make, record, ruleOrigin, shapeOf, type Maker } from "../define.js";
import { rule } from "../../graph/rules.js";

export interface ReduceAttrs {
  /** Ascending; they vanish from the shape. */
  readonly axes: readonly number[];
}

/** The shape that is left when `axes` vanish. */
export const withoutAxes = (shape: Shape, axes: readonly number[]): Shape => shape.filter((_, i) => !axes.includes(i));

/**
 * The access to a reduction's operand: axes that stay are the output's variables, the others follow them.
 * `[2, 3, 4]` over axis 1 loads `[i0, i2, i1]`.
 */
export function reductionAccess(rank: number, axes: readonly number[]): ReturnType<typeof axis>[] {
  let kept = 0;
  let reduced = rank - axes.length;
  return Array.from({ length: rank }, (_, i) => axis(axes.includes(i) ? reduced++ : kept++));
}

const SUM_SAMPLES: readonly (readonly [Shape, readonly number[]])[] = [
  [shapeOf(), []],
  [shapeOf(1), [0]],
  [shapeOf(3), [0]],
  [shapeOf(2, 3), [1]],
  [shapeOf(2, 3), [0]],
  [shapeOf(2, 3, 4), [0, 2]],
  [shapeOf(1, 3), [0]],
  [shapeOf("b", 3), [0]],
  [shapeOf("b", 3), [0, 1]],
];

/** Calls of a reduction over the usual shapes. */
export const reduceSamples = (def: () => OpDef<ReduceAttrs>, range: readonly [number, number]): readonly Sample[] =>
  SUM_SAMPLES.map(([shape, axes]) => ({
    inputs: [{ ...float(shape), range }],
    build: ([x]) => make(def(), x!.origin, [x!], { axes }),
  }));

export function sumRecord(makeBroadcast: Maker<[x: Node, shape: Shape, axes: readonly number[]]>): OpDef<ReduceAttrs> {
  const def: OpDef<ReduceAttrs> = record<ReduceAttrs>({
    name: "sum",
    family: "reduce",
    doc: "The sum over some axes.",
    operands: ["x"],
    infer: ({ inputs: [x], attrs }) => float(withoutAxes(x!.shape, attrs.axes)),
    lower: ({ inputs: [x], attrs }) => ({
      kind: "reduce",
      combiner: "sum",
      axes: attrs.axes.map((a) => x!.shape[a]!),
      body: load(0, reductionAccess(x!.shape.length, attrs.axes)),
    }),
    rule: rule(
      "reduce.sum",
      "algebra",
      "sum over axes",
      String.raw`c = \textstyle\sum_{i} a_{i} \;\Rightarrow\; (\delta_{a})_{i} = \delta_{c}`,
    ),
    vjp(adjoint) {
      const { shape } = adjoint.inputs[0]!;
      const kept = shape.map((_, i) => i).filter((i) => !adjoint.attrs.axes.includes(i));
      return [makeBroadcast(ruleOrigin(adjoint), adjoint.gradient, shape, kept)];
    },
    differentiable: true,
    samples: () => reduceSamples(() => def, [-2, 2]),
  });
  return def;
}
