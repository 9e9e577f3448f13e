// Counting by one, in integers.

import { createNode, type Node } from "../../graph/node.js";
import type { OpDef } from "../../graph/op.js";
import type { Origin } from "../../graph/origin.js";
import { pointwiseRecord } from "./pointwise.js";

/** Counts a step: the clock, and the step counts of optimizers. */
export const incrementDef: OpDef = pointwiseRecord("increment", {
  formula: "n + 1",
  doc: "The next integer.",
  operands: ["n"],
  kinds: ["int32"],
  result: "int32",
  differentiable: false,
});

export const makeIncrement = (origin: Origin, n: Node): Node => createNode(incrementDef, [n], {}, origin);
