// First values of parameters and states, as the graphs that the entry `initialize` runs.

import type { Assignment } from "./graph/network.js";
import type { Node } from "./graph/node.js";
import { everyNode, rewrite } from "./graph/walk.js";
import { parameterDef, stateDef, type ParameterAttrs, type StateAttrs } from "./ops/leaf/leaf-records.js";
import { initialClock } from "./ops/random/random.js";
import { CLOCK } from "./ops/leaf/seed-and-clock.js";

const isStored = (node: Node): boolean => node.def === parameterDef || node.def === stateDef;

const initialOf = (leaf: Node): Node => (leaf.attrs as ParameterAttrs | StateAttrs).initial;

/**
 * The first value of each parameter and state among `nodes`, and of the clock. Where one starts from another's value it
 * starts from the graph of that value, so the order of the assignments does not matter; random numbers are those of
 * clock 0, so a model that has trained is reset to where it began. A value that is made from another's comes after it.
 */
export function initialValues(nodes: Iterable<Node>): Assignment[] {
  const all = new Set(nodes);
  const leaves = withNested([...all].filter(isStored));
  const drawn = rewrite(leaves.map(initialOf), (node) => (node === CLOCK ? initialClock(CLOCK.origin) : node));
  const first = new Map(leaves.map((leaf, i) => [leaf, drawn[i]!]));
  let open = leaves.map((leaf, i): Assignment => ({ leaf, value: drawn[i]! }));
  const assigned: Assignment[] = [];
  while (open.length > 0) {
    const values = rewrite(
      open.map(({ value }) => value),
      (node) => first.get(node) ?? node,
    );
    assigned.push(...open.filter(({ leaf, value }, i) => all.has(leaf) && value === values[i]));
    open = open.flatMap(({ leaf, value }, i) => (value === values[i] ? [] : [{ leaf, value: values[i]! }]));
  }
  return all.has(CLOCK) ? [...assigned, { leaf: CLOCK, value: initialClock(CLOCK.origin) }] : assigned;
}

/** The leaves, and those that their first values are made of. */
function withNested(leaves: readonly Node[]): Node[] {
  const found = new Set(leaves);
  for (const leaf of found) for (const node of everyNode([initialOf(leaf)])) if (isStored(node)) found.add(node);
  return [...found];
}
