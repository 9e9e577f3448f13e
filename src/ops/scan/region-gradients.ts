// What must hold of gradients in regions as they are declared. Rules of derivatives make others: they take the gradient with
// respect to each parameter of a loop as if no other had to do with it.

import { isA, type Node } from "../../graph/node.js";
import { topological } from "../../graph/walk.js";
import type { CustomGradientAttrs } from "../marker/custom-gradient.js";
import { gradientDef, recomputedOf } from "../marker/markers.js";
import { scanDef } from "./scan-record.js";

/**
 * Does each gradient in the node's region see every way from its scalar to what it is taken with respect to? It does not
 * where a value that is handed in was computed from what another parameter, or the region itself, has of the outside.
 */
export function gradientsAreWhole(node: Node): boolean {
  const [region] = node.regions;
  if (!region) return true;
  const markers = topological(region.results).filter((each) => each.def === gradientDef);
  if (markers.length === 0) return true;
  const outside = handedIn(node);
  const twins = new Map(markers.flatMap(recomputedOf));
  return markers.every((marker) => {
    const [y, x] = marker.inputs as [Node, Node];
    const outer = outside.get(twins.get(x) ?? x) ?? (isInside(x) ? undefined : x);
    if (outer === undefined) return true;
    const others = leavesUnder(y).filter((leaf) => leaf !== x && outside.has(leaf));
    return others.every((leaf) => !topological([outside.get(leaf)!]).includes(outer));
  });

  /** Is it computed from the region's parameters? */
  function isInside(x: Node): boolean {
    const ofRegion = new Set(region!.parameters);
    return topological([x]).some((each) => ofRegion.has(each));
  }
}

/** What is behind the parameters that have the same value in each run of the region. */
function handedIn(node: Node): ReadonlyMap<Node, Node> {
  const { inputs } = node;
  const { parameters } = node.regions[0]!;
  const first = isA(node, scanDef)
    ? node.attrs.carries + node.attrs.sequences
    : 1 + (node.attrs as CustomGradientAttrs).operands;
  return new Map(
    inputs.slice(first).map((input, i) => [parameters[parameters.length - inputs.length + first + i]!, input]),
  );
}

/** The leaves that a value is computed from. What a gradient was told beside its scalar is no part of its value. */
function leavesUnder(root: Node): readonly Node[] {
  const seen = new Set([root]);
  for (const node of seen) {
    const read = node.def === gradientDef ? node.inputs.slice(0, 2) : node.inputs;
    for (const input of read) seen.add(input);
  }
  return [...seen].filter((node) => node.inputs.length === 0);
}
