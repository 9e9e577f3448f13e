// The bodies of entries: a body is an entry's graph without regions, or one region.

import type { Node, Region } from "../../src/graph/node.js";
import { topological } from "../../src/graph/walk.js";

export interface Bodies {
  /** The numbers of the bodies that a node lies in; the nodes of regions come before those of what holds the regions. */
  readonly of: ReadonlyMap<Node, readonly number[]>;
  /** The numbers of the entries that a node lies in. */
  readonly entriesOf: (node: Node) => readonly number[];
  /** What the parameters of regions stand for that are handed a value from outside as it is. */
  readonly handedIn: ReadonlyMap<Node, Node>;
}

/** The bodies of entries, which are given by their roots. */
export function bodiesOf(entries: readonly (readonly Node[])[]): Bodies {
  const bodies = entries.map((roots) => topological(roots));
  const within = entries.map((_, i): Set<number> => new Set([i]));
  const numbers = new Map<Region, number>();
  const handedIn = new Map<Node, Node>();
  // The list grows while it is walked: regions hold regions.
  for (const [outer, body] of bodies.entries()) {
    for (const { regions, inputs } of body) {
      for (const region of regions) {
        const known = numbers.get(region);
        if (known !== undefined) {
          for (const entry of within[outer]!) within[known]!.add(entry);
          continue;
        }
        numbers.set(region, bodies.length);
        const { parameters, results } = region;
        bodies.push([...new Set([...parameters, ...topological(results)])]);
        within.push(new Set(within[outer]));
        parameters.forEach((parameter, i) => {
          const input = inputs[i + inputs.length - parameters.length];
          if (parameter.origin.derived?.kind === "capture" && input) handedIn.set(parameter, input);
        });
      }
    }
  }
  const of = new Map<Node, number[]>();
  const innerFirst = [...bodies.keys()].slice(entries.length).reverse();
  for (const number of [...innerFirst, ...entries.keys()]) {
    for (const node of bodies[number]!) {
      const own = of.get(node);
      if (own) own.push(number);
      else of.set(node, [number]);
    }
  }
  const entriesOfBody = within.map((numbers): readonly number[] => [...numbers]);
  const entriesOf = (node: Node): readonly number[] => {
    const own = of.get(node) ?? [];
    return own.length === 1 ? entriesOfBody[own[0]!]! : [...new Set(own.flatMap((body) => entriesOfBody[body]!))];
  };
  return { of, entriesOf, handedIn };
}
