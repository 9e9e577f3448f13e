// What nodes are to blocks: some are computed once for all of them, some belong to each.

import type { Node } from "../../src/graph/node.js";
import { parameterDef, stateDef } from "../../src/ops/leaf/leaves.js";
import { isFree } from "../../src/ops/scan/region.js";
import { lowered } from "../ir/lowered.js";

/**
 * - stored: a leaf whose value is there before the entry runs;
 * - free: a fixed number, a size, a range, or a view of them: whoever reads it has it inside;
 * - common: it reaches no parameter, no state but numbers, and nothing random, such as a causal mask, what is made of an input
 *   alone, or the rate of a step: equal blocks read the same one, which belongs to none of them;
 * - own: what blocks may be made of.
 */
export type Standing = "stored" | "free" | "common" | "own";

/** The standing of each of the nodes, of which each comes after its inputs. */
export function standingsOf(order: readonly Node[]): ReadonlyMap<Node, Standing> {
  const standings = new Map<Node, Standing>();
  const varying = new Set<Node>();
  for (const node of order) {
    const isStored = lowered(node).kind === "leaf";
    const varies = isStored ? isVarying(node) : node.def.family === "random" || node.inputs.some((i) => varying.has(i));
    if (varies) varying.add(node);
    if (isStored) standings.set(node, "stored");
    else if (isFree(node, (input) => standings.get(input) === "free")) standings.set(node, "free");
    else standings.set(node, varies ? "own" : "common");
  }
  return standings;
}

/** Is it a leaf that blocks have of their own? */
const isVarying = ({ def, shape }: Node): boolean => def === parameterDef || (def === stateDef && shape.length > 0);
