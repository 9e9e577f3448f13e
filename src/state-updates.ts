// What the `updating` nodes under a loss, or under what an entry computes, say of states.

import type { Assignment } from "./graph/network.js";
import { isA, withInputs, type Node } from "./graph/node.js";
import { topological } from "./graph/walk.js";
import { updatingDef } from "./ops/marker/markers.js";

interface Update {
  /** The node that says so. */
  readonly by: Node;
  readonly leaf: Node;
  readonly value: Node;
}

/**
 * The next value of each state, in the order of the calls that update it. Applications of layers may update one state one
 * after the other: each then starts from what the one before made of it.
 */
export function stateUpdates(roots: readonly Node[]): Assignment[] {
  return [...updatesOf(roots).values()].map(inOrder);
}

/** A state's updates that are not those of different applications of layers, so that there is no order of them. */
export function conflictingUpdates(roots: readonly Node[]): Update[] {
  return [...updatesOf(roots).values()].flatMap((updates) => {
    const applications = updates.map(({ by }) => by.origin.site.application);
    return updates.slice(1).filter((_, i) => {
      const own = applications[i + 1];
      return own === undefined || applications[0] === undefined || applications.indexOf(own) <= i;
    });
  });
}

function updatesOf(roots: readonly Node[]): ReadonlyMap<Node, readonly Update[]> {
  const found = new Map<Node, Update[]>();
  const nodes = topological(roots).filter((node) => isA(node, updatingDef));
  for (const by of nodes.sort((a, b) => orderOf(a) - orderOf(b))) {
    for (const [i, leaf] of by.attrs.states.entries()) {
      const known = found.get(leaf) ?? [];
      found.set(leaf, known);
      known.push({ by, leaf, value: by.inputs[i + 1]! });
    }
  }
  return found;
}

const orderOf = ({ origin }: Node): number => origin.site.order ?? 0;

function inOrder(updates: readonly Update[]): Assignment {
  const [first, ...others] = updates;
  const { leaf } = first!;
  let { by, value } = first!;
  for (const next of others) {
    value = startingFrom(next.value, leaf, value, orderOf(by));
    by = next.by;
  }
  return { leaf, value };
}

/** An update's value, as far as it was made after the call numbered `since`, with the state as updates before have left it. */
function startingFrom(value: Node, leaf: Node, now: Node, since: number): Node {
  const done = new Map<Node, Node>();
  const isEarlier = (node: Node): boolean => node.def.family !== "leaf" && orderOf(node) <= since;
  for (const node of topological([value], isEarlier)) {
    const inputs = node.inputs.map((input) => done.get(input) ?? input);
    done.set(node, node === leaf ? now : withInputs(node, inputs));
  }
  return done.get(value) ?? value;
}
