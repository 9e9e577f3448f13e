// State that an entry of the network's own does not keep, though it looks as if it should.

import type { Node } from "../../../src/graph/node.js";
import { everyNode, topological } from "../../../src/graph/walk.js";
import { isCarry } from "../../../src/ops/leaf/leaves.js";
import { updatingDef, type UpdatingAttrs } from "../../../src/ops/marker/markers.js";
import { carryNeverUpdated, stateNotCarried, type Suspicion } from "../../../src/warnings.js";

/** `own`: what each entry of the network's own computes; `losses`: what its steps do. */
export function uncarried(
  own: readonly (readonly Node[])[],
  losses: readonly Node[],
  nameOf: (leaf: Node) => string,
): readonly Suspicion[] {
  const trained = new Set(updatesUnder(losses).flatMap(statesOf));
  const updates = own.flatMap(updatesUnder);
  const kept = new Set([...trained, ...updates.flatMap(statesOf)]);
  // What a step stores has its meaning there, as running statistics have.
  const isLost = (state: Node): boolean => !isCarry(state) && !trained.has(state);
  return [
    ...updates.flatMap((node) =>
      statesOf(node)
        .filter((state) => isLost(state) && node.origin.site.call === "updating")
        .map((state) => stateNotCarried({ state: state.origin.name ?? nameOf(state), site: node.origin.site })),
    ),
    ...everyNode(own.flat())
      .filter((node) => isCarry(node) && !kept.has(node))
      .map((node) => carryNeverUpdated({ carry: nameOf(node), site: node.origin.site })),
  ];
}

const updatesUnder = (roots: readonly Node[]): Node[] => topological(roots).filter(({ def }) => def === updatingDef);

const statesOf = ({ attrs }: Node): readonly Node[] => (attrs as UpdatingAttrs).states;
