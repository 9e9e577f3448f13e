// Gives every buffer a place in one arena: persistent segments first, then a workspace that the entries share.

import { invariant, tooLarge } from "../../src/messages.js";
import type { FloatType } from "../ir/choices.js";
import { bytesPerElement, type EntryPlan, type Memory, type Place, type Plan } from "../ir/layout.js";
import type { Buffer, Program, Segment } from "../ir/program.js";
import { callsOf } from "../ir/walk.js";
import { elementsOf, intervalsOf, type Interval } from "./liveness.js";

const SEGMENTS: readonly Segment[] = [
  "input",
  "target",
  "parameter",
  "state",
  "hyper",
  "constant",
  "output",
  "loss",
  "statistic",
  "gradient",
];

/** What memory is planned for. */
export interface Planned {
  readonly capacity: number;
  readonly float: FloatType;
  readonly memory: Memory;
}

/** Lays out the arena. `kept`: persistent buffers that belong there even if no entry touches them. */
export function plan(
  programs: readonly Program[],
  kept: readonly Buffer[],
  { capacity, float, memory }: Planned,
): Plan {
  const { alignment, budget } = memory;
  const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;
  const bytesOf = (buffer: Buffer): number =>
    elementsOf(buffer, capacity) * bytesPerElement(buffer.dtype, float, memory);
  const persistent: Place[] = [];
  let offset = 0;
  const used = new Set(kept);
  for (const program of programs) {
    for (const call of callsOf(program.items)) for (const use of call.uses) used.add(use.buffer);
  }
  for (const segment of SEGMENTS) {
    for (const buffer of used) {
      if (buffer.segment !== segment) continue;
      const bytes = bytesOf(buffer);
      persistent.push({ buffer, offset, bytes });
      offset += aligned(bytes);
    }
  }
  const workspaceOffset = offset;
  const entries = programs.map((program) => planWorkspace(program, workspaceOffset, bytesOf, aligned));
  const workspaceBytes = Math.max(
    0,
    ...entries.flatMap((e) => e.workspace.map((p) => p.offset + p.bytes - workspaceOffset)),
  );
  const arenaBytes = workspaceOffset + aligned(workspaceBytes);
  if (!(arenaBytes <= budget)) throw tooLarge({ bytes: arenaBytes, budget });
  const places = new Map(persistent.map((p) => [p.buffer, p]));
  const own = new Map(entries.map((e) => [e.program, new Map<Buffer, Place>(e.workspace.map((p) => [p.buffer, p]))]));
  const placeOf = (buffer: Buffer, entry: Program): Place => {
    const place = places.get(buffer) ?? own.get(entry)?.get(buffer);
    invariant(place, `buffer ${buffer.name} has a place`);
    return place;
  };
  return { capacity, float, persistent, entries, workspaceOffset, workspaceBytes, arenaBytes, placeOf };
}

/** First fit over lifetimes, with a list of free stretches. */
function planWorkspace(
  program: Program,
  base: number,
  bytesOf: (buffer: Buffer) => number,
  aligned: (bytes: number) => number,
): EntryPlan {
  const placed: (Place & Interval)[] = [];
  const placeOf = new Map<Buffer, Place & Interval>();
  const ending = new Map<number, (Place & Interval)[]>();
  const handedOn = new Set<Buffer>();
  const free = new FreeList(base);
  let inUse = 0;
  let peak = 0;
  let peakAt = 0;
  let clock = 0;
  for (const interval of intervalsOf(program)) {
    for (; clock < interval.first; clock++) {
      for (const ended of ending.get(clock) ?? []) {
        if (handedOn.has(ended.buffer)) continue;
        inUse -= aligned(ended.bytes);
        free.release(ended.offset, aligned(ended.bytes));
      }
    }
    const taken = interval.inPlaceOf && !handedOn.has(interval.inPlaceOf) ? placeOf.get(interval.inPlaceOf) : undefined;
    if (taken) handedOn.add(taken.buffer);
    const bytes = bytesOf(interval.buffer);
    const place = { ...interval, offset: taken ? taken.offset : free.take(aligned(bytes)), bytes };
    placed.push(place);
    placeOf.set(place.buffer, place);
    ending.set(place.last, [...(ending.get(place.last) ?? []), place]);
    if (!taken) inUse += aligned(bytes);
    if (inUse > peak) [peak, peakAt] = [inUse, interval.first];
  }
  const holders = placed.filter((p) => p.first <= peakAt && p.last >= peakAt);
  return { program, workspace: placed, peak, holders };
}

/** Free stretches of memory by ascending offset; above the highest one everything is free. */
class FreeList {
  private readonly stretches: { offset: number; bytes: number }[] = [];

  constructor(private top: number) {}

  take(bytes: number): number {
    const index = this.stretches.findIndex((stretch) => stretch.bytes >= bytes);
    if (index < 0) {
      const offset = this.top;
      this.top += bytes;
      return offset;
    }
    const stretch = this.stretches[index]!;
    const { offset } = stretch;
    if (stretch.bytes === bytes) this.stretches.splice(index, 1);
    else this.stretches[index] = { offset: offset + bytes, bytes: stretch.bytes - bytes };
    return offset;
  }

  release(offset: number, bytes: number): void {
    let index = this.stretches.findIndex((stretch) => stretch.offset > offset);
    if (index < 0) index = this.stretches.length;
    this.stretches.splice(index, 0, { offset, bytes });
    this.joinWithNext(index);
    this.joinWithNext(index - 1);
  }

  private joinWithNext(index: number): void {
    const [one, next] = [this.stretches[index], this.stretches[index + 1]];
    if (!one || !next || one.offset + one.bytes !== next.offset) return;
    this.stretches.splice(index, 2, { offset: one.offset, bytes: one.bytes + next.bytes });
  }
}
