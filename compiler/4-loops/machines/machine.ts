// What a machine is, as data: the passes over loops ask it, and nothing above them knows of vectors, threads or engines.

import type { TargetName } from "../../ir/choices.js";
import type { Memory } from "../../ir/layout.js";

/** Which nests run as tiles, and what those cost. */
export interface TileRules {
  /** Sums of fewer terms gain nothing. */
  readonly leastTerms: number;
  /** Whether sums over rows are long whatever the capacity. */
  readonly rowsAreLong: boolean;
  /** Whether what sums read may have been bound outside of the nest. */
  readonly locals: boolean;
  readonly costs: ScalarTiles | VectorTiles;
}

/** What tiles cost scalar code, in additions. */
export interface ScalarTiles {
  readonly kind: "scalars";
  /** Floating-point registers: sums that a tile holds at most. */
  readonly sums: number;
  /** The largest side of a tile. */
  readonly side: number;
  /** What a turn of a sum's loop costs beside additions and loads. */
  readonly turn: number;
  /** What rows left over must gain: their block is written a second time. */
  readonly second: number;
  /** What columns cost that hang over the border: their positions are chosen, and their sums not stored. */
  readonly hanging: number;
}

/** What tiles of vectors are weighed by. */
export interface VectorTiles {
  readonly kind: "vectors";
  /** Floats in a vector. */
  readonly lanes: number;
  /** Vector registers that sums may fill, when operands need the others. */
  readonly sums: number;
  /** All vector registers. */
  readonly registers: number;
  /** Bytes of the first cache level. */
  readonly cache: number;
  /** Blocks of rows that must read the columns' operand before copying it pays: more where it is transposed on the way. */
  readonly blocks: { readonly columns: number; readonly terms: number };
  /** Copies of shorter sums gain nothing. */
  readonly packedTerms: number;
  /** Bytes of copies that are worth keeping for loops further in; larger ones are made anew. */
  readonly kept: number;
  /** Fewer blocks of columns are hard to share evenly between threads. */
  readonly blocksToShare: number;
}

/** Vectors of a machine. */
export interface Vectors {
  /** Floats in a vector. */
  readonly lanes: number;
  /** A load of scattered elements, put together lane by lane, for all lanes, in additions. */
  readonly scattered: number;
  /** Adding up the lanes of a vector, in additions. */
  readonly horizontal: number;
  /** A sum in one lane of more terms than this is taken in parts, so that its rounding errors stay small. */
  readonly part: number;
  /** A value with more constants added on the way than this is an approximation by polynomials: it is computed in doubles. */
  readonly delicate: number;
}

/** How threads share kernels. */
export interface Threads {
  /** In how many parts a thread takes its range of a kernel's blocks. */
  readonly parts: number;
  /** What a part should cost at least, in additions: what one thread takes of another's has left that one's cache. */
  readonly partCost: number;
}

/** What is written out: engines run it faster than loops. */
export interface WrittenOut {
  /** Loops of at most so many iterations … */
  readonly iterations: number;
  /** … giving at most so many statements. */
  readonly statements: number;
  /** Sums of at most so many terms become one expression. */
  readonly terms: number;
}

/** When the kernels of a handful of units become one row loop. */
export interface RowLoops {
  /** Programs of more calls are not of a handful of units, and would be looked through for nothing. */
  readonly calls: number;
  /** Applied instructions in one kernel that engines compile well; more are better off in loops. */
  readonly operations: number;
  readonly accumulators: number;
  /** Loops over more stay loops: written out they would be read by nobody. */
  readonly units: number;
}

/** A machine. What it has not is absent. */
export interface Machine {
  /** What schedules call it. */
  readonly name: TargetName;
  readonly memory: Memory;
  readonly tiles?: TileRules;
  readonly vectors?: Vectors;
  readonly threads?: Threads;
  readonly writtenOut?: WrittenOut;
  readonly rowLoops?: RowLoops;
  /** A pool makes the rows that it reads where it reads them, one band after the other. */
  readonly slidingWindows?: true;
}
