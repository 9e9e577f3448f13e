// A network as graphs of primitive ops, with derived gradients and before fusion: what targets print that bring kernels
// of their own. What a node computes is its lowering (`lowered`), so that a printer names no op.
//
// Equal parts of graphs, such as the blocks of a Transformer and the ways back through them, are functions here:
//
//     block(x, weight, bias) -> y, h        a closed graph
//     predict:  h0 = …                      statements in order: nodes, and calls of blocks
//               x1, h1 = block(h0, block[0].weight, block[0].bias)
//               x2, h2 = block(x1, block[1].weight, block[1].bias)

import type { Entry, HyperRange } from "../../src/graph/network.js";
import type { Node, Region, TensorType } from "../../src/graph/node.js";
import type { Frame } from "../../src/graph/origin.js";

/** A value that is there before an entry runs. */
export interface StoredLeaf extends TensorType {
  /** The name that the user reads and writes it by. */
  readonly name: string;
  /** The leaf of the graphs: its op's lowering is a leaf. */
  readonly node: Node;
}

/** An input or a target. */
export interface GivenLeaf extends StoredLeaf {
  /** Ints must lie in 0 .. below - 1. */
  readonly below?: number | undefined;
  /** One more value that they may have. */
  readonly ignoreIndex?: number | undefined;
}

/** A number that may be changed between runs, such as the rate. */
export interface HyperLeaf extends StoredLeaf {
  /** Its value at the start. */
  readonly initial: number;
  /** Where its values must lie, beside being finite. */
  readonly range: HyperRange;
}

/** Fixed numbers that are more than one, row-major. */
export interface ConstantLeaf extends StoredLeaf {
  readonly values: readonly number[];
}

/** The leaves of all entries by role, each in the order of declaration. */
export interface StoredLeaves {
  readonly inputs: readonly GivenLeaf[];
  readonly targets: readonly GivenLeaf[];
  readonly parameters: readonly StoredLeaf[];
  readonly states: readonly StoredLeaf[];
  readonly hypers: readonly HyperLeaf[];
  readonly constants: readonly ConstantLeaf[];
  /** An int32 scalar, where something is random. */
  readonly seed: StoredLeaf | undefined;
  /** The number of training steps done, an int32 scalar that steps count up, where something reads it. */
  readonly clock: StoredLeaf | undefined;
}

/** A part of graphs that occurs several times: a function of its parameters. */
export interface GraphBlock {
  /** Of what its calls have in common in their names; unique among blocks. Not yet an identifier. */
  readonly name: string;
  /** What it computes. The parameters are leaves; nothing else is read from outside. */
  readonly region: Region;
  /** The name of a node of the region or of a parameter, unique in the block. */
  readonly nameOf: (node: Node) => string;
}

/** An op of an entry. */
export interface NodeStatement {
  readonly kind: "node";
  readonly node: Node;
}

/** A block in place of the nodes that it computes. */
export interface BlockCall {
  readonly kind: "call";
  readonly block: GraphBlock;
  /** For each parameter of the block a node of the entry, or an int32 scalar: the stream of random numbers. */
  readonly arguments: readonly (Node | number)[];
  /** For each result of the block the node of the entry that it is; nothing where the entry does not read it. */
  readonly results: readonly (Node | undefined)[];
}

/** A computation of an entry, of which all that it reads is computed before. */
export type GraphStatement = NodeStatement | BlockCall;

/** An entry: a function of the leaves under `results` and `updates`. */
export interface PrimitiveEntry extends Pick<Entry, "name" | "kind" | "mode" | "step" | "results" | "updates"> {
  /** What computes all results and updates from leaves, in order, equal parts as calls. Leaves that are stored have none. */
  readonly statements: readonly GraphStatement[];
  /** The name of a node of the entry; nodes of scans' regions too. Unique in the entry. */
  readonly nameOf: (node: Node) => string;
}

/** What a printer of graphs is given. */
export interface Primitive {
  /** The network's name. */
  readonly name: string;
  /** The largest number of rows. */
  readonly capacity: number;
  readonly leaves: StoredLeaves;
  /** The functions that entries call, each before the entries. They call none. */
  readonly blocks: readonly GraphBlock[];
  readonly entries: readonly PrimitiveEntry[];
  /** Where the user called what made the node: of entries, and of blocks, where it is the place of the first call. */
  readonly placeOf: (node: Node) => Frame | undefined;
}
