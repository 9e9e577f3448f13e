// Builds one kernel from the roots that it stores. Values that are not stored are computed where they are used. The build
// changes nothing outside of itself: where a value should be stored after all, it says so, and is made again when it is.

import { identityOf } from "../../../src/graph/lowering.js";
import type { Node } from "../../../src/graph/node.js";
import { isOne } from "../../../src/graph/shape.js";
import { invariant } from "../../../src/messages.js";
import type { KernelExpr, Position } from "../../ir/kernel.js";
import type { StoreRequest } from "../decisions.js";
import { lowered } from "../lowered.js";
import { flatten, identityPositions, loopPositions } from "../position.js";
import { isCopy, isScattered, loopsOf, startOf, valueOf, type Root } from "../roots.js";
import {
  contextIn,
  openFootprint,
  slotOf,
  startBuilding,
  type Building,
  type Context,
  type Storage,
} from "./building.js";
import { loadAt } from "./load.js";
import { enterLoops, rowsOf } from "./place.js";
import type { Footprint, Item, KernelTree } from "./tree.js";
import { computeAt, instantiate, positionOf, valueAt } from "./value.js";

/** What a kernel is to store. */
export interface RootToBuild {
  readonly root: Root;
  /** What a build of this root alone told; without it the root has loops of its own. */
  readonly known?: Footprint | undefined;
  /** It is a value for later roots of this kernel alone: nothing is stored. */
  readonly isKept?: boolean;
}

/** The kernel of the roots, in their order; or what must be stored first, in the order in which it was met. */
export function build(
  roots: readonly RootToBuild[],
  storage: Storage,
): KernelTree | { readonly store: readonly StoreRequest[] } {
  const building = startBuilding(storage);
  const footprints = roots.map((root) => place(building, root));
  if (building.asked.size > 0) return { store: [...building.asked].map(([root, because]) => ({ root, because })) };
  const { body, operands, guards, nodeOf } = building;
  return { body, operands, guards, nodeOf, footprints };
}

/** Adds a root: its loops, the reductions it needs, its store. */
function place(building: Building, { root, known, isKept = false }: RootToBuild): Footprint {
  building.footprint = openFootprint();
  if (isScattered(root)) placeScatter(building, valueOf(root));
  else {
    const block = enterLoops(building.body, loopsOf(root), known);
    const index = identityPositions(root.shape);
    const context = contextIn(block, index);
    const value = isCopy(root)
      ? copiedAt(building, root.copied, index, context)
      : computeAt(building, root, index, context);
    block.stored.set(root, value);
    if (isKept) block.items.push({ kind: "kept", root, value });
    else {
      block.items.push({ kind: "store", root, of: valueOf(root), at: flatten(root.shape, index), value, mode: "set" });
      building.stored.add(root);
      slotOf(building, root);
    }
  }
  return building.footprint;
}

const copiedAt = (building: Building, copied: Root, index: readonly Position[], context: Context): KernelExpr =>
  isCopy(copied) ? loadAt(building, copied, index, context) : valueAt(building, copied, index, context);

/** Scattered sums are built in memory: what they start from first, unless it lies there already. */
function placeScatter(building: Building, root: Node): void {
  // A scattered sum that only another one starts from is built in the other's memory.
  const chain = [root];
  for (let base = startOf(root); base && isScattered(base) && !building.isStored(base); base = startOf(base))
    chain.unshift(base);
  const base = placeStart(building, chain[0]!, root);
  for (const scatter of chain) placeUpdates(building, scatter, root, base);
  slotOf(building, root);
}

/** Gives the loops that it makes; nothing where it makes none. */
function placeStart(building: Building, first: Node, root: Node): Item | undefined {
  const start = startOf(first);
  if (start && lowered(start).kind === "leaf" && building.storage.startsInPlace(root, start)) return undefined;
  const block = enterLoops(building.body, loopsOf(root), undefined);
  const own = identityPositions(root.shape);
  const value = start ? valueAt(building, start, own, contextIn(block, own)) : startValueOf(first);
  block.items.push({ kind: "store", root, of: start ?? first, at: flatten(root.shape, own), value, mode: "set" });
  return building.body.items.at(-1);
}

function placeUpdates(building: Building, scatter: Node, root: Node, base: Item | undefined): void {
  const lowering = lowered(scatter);
  invariant(lowering.kind === "scatter", "a scatter is placed as one");
  building.footprint.computes.add(scatter);
  const { domain } = lowering;
  const sizes = domain.filter((d) => !isOne(d));
  const rows = rowsOf(building.body, root, domain, lowering.at, base);
  const block = enterLoops(building.body, sizes, undefined, rows);
  const own = loopPositions(domain, 0);
  const context = contextIn(block, own);
  const value = instantiate(building, scatter, lowering.body, own, context);
  const target = lowering.at.map((index, k) => positionOf(building, scatter, index, root.shape[k]!, own, context));
  const at = flatten(root.shape, target);
  block.items.push({ kind: "store", root, of: scatter, at, value, mode: MODE[combinerOf(scatter)] });
}

const MODE = { sum: "add", max: "max", min: "min", last: "set" } as const;

/** How a scatter combines what meets in one place. */
function combinerOf(scatter: Node): keyof typeof MODE {
  const lowering = lowered(scatter);
  return (lowering.kind === "scatter" && lowering.combiner) || "sum";
}

/** What a scatter starts from that starts as no operand. */
function startValueOf(scatter: Node): KernelExpr {
  const combiner = combinerOf(scatter);
  invariant(combiner !== "last", "a scatter that keeps the last starts as an operand");
  return { kind: "constant", value: identityOf[combiner] };
}
