// Which of the nodes that a call makes is its value, and which are its parts.

import type { Node } from "../../src/graph/node.js";
import { everyNode, topological } from "../../src/graph/walk.js";
import type { Labels } from "./labels.js";

export interface Values {
  /** The last node of each call, which is the call's value; those of a layer's inner calls come before it. */
  readonly results: ReadonlySet<Node>;
  /** Is it the value of its call, in one mode or the other? */
  readonly isResult: (node: Node) => boolean;
  /** Is it read by a node of its own origin, so that it is no part of a call but a step on the way to one? */
  readonly isInner: (node: Node) => boolean;
}

/** The values and parts of the calls that made the nodes under `roots`. */
export function valuesOf(roots: readonly Node[], labels: Labels): Values {
  const last = new Map<object, Node>();
  const main = new Set(topological(roots));
  const all = everyNode(roots);
  const inRegions = all.filter((node) => !main.has(node));
  const outer = capturedBy(all);
  const inner = new Set<Node>();
  for (const nodes of [inRegions, main]) {
    for (const node of nodes) {
      const { origin } = node;
      for (const input of node.inputs.flatMap((read) => [read, ...(outer.get(read) ?? [])])) {
        if (input.origin === origin) inner.add(input);
      }
      // What initial values are made of is no part of the layer's result.
      if (node.def.family !== "leaf" && !origin.derived && !origin.role) last.set(labels.of(origin.site)!.group, node);
    }
  }
  const results = new Set(last.values());
  const values = new Map([...results].map(valueOf).map((value) => [value.origin, value]));
  const isInner = (node: Node): boolean => inner.has(node);
  return {
    results,
    isInner,
    isResult(node) {
      const value = values.get(node.origin);
      if (value === undefined || isInner(node)) return false;
      return node.def === value.def || value.def.inference !== undefined;
    },
  };
}

/** What the parameters of regions are handed of the outside. */
function capturedBy(nodes: readonly Node[]): ReadonlyMap<Node, readonly Node[]> {
  const outer = new Map<Node, Node[]>();
  for (const { regions, inputs } of nodes) {
    for (const { parameters } of regions) {
      parameters.forEach((parameter, i) => {
        const input = inputs[i + inputs.length - parameters.length];
        if (input) outer.set(parameter, [...(outer.get(parameter) ?? []), input]);
      });
    }
  }
  return outer;
}

/** A marker that a layer puts on its result has no name of its own. */
function valueOf(node: Node): Node {
  const [value] = node.inputs;
  return node.def.family === "marker" && value?.origin.part && value.origin.site === node.origin.site ? value : node;
}
