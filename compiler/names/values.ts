// Which of the nodes that a call makes is its value, and which are its parts.

import type { Node } from "../../src/graph/node.js";
import type { Origin } from "../../src/graph/origin.js";
import { everyNode, topological } from "../../src/graph/walk.js";
import type { Labels } from "./labels.js";

export interface Values {
  /** The last node of each call, which is the call's value; those of a layer's inner calls come before it. */
  readonly isResult: (node: Node) => boolean;
  /** What the other nodes of a part of a call lead to. */
  readonly isPart: (node: Node) => boolean;
  /** The node, or another of its origin, is what another mode has in its place. */
  readonly hasForms: (node: Node) => boolean;
}

/** The values and parts of the calls that made the nodes under `roots`. */
export function valuesOf(roots: readonly Node[], labels: Labels): Values {
  const last = new Map<object, Node>();
  const main = new Set(topological(roots));
  const all = everyNode(roots);
  const inRegions = all.filter((node) => !main.has(node));
  const outer = capturedBy(all);
  const inner = new Set<Node>();
  const withForms = new Set<Origin>();
  for (const nodes of [inRegions, main]) {
    for (const node of nodes) {
      const { origin } = node;
      for (const input of node.inputs.flatMap((read) => [read, ...(outer.get(read) ?? [])])) {
        if (input.origin === origin) inner.add(input);
      }
      if (origin.part !== undefined && node.def.inference) withForms.add(origin);
      // What initial values are made of is no part of the layer's result.
      if (node.def.family !== "leaf" && !origin.derived && !origin.role)
        last.set(labels.of(origin.site)!.group, valueOf(node));
    }
  }
  const results = new Set(last.values());
  const origins = new Set([...results].map(({ origin }) => origin));
  const hasForms = ({ origin }: Node): boolean => withForms.has(origin);
  const isPart = (node: Node): boolean => !inner.has(node);
  return {
    hasForms,
    isPart,
    isResult: (node) => results.has(node) || (hasForms(node) && origins.has(node.origin) && isPart(node)),
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
