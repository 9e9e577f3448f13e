// Which roots share a kernel: groups that grow as long as nothing has to run in between, and no more is in a kernel than
// engines compile well.

import type { ApartReason, FuseDecision } from "../decisions.js";
import { isLooped, isScattered, loopsOf, valueOf, type Root } from "../roots.js";
import { inRunOrder, type RunOrder } from "./order.js";
import { reachOver, type Reach } from "./reach.js";
import type { Draft } from "./settle.js";

/** Larger bodies are not made: V8's cost per statement jumps beyond a thousand. */
export const KERNEL_LIMIT = 480;
/** Kernels further apart than this are not merged: looking for what runs in between would cost more than it gives. */
const SEARCH_LIMIT = 256;

/** Roots that share a kernel, by rank. */
export interface RootGroup {
  readonly roots: readonly Root[];
  /** The lowest and the highest rank. */
  readonly first: number;
  readonly last: number;
  readonly size: number;
  /** The loops around its innermost contraction, -1 without one: those read their operands many times, and are tiled. */
  readonly contraction: number;
  /** The loops around its outermost plain sum, Infinity without one. */
  readonly sum: number;
}

/** All groups. They grow while it is decided what is merged, and belong to that decision alone. */
export interface Groups {
  readonly order: RunOrder;
  readonly of: Map<Root, RootGroup>;
  readonly reach: Reach;
  readonly decisions: FuseDecision[];
}

/** Does a kernel of these roots fit together? The reason why it does not. */
export type Fits = (roots: readonly Root[]) => ApartReason | undefined;

export const contracts = (group: RootGroup): boolean => group.contraction >= 0;

/** Each root alone. */
export function eachAlone(order: RunOrder, drafts: ReadonlyMap<Root, Draft>): Groups {
  const of = new Map<Root, RootGroup>();
  for (const root of order.inGraph) {
    const rank = order.rank.get(root)!;
    const { footprint, size } = drafts.get(root)!;
    let [contraction, sum] = [-1, Infinity];
    for (const [node, depth] of footprint.reductions) {
      if (node.def.family === "reduce") sum = Math.min(sum, depth);
      else contraction = Math.max(contraction, depth);
    }
    of.set(root, { roots: [root], first: rank, last: rank, size, contraction, sum });
  }
  return { order, of, reach: reachOver(order.roots.length), decisions: [] };
}

export const areTogether = ({ of }: Groups, roots: readonly Root[]): boolean =>
  roots.every((root) => of.get(root) === of.get(roots[0]!));

/** Unites the groups of the roots; gives the reason where that cannot be. */
export function unite(groups: Groups, roots: readonly Root[], fits: Fits): ApartReason | undefined {
  const { rank } = groups.order;
  const parts = [...new Set(roots.map((root) => groups.of.get(root)!))];
  const union = parts.map((group) => group.roots).reduce((a, b) => byRank(a, b, rank));
  const united: RootGroup = {
    roots: union,
    first: rank.get(union[0]!)!,
    last: rank.get(union[union.length - 1]!)!,
    size: parts.reduce((sum, group) => sum + group.size, 0),
    contraction: Math.max(...parts.map((group) => group.contraction)),
    sum: Math.min(...parts.map((group) => group.sum)),
  };
  // Sums of products would lose their pair of loops to a sum over rows that runs in the outer one.
  if (united.sum < united.contraction) return "would lose its tile";
  const apart = runsBetween(groups, union, united.last) ?? fits(union);
  if (apart) return apart;
  groups.reach.add(united.first, united.last);
  for (const member of union) groups.of.set(member, united);
  return undefined;
}

/** Writes down what was decided of roots that might share a kernel. */
export function note(
  groups: Groups,
  roots: readonly Root[],
  because: Extract<FuseDecision, { kind: "merge" }>["because"],
  apart: ApartReason | undefined,
): void {
  const nodes = roots.map(valueOf);
  groups.decisions.push(
    apart ? { kind: "apart", roots: nodes, because: apart } : { kind: "merge", roots: nodes, because },
  );
}

/** Two lists by rank as one. */
function byRank(a: readonly Root[], b: readonly Root[], rank: RunOrder["rank"]): readonly Root[] {
  const all: Root[] = [];
  let [i, k] = [0, 0];
  while (i < a.length && k < b.length) all.push(rank.get(a[i]!)! < rank.get(b[k]!)! ? a[i++]! : b[k++]!);
  return [...all, ...a.slice(i), ...b.slice(k)];
}

/** Why something outside of the union has to run between two of its members. `last`: the highest rank of those. */
function runsBetween({ order, of, reach }: Groups, union: readonly Root[], last: number): ApartReason | undefined {
  const members = new Set(union);
  if (union.some((root) => isLooped(root) || isScattered(root))) return "a loop or a scatter";
  // Ranks rise along the edges, but a group leads from its highest on from its lowest.
  const limit = reach.from(last);
  const seen = new Set<RootGroup>();
  const stack: RootGroup[] = [];
  const leadsBack = (root: Root): boolean => {
    for (const { to, aligned } of order.after.get(root) ?? []) {
      if (members.has(to)) {
        // Within the kernel: they must share a loop. From outside: something runs in between.
        if (!members.has(root) || (aligned < 1 && loopsOf(to).length > 0)) return true;
        continue;
      }
      const group = of.get(to)!;
      if (group.first > limit || seen.has(group)) continue;
      seen.add(group);
      stack.push(group);
    }
    return false;
  };
  if (union.some(leadsBack)) return "something runs in between";
  while (stack.length > 0) {
    if (seen.size >= SEARCH_LIMIT) return "too far apart";
    if (stack.pop()!.roots.some(leadsBack)) return "something runs in between";
  }
  return undefined;
}

/** The roots of each kernel, in an order in which they may be placed; kernels in an order in which they may run. */
export const kernelsOf = ({ of, order }: Groups): readonly (readonly Root[])[] =>
  inRunOrder(
    [...new Set(of.values())].map((group) => group.roots),
    order.before,
  );
