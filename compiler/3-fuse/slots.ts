// How a kernel touches its slots, read off its statements.

import type { KernelExpr, Slot, Statement } from "../ir/kernel.js";
import { forEachLeaf, forEachValue, storesOf } from "../ir/walk.js";

/** What the statements do with each of the first `count` slots. */
export function slotAccesses(statements: readonly Statement[], count: number): Slot["access"][] {
  const reads = new Set<number>();
  const seen = new Set<KernelExpr>();
  forEachValue(statements, (value) => forEachLeaf(value, (leaf) => leaf.kind === "load" && reads.add(leaf.slot), seen));
  const writes = new Map(storesOf(statements).map((store) => [store.slot, store.mode]));
  return Array.from({ length: count }, (_, slot) => {
    if (!writes.has(slot)) return "read";
    if (writes.get(slot) !== "set") return "accumulate";
    return reads.has(slot) ? "update" : "write";
  });
}
