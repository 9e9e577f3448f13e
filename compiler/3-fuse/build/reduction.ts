// Reductions in a kernel: an accumulator, computed as far out as the axes of what is reduced allow.

import { isAxis } from "../../../src/graph/affine.js";
import type { Node } from "../../../src/graph/node.js";
import { isOne, sameDim } from "../../../src/graph/shape.js";
import { invariant } from "../../../src/messages.js";
import { isApply, isConstant } from "../../../src/scalar/expression.js";
import type { KernelExpr, Position } from "../../ir/kernel.js";
import { lowered } from "../lowered.js";
import { indexKey, loopPositions, OF_SUM } from "../position.js";
import type { Building, Context } from "./building.js";
import { blockAt, type Block } from "./tree.js";

/** What one term is, in the loops of the reduction. */
type TermAt = (own: readonly Position[], context: Context) => KernelExpr;

/** The accumulator with the reduction's value, made where it is not there yet; nothing where none can be placed. */
export function reductionAt(
  building: Building,
  node: Node,
  index: readonly Position[],
  context: Context,
  termAt: TermAt,
): KernelExpr | undefined {
  const depth = placementOf(node, index, context);
  if (depth === undefined) return undefined;
  building.footprint.reductions.set(node, depth);
  const block = blockAt(context.block, depth);
  const key = indexKey(index);
  const accumulator =
    findReduction(block, node, key) ?? insertReduction(building, node, key, index, block, context.path, termAt);
  return { kind: "accumulator", accumulator };
}

function insertReduction(
  building: Building,
  node: Node,
  key: string,
  index: readonly Position[],
  block: Block,
  path: Block,
  termAt: TermAt,
): number {
  const lowering = lowered(node);
  invariant(lowering.kind === "reduce", "a reduction is lowered to one");
  const depth = block.sizes.length;
  const sizes = lowering.axes.filter((d) => !isOne(d));
  const own = [...index, ...loopPositions(lowering.axes, OF_SUM + depth)];
  const within = { block, path, sizes: [...block.sizes, ...sizes], inReduction: true, own, memo: new Map() };
  const value = termAt(own, within);
  const accumulator = building.accumulators++;
  const entry = { node, key, accumulator, combiner: lowering.combiner, value };
  const where = insertionPoint(block, path);
  const before = block.items.slice(0, where).findLast((item) => item.kind !== "kept");
  const fits =
    before?.kind === "reduction" &&
    before.sizes.length === sizes.length &&
    before.sizes.every((d, i) => sameDim(d, sizes[i]!));
  if (fits && !usesAccumulator(value, new Set(before.entries.map((e) => e.accumulator)))) before.entries.push(entry);
  else block.items.splice(where, 0, { kind: "reduction", sizes, entries: [entry] });
  return accumulator;
}

/** The depth at which the reduction is computed once for each of its elements; undefined where it cannot be. */
function placementOf(node: Node, index: readonly Position[], context: Context): number | undefined {
  const variables: number[] = [];
  for (const [k, size] of node.shape.entries()) {
    const position = index[k]!;
    if (isOne(size) && position.loaded.length === 0) continue;
    if (position.loaded.length > 0 || !isAxis(position.affine)) return undefined;
    const variable = position.affine[0]!.axis!;
    if (variable >= context.block.sizes.length || !sameDim(context.block.sizes[variable]!, size)) return undefined;
    variables.push(variable);
  }
  const depth = variables.length;
  if (new Set(variables).size !== depth || variables.some((v) => v >= depth)) return undefined;
  if (depth === 0 && context.block.sizes.length > 0) return undefined;
  return depth;
}

/** Before the loop of `block` that leads to `path`; at the end when `path` is the block itself. */
function insertionPoint(block: Block, path: Block): number {
  if (block === path) return block.items.length;
  let child = path;
  while (child.parent !== block) child = child.parent!;
  return block.items.findIndex((item) => item.kind === "loop" && item.block === child);
}

function findReduction(block: Block, node: Node, key: string): number | undefined {
  for (const item of block.items) {
    if (item.kind !== "reduction") continue;
    const entry = item.entries.find((e) => e.node === node && e.key === key);
    if (entry) return entry.accumulator;
  }
  return undefined;
}

/** Is a value made of any of these accumulators? */
export function usesAccumulator(root: KernelExpr, accumulators: ReadonlySet<number>): boolean {
  const seen = new Set<KernelExpr>();
  const visit = (expr: KernelExpr): boolean => {
    if (seen.has(expr) || isConstant(expr)) return false;
    seen.add(expr);
    if (isApply(expr)) return expr.args.some(visit);
    if (expr.kind === "accumulator") return accumulators.has(expr.accumulator);
    return expr.kind === "load" && expr.at.loaded.some((part) => visit(part.value));
  };
  return visit(root);
}
