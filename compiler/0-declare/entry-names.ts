// Names for what an entry computes. Entries of one mode share most of their graphs, and so their names.

import type { Entry, Mode } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import type { Names } from "../names/index.js";

/** The names for each entry of a representation of the network. */
export function entryNames(entries: readonly Entry[], names: Names): (entry: Entry) => (node: Node) => string {
  const byMode = new Map<Mode, (node: Node) => string>();
  return ({ mode }) => {
    const known = byMode.get(mode) ?? names.among(entries.filter((entry) => entry.mode === mode).map(rootsOf));
    byMode.set(mode, known);
    return known;
  };
}

export const rootsOf = (entry: Entry): Node[] => [
  ...entry.results.map((result) => result.value),
  ...entry.updates.map((update) => update.value),
];
