// What a network's ways to run have in common: its derived entries, and the names of its values.

import { bind } from "../../compiler/bind.js";
import { derive } from "../../compiler/pipeline.js";
import type { View } from "../../compiler/ir/module.js";
import type { Entry, Network } from "../../src/graph/network.js";
import type { LeafValues } from "../../src/graph/interpret.js";
import type { Node } from "../../src/graph/node.js";
import type { Mode } from "./rounded.js";

export interface Facts {
  readonly network: Network;
  readonly capacity: number;
  /** Gradients are graphs, nothing else is changed. */
  readonly entries: readonly Entry[];
  readonly views: { readonly [group in "inputs" | "targets" | "parameters" | "states"]: readonly View[] };
  readonly hypers: readonly { readonly leaf: Node; readonly initial: number }[];
  readonly constants: readonly { readonly leaf: Node; readonly values: readonly number[] }[];
  readonly seed: Node | undefined;
  /** Entries as they were prepared for a number of rows, and what they do to results at present. */
  readonly prepared: Map<string, (leaf: LeafValues) => Map<Node, Float64Array>>;
  readonly mode: Mode;
  /** Leaves that are kept from call to call. */
  readonly persistent: readonly Node[];
}

export function factsOf(network: Network): Facts {
  const { names, named, derived } = derive(network, { constNames: "ordinals" });
  const bindings = bind(derived, names, named);
  const { inputs, targets, parameters, states, hypers, constants, seed, persistent } = bindings;
  return {
    network,
    capacity: network.capacity,
    entries: derived,
    views: { inputs, targets, parameters, states },
    hypers: hypers.map(({ buffer, initial }) => ({ leaf: buffer.leaf!, initial })),
    constants: constants.map(({ buffer, values }) => ({ leaf: buffer.leaf!, values })),
    seed: seed?.leaf,
    prepared: new Map(),
    mode: { rounding: undefined },
    persistent: persistent.flatMap(({ leaf }) => leaf ?? []),
  };
}
