// Closing a sub-graph over what it takes from outside: the captures become parameters of the region.

import { topological } from "../graph/walk.js";
import { withInputs, type Node, type Region } from "../graph/node.js";
import type { Origin } from "../graph/origin.js";
import { makeRegionParameter } from "./leaves.js";

export interface Closed {
  readonly region: Region;
  /** The outer nodes behind the region's last parameters. */
  readonly captures: readonly Node[];
}

/** Values that cost nothing to have inside: fixed numbers, sizes, positions, and views of them. */
function isFree(node: Node, free: ReadonlySet<Node>): boolean {
  if (node.inputs.length > 0) return node.def.family === "view" && node.inputs.every((input) => free.has(input));
  return node.def.lower?.({ ...node, output: node }).kind === "map";
}

/**
 * The region that computes `results` from `parameters`. What does not depend on the parameters is computed outside, once,
 * and handed in.
 */
export function closeRegion(origin: Origin, parameters: readonly Node[], results: readonly Node[]): Closed {
  const inside = new Map<Node, Node>(parameters.map((parameter) => [parameter, parameter]));
  const free = new Set<Node>();
  const captures = new Set<Node>();
  const captured: Node[] = [];
  const bring = (node: Node): Node => {
    const known = inside.get(node);
    if (known) return known;
    const parameter = makeRegionParameter(origin, parameters.length + captures.size, node);
    captures.add(node);
    captured.push(parameter);
    inside.set(node, parameter);
    return parameter;
  };
  for (const node of topological(results)) {
    if (inside.has(node)) continue;
    if (isFree(node, free)) {
      free.add(node);
      inside.set(node, node);
    } else if (node.inputs.some((input) => inside.has(input) && !free.has(input) && !captures.has(input))) {
      inside.set(node, withInputs(node, node.inputs.map(bring)));
    }
  }
  const closed = results.map(bring);
  const region = { parameters: Object.freeze([...parameters, ...captured]), results: Object.freeze(closed) };
  return { region: Object.freeze(region), captures: Object.freeze([...captures]) };
}
