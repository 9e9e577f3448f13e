// In which order kernels may run: who must run before whom, and ranks that rise along that.

import { isLooped, makerOf, push, type Root } from "../roots.js";
import type { Draft } from "./settle.js";

/** `from` must run before `to`. `aligned`: they may share loops up to this depth (Infinity: at any). */
export interface Edge {
  readonly from: Root;
  readonly to: Root;
  readonly aligned: number;
}

export interface RunOrder {
  readonly after: ReadonlyMap<Root, readonly Edge[]>;
  readonly before: ReadonlyMap<Root, readonly Edge[]>;
  /** The roots in the order of the graph. */
  readonly inGraph: readonly Root[];
  /** The roots by rank, and the ranks. */
  readonly roots: readonly Root[];
  readonly rank: ReadonlyMap<Root, number>;
}

/** `order`: of the graph, which decides where nothing else does; `stated`: edges beside those of what roots read. */
export function runOrder(
  drafts: ReadonlyMap<Root, Draft>,
  order: ReadonlyMap<Root, number>,
  stated: readonly Edge[],
): RunOrder {
  const after = new Map<Root, Edge[]>();
  const before = new Map<Root, Edge[]>();
  const connect = (edge: Edge): void => {
    push(after, edge.from, edge);
    push(before, edge.to, edge);
  };
  for (const [root, { footprint }] of drafts) {
    for (const [read, shared] of footprint.reads) {
      const from = makerOf(read);
      if (drafts.has(from) && from !== root) connect({ from, to: root, aligned: isLooped(from) ? -1 : shared });
    }
  }
  stated.forEach(connect);
  const inGraph = [...drafts.keys()].sort((a, b) => (order.get(a) ?? Infinity) - (order.get(b) ?? Infinity));
  const roots = inRunOrder(
    inGraph.map((root) => [root]),
    before,
  ).flat();
  return { after, before, inGraph, roots, rank: new Map(roots.map((root, rank) => [root, rank])) };
}

/** The groups, each after those that must run before it. */
export function inRunOrder(
  groups: readonly (readonly Root[])[],
  before: RunOrder["before"],
): readonly (readonly Root[])[] {
  const of = new Map<Root, readonly Root[]>();
  for (const group of groups) for (const root of group) of.set(root, group);
  const done = new Set<readonly Root[]>();
  const open = new Set<readonly Root[]>();
  const order: (readonly Root[])[] = [];
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
        for (const edge of before.get(root) ?? []) {
          const needed = of.get(edge.from);
          if (needed && needed !== group && !done.has(needed)) stack.push(needed);
        }
      }
    }
  }
  return order;
}
