// Names for the nodes of whole entries, regions included: for prints and kernels.
//
// A body is an entry's graph without regions, or one region. Within a body a name is one node's; between bodies nodes share a
// name only where they have the same declared value: what is handed in to a region, and what the way back of a loop is given
// of the way there or computes again. Where several nodes would be called the same, the last one is what the others lead to
// (a sum of adjoints, the result of a law) and has the name; the others are numbered.

import type { Node, Region } from "../../src/graph/node.js";
import { topological } from "../../src/graph/walk.js";
import { baseOf, type Base, type Known } from "./base.js";
import { uniquely } from "./unique.js";

/** Names for the nodes under the roots of entries. Nodes that are none of theirs are named when they are asked for. */
export function namesAmong(entries: readonly (readonly Node[])[], known: Known): (node: Node) => string {
  const { bodies, handedIn } = bodiesOf(entries);
  const names = new Map<Node, string>();
  const base = (node: Node): Base => baseOf(node, { ...known, given: (other) => names.get(other) });
  const homes = homesOf(bodies);
  const nodes = [...homes.keys()].filter((node) => !handedIn.has(node));
  const isAdjoint = ({ origin }: Node): boolean => origin.derived !== undefined;
  const unique = uniquely(new Set());
  const numbered = new Set<string>();
  const number = (text: string): string => {
    const name = unique(text);
    numbered.add(name);
    return name;
  };
  const takenIn = new Map<string, Set<number>>();

  // Declared values before what is called after them.
  for (const group of [nodes.filter((node) => !isAdjoint(node)), nodes.filter(isAdjoint)]) {
    const bases = new Map(group.map((node) => [node, base(node)]));
    const holders = holdersOf(bases, homes, takenIn);
    for (const [node, { text }] of holders) {
      if (numbered.has(text)) {
        names.set(node, number(text));
        continue;
      }
      names.set(node, text);
      const taken = takenIn.get(text) ?? new Set();
      takenIn.set(text, taken);
      if (taken.size === 0) unique(text);
      for (const home of homes.get(node)!) taken.add(home);
    }
    for (const [node, { text }] of bases) if (!holders.has(node)) names.set(node, number(text));
  }

  return (node) => {
    let source = node;
    while (handedIn.has(source)) source = handedIn.get(source)!;
    let name = names.get(source);
    if (name === undefined) names.set(source, (name = number(base(source).text)));
    return name;
  };
}

/** The nodes that have their names without a number. */
function holdersOf(
  bases: ReadonlyMap<Node, Base>,
  homes: ReadonlyMap<Node, readonly number[]>,
  takenIn: ReadonlyMap<string, ReadonlySet<number>>,
): ReadonlyMap<Node, Base> {
  const byText = new Map<string, Node[]>();
  for (const [node, { text }] of bases) {
    const same = byText.get(text);
    if (same) same.push(node);
    else byText.set(text, [node]);
  }
  const holders = new Map<Node, Base>();
  for (const [text, same] of byText) {
    const taken = new Set(takenIn.get(text));
    const isCertain = certainAmong(same, bases, homes);
    const hold = (node: Node): void => {
      holders.set(node, bases.get(node)!);
      for (const home of homes.get(node)!) taken.add(home);
    };
    for (const node of same.toReversed()) {
      if (isCertain(node) && !homes.get(node)!.some((home) => taken.has(home))) hold(node);
    }
    if (taken.size > 0) continue;
    hold(same.at(-1)!.origin.derived ? same.at(-1)! : same[0]!);
  }
  return holders;
}

/** Which of the nodes of one name have the value of the one declared node of that name. */
function certainAmong(
  nodes: readonly Node[],
  bases: ReadonlyMap<Node, Base>,
  homes: ReadonlyMap<Node, readonly number[]>,
): (node: Node) => boolean {
  const isDeclared = (node: Node): boolean => bases.get(node)!.source === node;
  const sources = nodes.map((node) => bases.get(node)!.source).filter((source) => source !== undefined);
  const isOne = sources.every(({ origin, def }) => origin === sources[0]!.origin && def === sources[0]!.def);
  const places = nodes.filter(isDeclared).flatMap((node) => homes.get(node)!);
  const isSure = isOne && new Set(places).size === places.length;
  return (node) => isSure && bases.get(node)!.source !== undefined;
}

interface Bodies {
  /** Those of regions before the bodies that they lie in. */
  readonly bodies: readonly (readonly Node[])[];
  /** What the parameters of regions stand for that are handed a value from outside as it is. */
  readonly handedIn: ReadonlyMap<Node, Node>;
}

function bodiesOf(entries: readonly (readonly Node[])[]): Bodies {
  const bodies = entries.map((roots) => topological(roots));
  const seen = new Set<Region>();
  const handedIn = new Map<Node, Node>();
  // The list grows while it is walked: regions hold regions.
  for (const body of bodies) {
    for (const { regions, inputs } of body) {
      for (const region of regions) {
        if (seen.has(region)) continue;
        seen.add(region);
        const { parameters, results } = region;
        bodies.push([...new Set([...parameters, ...topological(results)])]);
        parameters.forEach((parameter, i) => {
          const outer = inputs[i + inputs.length - parameters.length];
          if (parameter.origin.derived?.kind === "capture" && outer) handedIn.set(parameter, outer);
        });
      }
    }
  }
  return { bodies: bodies.reverse(), handedIn };
}

/** The bodies of each node, by number; the nodes in the order of the bodies. */
function homesOf(bodies: readonly (readonly Node[])[]): ReadonlyMap<Node, readonly number[]> {
  const homes = new Map<Node, number[]>();
  for (const [home, body] of bodies.entries()) {
    for (const node of body) {
      const own = homes.get(node);
      if (own) own.push(home);
      else homes.set(node, [home]);
    }
  }
  return homes;
}
