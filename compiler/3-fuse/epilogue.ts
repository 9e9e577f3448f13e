// What follows a sum: the pointwise ops that its result goes through, alone, before it is read by several or by a sum.

import type { Node } from "../../src/graph/node.js";
import { lowered } from "./lowered.js";

/** The nodes that read each node. */
export type Readers = ReadonlyMap<Node, readonly Node[]>;

/** The node to store so that a reduction keeps its epilogue: up through its only readers of the same shape. */
export function endOfEpilogue(reduction: Node, readers: Readers, isStored: (node: Node) => boolean): Node {
  const onlyReader = (node: Node): Node | undefined => {
    const all = readers.get(node);
    return all?.length === 1 ? all[0] : undefined;
  };
  const follows = (next: Node, node: Node): boolean =>
    next.def.family === "pointwise" && !isStored(next) && !hasOtherReduction(next, node, isStored);
  let end = reduction;
  for (let next = onlyReader(end); next && follows(next, end); next = onlyReader(end)) end = next;
  return end;
}

const hasOtherReduction = (node: Node, except: Node, isStored: (node: Node) => boolean): boolean =>
  computedWith(node, (n) => isStored(n) || n === except).some((n) => lowered(n).kind === "reduce");

/** The nodes below a node, down to those where it stops and to reductions. */
export function computedWith(root: Node, stops: (node: Node) => boolean): readonly Node[] {
  const found: Node[] = [];
  const seen = new Set<Node>();
  const stack = [...root.inputs];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node) || stops(node)) continue;
    seen.add(node);
    found.push(node);
    if (lowered(node).kind !== "reduce") stack.push(...node.inputs);
  }
  return found;
}
