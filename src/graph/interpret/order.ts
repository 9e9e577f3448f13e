// The order of evaluation: each node after its inputs, a composite after its expansion, without recursion over depth.

import type { Node } from "../node.js";

export interface Scheduled {
  readonly node: Node;
  /** A composite has the value of this one. */
  readonly expansion: Node | undefined;
}

export function evaluationOrder(roots: readonly Node[]): Scheduled[] {
  const order: Scheduled[] = [];
  const opened = new Map<Node, Scheduled>();
  const done = new Set<Node>();
  const stack = [...roots].reverse();
  while (stack.length > 0) {
    const node = stack.at(-1)!;
    const scheduled = opened.get(node);
    if (scheduled) {
      stack.pop();
      if (!done.has(node)) order.push(scheduled);
      done.add(node);
      continue;
    }
    const expansion = node.def.expand?.(node);
    opened.set(node, { node, expansion });
    if (expansion && !opened.has(expansion)) stack.push(expansion);
    for (const input of [...node.inputs].reverse()) if (!opened.has(input)) stack.push(input);
  }
  return order;
}
