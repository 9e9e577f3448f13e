// How a kernel touches its slots, read off its statements.

import type { KernelExpr, Slot, Statement } from "./kernel.js";
import { forEachLeaf, forEachValue, storesOf } from "./walk.js";

/** What the statements do with each of the first `count` slots. */
export function slotAccesses(statements: readonly Statement[], count: number): Slot["access"][] {
  const reads = new Set<number>();
  const seen = new Set<KernelExpr>();
  forEachValue(statements, (value) => forEachLeaf(value, (leaf) => leaf.kind === "load" && reads.add(leaf.slot), seen));
  const stores = storesOf(statements);
  return Array.from({ length: count }, (_, slot) => {
    const own = stores.filter((store) => store.slot === slot);
    if (own.length === 0) return "read";
    if (own.at(-1)!.mode !== "set") return "accumulate";
    // What is stored at computed places, or added, leaves others as they are, or reads them.
    const leavesSome = own.every(({ mode, at }) => mode !== "set" || at.loaded.length > 0);
    return leavesSome || reads.has(slot) ? "update" : "write";
  });
}
