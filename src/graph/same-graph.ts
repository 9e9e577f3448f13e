// Whether two graphs compute the same, node by node: for graphs that two runs of one function made.

import { isDeepEqual } from "./deep-equal.js";
import type { Node, Region } from "./node.js";
import { topological } from "./walk.js";

/** Leaves that are known by their object are equal where they are one object. */
export function sameGraph(a: Node, b: Node): boolean {
  return sameResults([a], [b], new Map());
}

function sameResults(a: readonly Node[], b: readonly Node[], pairs: Map<Node, Node>): boolean {
  const [left, right] = [topological(a), topological(b)];
  if (left.length !== right.length) return false;
  const same = (node: Node, i: number): boolean => {
    const other = right[i]!;
    const isPair =
      node === other ||
      pairs.get(node) === other ||
      (node.def === other.def &&
        node.inputs.length === other.inputs.length &&
        node.inputs.every((input, k) => pairs.get(input) === other.inputs[k]) &&
        isDeepEqual(node.attrs, other.attrs) &&
        node.regions.length === other.regions.length &&
        node.regions.every((region, k) => sameRegion(region, other.regions[k]!)));
    pairs.set(node, other);
    return isPair;
  };
  return left.every(same) && a.every((node, i) => pairs.get(node) === b[i]);
}

const sameRegion = (a: Region, b: Region): boolean =>
  a.parameters.length === b.parameters.length &&
  sameResults(a.results, b.results, new Map(a.parameters.map((parameter, i) => [parameter, b.parameters[i]!])));
