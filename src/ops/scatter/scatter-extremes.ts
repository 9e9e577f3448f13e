// The largest and the smallest of what is scattered to one place.

import { axis } from "../../graph/affine.js";
import { load } from "../../graph/lowering.js";
import { createNode, type Node } from "../../graph/node.js";
import type { OpDef, Sample } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { isOne, ONE, sameShape, type Shape } from "../../graph/shape.js";
import { invariant } from "../../messages.js";
import { makeScatterAdd, makeTake } from "../adjoint-pairs.js";
import { float, int, record, ruleOrigin, shapeOf } from "../define.js";
import { indexed, type ScatterAttrs } from "../gather/indexed.js";
import { makeScalar } from "../leaf/leaves.js";
import { add, div, maximum, mul } from "../pointwise/arithmetic.js";
import { equal } from "../pointwise/logic.js";
import { asFloat } from "../pointwise/pointwise.js";
import { makeIota } from "../view/iota.js";
import { rule } from "../../graph/rules.js";

const EXTREME = rule(
  "scatter.extreme",
  "algebra",
  "to the largest of those scattered to one place",
  String.raw`c_{j} = \max_{i : k_{i} = j} u_{i} \;\Rightarrow\; (\delta_{u})_{i} = \frac{[u_{i} = c_{k_{i}}]}{\sum_{l} [u_{l} = c_{k_{l}}]}\,(\delta_{c})_{k_{i}}`,
);

function extremeRecord(combiner: "max" | "min", name: string, doc: string): OpDef<ScatterAttrs> {
  const def: OpDef<ScatterAttrs> = record<ScatterAttrs>({
    name,
    family: "scatter",
    doc,
    operands: ["updates", "indices"],
    infer({ inputs: [updates, indices], attrs }) {
      const expected = attrs.shape.toSpliced(attrs.axis, 1, ...indices!.shape);
      invariant(
        indices!.dtype === "int32" && sameShape(updates!.shape, expected),
        "each index of a scatter has one update",
      );
      return float(attrs.shape);
    },
    lower({ inputs: [updates, indices], attrs }) {
      const { shape: domain } = updates!;
      const body = load(
        0,
        domain.map((_, i) => axis(i)),
      );
      const at = indexed(1, attrs.shape.length, attrs.axis, indices!.shape.length);
      return { kind: "scatter", combiner, domain, at, body };
    },
    rule: EXTREME,
    vjp(adjoint) {
      const [x, indices] = adjoint.inputs as [Node, Node];
      const { attrs, output, gradient } = adjoint;
      const origin = ruleOrigin(adjoint);
      const taken = (value: Node): Node => makeTake(origin, value, indices, attrs.axis);
      const reached = asFloat(origin, equal.at(origin, x, taken(output)));
      // Where nothing was scattered to there is nothing to share, and no 0 / 0 when this is differentiated again.
      const many = maximum.at(origin, makeScatterAdd(origin, reached, indices, attrs), makeScalar(origin, 1));
      return [mul.at(origin, reached, taken(div.at(origin, gradient, many))), null];
    },
    differentiable: true,
    samples: () =>
      CASES.map(([updates, indices, at]): Sample => ({
        inputs: [
          { ...float(updates), range: [-0.2, 0.2] },
          { ...int(indices), range: [0, 1], below: 1 },
        ],
        build: ([x, i]) => {
          const shape = updates.toSpliced(at, indices.length, ONE);
          return createNode(def, [apart(x!, at, indices), i!], { axis: at, shape }, x!.origin);
        },
      })),
  });
  return def;
}

/** Values of which no two that may meet are close: differences must not cross from one extreme to another. */
function apart(x: Node, at: number, indices: Shape): Node {
  const { origin } = x;
  return indices.reduce((sum, size, i) => {
    const place = asFloat(origin, makeIota(origin, x.shape, at + i));
    const step = makeScalar(origin, i + 1 < indices.length ? indices[i + 1]!.times / 2 : 1 / 2);
    return isOne(size) ? sum : add.at(origin, sum, mul.at(origin, place, step));
  }, x);
}

/** Into one place, which no run leaves out: a place that is not named would be infinite. */
const CASES: readonly (readonly [updates: Shape, indices: Shape, axis: number])[] = [
  [shapeOf(5, 3), shapeOf(5), 0],
  [shapeOf(1), shapeOf(1), 0],
  [shapeOf(2, 6, 3), shapeOf(6), 1],
  [shapeOf(2, 3, 1), shapeOf(2, 3), 0],
  [shapeOf("b", 3), shapeOf("b"), 0],
  [shapeOf("b", 5), shapeOf(5), 1],
];

export const scatterMaxDef: OpDef<ScatterAttrs> = extremeRecord(
  "max",
  "scatterMax",
  "The largest update of those whose index names a place, or -Infinity; equal ones share the gradient.",
);

export const scatterMinDef: OpDef<ScatterAttrs> = extremeRecord(
  "min",
  "scatterMin",
  "The smallest update of those whose index names a place, or Infinity; equal ones share the gradient.",
);

export const makeScatterMax = (origin: Origin, updates: Node, indices: Node, attrs: ScatterAttrs): Node =>
  createNode(scatterMaxDef, [updates, indices], attrs, origin);

export const makeScatterMin = (origin: Origin, updates: Node, indices: Node, attrs: ScatterAttrs): Node =>
  createNode(scatterMinDef, [updates, indices], attrs, origin);
