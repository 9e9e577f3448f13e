// The loops of a root: its own, or those of roots before it, where nothing that it reads is made later.

import { isAxis } from "../../../src/graph/affine.js";
import type { Index } from "../../../src/graph/lowering.js";
import { isOne, sameDim, type Dim } from "../../../src/graph/shape.js";
import type { Root } from "../roots.js";
import { usesAccumulator } from "./reduction.js";
import { emptyBlock, storedIn, type Block, type Footprint, type Item } from "./tree.js";

/**
 * The block inside of loops of these sizes. `known`: what a build of the root alone told, where its loops may be those of roots
 * before it; `rows`: the block of a loop that is the outermost one of these.
 */
export function enterLoops(body: Block, sizes: readonly Dim[], known: Footprint | undefined, rows?: Block): Block {
  let block = rows ?? body;
  for (const [depth, size] of sizes.entries()) {
    if (rows && depth === 0) continue;
    const last = block.items.findLastIndex((item) => item.kind === "loop");
    const loop = block.items[last];
    if (known && loop?.kind === "loop" && sameDim(loop.size, size) && mayEnter(block, last, depth, known)) {
      block = loop.block;
      continue;
    }
    const inner = emptyBlock(block, [...block.sizes, size]);
    block.items.push({ kind: "loop", size, block: inner });
    block = inner;
  }
  return block;
}

// A loop may be shared if what is read from it is read at the same position, and nothing after it is read at all.
function mayEnter(block: Block, index: number, depth: number, known: Footprint): boolean {
  for (const [position, item] of block.items.entries()) {
    if (position < index) continue;
    for (const stored of storedIn(item)) {
      const shared = known.reads.get(stored);
      if (shared !== undefined && (position > index || shared <= depth)) return false;
    }
  }
  return !usesLater(block, index, known);
}

/** Does a root need a reduction of the block, or a kept value made of one, that comes after the item? */
function usesLater(block: Block, index: number, { reads, reductions }: Footprint): boolean {
  const later = block.items.slice(index + 1).flatMap((item) => (item.kind === "reduction" ? item.entries : []));
  if (later.length === 0) return false;
  if (later.some(({ node }) => reductions.has(node))) return true;
  const accumulators = new Set(later.map(({ accumulator }) => accumulator));
  return [...block.stored].some(([root, value]) => reads.has(root) && usesAccumulator(value, accumulators));
}

/**
 * The loop over rows that made the memory, `base`, where what is added to a row is found in the same row. A loop of other
 * updates runs over those, and what comes after them must not come before.
 */
export function rowsOf(
  body: Block,
  root: Root,
  domain: readonly Dim[],
  [first]: readonly Index[],
  base: Item | undefined,
): Block | undefined {
  const [size] = root.shape;
  if (!size || !first || isOne(size) || first.loaded || !domain[0] || !sameDim(size, domain[0])) return undefined;
  if (!isAxis(first.affine) || first.affine[0]!.axis !== 0) return undefined;
  const made = body.items.at(-1);
  return made?.kind === "loop" && made === base && [...storedIn(made)].every((stored) => stored === root)
    ? made.block
    : undefined;
}
