// Where things lie: the plan's result, as the targets read it.

import type { DType } from "../../src/graph/dtype.js";
import type { FloatType } from "./choices.js";
import type { Buffer, Program } from "./program.js";

export interface Place {
  readonly buffer: Buffer;
  /** Bytes from the arena's start; a multiple of the alignment. */
  readonly offset: number;
  readonly bytes: number;
}

export interface EntryPlan {
  readonly program: Program;
  readonly workspace: readonly (Place & { readonly first: number; readonly last: number })[];
  /** The largest number of workspace bytes in use, and the buffers that hold them then. */
  readonly peak: number;
  readonly holders: readonly Place[];
}

export interface Plan {
  readonly capacity: number;
  readonly float: FloatType;
  readonly persistent: readonly Place[];
  readonly entries: readonly EntryPlan[];
  readonly workspaceOffset: number;
  readonly workspaceBytes: number;
  readonly arenaBytes: number;
  readonly placeOf: (buffer: Buffer, entry: Program) => Place;
}

export const bytesPerElement = (dtype: DType, float: FloatType): number =>
  dtype === "bool" ? 1 : dtype === "int32" || float === "float32" ? 4 : 8;
