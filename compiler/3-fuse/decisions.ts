// Why things are as they are, as data: what fusion stored, merged, left apart and sent through the workspace.

import type { Node } from "../../src/graph/node.js";
import type { Root } from "./roots.js";

/** Why the value of a node lies in memory. */
export type StoreReason =
  /** A result of the entry, or the next value of a leaf. */
  | "result"
  /** A loop of the program (a scan) makes it. */
  | "made by a loop"
  /** Loops of the program read and write memory alone. */
  | "operand of a loop"
  /** It is added up where it lies. */
  | "scattered"
  /** A scattered update would add what is computed from the very memory that it is added to. */
  | "scattered onto what it reads"
  /** Two floats are equal only where both are read as they were stored. */
  | "compared"
  /** Entries are read that must be looked at before. */
  | "read at computed positions"
  /** The expression that reads it would become too large. */
  | "body limit"
  /** Another shape shows it, and positions would need a division. */
  | "read through a shape that divides"
  /** Loops that do not move it would compute it again: it costs more than to read it. */
  | "too dear in a loop"
  /** A reduction below it would be computed again for each point of loops that are not its own. */
  | "reduction inside a loop"
  /** A reduction below it is needed by several kernels that cannot be one. */
  | "reduction of several kernels"
  /** Several kernels would compute it, and it costs more than to read it. */
  | "dear in several kernels"
  /** An entry that was fused before stores it, and kernels of that entry serve this one too. */
  | "stored for another entry";

/** Why several stored values share a kernel. */
export type MergeReason =
  "same reduction" | "read element for element" | "read row by row" | "numbers of the same data";

/** Why stored values that might share a kernel do not. */
export type ApartReason =
  /** Another kernel reads the one and is read by the other, or they share no loop. */
  | "something runs in between"
  /** Too many kernels lie between them to look. */
  | "too far apart"
  /** A loop of the program, or memory that is scattered into, is a kernel's only work. */
  | "a loop or a scatter"
  /** Both are sums of products, which are tiled each by itself. */
  | "two contractions"
  /** Sums of products would lose their pair of loops to a sum over rows. */
  | "would lose its tile"
  /** It is filled with a number: there is no work to share. */
  | "filled with a number"
  /** The kernel would become larger than engines compile well. */
  | "size limit"
  /** They would not share their outermost loop. */
  | "other loops"
  /** Together they would need more to be stored. */
  | "more would be stored"
  /** One would read what the kernel has not stored yet. */
  | "read before it is stored";

/** Why the next value of a leaf waits in the workspace. */
export type DivertReason =
  /** The update itself reads other elements of the old value than the one that it stores. */
  | "its own update reads the old value elsewhere"
  /** Who reads the old value needs the new one, directly or through others. */
  | "a reader of the old value waits for the new one";

/** One decision. A node of a loop's body stands for each of its steps. */
export type FuseDecision =
  | { readonly kind: "store"; readonly node: Node; readonly because: StoreReason }
  /** As "store", but it takes no memory: its only readers are in the kernel that makes it. `otherwise`: why it would. */
  | {
      readonly kind: "keep";
      readonly node: Node;
      readonly because: "read by its own kernel alone";
      readonly otherwise: StoreReason;
    }
  | { readonly kind: "merge"; readonly roots: readonly Node[]; readonly because: MergeReason }
  | { readonly kind: "apart"; readonly roots: readonly Node[]; readonly because: ApartReason }
  | { readonly kind: "divert"; readonly leaf: Node; readonly because: DivertReason };

/** Why a root is stored, while it is still open what else is. */
export interface StoreRequest {
  readonly root: Root;
  readonly because: StoreReason;
}
