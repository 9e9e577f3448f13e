// Entries as programs: fusion of each entry over the network's memory, and what the module says of the entry.

import type { Entry, Mode } from "../src/graph/network.js";
import type { Node } from "../src/graph/node.js";
import { rootsOf } from "./0-declare/entry-names.js";
import type { FuseDecision } from "./3-fuse/decisions.js";
import { fuse } from "./3-fuse/fuse.js";
import { newFuseCache, wholeBuffer, type FuseCache } from "./3-fuse/input.js";
import type { Bindings } from "./bind.js";
import { distinctNames } from "./ir/distinct.js";
import type { EntrySpec } from "./ir/module.js";
import type { ProgramItem } from "./ir/program.js";

/** An entry that is fused: its program, and notes for the printed plan. */
export interface FusedEntry {
  readonly entry: string;
  readonly items: readonly ProgramItem[];
  readonly notes: readonly string[];
}

/** Where entries' values lie, and what kernels are called after. */
export interface FuseContext {
  readonly bindings: Bindings;
  readonly namesOf: (entry: Entry) => (node: Node) => string;
}

export function fuseEntries(
  entries: readonly Entry[],
  { bindings, namesOf }: FuseContext,
  record?: (decision: FuseDecision) => void,
): readonly FusedEntry[] {
  const caches: Record<Mode, FuseCache> = { train: newFuseCache(), infer: newFuseCache() };
  return entries.map((entry) => {
    const nameOf = namesOf(entry);
    const fused = fuse({
      cache: caches[entry.mode],
      results: entry.results.map((result) => ({
        value: result.value,
        use: wholeBuffer(bindings.resultBuffer(result)),
      })),
      updates: entry.updates,
      leaf: (leaf) => wholeBuffer(bindings.leafBuffer(leaf)),
      nameOf,
      updateName: (leaf) => `${nameOf(leaf)}.${SUFFIX[entry.name] ?? "next"}`,
    });
    if (record) fused.decisions.forEach(record);
    const notes = [...(entry.notes ?? []), ...fused.notes];
    return { entry: entry.name, items: distinctNames(fused.items), notes };
  });
}

/** Of the names of kernels that set states to first values. */
const SUFFIX: Readonly<Record<string, string>> = { initialize: "initial", resetCarries: "again" };

/** What the module says of an entry with this program. */
export function entrySpec(entry: Entry, { items, notes }: FusedEntry, bindings: Bindings): EntrySpec {
  const loss = entry.results.find((result) => result.kind === "loss");
  const carries = entry.kind === "own" && entry.updates.length > 0;
  return {
    name: entry.name,
    kind: entry.kind,
    program: { entry: entry.name, items, notes },
    returns: loss && bindings.resultBuffer(loss),
    // Inputs and targets share their names. Only outputs need no target.
    unread: bindings
      .unreadBy(rootsOf(entry))
      .filter((name) => !["predict", "own"].includes(entry.kind) || bindings.inputs.some((view) => view.name === name)),
    checks: bindings.checksOf(rootsOf(entry)),
    doc: carries ? `${DOCS.own.slice(0, -1)}, and what is carried to the next call.` : DOCS[entry.kind],
  };
}

const DOCS: Readonly<Record<Entry["kind"], string>> = {
  predict: "Writes the outputs for the first `rows` rows of the inputs.",
  own: "Writes its outputs for the first `rows` rows of the inputs.",
  loss: "The loss of the first `rows` rows in inference mode; changes nothing.",
  evaluate:
    "Writes the metrics' statistics of the first `rows` rows in inference mode; returns the loss where the network has one step. Changes nothing.",
  gradients: "Writes all gradients into `grads` and returns the training loss; changes no parameter and no state.",
  step: "One training step on the first `rows` rows: forward, backward, update. Returns the loss before the update.",
  initialize: "Sets parameters and state to their initial values.",
};
