// What must hold of what kernels say that they compute: no node of the graph is lost on the way to the printers.

import type { Node } from "../../../src/graph/node.js";
import { invariant } from "../../../src/messages.js";
import type { ProgramItem } from "../program.js";
import { callsOf } from "../walk.js";

/**
 * Every kernel computes something, and together they compute `nodes`. `pass`: what was done last. Leaves, what is the same elements
 * in another shape, loops and their results are no kernel's: they are not among the nodes.
 */
export function verifyComputes(items: readonly ProgramItem[], nodes: ReadonlySet<Node>, pass: string): void {
  const computed = new Set<Node>();
  for (const { kernel } of callsOf(items)) {
    invariant(kernel.computes.length > 0, `after ${pass}, ${kernel.name} computes a node`);
    for (const node of kernel.computes) computed.add(node);
  }
  for (const node of nodes) invariant(computed.has(node), `after ${pass}, a kernel computes the node ${node.def.name}`);
}
