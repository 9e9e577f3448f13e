// Numbers for calls that would give one name twice: `const code = dense(relu(dense(x, 32)), 4)` holds two layers.
//
// The rule: of the calls in one const whose parameters would be called the same, the one around all the others keeps the
// const's name; the others are `<const>.<function><number>`, numbered for each function in the order in which they run.
// Where none is around all the others, as in `add(dense(x, 4), dense(x, 4))`, all are numbered. A call without a const
// counts within its statement. So a name depends on one const alone, and a layer that is put elsewhere renames nothing.

import type { Visit } from "./visits.js";

/** A stored leaf: the visit that made it, and what it would be called without numbers. */
export interface Stored {
  readonly visit: Visit;
  readonly name: string;
}

/** The numbered calls, as `dense1`. `callOf` says which public function a visit without a name of its own called. */
export function numbersOf(stored: readonly Stored[], callOf: (visit: Visit) => string): ReadonlyMap<Visit, string> {
  const names = new Map<Visit, Set<string>>();
  const groups = new Map<Visit | undefined, Map<string, Set<Visit>>>();
  for (const { visit, name } of stored) {
    for (let at: Visit | undefined = visit; at; at = at.parent) {
      names.set(at, (names.get(at) ?? new Set()).add(name));
      const group = `${at.place.owner} ${at.place.name ?? ""} ${at.siblings.length > 1 ? at.index : ""}`;
      const within = groups.get(at.parent) ?? new Map<string, Set<Visit>>();
      groups.set(at.parent, within);
      within.set(group, (within.get(group) ?? new Set()).add(at));
    }
  }
  const numbered = new Map<Visit, string>();
  for (const within of groups.values()) {
    for (const visits of within.values()) {
      for (const [visit, number] of numberedAmong(colliding([...visits], names), callOf)) numbered.set(visit, number);
    }
  }
  return numbered;
}

/** Those that share a name with another, in their order. */
function colliding(visits: readonly Visit[], names: ReadonlyMap<Visit, ReadonlySet<string>>): Visit[] {
  if (visits.length < 2) return [];
  const counts = new Map<string, number>();
  for (const visit of visits) for (const name of names.get(visit)!) counts.set(name, (counts.get(name) ?? 0) + 1);
  return visits.filter((visit) => [...names.get(visit)!].some((name) => counts.get(name)! > 1));
}

function* numberedAmong(
  visits: readonly Visit[],
  callOf: (visit: Visit) => string,
): Generator<readonly [Visit, string]> {
  const outermost = visits.find((visit) => visits.every((other) => visit === other || isAround(visit, other)));
  const counts = new Map<string, number>();
  for (const visit of visits.toSorted((a, b) => a.order - b.order)) {
    if (visit === outermost) continue;
    const call = visit.place.callee ?? callOf(visit);
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    yield [visit, `${call}${count}`];
  }
}

const isAround = ({ place: outer }: Visit, { place: inner }: Visit): boolean =>
  outer.body === inner.body && outer.start <= inner.start && outer.end >= inner.end && outer.key !== inner.key;
