// Chooses what is stored and which stores share a kernel.
//
// A node is stored ("a root") if it must be (a result, an operand that is read many times), if computing it in place
// would repeat work, or if two kernels need it and it is dear. Roots share a kernel if they need the same reduction, or
// if one reads another element for element; never when a third kernel would have to run in between.

import type { Node } from "../../src/graph/node.js";
import { topological } from "../../src/graph/walk.js";
import { sizeOfBlock, type Choices, type Needs } from "./block.js";
import { baseOf, KernelBuilder } from "./builder.js";
import { Groups, isOpaque, KERNEL_LIMIT, push, type Edge } from "./groups.js";
import { comparedBy } from "./compared.js";
import { readAtComputed } from "./index-ranges.js";
import { costOf, lowered, stripAlias } from "./lowered.js";

export interface Chosen {
  /** The roots of each kernel, in an order in which they may be placed; kernels in an order in which they may run. */
  readonly groups: readonly (readonly Node[])[];
  readonly needs: ReadonlyMap<Node, Needs>;
}

/** A root built alone: what it needs, and the size of its body. */
export interface Draft {
  readonly needs: Needs;
  readonly size: number;
}

const isBoundary = (node: Node): boolean => ["leaf", "result", "scan"].includes(lowered(node).kind);

/** Larger bodies are cut: V8's cost per statement jumps beyond a thousand. */
const BODY_LIMIT = 240;
/** Work worth storing rather than repeating in a second kernel. */
const DEAR = 10;

export class Chooser {
  private readonly material = new Set<Node>();
  private readonly drafts = new Map<Node, Needs>();
  private readonly sizes = new Map<Node, number>();
  private readonly order = new Map<Node, number>();
  private readonly consumers = new Map<Node, Node[]>();
  /** The roots whose drafts compute a node in place; a superset after redrafting. */
  private readonly visitorsOf = new Map<Node, Node[]>();
  private pending: Node[] = [];

  /**
   * `stored`: below the required nodes, and to be stored as well. `remembered`: drafts that other entries of the network made
   * of the same roots.
   */
  constructor(
    required: readonly Node[],
    stored: ReadonlySet<Node>,
    private readonly remembered: Map<Node, Draft>,
  ) {
    const nodes = topological(required);
    for (const [position, node] of nodes.entries()) {
      this.order.set(node, position);
      for (const input of node.inputs) push(this.consumers, input, node);
    }
    for (const root of [...required, ...stored]) this.add(root);
    for (const node of nodes) this.requireOperands(node);
    for (const node of nodes) {
      for (const compared of comparedBy(node)) this.add(compared);
      for (const read of readAtComputed(node)) this.add(stripAlias(read));
    }
    this.limitBodies(nodes);
  }

  readonly isMaterial = (node: Node): boolean => isBoundary(node) || this.material.has(node);

  private add(node: Node): void {
    if (this.material.has(node) || (isBoundary(node) && !isOpaque(node))) return;
    this.material.add(node);
    this.pending.push(node);
    for (const root of this.visitorsOf.get(node) ?? []) if (this.drafts.delete(root)) this.pending.push(root);
  }

  /** Loops of the program read and write memory only; scattered sums are built in memory. */
  private requireOperands(node: Node): void {
    if ((lowered(node).kind === "scatter" && !this.isAbsorbed(node)) || isOpaque(node)) this.add(node);
    if (isOpaque(node)) {
      for (const input of node.inputs) {
        const base = stripAlias(input);
        if (!isBoundary(base)) this.add(base);
      }
    }
  }

  /** A scattered sum that only another one starts from: both are built in the same memory. */
  private isAbsorbed(node: Node): boolean {
    const consumers = this.consumers.get(node) ?? [];
    return consumers.length === 1 && baseOf(consumers[0]!) === node;
  }

  /** Bounds the size of inlined bodies, and with it every recursion over them. */
  private limitBodies(nodes: readonly Node[]): void {
    const size = new Map<Node, number>();
    const summed = this.summedAgain(nodes);
    for (const node of nodes) {
      let total = 1;
      for (const input of node.inputs) total += this.isMaterial(input) || summed.has(input) ? 1 : size.get(input)!;
      if (total > BODY_LIMIT && lowered(node).kind !== "alias") {
        // Cut below: the operands are stored, this node starts afresh.
        for (const input of node.inputs) {
          const base = stripAlias(input);
          if (!this.isMaterial(base) && (size.get(input) ?? 0) > BODY_LIMIT / 4) this.add(base);
        }
        total = 1 + node.inputs.length + BODY_LIMIT / 4;
      }
      size.set(node, total);
    }
  }

  /**
   * Values made by sums that another sum reads: they are stored in any case, or share a kernel's rows. Counting them as
   * such makes equal parts of a network, however deep, be cut in equal places.
   */
  private summedAgain(nodes: readonly Node[]): ReadonlySet<Node> {
    const sums = new Set<Node>();
    const summed = new Set<Node>();
    for (const node of nodes) {
      const isSum = lowered(node).kind === "reduce";
      const made = node.inputs.filter((input) => sums.has(input) && !this.isMaterial(input));
      if (isSum) for (const input of made) summed.add(input);
      if (isSum || made.some((input) => !summed.has(input))) sums.add(node);
    }
    return summed;
  }

  /** What computing a node from stored ones costs. Bodies are bounded, so the recursion is. */
  private costs(): (node: Node) => number {
    const costs = new Map<Node, number>();
    const cost = (node: Node): number => {
      const known = costs.get(node);
      if (known !== undefined) return known;
      const lowering = lowered(node);
      let sum = lowering.kind === "map" ? costOf(lowering.body) : 1;
      if (lowering.kind === "map") for (const input of node.inputs) sum += this.isMaterial(input) ? 0 : cost(input);
      costs.set(node, sum);
      return sum;
    };
    return cost;
  }

  /** The node to store so that a reduction keeps its epilogue: up through its only consumers of the same shape. */
  private cut(reduction: Node): Node {
    let node = reduction;
    for (;;) {
      const consumers = this.consumers.get(node) ?? [];
      const next = consumers[0];
      const follows =
        consumers.length === 1 &&
        next!.def.family === "pointwise" &&
        !this.material.has(next!) &&
        !this.hasOtherReduction(next!, node);
      if (!follows) return node;
      node = next!;
    }
  }

  private hasOtherReduction(node: Node, except: Node): boolean {
    return topologicalUntil(node, (n) => this.isMaterial(n) || n === except).some((n) => lowered(n).kind === "reduce");
  }

  private choices(builder: { touched: boolean }): Choices {
    const cost = this.costs();
    return {
      isMaterial: this.isMaterial,
      materialize: (node) => {
        builder.touched = true;
        this.add(node);
      },
      cost,
      cut: (node) => this.cut(node),
      slotOf: (node) => node,
    };
  }

  private draft(root: Node): void {
    if (isOpaque(root)) {
      this.drafts.set(root, {
        reads: new Map(root.inputs.map((i) => [stripAlias(i), 0])),
        visited: new Set(),
        reductions: new Map(),
      });
      this.sizes.set(root, 0);
      return;
    }
    const before = this.remembered.get(root);
    if (before && [...before.needs.visited].every((node) => node === root || !this.isMaterial(node))) {
      for (const read of before.needs.reads.keys()) this.add(read);
      this.accept(root, before);
      return;
    }
    for (;;) {
      const state = { touched: false };
      const builder = new KernelBuilder(this.choices(state));
      const needs = builder.place(root, undefined);
      if (state.touched) continue;
      const draft: Draft = { needs, size: sizeOfBlock(builder.body) };
      this.remembered.set(root, draft);
      this.accept(root, draft);
      return;
    }
  }

  private accept(root: Node, { needs, size }: Draft): void {
    this.drafts.set(root, needs);
    this.sizes.set(root, size);
    for (const node of needs.visited) push(this.visitorsOf, node, root);
  }

  private settle(): void {
    while (this.pending.length > 0) {
      const pending = [...new Set(this.pending)];
      this.pending = [];
      for (const root of pending) this.draft(root);
    }
  }

  /** Which roots, in which groups. `antiEdges` are recomputed whenever the roots change. */
  choose(antiEdges: (needs: ReadonlyMap<Node, Needs>) => readonly Edge[]): Chosen {
    for (;;) {
      this.settle();
      const groups = new Groups(this.drafts, this.sizes, this.order, antiEdges(this.drafts));
      const visitors = this.visitors();
      if (this.mergeSharers(groups, visitors)) continue;
      groups.mergeReaders((group) => this.builds(group));
      groups.mergeScalars((group) => this.builds(group));
      if (this.storeDear(groups, visitors)) continue;
      return { groups: groups.sorted(), needs: this.drafts };
    }
  }

  /** Nodes that several roots compute in place, in the graph's order. */
  private visitors(): [Node, Node[]][] {
    const visitors = new Map<Node, Node[]>();
    for (const [root, needs] of this.drafts) {
      for (const node of needs.visited) if (node !== root) push(visitors, node, root);
    }
    return [...visitors]
      .filter(([, roots]) => roots.length > 1)
      .sort((a, b) => this.order.get(a[0])! - this.order.get(b[0])!);
  }

  /** Merges roots that compute the same reduction; stores it, or its epilogue, where they cannot merge. */
  private mergeSharers(groups: Groups, visitors: readonly [Node, Node[]][]): boolean {
    let spilled = false;
    for (const [node, roots] of visitors) {
      if (lowered(node).kind !== "reduce" || groups.merge(roots, (group) => this.builds(group))) continue;
      this.add(this.cut(node));
      spilled = true;
    }
    return spilled;
  }

  /** Stores dear values that several kernels would compute. */
  private storeDear(groups: Groups, visitors: readonly [Node, Node[]][]): boolean {
    const cost = this.costs();
    let spilled = false;
    for (const [node, roots] of visitors) {
      if (lowered(node).kind !== "map" || node.def.family === "view" || cost(node) < DEAR) continue;
      if (groups.together(roots) || this.hasRandom(node)) continue;
      this.add(node);
      spilled = true;
    }
    return spilled;
  }

  /** Masks are recomputed, never stored. */
  private hasRandom(node: Node): boolean {
    return (
      node.def.family === "random" || topologicalUntil(node, this.isMaterial).some((n) => n.def.family === "random")
    );
  }

  private builds(group: readonly Node[]): boolean {
    const builder = new KernelBuilder(this.choices({ touched: false }));
    for (const root of group) builder.place(root, this.drafts.get(root));
    const loops = builder.body.items.filter((item) => item.kind === "loop").length;
    return loops <= 1 && sizeOfBlock(builder.body) <= KERNEL_LIMIT;
  }
}

function topologicalUntil(root: Node, stop: (node: Node) => boolean): Node[] {
  const found: Node[] = [];
  const seen = new Set<Node>();
  const stack = [...root.inputs];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node) || stop(node)) continue;
    seen.add(node);
    found.push(node);
    if (lowered(node).kind !== "reduce") stack.push(...node.inputs);
  }
  return found;
}
