// The record of `addAlong`.

import { axis } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import type { Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { dim, sameShape, type Shape } from "../../graph/shape.js";
import { invariant } from "../../messages.js";
import { float, int, record, ruleOrigin, type Maker } from "../define.js";
import { along, ALONG_SHAPES, type AlongAttrs } from "../gather/take-along-record.js";
import { scatterRule } from "../../graph/rules.js";

export interface AddAlongAttrs extends AlongAttrs {
  readonly shape: Shape;
}

export function addAlongRecord(
  makeAddAlong: Maker<[updates: Node, indices: Node, at: number, shape: Shape]>,
  makeTakeAlong: Maker<[x: Node, indices: Node, at: number]>,
): OpDef<AddAlongAttrs> {
  const def = record<AddAlongAttrs>({
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
    rule: scatterRule,
    vjp: (adjoint) => [
      makeTakeAlong(ruleOrigin(adjoint), adjoint.gradient, adjoint.inputs[1]!, adjoint.attrs.axis),
      null,
    ],
    differentiable: true,
    samples: () =>
      ALONG_SHAPES.map(([shape, count, at]): Sample => {
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
  return def;
}
