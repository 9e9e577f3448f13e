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

/** A machine's memory, in its units: bytes on the machines that there are. */
export interface Memory {
  /** Of one element. */
  readonly bytes: Readonly<Record<"bool" | "int32" | FloatType, number>>;
  /** Buffers begin at multiples of it. */
  readonly alignment: number;
  /** A network that needs more is refused before anything is allocated. */
  readonly budget: number;
}

/** An ArrayBuffer: wide enough aligned for any vector load, and for the arena to be cut at cache lines. */
export const ARRAY_BUFFER: Memory = {
  bytes: { bool: 1, int32: 4, float32: 4, float64: 8 },
  alignment: 64,
  budget: 2 ** 31,
};

/** What an element takes of a memory; of an ArrayBuffer unless stated. */
export const bytesPerElement = (dtype: DType, float: FloatType, { bytes }: Memory = ARRAY_BUFFER): number =>
  bytes[dtype === "float32" ? float : dtype];
