// Tunes a network on this machine: which tiles are faster than those of the cost model, and what that is worth.

import { machineOf, tileModel, type Asked } from "../../4-loops/index.js";
import type { Model } from "../../instantiate.js";
import type { Schedule, ScheduledNest } from "../../ir/schedule.js";
import { compare, isSlower, type Ratio } from "./measure.js";
import { nestsOf, NOTHING, scheduled, type Subject } from "./nests.js";
import { probeName, probeOf, runningModel } from "./probe.js";
import { search, type Choices, type Found, type Measure } from "./search.js";

export interface Tuned {
  readonly nests: readonly (Asked & { readonly found: Found })[];
  /** The winners; none where they make an entry slower as a whole. */
  readonly kernels: readonly ScheduledNest[];
  /** What the winners make of each entry, where there are any. */
  readonly entries: readonly { readonly name: string; readonly ratio: Ratio }[];
}

/** `milliseconds`: how long a candidate is measured beside the model's choice. `known`: what was found before. */
export function tune(subject: Subject, known: Schedule, milliseconds: number): Tuned {
  const rows = subject.spec.capacity;
  const nests = nestsOf(subject);
  const before = nestsOf(subject, known).map(({ tile }) => tile);
  const probe = probeOf(subject, nests);
  const scheduleOf = (choices: Choices): Schedule => ({
    kernels: nests.map((nest, n) => scheduled(nest, choices[n]!, subject)),
  });
  let plain: Model | undefined;
  const measure: Measure = (choices, tried, share) => {
    plain ??= runningModel(probe, NOTHING);
    const other = runningModel(probe, scheduleOf(choices));
    const ratios = new Map<number, Ratio>();
    for (const n of tried) {
      const [first, second] = [plain, other].map((model) => {
        const run = model[probeName(n)] as (rows: number) => void;
        return () => run(rows);
      });
      ratios.set(n, compare(first!, second!, milliseconds * share));
    }
    other.dispose();
    return ratios;
  };
  // Where a machine has no tiles, there are no nests.
  const { tiles } = machineOf(subject.target, subject.float);
  const found = tiles ? search(nests, tileModel(tiles), before, measure) : [];
  plain?.dispose();
  const winners = nests.flatMap((nest, n) => (found[n]!.ratio ? [scheduled(nest, found[n]!.tile, subject)] : []));
  const entries = winners.length === 0 ? [] : compareEntries(subject, { kernels: winners }, ENTRY * milliseconds);
  return {
    nests: nests.map((nest, n) => ({ ...nest, found: found[n]! })),
    kernels: entries.some(({ ratio }) => isSlower(ratio)) ? [] : winners,
    entries,
  };
}

/** How much longer an entry is measured than a candidate. */
const ENTRY = 20;

/** Each entry as the network's users call it, with the schedule and without. */
function compareEntries(subject: Subject, schedule: Schedule, milliseconds: number): Tuned["entries"] {
  const { spec } = subject;
  const models = [NOTHING, schedule].map((each) => runningModel(subject, each));
  const changed = new Set(schedule.kernels.flatMap(({ entries }) => entries));
  const entries = spec.entries.filter(({ kind, name }) => kind !== "initialize" && changed.has(name));
  const ratios = entries.map(({ name, kind }) => {
    const [first, second] = models.map((model) => {
      const run = model[name] as (rows: number) => unknown;
      return () => {
        // What is carried may have an end.
        if (kind === "own" && "resetCarries" in model) model.resetCarries();
        run(spec.capacity);
      };
    });
    return { name, ratio: compare(first!, second!, milliseconds) };
  });
  for (const model of models) model.dispose();
  return ratios;
}
