// Names the random streams: a node without one draws from the stream of its own name, an initial value from that of its
// parameter. Inserting a layer elsewhere changes no random number.

import type { Assignment, Entry } from "../../src/graph/network.js";
import { createNode, type Node } from "../../src/graph/node.js";
import { everyNode, rewrite } from "../../src/graph/walk.js";
import type { RandomAttrs } from "../../src/ops/random/random.js";
import type { Names } from "../names/index.js";

export function nameStreams(entries: readonly Entry[], names: Names): Entry[] {
  // One memo for all entries but `initialize`, so that what they share stays shared.
  const shared = new Map<Node, Node>();
  return entries.map((entry) => {
    if (entry.kind === "initialize") return { ...entry, updates: initialStreams(entry.updates, names) };
    const roots = [...entry.results, ...entry.updates].map(({ value }) => value);
    const values = rewrite(roots, (node) => withStream(node, () => names.of(node)), shared);
    return {
      ...entry,
      results: entry.results.map((result, i) => ({ ...result, value: values[i]! })),
      updates: entry.updates.map(({ leaf }, i) => ({ leaf, value: values[entry.results.length + i]! })),
    };
  });
}

/** A value that is made from another parameter's comes after it and keeps its numbers. */
function initialStreams(updates: readonly Assignment[], names: Names): Assignment[] {
  const streams = new Map<Node, string>();
  for (const { leaf, value } of updates) {
    const name = names.of(leaf);
    const draws = everyNode([value]).filter(isUnnamed);
    draws.forEach((draw, i) => {
      if (!streams.has(draw)) streams.set(draw, i > 0 ? `${name}#${i + 1}` : name);
    });
  }
  const values = rewrite(
    updates.map(({ value }) => value),
    (node, original) => withStream(node, () => streams.get(original)!),
  );
  return updates.map(({ leaf }, i) => ({ leaf, value: values[i]! }));
}

const isUnnamed = (node: Node): boolean =>
  node.def.family === "random" && (node.attrs as RandomAttrs).stream === undefined;

function withStream(node: Node, stream: () => string): Node {
  if (!isUnnamed(node)) return node;
  return createNode(node.def, node.inputs, { ...node.attrs, stream: stream() }, node.origin);
}
