// What it costs to compute a value again, and from where on it is stored instead.

import type { Body, BodyLeaf } from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import { forEachPart, isApply, type ScalarOp } from "../../src/scalar/expression.js";
import { instructions } from "../../src/scalar/instructions.js";
import { lowered } from "./lowered.js";

/** Inside a loop that reads it again and again, a value is computed again only if that costs less than a load or two. */
export const CHEAP = 7;
/** What several kernels would compute is stored from this cost on. */
export const DEAR = 10;

/**
 * Where fusion counts otherwise than the table of instructions: with its numbers more quotients, roots and
 * random numbers would be stored, which makes other kernels. Which of them are faster has not been measured.
 */
const COUNTED: Partial<Record<ScalarOp, number>> = { div: 3, sqrt: 3, sign: 1, hash: 1, uniform: 1 };

/** A rough count of scalar operations, in additions; a guard counts as two. Shared parts count once. */
function costOfBody(body: Body): number {
  let cost = 0;
  forEachPart<BodyLeaf>([body], (part) => {
    if (isApply(part)) cost += COUNTED[part.op] ?? instructions[part.op].cost;
    else if (part.kind === "load") cost += 2 * part.guards.length;
  });
  return cost;
}

/** What computing a node from stored ones costs, each node looked at once. Bodies are bounded, so the recursion is. */
export function costFrom(isStored: (node: Node) => boolean): (node: Node) => number {
  const costs = new Map<Node, number>();
  const cost = (node: Node): number => {
    const known = costs.get(node);
    if (known !== undefined) return known;
    const lowering = lowered(node);
    let sum = lowering.kind === "map" ? costOfBody(lowering.body) : 1;
    if (lowering.kind === "map") for (const input of node.inputs) sum += isStored(input) ? 0 : cost(input);
    costs.set(node, sum);
    return sum;
  };
  return cost;
}
