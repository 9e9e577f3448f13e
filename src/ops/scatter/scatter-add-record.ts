// The record of `scatterAdd`.

import { axis } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import type { Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { sameShape } from "../../graph/shape.js";
import { shapeMismatch } from "../../messages.js";
import { float, int, record, ruleOrigin, shapeOf, type Maker } from "../define.js";
import { indexed, requireIndices, type ScatterAttrs } from "../gather/indexed.js";
import { scatterRule } from "../../graph/rules.js";

export function scatterAddRecord(
  makeScatterAdd: Maker<[updates: Node, indices: Node, attrs: ScatterAttrs]>,
  makeTake: Maker<[x: Node, indices: Node, at: number]>,
): OpDef<ScatterAttrs> {
  const def = record<ScatterAttrs>({
    name: "scatterAdd",
    family: "scatter",
    doc: "Zeros to which each update is added at the place that its index names.",
    operands: ["updates", "indices"],
    infer({ inputs: [updates, indices], attrs, origin }) {
      requireIndices("scatterAdd", indices!, origin);
      const expected = attrs.shape.toSpliced(attrs.axis, 1, ...indices!.shape);
      if (!sameShape(updates!.shape, expected)) {
        const why = "each index needs one update";
        throw shapeMismatch({ op: "scatterAdd", left: updates!.shape, right: expected, why, site: origin.site });
      }
      return float(attrs.shape);
    },
    lower({ inputs: [updates, indices], attrs }) {
      const { shape: domain } = updates!;
      const at = indexed(1, attrs.shape.length, attrs.axis, indices!.shape.length);
      return {
        kind: "scatter",
        domain,
        at,
        body: load(
          0,
          domain.map((_, i) => axis(i)),
        ),
      };
    },
    rule: scatterRule,
    vjp(adjoint) {
      return [makeTake(ruleOrigin(adjoint), adjoint.gradient, adjoint.inputs[1]!, adjoint.attrs.axis), null];
    },
    differentiable: true,
    samples: () =>
      (
        [
          [shapeOf(5, 3), shapeOf(5), 0, shapeOf(4, 3)],
          [shapeOf(), shapeOf(), 0, shapeOf(4)],
          [shapeOf(2, 2, 3), shapeOf(2), 1, shapeOf(2, 4, 3)],
          [shapeOf("b", 3), shapeOf("b"), 0, shapeOf(4, 3)],
        ] as const
      ).map(([updates, indices, at, shape]): Sample => ({
        inputs: [
          { ...float(updates), range: [-2, 2] },
          { ...int(indices), range: [0, 4], below: 4 },
        ],
        build: ([x, i]) => makeScatterAdd(x!.origin, x!, i!, { axis: at, shape }),
      })),
  });
  return def;
}
