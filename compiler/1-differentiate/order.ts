// Depth-first order of a graph whose edges the caller defines.

import type { Node } from "../../src/graph/node.js";

/** All nodes that the roots need, each after those it follows. Nodes for which `stop` holds are left out. */
export function orderOf(
  roots: readonly Node[],
  follows: (node: Node) => readonly Node[],
  stop: (node: Node) => boolean,
): Node[] {
  const order: Node[] = [];
  const state = new Map<Node, "open" | "done">();
  const stack: Node[] = roots.filter((root) => !stop(root)).reverse();
  while (stack.length > 0) {
    const node = stack[stack.length - 1]!;
    const seen = state.get(node);
    if (seen !== undefined) {
      stack.pop();
      if (seen === "open") {
        state.set(node, "done");
        order.push(node);
      }
      continue;
    }
    state.set(node, "open");
    const before = follows(node);
    for (let i = before.length - 1; i >= 0; i--) {
      const input = before[i]!;
      if (!state.has(input) && !stop(input)) stack.push(input);
    }
  }
  return order;
}
