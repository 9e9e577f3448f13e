// What must hold of a plan: everything lies in the arena, and what is alive at the same time lies apart.

import { invariant } from "../../../src/messages.js";
import type { EntryPlan, Plan } from "../layout.js";
import type { Call } from "../program.js";
import { callsOf } from "../walk.js";
import { takeOverProblem } from "./memory.js";

/** No two buffers that are alive at the same time share memory, and everything lies in the arena. */
export function verifyPlan(plan: Plan): void {
  const persistent = plan.persistent.toSorted((a, b) => a.offset - b.offset);
  for (const [i, place] of persistent.entries()) {
    const next = persistent[i + 1];
    const end = next ? next.offset : plan.workspaceOffset;
    invariant(place.offset + place.bytes <= end, `${place.buffer.name} ends before what follows it`);
  }
  for (const entry of plan.entries) verifyWorkspace(entry, plan);
}

function verifyWorkspace({ workspace, program }: EntryPlan, plan: Plan): void {
  const calls = callsOf(program.items);
  // The buffers alive, by offset; ended ones leave when they are next looked at.
  const alive: (typeof workspace)[number][] = [];
  for (const place of workspace.toSorted((a, b) => a.first - b.first)) {
    const { offset, bytes, buffer } = place;
    const inside = offset >= plan.workspaceOffset && offset + bytes <= plan.arenaBytes;
    invariant(inside, `${buffer.name} lies in the workspace`);
    // A buffer may take over memory in the very call that reads its former owner for the last time.
    const ended = (other: Placed): boolean =>
      other.last < place.first ||
      (other.last === place.first && other.offset === offset && mayTakeOver(calls[place.first]!, other, place));
    let at = lowerBound(alive, offset);
    while (at < alive.length && (ended(alive[at]!) || alive[at]!.offset < offset + bytes)) {
      refuse(alive[at]!, ended(alive[at]!), buffer.name, program.entry);
      alive.splice(at, 1);
    }
    for (; at > 0 && ended(alive[at - 1]!); at--) alive.splice(at - 1, 1);
    const before = alive[at - 1];
    if (before) refuse(before, before.offset + before.bytes <= offset, buffer.name, program.entry);
    alive.splice(at, 0, place);
  }
}

/** Does the call read the former owner's elements before it stores what takes their place? */
function mayTakeOver({ kernel, uses }: Call, { buffer: former }: Placed, { buffer: taker }: Placed): boolean {
  const slotOf = new Map(uses.map((use, slot) => [use.buffer, slot]));
  const [from, to] = [slotOf.get(former), slotOf.get(taker)];
  return from !== undefined && to !== undefined && !takeOverProblem(kernel, from, to);
}

type Placed = EntryPlan["workspace"][number];

function refuse(other: Placed, apart: boolean, name: string, entry: string): void {
  invariant(apart, `in ${entry}, ${name} and ${other.buffer.name} do not share memory while both are alive`);
}

/** The first position whose offset is at least the given one. */
function lowerBound(places: readonly Placed[], offset: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]!.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
