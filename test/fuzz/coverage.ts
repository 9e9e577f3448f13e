// How often each export occurs in the graphs of a run.

import { generators } from "./generate.js";
import type { Outcome } from "./one.js";
import { TRAITS, type Trait } from "./traits.js";

export interface Coverage {
  readonly graphs: number;
  readonly ops: readonly number[];
  readonly counts: ReadonlyMap<string, number>;
  readonly traits: ReadonlyMap<Trait, number>;
}

export function coverageOf(outcomes: readonly Pick<Outcome, "ops" | "exports" | "traits">[]): Coverage {
  const counts = new Map(Object.keys(generators).map((name) => [name, 0]));
  for (const { exports } of outcomes) for (const name of exports.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  counts.delete("network");
  const traits = new Map(
    TRAITS.map((trait) => [trait, outcomes.filter((outcome) => outcome.traits.has(trait)).length] as const),
  );
  return { graphs: outcomes.length, ops: outcomes.map(({ ops }) => ops).sort((a, b) => a - b), counts, traits };
}

export const medianOf = ({ ops }: Coverage): number => ops[ops.length >> 1] ?? 0;

const COLUMNS = 5;

/** Exports with the number of graphs that they occur in, the rarest first. */
export function printCoverage(coverage: Coverage): string {
  const entries = [...coverage.counts].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
  const cells = entries.map(([name, count]) => `${String(count).padStart(5)} ${name}`.padEnd(32));
  const lines: string[] = [];
  for (let i = 0; i < cells.length; i += COLUMNS)
    lines.push(
      cells
        .slice(i, i + COLUMNS)
        .join("")
        .trimEnd(),
    );
  return [
    `${coverage.graphs} graphs, a median of ${medianOf(coverage)} ops; graphs that each export occurs in:`,
    ...lines,
    "and each arrangement:",
    ...[...coverage.traits].map(([trait, count]) => `${String(count).padStart(5)} ${trait}`),
  ].join("\n");
}
