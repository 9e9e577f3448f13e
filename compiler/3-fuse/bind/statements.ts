// From a kernel's tree to its statements: equal expressions become one, shared and loop-invariant ones locals, and values are
// computed before anything in their block is stored.

import { isApply, isConstant } from "../../../src/scalar/expression.js";
import { SERIAL, type KernelExpr, type KernelLeaf, type Statement } from "../../ir/kernel.js";
import { forEachLeaf } from "../../ir/walk.js";
import type { Block, Item, KernelTree, ReductionItem, StoreItem } from "../build/tree.js";
import { OF_SUM } from "../position.js";
import type { Root } from "../roots.js";
import { internerOf, type ExprInterner } from "./intern.js";
import { bind, bindPosition, nameAt, type BoundExpr, type LetLevel, type Uses } from "./levels.js";

/** What is known of a kernel while its statements are made. */
interface Making {
  readonly binding: BoundExpr;
  readonly interner: ExprInterner;
  /** The slot of an operand, and the operand of a root. */
  readonly slotOf: (operand: number) => number;
  readonly operandOf: (root: Root) => number;
  /** Is anything read that the kernel writes? */
  readonly readsWritten: boolean;
}

/** The statements of a tree. `slotOf`: the slot of the buffer of an operand; `stored`: the roots that are stored. */
export function statementsOf(
  tree: KernelTree,
  stored: readonly Root[],
  slotOf: (operand: number) => number,
): readonly Statement[] {
  const interner = internerOf(tree, slotOf);
  const operandOf = (root: Root): number => tree.operands.indexOf(root);
  const written = new Set(stored.map((root) => slotOf(operandOf(root))));
  const binding: BoundExpr = {
    guards: new Set(Array.from(tree.guards, interner.expression)),
    written,
    nodeOf: interner.nodeOf,
    accumulatorDepth: new Map(),
    depths: new Map(),
    locals: 0,
  };
  const readsWritten = loads(tree.body, (operand) => written.has(slotOf(operand)));
  return ofBlock({ binding, interner, slotOf, operandOf, readsWritten }, tree.body, []);
}

function ofBlock(making: Making, block: Block, outer: readonly LetLevel[]): Statement[] {
  const statements: Statement[] = [];
  const depth = block.sizes.length;
  const bound: LetLevel["bound"] = new Map();
  const items = block.items.filter((item) => item.kind !== "kept");
  const lastUse = lastLoads(making, items);
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    const level: LetLevel = { depth, lets: [], bound };
    const levels = [...outer, level];
    let made: Statement[];
    if (item.kind === "loop") {
      const body = ofBlock(making, item.block, levels);
      made = [{ kind: "loop", variable: depth, size: item.size, run: SERIAL, body }];
    } else if (item.kind === "reduction") {
      made = [ofReduction(making, item, depth, levels)];
    } else {
      const stores = storesFrom(items, i);
      i += stores.length - 1;
      const position = i;
      made = ofStores(making, stores, levels, (load) => lastUse.get(load)! > position);
    }
    statements.push(...level.lets, ...made);
  }
  return statements;
}

function ofReduction(
  { binding, interner }: Making,
  item: ReductionItem,
  depth: number,
  outer: readonly LetLevel[],
): Statement {
  for (const entry of item.entries) binding.accumulatorDepth.set(entry.accumulator, depth);
  const inner: LetLevel = { depth: depth + item.sizes.length, lets: [], bound: new Map() };
  const levels = [...outer, inner];
  const values = item.entries.map((entry) => interner.expression(entry.value));
  const uses = countUses(values);
  const accumulators = item.entries.map(({ accumulator, combiner, node }, i) => ({
    accumulator,
    combiner,
    value: bind(binding, values[i]!, levels, uses),
    of: node,
  }));
  const loops = item.sizes.map((size, i) => ({ variable: OF_SUM + depth + i, size }));
  return { kind: "reduction", loops, lets: inner.lets, accumulators };
}

// All values first: a store may overwrite what another value reads. What is read after it as it was is kept as well, and
// so is what is stored: later values are made of expressions, not of the memory that they were stored to.
function ofStores(
  { binding, interner, slotOf, operandOf }: Making,
  items: readonly StoreItem[],
  levels: readonly LetLevel[],
  isReadLater: (load: KernelExpr) => boolean,
): Statement[] {
  const innermost = levels[levels.length - 1]!;
  const values = items.map((item) => interner.expression(item.value));
  const positions = items.map((item) => interner.position(item.at));
  const overwritten = items.flatMap((item, i): KernelExpr[] => {
    if (item.mode !== "set") return [];
    const load = interner.expression({ kind: "load", slot: operandOf(item.root), at: positions[i]! });
    return isReadLater(load) && !levels.some((level) => level.bound.has(load)) ? [load] : [];
  });
  for (const load of overwritten) nameAt(binding, load, load, innermost);
  const uses = countUses([...values, ...positions.flatMap((p) => p.loaded.map((l) => l.value))]);
  const bound = values.map((value) => bind(binding, value, levels, uses));
  const first =
    items.length > 1 || overwritten.length > 0
      ? bound.map((value, i) => nameUnlessTrivial(binding, values[i]!, value, innermost))
      : bound;
  return items.map((item, i) => ({
    kind: "store",
    slot: slotOf(operandOf(item.root)),
    at: bindPosition(binding, positions[i]!, levels, uses),
    value: first[i]!,
    mode: item.mode,
    of: item.of,
  }));
}

const nameUnlessTrivial = (binding: BoundExpr, original: KernelExpr, value: KernelExpr, level: LetLevel): KernelExpr =>
  isConstant(value) || value.kind === "local" || value.kind === "accumulator"
    ? value
    : nameAt(binding, value, value, level, binding.nodeOf(original));

/** For each load of memory that the kernel writes: the position of the last item that makes use of it. */
function lastLoads(
  { binding, interner, slotOf, readsWritten }: Making,
  items: readonly Item[],
): ReadonlyMap<KernelExpr, number> {
  const last = new Map<KernelExpr, number>();
  if (!readsWritten) return last;
  for (const [position, item] of items.entries()) {
    const seen = new Set<KernelExpr>();
    const note = (leaf: KernelLeaf): void => {
      if (leaf.kind === "load" && binding.written.has(slotOf(leaf.slot))) last.set(interner.expression(leaf), position);
    };
    for (const value of valuesIn(item)) forEachLeaf(value, note, seen);
  }
  return last;
}

/** Is any of the operands read? */
function loads({ items }: Block, isOne: (operand: number) => boolean): boolean {
  const seen = new Set<KernelExpr>();
  let found = false;
  const note = (leaf: KernelLeaf): void => void (found ||= leaf.kind === "load" && isOne(leaf.slot));
  for (const item of items) for (const value of valuesIn(item)) forEachLeaf(value, note, seen);
  return found;
}

function* valuesIn(item: Item): Generator<KernelExpr> {
  if (item.kind === "store") {
    yield item.value;
    for (const { value } of item.at.loaded) yield value;
  } else if (item.kind === "reduction") for (const { value } of item.entries) yield value;
  else if (item.kind === "loop") for (const inner of item.block.items) yield* valuesIn(inner);
}

/** The stores from an item on that follow one another. */
function storesFrom(items: readonly Item[], from: number): StoreItem[] {
  const stores: StoreItem[] = [];
  for (let i = from; i < items.length; i++) {
    const item = items[i]!;
    if (item.kind !== "store") break;
    stores.push(item);
  }
  return stores;
}

/** How often each expression is used by the others and by the roots. */
function countUses(roots: readonly KernelExpr[]): Uses {
  const uses = new Map<KernelExpr, number>();
  const visit = (expr: KernelExpr): void => {
    const count = uses.get(expr) ?? 0;
    uses.set(expr, count + 1);
    if (count > 0 || isConstant(expr)) return;
    if (isApply(expr)) expr.args.forEach((arg) => visit(arg as KernelExpr));
    else if (expr.kind === "load") expr.at.loaded.forEach((l) => visit(l.value));
  };
  roots.forEach(visit);
  return uses;
}
