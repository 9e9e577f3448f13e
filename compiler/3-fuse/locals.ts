// From a built block tree to kernel statements: equal expressions become one, what is used twice or does not depend on
// the innermost loop is bound to a local, and values are computed before anything in their block is stored.

import { axesOf } from "../../src/graph/affine.js";
import type { Node } from "../../src/graph/node.js";
import { applyScalar, constant, isApply, isConstant } from "../../src/scalar/expression.js";
import { instructions } from "../../src/scalar/instructions.js";
import { SERIAL, type KernelExpr, type KernelLeaf, type Let, type Position, type Statement } from "../ir/kernel.js";
import type { Block, Item, ReductionItem, StoreItem } from "./block.js";
import { forEachLeaf } from "../ir/walk.js";
import { depthOf, identityOfObject, OF_SUM, positionKey } from "./position.js";

/** What is bound at a level: the local, and the guards under which it has the value. */
interface Bound {
  readonly local: KernelExpr;
  readonly under: readonly KernelExpr[];
}

/** A loop level in which lets can be placed: its statements so far, and what is bound there. */
interface Level {
  readonly depth: number;
  readonly lets: Let[];
  readonly bound: Map<KernelExpr, Bound[]>;
}

/** Where a value stands: whether it is computed in any case, and the guards outside of which nothing may be read for it. */
interface Conditions {
  readonly certain: boolean;
  readonly guards: readonly KernelExpr[];
}

const ALWAYS: Conditions = { certain: true, guards: [] };

/**
 * Turns the block tree into statements. `slotOf`: the slot that a root is stored to; `guards`: the conditions that positions
 * must meet for what is read there to exist.
 */
export function bindLocals(
  body: Block,
  roots: readonly Node[],
  slotOf: (root: Node) => number,
  guards: Iterable<KernelExpr>,
): readonly Statement[] {
  const written = new Set(roots.map(slotOf));
  return new Binder(written, loads(body, written), slotOf, guards).block(body, []);
}

class Binder {
  private locals = 0;
  private readonly interned = new Map<string, KernelExpr>();
  private readonly internedOf = new Map<KernelExpr, KernelExpr>();
  private readonly accumulatorDepth = new Map<number, number>();
  private readonly depths = new Map<KernelExpr, number>();
  private readonly guards: ReadonlySet<KernelExpr>;

  constructor(
    private readonly written: ReadonlySet<number>,
    /** Is anything read that the kernel writes? */
    private readonly readsWritten: boolean,
    private readonly slotOf: (root: Node) => number,
    guards: Iterable<KernelExpr>,
  ) {
    this.guards = new Set(Array.from(guards, (guard) => this.intern(guard)));
  }

  block(block: Block, outer: readonly Level[]): Statement[] {
    const statements: Statement[] = [];
    const depth = block.sizes.length;
    const bound = new Map<KernelExpr, Bound[]>();
    const items = block.items.filter((item) => item.kind !== "kept");
    const lastUse = this.lastLoads(items);
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      const level: Level = { depth, lets: [], bound };
      const levels = [...outer, level];
      let emitted: Statement[];
      if (item.kind === "loop") {
        const inner = this.block(item.block, levels);
        emitted = [{ kind: "loop", variable: depth, size: item.size, run: SERIAL, body: inner }];
      } else if (item.kind === "reduction") {
        emitted = [this.reduction(item, depth, levels)];
      } else {
        const stores = takeStores(items, i);
        i += stores.length - 1;
        const position = i;
        emitted = this.stores(stores, levels, (load) => lastUse.get(load)! > position);
      }
      statements.push(...level.lets, ...emitted);
    }
    return statements;
  }

  private reduction(item: ReductionItem, depth: number, outer: readonly Level[]): Statement {
    for (const entry of item.entries) this.accumulatorDepth.set(entry.accumulator, depth);
    const inner: Level = { depth: depth + item.sizes.length, lets: [], bound: new Map() };
    const levels = [...outer, inner];
    const values = item.entries.map((entry) => this.intern(entry.value));
    const uses = countUses(values);
    const accumulators = item.entries.map(({ accumulator, combiner }, i) => ({
      accumulator,
      combiner,
      value: this.bind(values[i]!, levels, uses, ALWAYS),
    }));
    const loops = item.sizes.map((size, i) => ({ variable: OF_SUM + depth + i, size }));
    return { kind: "reduction", loops, lets: inner.lets, accumulators };
  }

  // All values first: a store may overwrite what another value reads. What is read after it as it was is kept as well, and
  // so is what is stored: later values are made of expressions, not of the memory that they were stored to.
  private stores(
    items: readonly StoreItem[],
    levels: readonly Level[],
    isReadLater: (load: KernelExpr) => boolean,
  ): Statement[] {
    const innermost = levels[levels.length - 1]!;
    const values = items.map((item) => this.intern(item.value));
    const positions = items.map((item) => this.internPosition(item.at));
    const overwritten = items.flatMap((item, i): KernelExpr[] => {
      if (item.mode !== "set") return [];
      const load = this.intern({ kind: "load", slot: this.slotOf(item.root), at: positions[i]! });
      return isReadLater(load) && !levels.some((level) => level.bound.has(load)) ? [load] : [];
    });
    for (const load of overwritten) this.name(load, load, innermost);
    const uses = countUses([...values, ...positions.flatMap((p) => p.loaded.map((l) => l.value))]);
    const bound = values.map((value) => this.bind(value, levels, uses, ALWAYS));
    const first =
      items.length > 1 || overwritten.length > 0
        ? bound.map((value) => this.nameUnlessTrivial(value, innermost))
        : bound;
    return items.map((item, i) => ({
      kind: "store",
      slot: this.slotOf(item.root),
      at: this.bindPosition(positions[i]!, levels, uses, ALWAYS),
      value: first[i]!,
      mode: item.mode,
    }));
  }

  /** For each load of memory that the kernel writes: the position of the last item that makes use of it. */
  private lastLoads(items: readonly Item[]): ReadonlyMap<KernelExpr, number> {
    const last = new Map<KernelExpr, number>();
    if (!this.readsWritten) return last;
    for (const [position, item] of items.entries()) {
      const seen = new Set<KernelExpr>();
      const note = (leaf: KernelLeaf): void => {
        if (leaf.kind === "load" && this.written.has(leaf.slot)) last.set(this.intern(leaf), position);
      };
      for (const value of valuesIn(item)) forEachLeaf(value, note, seen);
    }
    return last;
  }

  private nameUnlessTrivial(value: KernelExpr, level: Level): KernelExpr {
    return isConstant(value) || value.kind === "local" || value.kind === "accumulator"
      ? value
      : this.name(value, value, level);
  }

  private name(
    original: KernelExpr,
    value: KernelExpr,
    level: Level,
    under: readonly KernelExpr[] = ALWAYS.guards,
  ): KernelExpr {
    const local: KernelExpr = { kind: "local", local: this.locals++ };
    level.lets.push({ kind: "let", local: local.local, value });
    const bound = level.bound.get(original) ?? [];
    level.bound.set(original, bound);
    bound.push({ local, under });
    return local;
  }

  /** Replaces shared and loop-invariant parts by locals. */
  private bind(
    expr: KernelExpr,
    levels: readonly Level[],
    uses: ReadonlyMap<KernelExpr, number>,
    conditions: Conditions,
  ): KernelExpr {
    if (isConstant(expr) || expr.kind === "size" || expr.kind === "accumulator" || expr.kind === "index") return expr;
    const { certain, guards } = conditions;
    for (let i = levels.length - 1; i >= 0; i--) {
      const seen = levels[i]!.bound.get(expr)?.find(({ under }) => under.every((guard) => guards.includes(guard)));
      if (seen) return seen.local;
    }
    const innermost = levels[levels.length - 1]!;
    const depth = Math.min(this.depthOf(expr), innermost.depth);
    const home = levels.findIndex((level) => level.depth >= depth);
    const hoisted = home >= 0 && home < levels.length - 1 && (certain || !readsMemory(expr));
    const at = hoisted ? levels.slice(0, home + 1) : levels;
    const value = this.bindParts(expr, at, uses, conditions);
    const worthNaming = expr.kind === "load" || isApply(expr);
    if (!worthNaming || !(hoisted || uses.get(expr)! > 1)) return value;
    // A local is computed in any case: where a guard does not hold, nothing may be read for it.
    const guarded = guards.length > 0 && readsMemory(expr);
    return guarded
      ? this.name(expr, this.underGuards(value, at, uses, guards), at[at.length - 1]!, guards)
      : this.name(expr, value, at[at.length - 1]!);
  }

  private underGuards(
    value: KernelExpr,
    levels: readonly Level[],
    uses: ReadonlyMap<KernelExpr, number>,
    guards: readonly KernelExpr[],
  ): KernelExpr {
    const nothing: KernelExpr = constant(0);
    return guards.reduceRight<KernelExpr>((inner, guard, i) => {
      const condition = this.bind(guard, levels, uses, { certain: false, guards: guards.slice(0, i) });
      return applyScalar<KernelLeaf>("select", condition, inner, nothing);
    }, value);
  }

  private bindParts(
    expr: KernelExpr,
    levels: readonly Level[],
    uses: ReadonlyMap<KernelExpr, number>,
    conditions: Conditions,
  ): KernelExpr {
    if (expr.kind === "load") {
      return expr.at.loaded.length === 0 ? expr : { ...expr, at: this.bindPosition(expr.at, levels, uses, conditions) };
    }
    if (!isApply(expr)) return expr;
    const [condition] = expr.args as readonly KernelExpr[];
    const chosen: Conditions = { ...conditions, certain: false };
    const isGuard = expr.op === "select" && this.guards.has(condition!) && !conditions.guards.includes(condition!);
    const guarded: Conditions = isGuard ? { ...chosen, guards: [...conditions.guards, condition!] } : chosen;
    const inArgument = (i: number): Conditions =>
      expr.op !== "select" || i === 0 ? conditions : i === 1 ? guarded : chosen;
    const args = expr.args.map((arg, i) => this.bind(arg as KernelExpr, levels, uses, inArgument(i)));
    return args.every((arg, i) => arg === expr.args[i]) ? expr : applyScalar<KernelLeaf>(expr.op, ...args);
  }

  private bindPosition(
    position: Position,
    levels: readonly Level[],
    uses: ReadonlyMap<KernelExpr, number>,
    conditions: Conditions,
  ): Position {
    if (position.loaded.length === 0) return position;
    return {
      ...position,
      loaded: position.loaded.map((l) => ({ ...l, value: this.bind(l.value, levels, uses, conditions) })),
    };
  }

  /** The number of enclosing loops that the value depends on. Memory that the kernel writes is read where it stands. */
  private depthOf(expr: KernelExpr): number {
    const known = this.depths.get(expr);
    if (known !== undefined) return known;
    const innermost = (axes: readonly number[]): number => Math.max(0, ...axes.map((axis) => depthOf(axis) + 1));
    let depth = 0;
    if (isConstant(expr)) depth = 0;
    else if (isApply(expr)) for (const arg of expr.args) depth = Math.max(depth, this.depthOf(arg as KernelExpr));
    else if (expr.kind === "accumulator") depth = this.accumulatorDepth.get(expr.accumulator) ?? 0;
    else if (expr.kind === "index") depth = innermost(axesOf(expr.affine));
    else if (expr.kind === "load") {
      depth = this.written.has(expr.slot) ? Infinity : innermost(axesOf(expr.at.affine));
      for (const { value } of expr.at.loaded) depth = Math.max(depth, this.depthOf(value));
    }
    this.depths.set(expr, depth);
    return depth;
  }

  private internPosition(position: Position): Position {
    if (position.loaded.length === 0) return position;
    return { ...position, loaded: position.loaded.map((l) => ({ ...l, value: this.intern(l.value) })) };
  }

  /** One object for equal expressions. */
  private intern(expr: KernelExpr): KernelExpr {
    const known = this.internedOf.get(expr);
    if (known) return known;
    let candidate: KernelExpr = expr;
    let key: string;
    if (isConstant(expr)) key = `c${Object.is(expr.value, -0) ? "-0" : expr.value}`;
    else if (isApply(expr)) {
      const args = expr.args.map((arg) => this.intern(arg as KernelExpr));
      candidate = args.every((arg, i) => arg === expr.args[i]) ? expr : applyScalar<KernelLeaf>(expr.op, ...args);
      const ids = args.map(identityOfObject);
      key = `${expr.op}(${(instructions[expr.op].commutative ? ids.toSorted((a, b) => a - b) : ids).join()})`;
    } else if (expr.kind === "load") {
      const at = this.internPosition(expr.at);
      candidate = { ...expr, at };
      key = `l${expr.fresh ? "f" : ""}${expr.slot}:${positionKey(at)}`;
    } else if (expr.kind === "index") key = `i${positionKey({ affine: expr.affine, loaded: [] })}`;
    else if (expr.kind === "size") key = `s${expr.dim.times}^${expr.dim.power}`;
    else key = expr.kind === "accumulator" ? `a${expr.accumulator}` : `t${expr.local}`;
    const result = this.interned.get(key) ?? candidate;
    this.interned.set(key, result);
    this.internedOf.set(expr, result);
    return result;
  }
}

/** Is any of the slots read? */
function loads({ items }: Block, slots: ReadonlySet<number>): boolean {
  const seen = new Set<KernelExpr>();
  let found = false;
  const note = (leaf: KernelLeaf): void => void (found ||= leaf.kind === "load" && slots.has(leaf.slot));
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

function takeStores(items: readonly Item[], from: number): StoreItem[] {
  const stores: StoreItem[] = [];
  for (let i = from; i < items.length; i++) {
    const item = items[i]!;
    if (item.kind !== "store") break;
    stores.push(item);
  }
  return stores;
}

/** How often each expression is used by the others and by the roots. */
function countUses(roots: readonly KernelExpr[]): Map<KernelExpr, number> {
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

function readsMemory(root: KernelExpr): boolean {
  if (isConstant(root)) return false;
  if (isApply(root)) return root.args.some((arg) => readsMemory(arg as KernelExpr));
  return root.kind === "load";
}
