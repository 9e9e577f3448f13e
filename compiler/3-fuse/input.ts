// What fusion is given and what it gives: results and updates over buffers become kernel calls and loops in order.

import type { Assignment } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import type { Buffer, BufferUse, Call, ProgramItem } from "../ir/program.js";
import type { Draft } from "./decide/settle.js";
import type { FuseDecision } from "./decisions.js";
import type { Root } from "./roots.js";

/** A value that is to lie in a given place. */
export interface Destination {
  readonly value: Node;
  readonly use: BufferUse;
}

export interface FuseInput {
  readonly cache: FuseCache;
  readonly results: readonly Destination[];
  /** Next values of leaves. */
  readonly updates: readonly Assignment[];
  /** The memory of a leaf. */
  readonly leaf: (node: Node) => BufferUse;
  readonly nameOf: (node: Node) => string;
  /** What the kernel that stores a leaf's next value is called. */
  readonly updateName: (leaf: Node) => string;
}

export interface Fused {
  readonly items: readonly ProgramItem[];
  readonly notes: readonly string[];
  /** What was stored, merged, left apart and sent through the workspace, and why. */
  readonly decisions: readonly FuseDecision[];
  /** The nodes of the graph, and of the regions of its loops, that kernels compute. */
  readonly computes: ReadonlySet<Node>;
}

/** What entries of one mode share while they are fused: equal kernels over the same memory are made once. */
export interface FuseCache {
  readonly drafts: Map<Root, Draft>;
  readonly places: Map<Node, BufferUse>;
  readonly calls: Map<string, BoundCalls>;
}

export const newFuseCache = (): FuseCache => ({ drafts: new Map(), places: new Map(), calls: new Map() });

/** The calls of the kernels that some roots became. */
export interface BoundCalls {
  readonly calls: readonly Call[];
  /** Roots that take no memory: their own kernel alone reads them. */
  readonly kept: ReadonlySet<Root>;
}

export const wholeBuffer = (buffer: Buffer): BufferUse => ({ buffer, advance: [] });
