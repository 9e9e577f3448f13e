// The kernel: a tree of loops over scalar bodies, local accumulators and stores. It is what fusion makes and every
// target prints. A kernel speaks of slots, not buffers: the same kernel may be called on other buffers.
//
//   h1: for i0 < batch (parallel), for i1 < 256 (parallel):
//         a0 = sum over i2 < 784 of s0[784*i0 + i2] * s1[256*i2 + i1]
//         s3[256*i0 + i1] = where(a0 + s2[i1] > 0, a0 + s2[i1], 0)

import type { Affine } from "../../src/graph/affine.js";
import type { DType } from "../../src/graph/dtype.js";
import type { Combiner } from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import type { Dim } from "../../src/graph/shape.js";
import type { Expr } from "../../src/scalar/expression.js";
import type { TiledNest } from "./tile.js";

/** A gathered part of a position: an integer that names one of the entries of an axis. */
export interface Gathered {
  /** Elements from one entry of the axis to the next. */
  readonly stride: Dim;
  readonly value: KernelExpr;
  /** The entries of the axis: `0 <= value < below`, which whoever gives the value has made sure of, unless it is computed. */
  readonly below: Dim;
  /** The op whose index it is, where nothing is known of the value before: it is looked at before it is used. */
  readonly computed?: string;
}

/** A flat element position: `affine` over loop variables, plus loaded integers times a stride. */
export interface Position {
  readonly affine: Affine;
  readonly loaded: readonly Gathered[];
}

export interface SlotLoad {
  readonly kind: "load";
  readonly slot: number;
  readonly at: Position;
  /** It sees what the kernel itself has stored there; without it, what was there before the kernel ran. */
  readonly fresh?: true;
}

/** A position as an integer value. */
export interface VariableValue {
  readonly kind: "index";
  readonly affine: Affine;
}

export interface SizeValue {
  readonly kind: "size";
  readonly dim: Dim;
}

/** The finished value of an accumulator. */
export interface AccumulatorValue {
  readonly kind: "accumulator";
  readonly accumulator: number;
}

/** A scalar bound by a `let` statement. */
export interface LocalValue {
  readonly kind: "local";
  readonly local: number;
}

export type KernelLeaf = SlotLoad | VariableValue | SizeValue | AccumulatorValue | LocalValue;

export type KernelExpr = Expr<KernelLeaf>;

/** What a kernel does with one of its slots. `update` reads and writes the same element. */
export type SlotAccess = "read" | "write" | "update" | "accumulate";

export interface Slot {
  readonly name: string;
  readonly dtype: DType;
  readonly access: SlotAccess;
}

/** How the iterations of a loop are run. Fusion says the order alone; what a machine makes of it is said by the passes of 4-loops. */
export interface Run {
  /**
   * "parallel": no iteration touches an element that another one stores, so that they may run in any order or at once.
   * "serial": one after the other.
   */
  readonly order: "parallel" | "serial";
  /** Threads share the iterations out. */
  readonly shared?: Shared;
  /** So many iterations at once, in the lanes of vectors. */
  readonly lanes?: number;
  /** The loop and the one in it run in blocks whose sums are in registers. */
  readonly tile?: TiledNest;
}

export const SERIAL: Run = Object.freeze({ order: "serial" });
export const PARALLEL: Run = Object.freeze({ order: "parallel" });

/** How threads share a loop: each takes so many parts of its range one after the other, from so many rows on; of fewer, one. */
export interface Shared {
  readonly parts: number;
  readonly fromRows: number;
}

export interface Loop {
  readonly kind: "loop";
  readonly variable: number;
  readonly size: Dim;
  readonly run: Run;
  readonly body: readonly Statement[];
}

/** How a sum is run. */
export interface SumRun {
  /** So many of its terms at once, in the lanes of vectors, along the loop of this variable, which runs innermost. */
  readonly lanes?: { readonly variable: number; readonly count: number };
  /** So many turns of its innermost loop are added up on their own, so that rounding errors of long sums stay small. */
  readonly parts?: number;
}

/** Combines a value for every point of the loops into accumulators that start from the combiner's identity. */
export interface Reduction {
  readonly kind: "reduction";
  readonly loops: readonly { readonly variable: number; readonly size: Dim }[];
  /** Scalars bound once for each point of the loops. */
  readonly lets: readonly Let[];
  readonly accumulators: readonly {
    readonly accumulator: number;
    readonly combiner: Combiner;
    readonly value: KernelExpr;
    /** The node that it is the value of, where it is one's. */
    readonly of?: Node;
  }[];
  readonly run?: SumRun;
}

export interface Let {
  readonly kind: "let";
  readonly local: number;
  readonly value: KernelExpr;
  /** The node that it is the value of, where it is one's: at the position that its loops are at. */
  readonly of?: Node;
}

/** What a store does with what is there: overwrites it, adds to it, or keeps the larger or the smaller of the two. */
export type StoreMode = "set" | "add" | "max" | "min";

export interface Store {
  readonly kind: "store";
  readonly slot: number;
  readonly at: Position;
  readonly value: KernelExpr;
  readonly mode: StoreMode;
  /** The node whose value it is; where it adds to what is there, the node that does so. */
  readonly of?: Node;
}

export type Statement = Loop | Reduction | Let | Store;

export interface Kernel {
  /** A readable name, after the node that the kernel's last store computes. */
  readonly name: string;
  readonly slots: readonly Slot[];
  readonly body: readonly Statement[];
  /** The nodes that it stores, and those that it computes on the way. */
  readonly computes: readonly Node[];
  /** What floats are computed in where rounding each step as the buffers' type does would show. Absent: as the target computes. */
  readonly precision?: "float64";
  /** The statements that fusion made, where passes have changed them: what people read. */
  readonly fused?: readonly Statement[];
}
