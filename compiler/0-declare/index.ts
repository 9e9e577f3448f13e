// Phase 0: a network becomes entries with names, of which a build chooses some.

import { entriesOf } from "../../src/entries.js";
import type { Entry, Network } from "../../src/graph/network.js";
import type { CallSite } from "../../src/graph/origin.js";
import { around, aroundCaller, nameGraph, namesInProcess, type ConstNames, type Names } from "../names/index.js";
import { rootsOf } from "./entry-names.js";
import { selectEntries } from "./select.js";
import { nameStreams } from "./streams.js";

/** What of a network is compiled, and where its names come from. */
interface DeclareOptions {
  readonly entries?: readonly string[] | undefined;
  readonly constNames?: ConstNames | "ordinals" | undefined;
}

export interface DeclareContext {
  readonly network: Network;
  readonly names: Names;
  readonly options: Pick<DeclareOptions, "entries">;
}

/** All entries of a network, and the names of their nodes. `here`: the call that compiles it. */
export function entriesAndNames(
  network: Network,
  { constNames }: Pick<DeclareOptions, "constNames">,
  here: CallSite,
): { readonly entries: readonly Entry[]; readonly names: Names } {
  const entries = entriesOf(network);
  return { entries, names: nameGraph(entries.flatMap(rootsOf), constNamesOf(network, constNames, here)) };
}

/** The entries that are asked for, with names for gradients and random streams. */
export function declare(entries: readonly Entry[], { network, names, options }: DeclareContext): readonly Entry[] {
  const declared = entries.map((entry) => ({
    ...entry,
    results: entry.results.map((r) => (r.of ? { ...r, name: names.of(r.of) } : r)),
  }));
  return selectEntries(nameStreams(declared, names), options.entries, network);
}

/** Names begin in the function that calls `network`: what calls that function, or compiles, is no part of them. */
function constNamesOf(network: Network, given: DeclareOptions["constNames"], here: CallSite): ConstNames | undefined {
  if (given === "ordinals") return undefined;
  const outside = [around(here), aroundCaller(network.site)];
  return given ? { ...given, outside } : namesInProcess(outside);
}
