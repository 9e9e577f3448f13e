// Chooses the entries that a build emits. What none of them reaches is not in the module.

import type { Entry, Network } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import { everyNode } from "../../src/graph/walk.js";
import { unknownEntry } from "../../src/messages.js";

/** The named entries (all, when none are named) and an `initialize` that covers what they touch. */
export function selectEntries(
  declared: readonly Entry[],
  wanted: readonly string[] | undefined,
  network: Network,
): Entry[] {
  const callable = declared.filter((entry) => entry.kind !== "initialize");
  const known = callable.map((entry) => entry.name);
  for (const name of wanted ?? []) {
    if (!known.includes(name)) throw unknownEntry({ name, known, site: network.site });
  }
  const chosen = wanted ? callable.filter((entry) => wanted.includes(entry.name)) : callable;
  const touched = new Set<Node>();
  for (const entry of chosen) {
    for (const node of everyNode([...entry.results.map((r) => r.value), ...entry.updates.map((u) => u.value)]))
      touched.add(node);
    for (const { leaf } of entry.updates) touched.add(leaf);
  }
  const initialize = declared
    .filter((entry) => entry.kind === "initialize")
    .map((entry) => ({ ...entry, updates: entry.updates.filter(({ leaf }) => touched.has(leaf)) }));
  return [...chosen, ...initialize.filter(({ name, updates }) => name === "initialize" || updates.length > 0)];
}
