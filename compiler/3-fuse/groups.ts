// Which roots share a kernel: groups that grow as long as nothing has to run in between, and no more is in a kernel than
// engines compile well.

import type { Node } from "../../src/graph/node.js";
import { isOne, sameDim, type Dim } from "../../src/graph/shape.js";
import type { Needs } from "./block.js";
import { lowered, stripAlias } from "./lowered.js";

/** `from` must run before `to`. `aligned`: they may share loops up to this depth (Infinity: at any). */
export interface Edge {
  readonly from: Node;
  readonly to: Node;
  readonly aligned: number;
}

/** A root whose value is made by a loop of the program (scan), not by a kernel. */
export const isOpaque = (node: Node): boolean => lowered(node).kind === "scan";

/** Adds to the list of a key. */
export function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Larger bodies are not made: V8's cost per statement jumps beyond a thousand. */
export const KERNEL_LIMIT = 480;
/** Kernels further apart than this are not merged: looking for what runs in between would cost more than it gives. */
const SEARCH_LIMIT = 256;

/** Roots that share a kernel, by rank. */
interface Group {
  readonly roots: readonly Node[];
  /** The lowest and the highest rank. */
  readonly first: number;
  readonly last: number;
  readonly size: number;
  /** The loops around its innermost contraction, -1 without one: those read their operands many times, and are tiled. */
  readonly contraction: number;
  /** The loops around its outermost plain sum, Infinity without one. */
  readonly sum: number;
}

const contracts = (group: Group): boolean => group.contraction >= 0;

export class Groups {
  private readonly group = new Map<Node, Group>();
  private readonly after = new Map<Node, Edge[]>();
  private readonly before = new Map<Node, Edge[]>();
  private readonly rank = new Map<Node, number>();
  private readonly reach: Reach;

  constructor(
    private readonly needs: ReadonlyMap<Node, Needs>,
    sizes: ReadonlyMap<Node, number>,
    order: ReadonlyMap<Node, number>,
    antiEdges: readonly Edge[],
  ) {
    for (const [root, { reads }] of needs) {
      for (const [read, shared] of reads) {
        const from = lowered(read).kind === "result" ? stripAlias(read.inputs[0]!) : read;
        if (needs.has(from) && from !== root) this.connect({ from, to: root, aligned: isOpaque(from) ? -1 : shared });
      }
    }
    for (const edge of antiEdges) this.connect(edge);
    const roots = [...needs.keys()].sort((a, b) => (order.get(a) ?? Infinity) - (order.get(b) ?? Infinity));
    for (const [position, root] of this.topological(roots.map((r) => [r]))
      .flat()
      .entries())
      this.rank.set(root, position);
    this.reach = new Reach(roots.length);
    for (const root of roots) {
      let [contraction, sum] = [-1, Infinity];
      for (const [node, depth] of needs.get(root)!.reductions) {
        if (node.def.family === "reduce") sum = Math.min(sum, depth);
        else contraction = Math.max(contraction, depth);
      }
      const rank = this.rank.get(root)!;
      this.group.set(root, { roots: [root], first: rank, last: rank, size: sizes.get(root)!, contraction, sum });
    }
  }

  private connect(edge: Edge): void {
    push(this.after, edge.from, edge);
    push(this.before, edge.to, edge);
  }

  together(roots: readonly Node[]): boolean {
    return roots.every((root) => this.group.get(root) === this.group.get(roots[0]!));
  }

  merge(roots: readonly Node[], builds: (group: readonly Node[]) => boolean): boolean {
    if (this.together(roots)) return true;
    const groups = [...new Set(roots.map((root) => this.group.get(root)!))];
    const union = groups.map((group) => group.roots).reduce((a, b) => this.merged(a, b));
    const united: Group = {
      roots: union,
      first: this.rank.get(union[0]!)!,
      last: this.rank.get(union[union.length - 1]!)!,
      size: groups.reduce((sum, group) => sum + group.size, 0),
      contraction: Math.max(...groups.map((group) => group.contraction)),
      sum: Math.min(...groups.map((group) => group.sum)),
    };
    // Sums of products would lose their pair of loops to a sum over rows that runs in the outer one.
    if (united.sum < united.contraction || !this.mayUnite(union, united.last) || !builds(union)) return false;
    this.reach.add(united.first, united.last);
    for (const member of union) this.group.set(member, united);
    return true;
  }

  /** Two lists by rank as one. */
  private merged(a: readonly Node[], b: readonly Node[]): readonly Node[] {
    const all: Node[] = [];
    let [i, k] = [0, 0];
    while (i < a.length && k < b.length) all.push(this.rank.get(a[i]!)! < this.rank.get(b[k]!)! ? a[i++]! : b[k++]!);
    return [...all, ...a.slice(i), ...b.slice(k)];
  }

  /** A root that reads another element for element, or row for row, joins it, unless both carry contractions. */
  mergeReaders(builds: (group: readonly Node[]) => boolean): void {
    const roots = [...this.needs.keys()].sort((a, b) => this.rank.get(a)! - this.rank.get(b)!);
    for (const root of roots) {
      for (const { from, aligned } of this.before.get(root) ?? []) {
        const rank = loopsOf(from).length;
        const [one, other] = [this.group.get(from)!, this.group.get(root)!];
        if (one === other || aligned < rank || one.size + other.size > KERNEL_LIMIT) continue;
        if ((contracts(one) && contracts(other)) || !leadsLoopsOf(from, root)) continue;
        // Filling memory with a number is no work to share: apart, all that are filled so can be one function.
        if (one.size === 0 && this.needs.get(from)!.reads.size === 0) continue;
        // A row's value joins the row's elements; sums of products keep their pair of loops to themselves.
        if (rank < loopsOf(root).length && (rank === 0 || contracts(other))) continue;
        // Element for element, the loops are the same ones: nothing to try out.
        this.merge([from, root], rank === loopsOf(root).length ? () => true : builds);
      }
    }
  }

  /** Numbers that are reduced from the same data are reduced in one sweep. */
  mergeScalars(builds: (group: readonly Node[]) => boolean): void {
    const byRead = new Map<Node, Node>();
    for (const root of [...this.needs.keys()].sort((a, b) => this.rank.get(a)! - this.rank.get(b)!)) {
      const { reads, reductions } = this.needs.get(root)!;
      if (loopsOf(root).length > 0 || reductions.size === 0) continue;
      for (const read of reads.keys()) {
        if (loopsOf(read).length === 0) continue;
        const other = byRead.get(read);
        if (other) this.merge([other, root], builds);
        byRead.set(read, root);
      }
    }
  }

  /** Does nothing outside of the union have to run between two of its members? `last`: the highest rank of those. */
  private mayUnite(union: readonly Node[], last: number): boolean {
    const members = new Set(union);
    if (union.some((root) => isOpaque(root) || lowered(root).kind === "scatter")) return false;
    // Ranks rise along the edges, but a group leads from its highest on from its lowest.
    const limit = this.reach.from(last);
    const seen = new Set<Group>();
    const stack: Group[] = [];
    const follow = (root: Node): boolean => {
      for (const { to, aligned } of this.after.get(root) ?? []) {
        if (members.has(to)) {
          // Within the kernel: they must share a loop. From outside: something runs in between.
          if (!members.has(root) || (aligned < 1 && loopsOf(to).length > 0)) return false;
          continue;
        }
        const group = this.group.get(to)!;
        if (group.first > limit || seen.has(group)) continue;
        seen.add(group);
        stack.push(group);
      }
      return true;
    };
    if (!union.every(follow)) return false;
    while (stack.length > 0) {
      if (seen.size >= SEARCH_LIMIT) return false;
      if (!stack.pop()!.roots.every(follow)) return false;
    }
    return true;
  }

  /** The groups in an order in which they may run. */
  sorted(): (readonly Node[])[] {
    return this.topological([...new Set(this.group.values())].map((group) => group.roots));
  }

  private topological(groups: readonly (readonly Node[])[]): (readonly Node[])[] {
    const of = new Map<Node, readonly Node[]>();
    for (const group of groups) for (const root of group) of.set(root, group);
    const done = new Set<readonly Node[]>();
    const open = new Set<readonly Node[]>();
    const order: (readonly Node[])[] = [];
    for (const start of groups) {
      const stack = [start];
      while (stack.length > 0) {
        const group = stack[stack.length - 1]!;
        if (done.has(group)) {
          stack.pop();
          continue;
        }
        if (open.has(group)) {
          stack.pop();
          done.add(group);
          order.push(group);
          continue;
        }
        open.add(group);
        for (const root of group) {
          for (const edge of this.before.get(root) ?? []) {
            const needed = of.get(edge.from);
            if (needed && needed !== group && !done.has(needed)) stack.push(needed);
          }
        }
      }
    }
    return order;
  }
}

/** How far groups that are united reach, by rank. */
class Reach {
  /** For each node of a Fenwick tree over first ranks: the highest last rank below it. */
  private readonly highest: Int32Array;

  constructor(ranks: number) {
    this.highest = new Int32Array(ranks + 1);
  }

  add(first: number, last: number): void {
    for (let at = first + 1; at < this.highest.length; at += at & -at) {
      this.highest[at] = Math.max(this.highest[at]!, last);
    }
  }

  /** The rank beyond which nothing leads back: no group lies on both sides of it. */
  from(rank: number): number {
    for (let limit = rank; ;) {
      let next = limit;
      for (let at = limit + 1; at > 0; at -= at & -at) next = Math.max(next, this.highest[at]!);
      if (next === limit) return limit;
      limit = next;
    }
  }
}

const loops = new WeakMap<Node, readonly Dim[]>();

function loopsOf(node: Node): readonly Dim[] {
  const known = loops.get(node);
  if (known) return known;
  const sizes = node.shape.filter((d) => !isOne(d));
  loops.set(node, sizes);
  return sizes;
}

/** Are the loops of `a` the first loops of `b`? */
function leadsLoopsOf(a: Node, b: Node): boolean {
  const inner = loopsOf(b);
  return loopsOf(a).every((d, i) => inner[i] !== undefined && sameDim(d, inner[i]));
}
