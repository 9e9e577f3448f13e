// Indices that count from the end of an axis.

import type { OpDef } from "../../graph/op.js";
import { pointwiseRecord } from "./pointwise.js";

export const fromEndDef: OpDef = pointwiseRecord("fromEnd", {
  formula: "where(i < 0, i + size, i)",
  doc: "An index that counts from the end where it is negative.",
  operands: ["i", "size"],
  kinds: ["int32", "int32"],
  result: "int32",
  differentiable: false,
});
