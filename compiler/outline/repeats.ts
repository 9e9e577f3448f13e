// Which stretches of the sequence are equal: first those that follow one another, as the blocks of a network do, then others of
// one entry; each is looked for in all entries. What was found is not found again.
//
// A stretch is compared with a few of the next that begin alike, and no two places are compared at one distance twice, so that the
// time grows with the length of the sequence.

import type { Unit } from "./sequence.js";

/** Equal stretches. */
export interface Repeat {
  readonly length: number;
  /** Where they begin, ascending. None overlaps another. */
  readonly starts: readonly number[];
}

/** Stretches that begin with so many equal labels are compared; none is shorter. */
const LEAST = 4;
/** With how many of the next ones a stretch is compared. */
const NEIGHBOURS = 16;
/** What calls must save in statements to be worth reading. */
const SAVED = 12;
/** How many further places a run of stretches may begin at. */
const ROTATIONS = 256;
/** How often what is left is looked at again. */
const ROUNDS = 4;

interface Candidate {
  readonly start: number;
  readonly length: number;
  /** How many follow one another; 1 where the other stands elsewhere. */
  readonly count: number;
  readonly saved: number;
}

export function repeatsOf(units: readonly Unit[]): readonly Repeat[] {
  const taken = new Uint8Array(units.length);
  const alike = beginnings(units);
  const found: Repeat[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const all = candidatesOf(units, alike, taken);
    const runs = all.filter(({ count }) => count > 1);
    const before = found.length;
    for (const candidate of runs.length > 0 ? runs : all) {
      const repeat = occurrencesOf(candidate, units, alike, taken);
      if (repeat === undefined) continue;
      for (const start of repeat.starts) taken.fill(1, start, start + repeat.length);
      found.push(repeat);
    }
    if (found.length === before) break;
  }
  return found;
}

interface Beginnings {
  /** For each position those that begin alike, ascending; nothing at the end of an entry. */
  readonly of: readonly (readonly number[] | undefined)[];
  /** Its place in that list. */
  readonly rank: readonly number[];
}

function beginnings(units: readonly Unit[]): Beginnings {
  const lists = new Map<string, number[]>();
  const rank: number[] = [];
  const of = units.map(({ end }, at) => {
    if (at + LEAST > end) return undefined;
    const key = units
      .slice(at, at + LEAST)
      .map(({ label }) => label)
      .join();
    const list = lists.get(key) ?? [];
    lists.set(key, list);
    rank[at] = list.length;
    list.push(at);
    return list;
  });
  return { of, rank };
}

/** How far two stretches are equal, `most` at most. */
function equalLength(units: readonly Unit[], taken: Uint8Array, a: number, b: number, most: number): number {
  let i = 0;
  while (i < most && taken[a + i] === 0 && taken[b + i] === 0 && isEqual(units, a, b, i)) i++;
  return i;
}

/** Is the unit at a + i of a stretch from a on the same as that at b + i of one from b on? */
function isEqual(units: readonly Unit[], a: number, b: number, i: number): boolean {
  const [left, right] = [units[a + i]!, units[b + i]!];
  return (
    left.label === right.label &&
    left.readings.every(({ at, output }, k) => {
      const other = right.readings[k]!;
      const isOutside = at < a && other.at < b;
      return isOutside || (at - a === other.at - b && output === other.output);
    })
  );
}

/** What could be called, the most saving first. */
function candidatesOf(units: readonly Unit[], alike: Beginnings, taken: Uint8Array): readonly Candidate[] {
  const found: Candidate[] = [];
  // By distance: from where on two places of that distance have not been compared.
  let compared = new Map<number, number>();
  let end = 0;
  for (let start = 0; start < units.length; start++) {
    if (units[start]!.end !== end) [compared, end] = [new Map(), units[start]!.end];
    const list = alike.of[start];
    if (list === undefined || taken[start] === 1) continue;
    const first = alike.rank[start]! + 1;
    for (const other of list.slice(first, first + NEIGHBOURS)) {
      if (other >= end) break;
      const distance = other - start;
      if ((compared.get(distance) ?? 0) > start) continue;
      const most = Math.min(distance, end - other);
      const length = equalLength(units, taken, start, other, most);
      let count = 1;
      if (length === distance) {
        count = 2;
        for (let at = other + distance; at + distance <= end; at += distance, count++) {
          if (equalLength(units, taken, start, at, distance) < distance) break;
        }
      }
      compared.set(distance, start + Math.max(1, length * Math.max(1, count - 1)));
      const calls = Math.max(2, count);
      const saved = (calls - 1) * length - calls;
      if (length >= LEAST && saved >= SAVED) found.push({ start, length, count, saved });
    }
  }
  return found.sort((a, b) => b.saved - a.saved || a.length - b.length || a.start - b.start);
}

/** All stretches that are equal to the candidate's, where it is still there. */
function occurrencesOf(
  candidate: Candidate,
  units: readonly Unit[],
  alike: Beginnings,
  taken: Uint8Array,
): Repeat | undefined {
  const { length } = candidate;
  const start = bestStart(candidate, units, taken);
  const starts: number[] = [];
  for (const at of alike.of[start] ?? []) {
    const overlaps = starts.length > 0 && at < starts.at(-1)! + length;
    if (overlaps || at + length > units[at]!.end) continue;
    if (equalLength(units, taken, start, at, length) === length) starts.push(at);
  }
  return (starts.length - 1) * length - starts.length >= SAVED ? { length, starts } : undefined;
}

/** A run of stretches may be cut in several places: where the fewest values go from one to the next. */
function bestStart({ start, length, count }: Candidate, units: readonly Unit[], taken: Uint8Array): number {
  if (count === 1) return start;
  const { end } = units[start]!;
  let best = start;
  let least = Infinity;
  for (let from = start; from < start + Math.min(length, ROTATIONS); from++) {
    if (from + count * length > end) break;
    const isRun = (turn: number): boolean => equalLength(units, taken, from, from + turn * length, length) === length;
    if (!Array.from({ length: count }, (_, turn) => turn).every(isRun)) break;
    const crossing = crossingOf(units, from, length);
    if (crossing < least) [best, least] = [from, crossing];
  }
  return best;
}

/** How many computed values go into a stretch and out of it. */
function crossingOf(units: readonly Unit[], start: number, length: number): number {
  const within = units.slice(start, start + length);
  const given = new Set(
    within.flatMap(({ readings }) => readings.flatMap(({ at, node }) => (at >= 0 && at < start ? [node] : []))),
  );
  return given.size + within.reduce((sum, unit) => sum + outside(unit, start + length).length, 0);
}

/** The outputs of a unit that are read at the position or after it. */
export const outside = ({ lastUse }: Unit, from: number): readonly number[] =>
  lastUse.flatMap((use, output) => (use >= from ? [output] : []));
