// The vector routines, by instruction.

import type { Routine, VectorOp } from "./builder.js";

export const vectorRoutines: Readonly<Partial<Record<VectorOp, Routine>>> = {};
