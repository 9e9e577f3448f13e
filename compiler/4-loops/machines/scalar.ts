// Scalar code on a JavaScript engine, as V8 shows itself: doubles in registers, no vectors, one thread.

import { ARRAY_BUFFER } from "../../ir/layout.js";
import type { Machine } from "./machine.js";

/** Short loops are written out: in networks of a handful of units a loop costs more than its body. */
export const SCALAR: Machine = {
  name: "typescript",
  memory: ARRAY_BUFFER,
  tiles: {
    leastTerms: 8,
    rowsAreLong: true,
    locals: true,
    costs: { kind: "scalars", sums: 16, side: 5, turn: 4, second: 1.2, hanging: 1.1 },
  },
  writtenOut: { iterations: 4, statements: 16, terms: 9 },
  rowLoops: { calls: 64, operations: 300, accumulators: 48, units: 16 },
  slidingWindows: true,
};
