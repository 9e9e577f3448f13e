// The record of `broadcast`.

import { axis, ZERO } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import type { Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { isOne, sameDim, type Shape } from "../../graph/shape.js";
import { invariant, shapeMismatch } from "../../messages.js";
import { float, make, record, ruleOrigin, shapeOf, type Maker } from "../define.js";
import { rule } from "../../graph/rules.js";

export interface BroadcastAttrs {
  readonly shape: Shape;
  /** The output axis of each input axis, ascending. Sizes are equal, or the input's is 1 and stretches. */
  readonly axes: readonly number[];
}

/** Input axes that the broadcast stretches from size 1. */
const stretched = (from: Shape, { shape, axes }: BroadcastAttrs): number[] =>
  from.flatMap((d, i) => (sameDim(d, shape[axes[i]!]!) ? [] : [i]));

export function broadcastRecord(
  makeBroadcast: Maker<[x: Node, shape: Shape, axes: readonly number[]]>,
  makeSum: Maker<[x: Node, axes: readonly number[]]>,
): OpDef<BroadcastAttrs> {
  const def: OpDef<BroadcastAttrs> = record<BroadcastAttrs>({
    name: "broadcast",
    family: "view",
    doc: "Repeats a tensor along new axes and along axes of size 1.",
    operands: ["x"],
    infer({ inputs: [x], attrs, origin }) {
      const { shape, axes } = attrs;
      const ascending = axes.every((a, i) => a < shape.length && (i === 0 || a > axes[i - 1]!));
      invariant(axes.length === x!.shape.length && ascending, "a broadcast names each input axis once, ascending");
      if (x!.shape.some((d, i) => !sameDim(d, shape[axes[i]!]!) && !isOne(d))) {
        throw shapeMismatch({ op: "broadcast", left: x!.shape, right: shape, site: origin.site });
      }
      return { shape, dtype: x!.dtype };
    },
    lower({ inputs: [x], attrs }) {
      const at = x!.shape.map((d, i) => (isOne(d) ? ZERO : axis(attrs.axes[i]!)));
      return { kind: "map", body: load(0, at) };
    },
    rule: rule(
      "broadcast",
      "algebra",
      "broadcast",
      String.raw`C = \mathbf{1}\,b \;\Rightarrow\; \delta_{b} = \mathbf{1}^{\top}\,\delta_{C}`,
    ),
    vjp(adjoint) {
      const { inputs, attrs, gradient } = adjoint;
      const from = inputs[0]!.shape;
      const origin = ruleOrigin(adjoint);
      const stretch = stretched(from, attrs);
      const kept = from.map((_, i) => i).filter((i) => !stretch.includes(i));
      const images = kept.map((i) => attrs.axes[i]!);
      const total = makeSum(
        origin,
        gradient,
        attrs.shape.map((_, i) => i).filter((i) => !images.includes(i)),
      );
      return [makeBroadcast(origin, total, from, kept)];
    },
    differentiable: true,
    samples: () =>
      (
        [
          [shapeOf(), shapeOf(2, 3), []],
          [shapeOf(3), shapeOf(2, 3), [1]],
          [shapeOf(2), shapeOf(2, 3), [0]],
          [shapeOf(2, 1), shapeOf(2, 3), [0, 1]],
          [shapeOf(1, 3), shapeOf(2, 4, 3), [0, 2]],
          [shapeOf(1), shapeOf(1, 1), [1]],
          [shapeOf(3), shapeOf("b", 3), [1]],
          [shapeOf("b", 1), shapeOf("b", 3), [0, 1]],
        ] as const
      ).map(([from, shape, axes]): Sample => ({
        inputs: [{ ...float(from), range: [-2, 2] }],
        build: ([x]) => make(def, x!.origin, [x!], { shape, axes }),
      })),
  });
  return def;
}
