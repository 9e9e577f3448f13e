// Names for the nodes of whole entries, regions included: for prints and kernels.
//
// Within a body (an entry's graph without regions, or one region) a name is one node's. Between the bodies of an entry nodes
// share a name only where they have the same declared value: what is handed in to a region, and what the way back of a loop is
// given of the way there or computes again. Where several nodes would be called the same, the last one is what the others lead
// to (a sum of adjoints, the result of a law) and has the name; the others are numbered.

import type { Node } from "../../src/graph/node.js";
import { baseOf, type Base, type Known } from "./base.js";
import { bodiesOf } from "./bodies.js";
import { numberedName } from "./unique.js";

/** Names for the nodes under the roots of entries. Nodes that are none of theirs are named when they are asked for. */
export function namesAmong(entries: readonly (readonly Node[])[], known: Known): (node: Node) => string {
  const bodies = bodiesOf(entries);
  const names = new Map<Node, string>();
  const base = (node: Node): Base => baseOf(node, { ...known, given: (other) => names.get(other) });
  const everywhere = entries.map((_, i) => i);
  const places = new Places();
  const nodes = [...bodies.of.keys()].filter((node) => !bodies.handedIn.has(node));
  const isDeclared = (node: Node): boolean => node.origin.derived === undefined || base(node).source !== undefined;
  const declared = new Set(nodes.filter(isDeclared));

  // Declared values before what is called after them.
  for (const group of [declared, nodes.filter((node) => !declared.has(node))]) {
    const byText = new Map<string, Named[]>();
    for (const node of group) {
      const { text, source } = base(node);
      const same = byText.get(text) ?? [];
      byText.set(text, same);
      same.push({ node, source, bodies: bodies.of.get(node)!, entries: bodies.entriesOf(node) });
    }
    for (const [text, same] of byText) {
      for (const [node, name] of named(text, same, places)) names.set(node, name);
    }
  }

  return (node) => {
    let source = node;
    while (bodies.handedIn.has(source)) source = bodies.handedIn.get(source)!;
    let name = names.get(source);
    if (name === undefined) names.set(source, (name = places.number(base(source).text, everywhere)));
    return name;
  };
}

interface Named {
  readonly node: Node;
  readonly source: Node | undefined;
  readonly bodies: readonly number[];
  readonly entries: readonly number[];
}

/** Where each name is taken. */
class Places {
  private readonly inEntries = new Map<string, Set<number>>();
  private readonly numbers = new Map<string, number>();

  isFree(name: string, entries: readonly number[]): boolean {
    const taken = this.inEntries.get(name);
    return taken === undefined || !entries.some((entry) => taken.has(entry));
  }

  take(name: string, entries: readonly number[]): void {
    const taken = this.inEntries.get(name) ?? new Set();
    this.inEntries.set(name, taken);
    for (const entry of entries) taken.add(entry);
  }

  /** The name, or the first that is free with a number. */
  number(text: string, entries: readonly number[]): string {
    const key = `${entries.join()} ${text}`;
    let number = this.numbers.get(key) ?? 1;
    while (!this.isFree(numberedName(text, number), entries)) number++;
    this.numbers.set(key, number);
    const name = numberedName(text, number);
    this.take(name, entries);
    return name;
  }
}

/** The names of nodes that would all have the name `text`. */
function named(text: string, same: readonly Named[], places: Places): ReadonlyMap<Node, string> {
  const names = new Map<Node, string>();
  const hold = (one: Named): void => {
    names.set(one.node, text);
    places.take(text, one.entries);
  };
  const sure = same.filter(isSureAmong(same));
  const seen = new Set<number>();
  const free = new Set(sure.filter(({ entries }) => places.isFree(text, entries)));
  for (const one of sure.toReversed()) {
    if (!free.has(one) || one.bodies.some((body) => seen.has(body))) continue;
    for (const body of one.bodies) seen.add(body);
    hold(one);
  }
  const isLed = same.some(({ node }) => node.origin.derived);
  for (const one of isLed ? same.toReversed() : same) {
    if (!names.has(one.node) && places.isFree(text, one.entries)) hold(one);
  }
  for (const { node, entries } of same) if (!names.has(node)) names.set(node, places.number(text, entries));
  return names;
}

/** Which of the nodes have the value of the one declared node of their name. */
function isSureAmong(nodes: readonly Named[]): (one: Named) => boolean {
  const sources = nodes.flatMap(({ source }) => source ?? []);
  const isOne = sources.every(({ origin, def }) => origin === sources[0]!.origin && def === sources[0]!.def);
  const homes = nodes.filter(({ node, source }) => node === source).flatMap(({ bodies }) => bodies);
  const isSure = isOne && new Set(homes).size === homes.length;
  return ({ source }) => isSure && source !== undefined;
}
