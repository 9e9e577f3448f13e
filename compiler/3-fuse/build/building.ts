// The state of one build: what it is told, the tree that grows, and what it asks to be stored. It is gone when the build is done.

import type { Node } from "../../../src/graph/node.js";
import type { Dim } from "../../../src/graph/shape.js";
import { invariant } from "../../../src/messages.js";
import type { KernelExpr, Position, SlotLoad } from "../../ir/kernel.js";
import { costFrom } from "../cost.js";
import type { StoreReason } from "../decisions.js";
import { endOfEpilogue, type Readers } from "../epilogue.js";
import type { Root } from "../roots.js";
import { emptyBlock, type Block } from "./tree.js";

/** What is known of memory before a build. */
export interface Storage {
  readonly isStored: (node: Node) => boolean;
  /** Who reads each node, as long as it is open what else is stored; nothing once all is decided. */
  readonly readers: Readers | undefined;
  /** Does the leaf that a scatter starts from lie where the scatter is built? */
  readonly startsInPlace: (root: Root, start: Node) => boolean;
}

/** Where a value is computed: the enclosing loops (the block's, then a reduction's own). */
export interface Context {
  readonly block: Block;
  /** The innermost block that waits for the value: reductions come before the loops that lead to it. */
  readonly path: Block;
  readonly sizes: readonly Dim[];
  readonly inReduction: boolean;
  /** The position of the element that is being computed: every loop counts in it. */
  readonly own: readonly Position[];
  readonly memo: Map<Node, Computed[]>;
}

/** A node's value at a position. */
interface Computed {
  readonly index: readonly Position[];
  readonly value: KernelExpr;
}

export interface Building {
  readonly storage: Storage;
  /** Is it stored, or has this build asked for that? */
  readonly isStored: (node: Node) => boolean;
  readonly costOf: (node: Node) => number;
  readonly asked: Map<Node, StoreReason>;
  readonly body: Block;
  /** Whose memory each slot is, and the slots by it. */
  readonly operands: Root[];
  readonly slots: Map<Root, number>;
  readonly guards: Set<KernelExpr>;
  readonly nodeOf: Map<KernelExpr, Node>;
  /** Roots that the kernel stores. */
  readonly stored: Set<Root>;
  /** The load that was made last of each position. */
  readonly loads: Map<Position, SlotLoad>;
  accumulators: number;
  /** Of the root that is being placed. */
  footprint: OpenFootprint;
}

/** A footprint that is being made. */
export interface OpenFootprint {
  readonly reads: Map<Root, number>;
  readonly computes: Set<Node>;
  readonly reductions: Map<Node, number>;
}

export const openFootprint = (): OpenFootprint => ({ reads: new Map(), computes: new Set(), reductions: new Map() });

export function startBuilding(storage: Storage): Building {
  const asked = new Map<Node, StoreReason>();
  const isStored = (node: Node): boolean => storage.isStored(node) || asked.has(node);
  return {
    storage,
    isStored,
    costOf: storage.readers ? costFrom(isStored) : () => 0,
    asked,
    body: emptyBlock(undefined, []),
    operands: [],
    slots: new Map(),
    guards: new Set(),
    nodeOf: new Map(),
    stored: new Set(),
    loads: new Map(),
    accumulators: 0,
    footprint: openFootprint(),
  };
}

/** A root's own context: the element at hand of the loops of a block. */
export const contextIn = (block: Block, own: readonly Position[]): Context => ({
  block,
  path: block,
  sizes: block.sizes,
  inReduction: false,
  own,
  memo: new Map(),
});

/** From here on the build goes on as if the node lay in memory; it is made again once that is so. */
export function ask(building: Building, node: Node, because: StoreReason): void {
  invariant(building.storage.readers, `${node.def.name} is stored before kernels are built`);
  if (!building.asked.has(node)) building.asked.set(node, because);
}

/** Asks for what a reduction's kernel makes of it, of which each element is computed once. */
export function askForEpilogue(building: Building, reduction: Node): void {
  const { readers } = building.storage;
  const end = readers ? endOfEpilogue(reduction, readers, building.isStored) : reduction;
  ask(building, end, "reduction inside a loop");
}

/** The slot of a node's memory. */
export function slotOf({ operands, slots }: Building, root: Root): number {
  const known = slots.get(root);
  if (known !== undefined) return known;
  slots.set(root, operands.length);
  return operands.push(root) - 1;
}
