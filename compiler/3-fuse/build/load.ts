// Values that are read from memory.

import { isAxis } from "../../../src/graph/affine.js";
import { isOne, sameDim } from "../../../src/graph/shape.js";
import type { KernelExpr, Position, SlotLoad } from "../../ir/kernel.js";
import { flatten } from "../position.js";
import { loopsOf, type Root } from "../roots.js";
import { slotOf, type Building, type Context } from "./building.js";
import { blockAt } from "./tree.js";

/** An element of what is stored. */
export const loadAt = (
  building: Building,
  root: Root,
  index: readonly Position[],
  { block }: Pick<Context, "block">,
): KernelExpr => load(building, root, flatten(root.shape, index), { block }, sharedLoops(root, index, block.sizes));

/** The same in row-major order, of which no more is known. */
export const loadFlat = (building: Building, root: Root, position: Position, context: Context): KernelExpr =>
  load(building, root, position, context, 0);

/** `shared`: the leading loops for which the read stays at the same index. */
function load(
  building: Building,
  root: Root,
  position: Position,
  { block }: Pick<Context, "block">,
  shared: number,
): KernelExpr {
  const { reads } = building.footprint;
  reads.set(root, Math.min(shared, reads.get(root) ?? Infinity));
  const dims = loopsOf(root).length;
  if (shared === dims && position.loaded.length === 0) {
    const forwarded = blockAt(block, dims).stored.get(root);
    if (forwarded) return forwarded;
  }
  const slot = slotOf(building, root);
  // Equal loads at positions that are not the same object are merged later, with all equal expressions.
  const cached = building.loads.get(position);
  const fresh = building.stored.has(root);
  if (cached?.slot === slot && cached.fresh === (fresh || undefined)) return cached;
  const value: SlotLoad = { kind: "load", slot, at: position, ...(fresh && { fresh }) };
  building.loads.set(position, value);
  return value;
}

/** The number of leading block loops for which the read stays at the same index. */
function sharedLoops(root: Root, index: readonly Position[], sizes: Context["sizes"]): number {
  let shared = 0;
  for (const [k, size] of root.shape.entries()) {
    if (isOne(size)) continue;
    const { affine, loaded } = index[k]!;
    const exact = loaded.length === 0 && isAxis(affine) && affine[0]!.axis === shared;
    if (!exact || shared >= sizes.length || !sameDim(size, sizes[shared]!)) break;
    shared++;
  }
  return shared;
}
