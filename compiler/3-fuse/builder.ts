// Builds one kernel from the nodes that it stores ("roots"). Values that are not materialised are computed where they
// are used: views become access patterns, pointwise work is inlined, reductions become accumulators placed as far out
// as their own axes allow.
//
// A variable's number is its nesting depth, so the same computation at the same depth is the same expression.

import { axesOf, axis, isAxis } from "../../src/graph/affine.js";
import { identityOf, type Body, type BodyLeaf, type Bound, type Index } from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import { isOne, ONE, sameDim, sizeOf, timesDim, type Dim } from "../../src/graph/shape.js";
import { invariant } from "../../src/messages.js";
import { applyScalar, isApply, isConstant, mapLeaves } from "../../src/scalar/expression.js";
import type { KernelExpr, KernelLeaf, Position, SlotLoad } from "../ir/kernel.js";
import { forEachLeaf } from "../ir/walk.js";
import type { Block, Choices, Item, Needs } from "./block.js";
import { isEntry } from "./index-ranges.js";
import { affineReshape, lowered, stripAlias } from "./lowered.js";
import { at, compose, depthOf, flatten, indexKey, OF_SUM, ORIGIN, positionValue, withinAxes } from "./position.js";

/** Where a value is computed: the enclosing loops (the block's, then a reduction's own). */
interface Context {
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

// Inside a loop that re-reads it, a value is recomputed only if that costs less than a load or two.
const CHEAP = 7;

export class KernelBuilder {
  readonly body: Block = { parent: undefined, sizes: [], items: [], stored: new Map() };
  readonly slots: object[] = [];
  readonly roots: Node[] = [];
  /** Conditions that positions must meet for what is read there to exist. */
  readonly guards = new Set<KernelExpr>();
  /** Roots that the kernel stores. */
  private readonly stored = new Set<Node>();
  private accumulators = 0;
  private needs: Needs = { reads: new Map(), visited: new Set(), reductions: new Map() };
  private readonly loads = new Map<Position, SlotLoad>();

  constructor(private readonly choices: Choices) {}

  /**
   * Adds a root: its loops, the reductions it needs, its store. `known` is what a build of this root alone reported.
   * A `kept` root is only a value for later roots of this kernel: nothing is stored.
   */
  place(root: Node, known: Needs | undefined, kept = false): Needs {
    this.needs = { reads: new Map(), visited: new Set(), reductions: new Map() };
    this.roots.push(root);
    if (lowered(root).kind === "scatter") this.placeScatter(root);
    else {
      const block = this.enter(
        root.shape.filter((d) => !isOne(d)),
        known,
      );
      const index = identityPositions(root);
      const context: Context = {
        block,
        path: block,
        sizes: block.sizes,
        inReduction: false,
        own: index,
        memo: new Map(),
      };
      const value = this.isStoredElsewhere(root) ? this.load(root, index, context) : this.compute(root, index, context);
      block.stored.set(root, value);
      block.items.push(
        kept
          ? { kind: "kept", root, value }
          : { kind: "store", root, at: flatten(root.shape, index), value, mode: "set" },
      );
      if (kept) return this.needs;
      this.stored.add(root);
      this.slotNumber(root);
    }
    return this.needs;
  }

  /** Leaves are roots only when their value is to be copied. */
  private isStoredElsewhere(root: Node): boolean {
    return lowered(root).kind === "leaf" || lowered(root).kind === "result";
  }

  /** `rows`: the block of a loop that is the outermost one of these. */
  private enter(sizes: readonly Dim[], known: Needs | undefined, rows?: Block): Block {
    let block = rows ?? this.body;
    for (const [depth, size] of sizes.entries()) {
      if (rows && depth === 0) continue;
      const last = block.items.findLastIndex((item) => item.kind === "loop");
      const loop = block.items[last];
      if (known && loop?.kind === "loop" && sameDim(loop.size, size) && this.mayEnter(block, last, depth, known)) {
        block = loop.block;
        continue;
      }
      const inner: Block = { parent: block, sizes: [...block.sizes, size], items: [], stored: new Map() };
      block.items.push({ kind: "loop", size, block: inner });
      block = inner;
    }
    return block;
  }

  // A loop may be shared if what is read from it is read at the same position, and nothing after it is read at all.
  private mayEnter(block: Block, index: number, depth: number, known: Needs): boolean {
    for (const [position, item] of block.items.entries()) {
      if (position < index) continue;
      for (const stored of storedIn(item)) {
        const shared = known.reads.get(stored);
        if (shared !== undefined && (position > index || shared <= depth)) return false;
      }
    }
    return !usesLater(block, index, known);
  }

  /** Scattered sums are built in memory: what they start from first, unless it lies there already. */
  private placeScatter(root: Node): void {
    const slot = this.choices.slotOf(root);
    const chain = [root];
    for (let base = baseOf(root); base && this.isAbsorbed(base); base = baseOf(base)) chain.unshift(base);
    const base = this.placeBase(chain[0]!, root, slot);
    for (const scatter of chain) this.placeUpdates(scatter, root, base);
    this.slotNumber(root);
  }

  /**
   * The loop over rows that made the memory, `base`, where what is added to a row is found in the same row. A loop of other
   * updates runs over those, and what comes after them must not come before.
   */
  private rowsOf(
    root: Node,
    domain: readonly Dim[],
    [first]: readonly Index[],
    base: Item | undefined,
  ): Block | undefined {
    const [size] = root.shape;
    if (!size || !first || isOne(size) || first.loaded || !domain[0] || !sameDim(size, domain[0])) return undefined;
    if (!isAxis(first.affine) || first.affine[0]!.axis !== 0) return undefined;
    const made = this.body.items.at(-1);
    return made?.kind === "loop" && made === base && [...storedIn(made)].every((stored) => stored === root)
      ? made.block
      : undefined;
  }

  /** A scattered sum that only another one starts from is built in the other's memory. */
  private isAbsorbed(node: Node): boolean {
    return lowered(node).kind === "scatter" && !this.choices.isMaterial(node);
  }

  /** Gives the loops that it makes; nothing where it makes none. */
  private placeBase(first: Node, root: Node, slot: object): Item | undefined {
    const base = baseOf(first);
    if (base && lowered(base).kind === "leaf" && this.choices.slotOf(base) === slot) return undefined;
    const block = this.enter(
      root.shape.filter((d) => !isOne(d)),
      undefined,
    );
    const own = identityPositions(root);
    const context: Context = { block, path: block, sizes: block.sizes, inReduction: false, own, memo: new Map() };
    const value = base ? this.value(base, own, context) : startOf(first);
    block.items.push({ kind: "store", root, at: flatten(root.shape, own), value, mode: "set" });
    return this.body.items.at(-1);
  }

  private placeUpdates(scatter: Node, root: Node, base: Item | undefined): void {
    const lowering = lowered(scatter);
    invariant(lowering.kind === "scatter", "a scatter is placed as one");
    if (scatter !== root) this.needs.visited.add(scatter);
    const { domain } = lowering;
    const sizes = domain.filter((d) => !isOne(d));
    const block = this.enter(sizes, undefined, this.rowsOf(root, domain, lowering.at, base));
    const own = loopPositions(domain, 0);
    const context: Context = { block, path: block, sizes: block.sizes, inReduction: false, own, memo: new Map() };
    const value = this.instantiate(scatter, lowering.body, own, context);
    const target = lowering.at.map((index, k) => this.indexPosition(scatter, index, root.shape[k]!, own, context));
    block.items.push({ kind: "store", root, at: flatten(root.shape, target), value, mode: MODE[combinerOf(scatter)] });
  }

  private value(node: Node, at: readonly Position[], context: Context): KernelExpr {
    const index = withinAxes(node.shape, at);
    const lowering = lowered(node);
    if (lowering.kind === "alias") return this.throughAlias(node, index, context);
    if (this.choices.isMaterial(node)) return this.load(node, index, context);
    const computed = context.memo.get(node);
    const seen = computed?.find((other) => other.index === index || indexKey(other.index) === indexKey(index));
    if (seen) return seen.value;
    const value = this.tooDear(node, index, context)
      ? this.spill(node, index, context)
      : this.compute(node, index, context);
    if (computed) computed.push({ index, value });
    else context.memo.set(node, [{ index, value }]);
    return value;
  }

  private spill(node: Node, index: readonly Position[], context: Context): KernelExpr {
    this.choices.materialize(node);
    return this.load(node, index, context);
  }

  /** Would computing it here repeat the work for loops that its position does not mention? */
  private tooDear(node: Node, index: readonly Position[], context: Context): boolean {
    const lowering = lowered(node);
    // A view is an access pattern; one that tests where it stands (padding, joined parts) keeps loops from being tiled.
    if (lowering.kind !== "map" || (node.def.family === "view" && !hasGuards(lowering.body))) return false;
    if (index === context.own) return false;
    const used = new Set(index.flatMap(variablesOf).map(depthOf));
    const hoistable = [...used].every((variable) => variable < used.size);
    const once = hoistable || used.size === context.sizes.length;
    if (once && !overlaps(node, index, used, context.sizes)) return false;
    return this.choices.cost(node) > (context.inReduction ? 0 : CHEAP);
  }

  private throughAlias(node: Node, index: readonly Position[], context: Context): KernelExpr {
    const base = stripAlias(node);
    if (this.choices.isMaterial(base)) return this.loadFlat(base, flatten(node.shape, index), context, undefined);
    const inner = node.inputs[0]!;
    const map = affineReshape(inner.shape, node.shape);
    if (map)
      return this.value(
        inner,
        map.map((affine) => compose(affine, index)),
        context,
      );
    this.choices.materialize(base);
    return this.loadFlat(base, flatten(node.shape, index), context, undefined);
  }

  private load(node: Node, index: readonly Position[], context: Context): KernelExpr {
    return this.loadFlat(node, flatten(node.shape, index), context, index);
  }

  private loadFlat(
    node: Node,
    position: Position,
    context: Context,
    index: readonly Position[] | undefined,
  ): KernelExpr {
    const shared = this.sharedLoops(node, index, context);
    this.needs.reads.set(node, Math.min(shared, this.needs.reads.get(node) ?? Infinity));
    const dims = node.shape.filter((d) => !isOne(d)).length;
    if (shared === dims && position.loaded.length === 0) {
      const forwarded = blockAt(context.block, dims).stored.get(node);
      if (forwarded) return forwarded;
    }
    const slot = this.slotNumber(node);
    // Equal loads at positions that are not the same object are merged later, with all equal expressions.
    const cached = this.loads.get(position);
    const fresh = this.stored.has(node);
    if (cached?.slot === slot && cached.fresh === (fresh || undefined)) return cached;
    const value: SlotLoad = { kind: "load", slot, at: position, ...(fresh && { fresh }) };
    this.loads.set(position, value);
    return value;
  }

  /** The number of leading block loops for which the read stays at the same index; none where the index is not known. */
  private sharedLoops(node: Node, index: readonly Position[] | undefined, context: Context): number {
    if (!index) return 0;
    const { sizes } = context.block;
    let shared = 0;
    for (const [k, size] of node.shape.entries()) {
      if (isOne(size)) continue;
      const { affine, loaded } = index[k]!;
      const exact = loaded.length === 0 && isAxis(affine) && affine[0]!.axis === shared;
      if (!exact || shared >= sizes.length || !sameDim(size, sizes[shared]!)) break;
      shared++;
    }
    return shared;
  }

  private compute(node: Node, index: readonly Position[], context: Context): KernelExpr {
    this.needs.visited.add(node);
    const lowering = lowered(node);
    if (lowering.kind === "map") return this.instantiate(node, lowering.body, index, context);
    if (lowering.kind === "reduce") return this.reduction(node, index, context);
    if (lowering.kind === "alias") return this.throughAlias(node, index, context);
    return this.spill(node, index, context);
  }

  /** A lowered body at a position: loads become the operands' values there. */
  private instantiate(node: Node, body: Body, index: readonly Position[], context: Context): KernelExpr {
    return mapLeaves<BodyLeaf, KernelLeaf>(body, (leaf) => {
      if (leaf.kind === "size") return { kind: "size", dim: leaf.dim };
      if (leaf.kind === "index") return positionValue(compose(leaf.affine, index));
      const operand = node.inputs[leaf.operand]!;
      // A pointwise op reads every operand where it writes.
      const same = node.def.family === "pointwise";
      const positions = same
        ? index
        : leaf.at.map((part, k) => this.indexPosition(node, part, operand.shape[k]!, index, context));
      const value = this.value(operand, positions, context);
      if (leaf.guards.length === 0) return value;
      const condition = guard(leaf.guards, index);
      this.guards.add(condition);
      return applyScalar("select", condition, value, { kind: "constant", value: leaf.otherwise });
    });
  }

  /** `size`: of the axis that the position is on. */
  private indexPosition(node: Node, part: Index, size: Dim, index: readonly Position[], context: Context): Position {
    const position = compose(part.affine, index);
    if (!part.loaded) return position;
    const value = this.instantiate(node, part.loaded, index, context);
    const isKnown = isEntry(part, node, size);
    const gathered = { stride: ONE, value, below: size, ...(isKnown ? {} : { computed: node.def.name }) };
    return { affine: position.affine, loaded: [...position.loaded, gathered] };
  }

  private reduction(node: Node, index: readonly Position[], context: Context): KernelExpr {
    const depth = this.placementOf(node, index, context);
    if (depth === undefined) {
      this.choices.materialize(this.choices.cut(node));
      return { kind: "constant", value: NaN }; // this build is discarded: its root is drafted again
    }
    this.needs.reductions.set(node, depth);
    const block = blockAt(context.block, depth);
    const key = indexKey(index);
    const present = findReduction(block, node, key);
    if (present !== undefined) return { kind: "accumulator", accumulator: present };
    return { kind: "accumulator", accumulator: this.insertReduction(node, key, index, block, context.path) };
  }

  private insertReduction(node: Node, key: string, index: readonly Position[], block: Block, path: Block): number {
    const lowering = lowered(node);
    invariant(lowering.kind === "reduce", "a reduction is lowered to one");
    const depth = block.sizes.length;
    const sizes = lowering.axes.filter((d) => !isOne(d));
    const positions = [...index, ...loopPositions(lowering.axes, OF_SUM + depth)];
    const context: Context = {
      block,
      path,
      sizes: [...block.sizes, ...sizes],
      inReduction: true,
      own: positions,
      memo: new Map(),
    };
    const value = this.instantiate(node, lowering.body, positions, context);
    const accumulator = this.accumulators++;
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
  private placementOf(node: Node, index: readonly Position[], context: Context): number | undefined {
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

  private slotNumber(node: Node): number {
    const slot = this.choices.slotOf(node);
    const known = this.slots.indexOf(slot);
    return known >= 0 ? known : this.slots.push(slot) - 1;
  }
}

const MODE = { sum: "add", max: "max", min: "min", last: "set" } as const;

/** How a scatter combines what meets in one place. */
function combinerOf(scatter: Node): keyof typeof MODE {
  const lowering = lowered(scatter);
  return (lowering.kind === "scatter" && lowering.combiner) || "sum";
}

/** What a scatter starts from that starts as no operand. */
function startOf(scatter: Node): KernelExpr {
  const combiner = combinerOf(scatter);
  invariant(combiner !== "last", "a scatter that keeps the last starts as an operand");
  return { kind: "constant", value: identityOf[combiner] };
}

/** What a scattered sum starts from, where that is not zero. */
export function baseOf(node: Node): Node | undefined {
  const lowering = lowered(node);
  return lowering.kind === "scatter" && lowering.onto !== undefined ? node.inputs[lowering.onto] : undefined;
}

function guard(bounds: readonly Bound[], index: readonly Position[]): KernelExpr {
  const conditions = bounds.flatMap(({ index: affine, size }): KernelExpr[] => {
    const value = positionValue(compose(affine, index));
    const limit: KernelExpr = size.power === 0 ? { kind: "constant", value: size.times } : { kind: "size", dim: size };
    return [applyScalar("ge", value, { kind: "constant", value: 0 }), applyScalar("lt", value, limit)];
  });
  return conditions.reduce((a, b) => applyScalar("and", a, b));
}

const blockAt = (block: Block, depth: number): Block => {
  let found = block;
  while (found.sizes.length > depth) found = found.parent!;
  return found;
};

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

function* storedIn(item: Item): Generator<Node> {
  if (item.kind === "store" || item.kind === "kept") yield item.root;
  if (item.kind === "loop") for (const inner of item.block.items) yield* storedIn(inner);
}

/** Does a root need a reduction of the block, or a kept value made of one, that comes after the item? */
function usesLater(block: Block, index: number, { reads, reductions }: Needs): boolean {
  const later = block.items.slice(index + 1).flatMap((item) => (item.kind === "reduction" ? item.entries : []));
  if (later.length === 0) return false;
  if (later.some(({ node }) => reductions.has(node))) return true;
  const accumulators = new Set(later.map(({ accumulator }) => accumulator));
  return [...block.stored].some(([node, value]) => reads.has(node) && usesAccumulator(value, accumulators));
}

function usesAccumulator(root: KernelExpr, accumulators: ReadonlySet<number>): boolean {
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

function hasGuards(body: Body): boolean {
  if (isConstant(body)) return false;
  if (isApply(body)) return body.args.some((arg) => hasGuards(arg as Body));
  return body.kind === "load" && body.guards.length > 0;
}

/** Do the loops have more points than the node has elements, so that windows meet some of them again? */
function overlaps(node: Node, index: readonly Position[], used: ReadonlySet<number>, sizes: readonly Dim[]): boolean {
  if (index.some(({ loaded }) => loaded.length > 0)) return false;
  const points = [...used].reduce((product, variable) => timesDim(product, sizes[variable]!), ONE);
  const elements = sizeOf(node.shape);
  return points.power > elements.power || (points.power === elements.power && points.times > elements.times);
}

/** The loop variables that a position depends on, those of gathered indices included. */
function variablesOf(position: Position): number[] {
  const variables = axesOf(position.affine);
  for (const { value } of position.loaded) {
    forEachLeaf(value, (leaf) => {
      if (leaf.kind === "load") variables.push(...axesOf(leaf.at.affine));
      if (leaf.kind === "index") variables.push(...axesOf(leaf.affine));
    });
  }
  return variables;
}

/** The position of a node's own axes under loops over its axes of size other than one. */
const identityPositions = (node: Node): Position[] => loopPositions(node.shape, 0);

/** One loop variable for each axis of size other than one, numbered from `first`. */
function loopPositions(shape: readonly Dim[], first: number): Position[] {
  let next = first;
  return shape.map((d) => (isOne(d) ? ORIGIN : at(axis(next++))));
}
