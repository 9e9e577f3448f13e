// The graph below what must be stored, as the decisions ask of it.

import type { Node } from "../../../src/graph/node.js";
import { topological } from "../../../src/graph/walk.js";
import type { Readers } from "../epilogue.js";
import { isCopy, isLooped, isNoKernels, push, startOf, valueOf, type Root } from "../roots.js";

export interface FuseGraph {
  /** Each after its inputs. */
  readonly nodes: readonly Node[];
  /** Where each stands among them, copies after what they copy. */
  readonly order: ReadonlyMap<Root, number>;
  readonly readers: Readers;
}

export function graphOf(required: readonly Root[]): FuseGraph {
  const order = new Map<Root, number>();
  const nodes: Node[] = [];
  const readers = new Map<Node, Node[]>();
  for (const root of required) {
    for (const node of topological([valueOf(root)], (known) => order.has(known))) {
      order.set(node, order.size);
      nodes.push(node);
    }
    if (isCopy(root)) order.set(root, order.size);
  }
  for (const node of nodes) for (const input of node.inputs) push(readers, input, node);
  return { nodes, order, readers };
}

/** Does its value lie in memory without a kernel of its own? */
export const isGiven = (root: Root): boolean => isLooped(root) || isNoKernels(root);

/** Is it a scattered sum that only another one starts from? Both are built in the same memory. */
export function isAbsorbed(node: Node, readers: Readers): boolean {
  const all = readers.get(node) ?? [];
  return all.length === 1 && startOf(all[0]!) === node;
}
