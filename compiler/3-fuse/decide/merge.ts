// The rules by which roots share a kernel: they need the same reduction, one reads another element for element, or they are
// numbers of the same data.

import type { Node } from "../../../src/graph/node.js";
import { sameDim } from "../../../src/graph/shape.js";
import type { ApartReason } from "../decisions.js";
import { endOfEpilogue, type Readers } from "../epilogue.js";
import { lowered } from "../lowered.js";
import { loopsOf, type Root } from "../roots.js";
import { areTogether, contracts, KERNEL_LIMIT, note, unite, type Fits, type RootGroup, type Groups } from "./groups.js";
import type { Requests } from "./requests.js";
import type { Draft } from "./settle.js";

/** A node, and the roots whose kernels would compute it. */
export type SharedNode = readonly [node: Node, roots: readonly Root[]];

/** Merges roots that compute the same reduction; asks for it, or its epilogue, to be stored where they cannot be one. */
export function mergeSharers(
  groups: Groups,
  shared: readonly SharedNode[],
  readers: Readers,
  requests: Requests,
  fits: Fits,
): void {
  for (const [node, roots] of shared) {
    if (lowered(node).kind !== "reduce" || areTogether(groups, roots)) continue;
    const apart = unite(groups, roots, fits);
    note(groups, roots, "same reduction", apart);
    if (apart) requests.ask(endOfEpilogue(node, readers, requests.isStored), "reduction of several kernels");
  }
}

/** A root that reads another element for element, or row for row, joins it, unless both carry contractions. */
export function mergeReaders(groups: Groups, drafts: ReadonlyMap<Root, Draft>, fits: Fits): void {
  for (const root of groups.order.roots) {
    for (const { from, aligned } of groups.order.before.get(root) ?? []) {
      const rank = loopsOf(from).length;
      const [one, other] = [groups.of.get(from)!, groups.of.get(root)!];
      if (one === other || aligned < rank || !leadsLoopsOf(from, root)) continue;
      const isWhole = rank === loopsOf(root).length;
      // A number that is read by loops is no row of them.
      if (rank === 0 && !isWhole) continue;
      const fills = one.size === 0 && drafts.get(from)!.footprint.reads.size === 0;
      // Element for element, the loops are the same ones: nothing to try out.
      const apart = keptApart(one, other, fills, isWhole) ?? unite(groups, [from, root], isWhole ? always : fits);
      note(groups, [from, root], isWhole ? "read element for element" : "read row by row", apart);
    }
  }
}

const always: Fits = () => undefined;

function keptApart(one: RootGroup, other: RootGroup, fills: boolean, isWhole: boolean): ApartReason | undefined {
  if (one.size + other.size > KERNEL_LIMIT) return "size limit";
  if (contracts(one) && contracts(other)) return "two contractions";
  // Filling memory with a number is no work to share: apart, all that are filled so can be one function.
  if (fills) return "filled with a number";
  // A row's value joins the row's elements; sums of products keep their pair of loops to themselves.
  return !isWhole && contracts(other) ? "would lose its tile" : undefined;
}

/** Numbers that are reduced from the same data are reduced in one sweep. */
export function mergeNumbers(groups: Groups, drafts: ReadonlyMap<Root, Draft>, fits: Fits): void {
  const byRead = new Map<Root, Root>();
  for (const root of groups.order.roots) {
    const { reads, reductions } = drafts.get(root)!.footprint;
    if (loopsOf(root).length > 0 || reductions.size === 0) continue;
    for (const read of reads.keys()) {
      if (loopsOf(read).length === 0) continue;
      const other = byRead.get(read);
      if (other && !areTogether(groups, [other, root]))
        note(groups, [other, root], "numbers of the same data", unite(groups, [other, root], fits));
      byRead.set(read, root);
    }
  }
}

/** Are the loops of `a` the first loops of `b`? */
function leadsLoopsOf(a: Root, b: Root): boolean {
  const inner = loopsOf(b);
  return loopsOf(a).every((size, i) => inner[i] !== undefined && sameDim(size, inner[i]));
}
