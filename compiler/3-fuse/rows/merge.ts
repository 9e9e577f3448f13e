// A network of a handful of units spends its time on loops and memory, not on arithmetic. Its kernels become one: weights
// are read once, the rows are gone through once with every value in a local, sums are accumulated on the way, and what
// depends on the sums (the update) follows.
//
//   for i0 < batch: h = …        t0 = w[0] …
//   for i0 < batch: δ = …   =>   over i0 < batch: h = …, δ = …, a0 += x * δ
//   dw = sum over i0 of x * δ    w[0] = t0 - rate * a0

import type { Kernel, Slot, Store } from "../../ir/kernel.js";
import type { Buffer, Call, ProgramItem } from "../../ir/program.js";
import { accessesOf } from "../accesses.js";
import { cheaper } from "./cheaper.js";
import { Levels, Unmergeable } from "./level.js";
import { RowRun } from "./run.js";
import { schedule } from "./schedule.js";

/** Merges runs of calls whose rows can be gone through once. `name`: of the kernels that are made. */
export function mergeRows(items: readonly ProgramItem[], name: string): readonly ProgramItem[] {
  const touched = touches(items);
  const merged: ProgramItem[] = [];
  for (let start = 0; start < items.length;) {
    const { call, length } = longestFrom(items, start, name, touched);
    merged.push(call);
    start += length;
  }
  return merged.length === items.length ? items : merged;
}

/** How many calls, those in loops included, touch each buffer. */
function touches(items: readonly ProgramItem[], counts = new Map<Buffer, number>()): ReadonlyMap<Buffer, number> {
  for (const item of items) {
    if (item.kind === "repeat") touches(item.body, counts);
    else for (const buffer of buffersOf(item)) counts.set(buffer, (counts.get(buffer) ?? 0) + 1);
  }
  return counts;
}

const buffersOf = (call: Call): ReadonlySet<Buffer> => new Set(call.uses.map((use) => use.buffer));

function longestFrom(
  items: readonly ProgramItem[],
  start: number,
  name: string,
  touched: ReadonlyMap<Buffer, number>,
): { call: ProgramItem; length: number } {
  const run = new RowRun();
  const calls: Call[] = [];
  let good = 1;
  for (const item of items.slice(start)) {
    if (item.kind === "repeat" || !attempt(() => run.add(item))) break;
    calls.push(item);
    if (!run.isSmall) break;
    if (calls.length > 1 && kernelOf(run, calls, name, touched)) good = calls.length;
  }
  if (good === 1) return { call: items[start]!, length: 1 };
  const again = new RowRun();
  calls.slice(0, good).forEach((call) => again.add(call));
  return { call: kernelOf(again, calls.slice(0, good), name, touched)!, length: good };
}

/** The merged call; nothing where there is no row loop, or one that would have to both store and accumulate. */
function kernelOf(
  run: RowRun,
  calls: readonly Call[],
  name: string,
  touched: ReadonlyMap<Buffer, number>,
): Call | undefined {
  const here = touches(calls);
  const inside = (buffer: Buffer): boolean =>
    buffer.segment === "workspace" && here.get(buffer) === touched.get(buffer);
  const stored = run.stored.filter(({ buffer }) => !inside(buffer));
  const within = stored.some((store) => store.within);
  if (run.accumulators.length > 0 === within) return undefined;
  const roots = [...run.accumulators, ...stored].map(({ value }) => value);
  const rewritten = cheaper(roots, run.make, run.levels);
  const storeOf = ({ buffer, at, value }: (typeof stored)[number]): Store => ({
    kind: "store",
    slot: run.slotOf(buffer),
    at,
    value: rewritten(value),
    mode: "set",
  });
  const statements = schedule(
    {
      accumulators: run.accumulators.map((a) => ({ ...a, value: rewritten(a.value) })),
      within: stored.filter((store) => store.within).map(storeOf),
      after: stored.filter((store) => !store.within).map(storeOf),
    },
    new Levels(),
  );
  const accesses = accessesOf(statements, run.buffers.length);
  const slots = run.buffers.map((buffer, slot): Slot => ({
    name: buffer.name,
    dtype: buffer.dtype,
    access: accesses[slot]!,
  }));
  const kernel: Kernel = Object.freeze({ name, slots, body: statements });
  return { kind: "call", kernel, uses: run.buffers.map((buffer) => ({ buffer, advance: [] })) };
}

function attempt(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (problem) {
    if (problem instanceof Unmergeable) return false;
    throw problem;
  }
}
