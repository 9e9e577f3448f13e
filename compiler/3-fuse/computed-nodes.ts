// The nodes of a graph that kernels compute, read off the graph alone: a check on what fusion says of its kernels.

import type { Body } from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import { forEachLoad, lowered } from "../ir/lowered.js";

/**
 * The nodes that the roots' values are made of, regions aside. Not among them: leaves; reshapes, which show the same elements;
 * loops of the program and their results; what is only below an operand of which no element is read.
 */
export function computedNodes(roots: Iterable<Node>): ReadonlySet<Node> {
  const seen = new Set<Node>(roots);
  const computed = new Set<Node>();
  for (const node of seen) {
    const lowering = lowered(node);
    switch (lowering.kind) {
      case "leaf":
        break;
      case "alias":
      case "result":
        seen.add(node.inputs[0]!);
        break;
      case "scan":
        for (const input of node.inputs) seen.add(input);
        break;
      default:
        computed.add(node);
        for (const operand of operandsOf(lowering.body)) seen.add(node.inputs[operand]!);
        if (lowering.kind !== "scatter") break;
        for (const { loaded } of lowering.at)
          if (loaded) for (const operand of operandsOf(loaded)) seen.add(node.inputs[operand]!);
        if (lowering.onto !== undefined) seen.add(node.inputs[lowering.onto]!);
    }
  }
  return computed;
}

/** The operands that an expression reads, those of gathered indices included. */
function operandsOf(root: Body): ReadonlySet<number> {
  const operands = new Set<number>();
  forEachLoad(root, ({ operand }) => void operands.add(operand));
  return operands;
}
