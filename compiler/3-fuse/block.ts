// A kernel in the making: nested blocks of loops, reductions and stores; and what its builder is told and tells.

import type { Combiner } from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import type { Dim } from "../../src/graph/shape.js";
import { isApply, isConstant } from "../../src/scalar/expression.js";
import type { KernelExpr, Position, StoreMode } from "../ir/kernel.js";

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
  readonly root: Node;
  readonly at: Position;
  readonly value: KernelExpr;
  readonly mode: StoreMode;
}

/** Where the value of a root is known that only later roots of the kernel make use of. */
export interface KeptItem {
  readonly kind: "kept";
  readonly root: Node;
  readonly value: KernelExpr;
}

export type Item = LoopItem | ReductionItem | StoreItem | KeptItem;

/** The body of a loop nest: what runs inside the loops 0..sizes.length-1. */
export interface Block {
  readonly parent: Block | undefined;
  readonly sizes: readonly Dim[];
  readonly items: Item[];
  readonly stored: Map<Node, KernelExpr>;
}

/** What the choice of materialised nodes must know, and is told. */
export interface Choices {
  readonly isMaterial: (node: Node) => boolean;
  /** Called when a value cannot (or should not) be computed in place; it is material from then on. */
  readonly materialize: (node: Node) => void;
  /** The cost of computing the node from materialised ones. */
  readonly cost: (node: Node) => number;
  /** The node to store so that a reduction is not computed inside another loop: usually its epilogue. */
  readonly cut: (reduction: Node) => Node;
  /** What identifies the memory that a node is loaded from or stored to. */
  readonly slotOf: (node: Node) => object;
}

/** What a root turned out to need. */
export interface Needs {
  /** Loaded nodes, with the number of leading loops at which the read is of the very same element or row. */
  readonly reads: Map<Node, number>;
  /** Nodes computed in place. */
  readonly visited: Set<Node>;
  /** Reductions computed in place, with the depth at which they are placed. */
  readonly reductions: Map<Node, number>;
}

/** The number of scalar applications in a kernel's body. */
export function sizeOfBlock(block: Block): number {
  const seen = new Set<KernelExpr>();
  let size = 0;
  const count = (expr: KernelExpr): void => {
    if (seen.has(expr) || isConstant(expr)) return;
    seen.add(expr);
    size++;
    if (isApply(expr)) expr.args.forEach(count);
  };
  const visit = (inner: Block): void => {
    for (const item of inner.items) {
      if (item.kind === "loop") visit(item.block);
      else if (item.kind === "store" || item.kind === "kept") count(item.value);
      else item.entries.forEach((entry) => count(entry.value));
    }
  };
  visit(block);
  return size;
}
