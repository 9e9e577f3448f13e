// A column and a row of the batch, which make a square by broadcasting.

import type { Node } from "../../../src/graph/node.js";
import { BATCH, isOne, sameDim, type Shape } from "../../../src/graph/shape.js";
import { broadcastDef } from "../../../src/ops/adjoint-pairs.js";
import { columnAgainstRow, type Suspicion } from "../../../src/warnings.js";

/** `[batch, 1] - [batch]`. Who means all pairs writes the row as `[1, batch]`. */
export function columnAndRow(node: Node): Suspicion | undefined {
  const { def, inputs, shape, origin } = node;
  if (def.family !== "pointwise" || shape.length !== 2) return undefined;
  const shapes = inputs.map(written);
  if (!shapes.some(isColumn) || !shapes.some(isRow)) return undefined;
  const [left, right] = shapes.filter((one) => isColumn(one) || isRow(one)) as [Shape, Shape];
  return columnAgainstRow({ left, right, result: shape, site: origin.site });
}

const isColumn = (shape: Shape): boolean => shape.length === 2 && sameDim(shape[0]!, BATCH) && isOne(shape[1]!);

const isRow = (shape: Shape): boolean => shape.length === 1 && sameDim(shape[0]!, BATCH);

/** The shape of an operand before it was broadcast. */
const written = (operand: Node): Shape => (operand.def === broadcastDef ? operand.inputs[0]! : operand).shape;
