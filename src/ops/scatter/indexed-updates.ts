// What `addAt` and `setAt` share: each index has one update, which is brought to the place that the index names.

import { axis } from "../../graph/affine.js";
import { load, type Lowering, type ScatterCombiner } from "../../graph/lowering.js";
import type { Node } from "../../graph/node.js";
import type { Call, Sample } from "../../graph/op.js";
import { sameShape } from "../../graph/shape.js";
import { shapeMismatch } from "../../messages.js";
import { float, int, shapeOf, type AxisAttrs } from "../define.js";
import { indexed, requireIndices } from "../gather/indexed.js";

/** Throws where the indices are no int32, or where not each has its update. */
export function requireUpdates(op: string, { inputs: [x, updates, indices], attrs, origin }: Call<AxisAttrs>): void {
  requireIndices(op, indices!, origin);
  const expected = x!.shape.toSpliced(attrs.axis, 1, ...indices!.shape);
  if (sameShape(updates!.shape, expected)) return;
  const why = "each index needs one update";
  throw shapeMismatch({ op, left: updates!.shape, right: expected, why, site: origin.site });
}

/** Onto `x`; updates of one place are added up, or combined as stated. */
export function scatterUpdates(
  { inputs: [x, updates, indices], attrs }: Call<AxisAttrs>,
  combiner?: ScatterCombiner,
): Lowering {
  const { shape: domain } = updates!;
  const at = indexed(2, x!.shape.length, attrs.axis, indices!.shape.length);
  const body = load(
    1,
    domain.map((_, i) => axis(i)),
  );
  return { kind: "scatter", onto: 0, ...(combiner && { combiner }), domain, at, body };
}

type Make = (x: Node, updates: Node, indices: Node, at: number) => Node;

export const updateSamples = (make: Make): Sample[] =>
  (
    [
      [shapeOf(4, 3), shapeOf(5, 3), shapeOf(5), 0],
      [shapeOf(4), shapeOf(), shapeOf(), 0],
      [shapeOf(2, 4, 3), shapeOf(2, 3), shapeOf(), 1],
      [shapeOf(2, 4, 3), shapeOf(2, 2, 3), shapeOf(2), 1],
      [shapeOf(4, 1), shapeOf(2, 3, 1), shapeOf(2, 3), 0],
      [shapeOf("b", 4, 2), shapeOf("b", 1, 2), shapeOf(1), 1],
      [shapeOf(4, 3), shapeOf("b", 3), shapeOf("b"), 0],
    ] as const
  ).map(([x, updates, indices, at]): Sample => ({
    inputs: [
      { ...float(x), range: [-2, 2] },
      { ...float(updates), range: [-2, 2] },
      { ...int(indices), range: [0, 4], below: 4 },
    ],
    build: ([a, u, i]) => make(a!, u!, i!, at),
  }));
