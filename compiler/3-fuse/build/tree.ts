// A kernel in the making: nested blocks of loops, reductions and stores; and what the build of a root tells of it.

import type { Combiner } from "../../../src/graph/lowering.js";
import type { Node } from "../../../src/graph/node.js";
import type { Dim } from "../../../src/graph/shape.js";
import { forEachPart, isConstant } from "../../../src/scalar/expression.js";
import type { KernelExpr, KernelLeaf, Position, StoreMode } from "../../ir/kernel.js";
import type { Root } from "../roots.js";

export interface LoopItem {
  readonly kind: "loop";
  readonly size: Dim;
  readonly block: Block;
}

export interface ReductionItem {
  readonly kind: "reduction";
  readonly sizes: readonly Dim[];
  readonly entries: {
    readonly node: Node;
    readonly key: string;
    readonly accumulator: number;
    readonly combiner: Combiner;
    readonly value: KernelExpr;
  }[];
}

export interface StoreItem {
  readonly kind: "store";
  readonly root: Root;
  /** The node whose value it is: the root's, or that of a scatter which is built in the root's memory. */
  readonly of: Node;
  readonly at: Position;
  readonly value: KernelExpr;
  readonly mode: StoreMode;
}

/** Where the value of a root is known that only later roots of the kernel make use of. */
export interface KeptItem {
  readonly kind: "kept";
  readonly root: Root;
  readonly value: KernelExpr;
}

export type Item = LoopItem | ReductionItem | StoreItem | KeptItem;

/** The body of a loop nest: what runs inside the loops 0..sizes.length-1. Grows while a kernel is built. */
export interface Block {
  readonly parent: Block | undefined;
  readonly sizes: readonly Dim[];
  readonly items: Item[];
  /** The values of the roots that the block stores, or keeps. */
  readonly stored: Map<Root, KernelExpr>;
}

/** What a root needs. */
export interface Footprint {
  /** What is loaded, with the number of leading loops at which the read is of the very same element or row. */
  readonly reads: ReadonlyMap<Root, number>;
  /** Nodes that are computed in place, the root included. */
  readonly computes: ReadonlySet<Node>;
  /** Reductions that are computed in place, with the depth at which they are placed. */
  readonly reductions: ReadonlyMap<Node, number>;
}

/** What a kernel does, in terms of nodes. */
export interface KernelTree {
  readonly body: Block;
  /** Whose memory it touches, in the order in which that is met: a load's slot is a place in this list. */
  readonly operands: readonly Root[];
  /** The conditions that positions must meet for what is read there to exist. */
  readonly guards: ReadonlySet<KernelExpr>;
  /** Of each root, in their order. */
  readonly footprints: readonly Footprint[];
  /** The node that an expression is the value of. */
  readonly nodeOf: ReadonlyMap<KernelExpr, Node>;
}

export const emptyBlock = (parent: Block | undefined, sizes: readonly Dim[]): Block => ({
  parent,
  sizes,
  items: [],
  stored: new Map(),
});

/** The block around this one that is inside of `depth` loops. */
export function blockAt(block: Block, depth: number): Block {
  let found = block;
  while (found.sizes.length > depth) found = found.parent!;
  return found;
}

/** What is stored or kept by an item, in loops too. */
export function* storedIn(item: Item): Generator<Root> {
  if (item.kind === "store" || item.kind === "kept") yield item.root;
  if (item.kind === "loop") for (const inner of item.block.items) yield* storedIn(inner);
}

/** The number of scalar applications and leaves in a kernel's body, shared ones once. */
export function sizeOfBlock(block: Block): number {
  const seen = new Set<KernelExpr>();
  let size = 0;
  const count = (part: KernelExpr): void => void (size += isConstant(part) ? 0 : 1);
  const visit = ({ items }: Block): void => {
    for (const item of items) {
      if (item.kind === "loop") visit(item.block);
      else
        forEachPart<KernelLeaf>(
          item.kind === "reduction" ? item.entries.map((e) => e.value) : [item.value],
          count,
          seen,
        );
    }
  };
  visit(block);
  return size;
}
