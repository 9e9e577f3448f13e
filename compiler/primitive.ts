// What printers of graphs are given of a network: its entries' primitive graphs with names, leaves by role, equal parts as functions.

import type { Entry, Network } from "../src/graph/network.js";
import { CLOCK } from "../src/ops/leaf/seed-and-clock.js";
import { entryNames } from "./0-declare/entry-names.js";
import type { Bindings } from "./bind.js";
import type { View } from "./ir/module.js";
import type { Primitive, StoredLeaf, StoredLeaves } from "./ir/primitive.js";
import type { Buffer } from "./ir/program.js";
import type { Names } from "./names/index.js";
import { outline } from "./outline/index.js";

/** `entries`: after the last phase over graphs, with what they were bound to. */
export function primitiveOf(
  { name, capacity }: Pick<Network, "name" | "capacity">,
  entries: readonly Entry[],
  names: Names,
  bindings: Bindings,
): Primitive {
  const namesOf = entryNames(entries, names);
  const named = entries.map(namesOf);
  const { blocks, statements } = outline(entries, named);
  return {
    name,
    capacity,
    leaves: leavesOf(bindings),
    blocks,
    entries: entries.map((entry, i) => ({
      name: entry.name,
      kind: entry.kind,
      mode: entry.mode,
      step: entry.step,
      results: entry.results,
      updates: entry.updates,
      statements: statements[i]!,
      nameOf: named[i]!,
    })),
    placeOf: names.frame,
  };
}

function leavesOf({ inputs, targets, parameters, states, hypers, constants, seed }: Bindings): StoredLeaves {
  const given = (view: View) => ({ ...stored(view), below: view.below, ignoreIndex: view.ignoreIndex });
  const isClock = ({ buffer }: View): boolean => buffer.leaf === CLOCK;
  const clock = states.find(isClock);
  return {
    inputs: inputs.map(given),
    targets: targets.map(given),
    parameters: parameters.map(stored),
    states: states.filter((view) => !isClock(view)).map(stored),
    hypers: hypers.map((view) => ({ ...stored(view), initial: view.initial, range: view.range })),
    constants: constants.map(({ buffer, values }) => ({ ...stored({ name: buffer.name, buffer }), values })),
    seed: seed && stored({ name: seed.name, buffer: seed }),
    clock: clock && stored(clock),
  };
}

const stored = ({ name, buffer }: { readonly name: string; readonly buffer: Buffer }): StoredLeaf => ({
  name,
  node: buffer.leaf!,
  shape: buffer.shape,
  dtype: buffer.dtype,
});
