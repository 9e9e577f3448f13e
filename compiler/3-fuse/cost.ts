// What it costs to compute a value again, and from where on it is stored instead.

import type { Body } from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import { isApply, isConstant, type ScalarOp } from "../../src/scalar/expression.js";
import { lowered } from "./lowered.js";

/** Inside a loop that reads it again and again, a value is computed again only if that costs less than a load or two. */
export const CHEAP = 7;
/** What several kernels would compute is stored from this cost on. */
export const DEAR = 10;

const COSTS: Partial<Record<ScalarOp, number>> = {
  exp: 16,
  expm1: 16,
  log: 16,
  log1p: 16,
  sin: 16,
  cos: 16,
  tanh: 16,
  sigmoid: 16,
  erf: 16,
  pow: 16,
  div: 3,
  sqrt: 3,
};

/** A rough count of scalar operations, a transcendental counting as sixteen, a guard as two. Shared parts count once. */
function costOfBody(body: Body): number {
  let cost = 0;
  const seen = new Set<Body>();
  const visit = (expr: Body): void => {
    if (seen.has(expr) || isConstant(expr)) return;
    seen.add(expr);
    if (!isApply(expr)) {
      if (expr.kind === "load") cost += 2 * expr.guards.length;
      return;
    }
    cost += COSTS[expr.op] ?? 1;
    expr.args.forEach(visit);
  };
  visit(body);
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
