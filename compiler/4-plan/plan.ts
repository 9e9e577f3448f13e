// Gives every buffer a place in one arena: persistent segments first, then a workspace that the entries share.

import { invariant, tooLarge } from "../../src/messages.js";
import { bytesPerElement, type EntryPlan, type FloatType, type Place, type Plan } from "../ir/layout.js";
import type { Buffer, Program, Segment } from "../ir/program.js";
import { callsOf } from "../ir/walk.js";
import { elementsOf, intervalsOf, type Interval } from "./liveness.js";

const SEGMENTS: readonly Segment[] = ["input", "target", "parameter", "state", "hyper", "constant", "output", "loss", "gradient"];

// Wide enough for any vector load, and for the arena to be cut at cache lines.
const ALIGNMENT = 64;

/** Above this a network is refused before anything is allocated. */
export const BYTE_BUDGET = 2 ** 31;

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Lays out the arena. `kept`: persistent buffers that belong there even if no entry touches them. */
export function plan(programs: readonly Program[], kept: readonly Buffer[], capacity: number, float: FloatType): Plan {
  const bytesOf = (buffer: Buffer): number => elementsOf(buffer, capacity) * bytesPerElement(buffer.dtype, float);
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
  const entries = programs.map((program) => planWorkspace(program, workspaceOffset, bytesOf));
  const workspaceBytes = Math.max(0, ...entries.flatMap((e) => e.workspace.map((p) => p.offset + p.bytes - workspaceOffset)));
  const arenaBytes = workspaceOffset + aligned(workspaceBytes);
  if (!(arenaBytes <= BYTE_BUDGET)) throw tooLarge({ bytes: arenaBytes, budget: BYTE_BUDGET });
  const places = new Map(persistent.map((p) => [p.buffer, p]));
  const own = new Map(entries.map((e) => [e.program, new Map<Buffer, Place>(e.workspace.map((p) => [p.buffer, p]))]));
  const placeOf = (buffer: Buffer, entry: Program): Place => {
    const place = places.get(buffer) ?? own.get(entry)?.get(buffer);
    invariant(place, `buffer ${buffer.name} has a place`);
    return place;
  };
  return { capacity, float, persistent, entries, workspaceOffset, workspaceBytes, arenaBytes, placeOf };
}

/** First fit over lifetimes. */
function planWorkspace(program: Program, base: number, bytesOf: (buffer: Buffer) => number): EntryPlan {
  const placed: (Place & Interval)[] = [];
  let live: (Place & Interval)[] = [];
  let peak = 0;
  let holders: readonly Place[] = [];
  for (const interval of intervalsOf(program)) {
    live = live.filter((other) => other.last >= interval.first && other.buffer !== interval.inPlaceOf);
    const taken = placed.find((other) => other.buffer === interval.inPlaceOf);
    const bytes = bytesOf(interval.buffer);
    const offset = taken ? taken.offset : firstFit(live, bytes, base);
    const place = { ...interval, offset, bytes };
    placed.push(place);
    live.push(place);
    const inUse = live.reduce((sum, other) => sum + aligned(other.bytes), 0);
    if (inUse > peak) [peak, holders] = [inUse, [...live]];
  }
  return { program, workspace: placed, peak, holders };
}

function firstFit(live: readonly Place[], bytes: number, base: number): number {
  let offset = base;
  for (const other of live.toSorted((a, b) => a.offset - b.offset)) {
    if (other.offset - offset >= bytes) return offset;
    offset = Math.max(offset, other.offset + aligned(other.bytes));
  }
  return offset;
}
