// Runs on file: one line of JSON for each stretch of graphs, so that a run goes on where the last one ended.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Found, Outcome } from "./one.js";

export interface Stretch {
  readonly seed: number;
  /** The first graph, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly compared: number;
  readonly unsteady: number;
  readonly found: readonly Found[];
}

export function stretchOf(seed: number, outcomes: readonly Outcome[]): Stretch {
  const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  return {
    seed,
    from: outcomes[0]!.index,
    to: outcomes.at(-1)!.index + 1,
    compared: sum(({ compared }) => compared),
    unsteady: sum(({ unsteady }) => unsteady),
    found: outcomes.flatMap(({ found }) => found ?? []),
  };
}

export const append = (file: string, stretch: Stretch): void => appendFileSync(file, `${JSON.stringify(stretch)}\n`);

export const readRecord = (file: string): Stretch[] =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Stretch)
    : [];

/** The first graph of a seed, at or after `from`, that no stretch has. */
export function nextIndex(record: readonly Stretch[], seed: number, from: number): number {
  let next = from;
  const own = record.filter((stretch) => stretch.seed === seed).sort((a, b) => a.from - b.from);
  for (const stretch of own) if (stretch.from <= next && stretch.to > next) next = stretch.to;
  return next;
}
