// When each workspace buffer is alive, in positions of the entry's calls, and which buffer may take over another's
// memory because its last reader reads every element just before it is overwritten.

import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import type { KernelExpr, KernelLeaf, Position, Statement } from "../ir/kernel.js";
import type { Buffer, BufferUse, Call, Program, ProgramItem } from "../ir/program.js";
import { takeOverProblem } from "../ir/verify/memory.js";
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

/** A buffer that only this call reads from now on, and only where it writes: its memory may be taken over. */
function inPlace(
  call: Call,
  written: Buffer,
  lastOf: ReadonlyMap<Buffer, number>,
  position: number,
): Buffer | undefined {
  const { slots, fused: body = call.kernel.body } = call.kernel;
  const elements = (buffer: Buffer): string => JSON.stringify(sizeOf(buffer.shape));
  const target = call.uses.findIndex((use) => use.buffer === written);
  const ends = ({ buffer }: BufferUse, slot: number): boolean =>
    slots[slot]!.access === "read" &&
    lastOf.get(buffer) === position &&
    buffer.dtype === written.dtype &&
    elements(buffer) === elements(written);
  const candidates = call.uses.flatMap((use, slot) => (ends(use, slot) ? [slot] : []));
  if (candidates.length === 0 || slots[target]!.access !== "write" || !isNest(body)) return undefined;
  const stores = storesOf(body).filter((store) => store.slot === target);
  if (stores.length !== 1 || stores[0]!.mode !== "set") return undefined;
  const taken = candidates.find(
    (slot) => readsOnlyAt(body, slot, stores[0]!.at) && !takeOverProblem(call.kernel, slot, target),
  );
  return taken === undefined ? undefined : call.uses[taken]!.buffer;
}

function readsOnlyAt(body: readonly Statement[], slot: number, at: Position): boolean {
  const here = JSON.stringify(at.affine);
  let only = at.loaded.length === 0;
  const seen = new Set<KernelExpr>();
  const check = (leaf: KernelLeaf): void => {
    if (leaf.kind !== "load" || leaf.slot !== slot) return;
    only &&= leaf.at.loaded.length === 0 && JSON.stringify(leaf.at.affine) === here;
  };
  forEachValue(body, (value) => forEachLeaf(value, check, seen));
  return only;
}

/** One loop within the other and stores in the innermost: an element is read and written in one iteration. */
function isNest(statements: readonly Statement[]): boolean {
  const loops = statements.filter((s) => s.kind === "loop");
  if (loops.length === 0) return statements.every((s) => s.kind !== "reduction");
  return loops.length === 1 && statements.every((s) => s.kind === "loop" || s.kind === "let") && isNest(loops[0]!.body);
}

/** The number of elements at a number of rows. */
export const elementsOf = (buffer: Buffer, rows: number): number => evaluateDim(sizeOf(buffer.shape), rows);
