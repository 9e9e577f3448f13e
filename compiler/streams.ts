// Names the random streams: a node without one draws from the stream of its own name, an initial value from that of its
// parameter. Inserting a layer elsewhere changes no random number.

import type { Entry } from "../src/graph/network.js";
import { createNode, type Node } from "../src/graph/node.js";
import { everyNode, rewrite } from "../src/graph/walk.js";
import type { RandomAttrs } from "../src/ops/random.js";
import type { Names } from "./names/index.js";

export function nameStreams(entries: readonly Entry[], names: Names): Entry[] {
  // One memo for all entries but `initialize`, so that what they share stays shared.
  const shared = new Map<Node, Node>();
  return entries.map((entry) => {
    if (entry.kind === "initialize") {
      const updates = entry.updates.map(({ leaf, value }) => ({ leaf, value: initialStream(value, names.of(leaf)) }));
      return { ...entry, updates };
    }
    const roots = [...entry.results, ...entry.updates].map(({ value }) => value);
    const values = rewrite(roots, (node) => withStream(node, () => names.of(node)), shared);
    return {
      ...entry,
      results: entry.results.map((result, i) => ({ ...result, value: values[i]! })),
      updates: entry.updates.map(({ leaf }, i) => ({ leaf, value: values[entry.results.length + i]! })),
    };
  });
}

function initialStream(value: Node, name: string): Node {
  const draws = everyNode([value]).filter(isUnnamed);
  return rewrite([value], (node, original) => {
    const ordinal = draws.indexOf(original);
    return withStream(node, () => (ordinal > 0 ? `${name}#${ordinal + 1}` : name));
  })[0]!;
}

const isUnnamed = (node: Node): boolean =>
  node.def.family === "random" && (node.attrs as RandomAttrs).stream === undefined;

function withStream(node: Node, stream: () => string): Node {
  if (!isUnnamed(node)) return node;
  return createNode(node.def, node.inputs, { ...node.attrs, stream: stream() }, node.origin);
}
