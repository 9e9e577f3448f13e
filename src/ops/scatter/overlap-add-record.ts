// The record of `overlapAdd`: the sum of what overlaps.

import { axis } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import type { Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import { invariant } from "../../messages.js";
import { float, record, ruleOrigin, type Maker } from "../define.js";
import { WINDOW_CASES, type WindowAttrs } from "../view/window-record.js";
import { viewRule } from "../../graph/rules.js";

export function overlapAddRecord(
  makeOverlapAdd: Maker<[windows: Node, attrs: WindowAttrs]>,
  makeWindow: Maker<[x: Node, attrs: WindowAttrs]>,
): OpDef<WindowAttrs> {
  const def = record<WindowAttrs>({
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
    rule: viewRule,
    vjp: (adjoint) => {
      const attrs = { at: adjoint.attrs.at, shape: adjoint.inputs[0]!.shape };
      return [makeWindow(ruleOrigin(adjoint), adjoint.gradient, attrs)];
    },
    differentiable: true,
    samples: () =>
      WINDOW_CASES.map(([whole, windows, at]): Sample => ({
        inputs: [{ ...float(windows), range: [-2, 2] }],
        build: ([x]) => makeOverlapAdd(x!.origin, x!, { at, shape: whole }),
      })),
  });
  return def;
}
