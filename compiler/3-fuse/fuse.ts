// Graph in, program out: what is stored and shared is decided, kernels are built, and bound to buffers as calls in order.

import type { ProgramItem } from "../ir/program.js";
import { callsFor, keptInKernels, type BindContext } from "./bind/group.js";
import { loopFor } from "./bind/loop.js";
import { verifyComparisons } from "./compared.js";
import { computedNodes } from "./computed-nodes.js";
import { decide, type Decision } from "./decide/decide.js";
import type { FuseDecision } from "./decisions.js";
import { destinationsOf, notesOfWhole, readersFirst, withoutConflicts, type Destinations } from "./destinations.js";
import type { Fused, FuseInput } from "./input.js";
import { placesFor } from "./places.js";
import { isLooped, valueOf, type Root } from "./roots.js";

/** Kernel calls and loops that make the results and the next values, in an order in which they run. */
export function fuse(input: FuseInput): Fused {
  const { decision, destinations } = decided(input, destinationsOf(input));
  verifyComparisons(new Map([...decision.drafts].map(([root, { footprint }]) => [root, footprint])));
  const kept = keptInKernels(decision, destinations);
  const bindings: BindContext = {
    input,
    decision,
    destinations,
    places: placesFor(input, destinations.uses),
    kept,
  };
  const items: ProgramItem[] = [];
  const notes = [...destinations.notes, ...notesOfWhole(destinations, decision.drafts, kept, input)];
  const computes = new Set(computedNodes([...input.results, ...input.updates].map(({ value }) => value)));
  const inLoops: FuseDecision[] = [];
  const unstored = new Set<Root>();
  const apart: FuseDecision[] = [];
  for (const group of decision.kernels) {
    const [first] = group;
    if (isLooped(first!)) {
      const loop = loopFor(valueOf(first!), input, bindings.places, fuse);
      items.push(...loop.items);
      notes.push(...loop.notes);
      inLoops.push(...loop.decisions);
      for (const node of loop.computes) computes.add(node);
      continue;
    }
    const bound = callsFor(bindings, group);
    items.push(...bound.calls);
    for (const root of bound.kept) unstored.add(root);
    if (bound.calls.length > 1)
      apart.push({ kind: "apart", roots: group.map(valueOf), because: "read before it is stored" });
  }
  const decisions = [
    ...storeDecisions(decision, unstored),
    ...decision.decisions,
    ...apart,
    ...destinations.decisions,
    ...inLoops,
  ];
  return { items, notes, decisions, computes };
}

/** The decision under which every update that is in place may be. Each turn has fewer of them, or stores more. */
function decided(
  input: FuseInput,
  first: Destinations,
): { readonly decision: Decision; readonly destinations: Destinations } {
  for (let destinations = first; ;) {
    const { required, scattered } = destinations;
    const now = destinations;
    const decision = decide({
      required,
      scattered,
      edgesOf: (drafts) => readersFirst(now, drafts),
      remembered: input.cache.drafts,
    });
    destinations = withoutConflicts(now, decision.drafts, input);
    if (destinations === now) return { decision, destinations };
  }
}

function storeDecisions({ stored }: Decision, kept: ReadonlySet<Root>): readonly FuseDecision[] {
  return [...stored].map(([root, because]): FuseDecision =>
    kept.has(root)
      ? { kind: "keep", node: valueOf(root), because: "read by its own kernel alone", otherwise: because }
      : { kind: "store", node: valueOf(root), because },
  );
}
