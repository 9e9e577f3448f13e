// When each workspace buffer is alive, in positions of the entry's calls, and which buffer may take over another's
// memory because its last reader reads every element just before it is overwritten.

import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import type { Position } from "../ir/kernel.js";
import type { Buffer, Call, Program, ProgramItem } from "../ir/program.js";
import { forEachLeaf, forEachValue, storesOf } from "../ir/walk.js";

export interface Interval {
  readonly buffer: Buffer;
  /** The first and last call that touches it, loops counted whole where it crosses their border. */
  readonly first: number;
  readonly last: number;
  /** A buffer that ends at `first` and whose memory this one may take over. */
  readonly inPlaceOf: Buffer | undefined;
}

interface Extent {
  readonly start: number;
  readonly end: number;
}

/** The lifetimes of the program's workspace buffers, by first use. */
export function intervalsOf(program: Program): Interval[] {
  const calls: Call[] = [];
  const loops: Extent[] = [];
  const number = (items: readonly ProgramItem[]): void => {
    for (const item of items) {
      if (item.kind === "call") calls.push(item);
      else {
        const start = calls.length;
        number(item.body);
        loops.push({ start, end: calls.length - 1 });
      }
    }
  };
  number(program.items);

  const touched = new Map<Buffer, number[]>();
  for (const [position, call] of calls.entries()) {
    for (const { buffer } of call.uses) {
      if (buffer.segment !== "workspace") continue;
      const positions = touched.get(buffer) ?? [];
      touched.set(buffer, positions);
      positions.push(position);
    }
  }
  const intervals: Interval[] = [];
  const lastOf = new Map<Buffer, number>();
  const inLoop = (position: number): boolean => loops.some((loop) => loop.start <= position && position <= loop.end);
  for (const [buffer, positions] of touched) {
    let first = positions[0]!;
    let last = positions[positions.length - 1]!;
    // Inner loops were pushed before the loops around them, so one pass extends outwards.
    for (const loop of loops) {
      const inside = positions.some((p) => p >= loop.start && p <= loop.end);
      const crosses = first < loop.start || last > loop.end;
      if (inside && crosses) {
        first = Math.min(first, loop.start);
        last = Math.max(last, loop.end);
      }
    }
    lastOf.set(buffer, last);
    intervals.push({ buffer, first, last, inPlaceOf: undefined });
  }
  return intervals
    .map((interval) => {
      if (inLoop(interval.first)) return interval;
      return { ...interval, inPlaceOf: inPlace(calls[interval.first]!, interval.buffer, lastOf, interval.first) };
    })
    .sort((a, b) => a.first - b.first);
}

function inPlace(call: Call, written: Buffer, lastOf: ReadonlyMap<Buffer, number>, position: number): Buffer | undefined {
  const elements = (buffer: Buffer): string => JSON.stringify(sizeOf(buffer.shape));
  const target = call.uses.findIndex((use) => use.buffer === written);
  const stores = storesOf(call.kernel.body).filter((store) => store.slot === target);
  if (stores.length !== 1 || stores[0]!.mode !== "set" || call.kernel.slots[target]!.access !== "write") return undefined;
  const candidate = call.uses.findIndex(
    ({ buffer }, slot) =>
      call.kernel.slots[slot]!.access === "read" &&
      lastOf.get(buffer) === position &&
      buffer.dtype === written.dtype &&
      elements(buffer) === elements(written) &&
      readsOnlyAt(call, slot, stores[0]!.at),
  );
  return candidate < 0 ? undefined : call.uses[candidate]!.buffer;
}

function readsOnlyAt(call: Call, slot: number, at: Position): boolean {
  const here = JSON.stringify(at.affine);
  let only = at.loaded.length === 0;
  forEachValue(call.kernel.body, (value) =>
    forEachLeaf(value, (leaf) => {
      if (leaf.kind === "load" && leaf.slot === slot) {
        only &&= leaf.at.loaded.length === 0 && JSON.stringify(leaf.at.affine) === here;
      }
    }),
  );
  // A reduction at the same depth may use the same variable numbers for its own loops.
  return only && !call.kernel.body.some((statement) => statement.kind === "reduction");
}

/** The number of elements at a number of rows. */
export const elementsOf = (buffer: Buffer, rows: number): number => evaluateDim(sizeOf(buffer.shape), rows);
