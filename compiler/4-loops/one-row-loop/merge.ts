// A network of a handful of units spends its time on loops and memory, not on arithmetic. Its kernels become one: weights
// are read once, the rows are gone through once with every value in a local, sums are accumulated on the way, and what
// depends on the sums (the update) follows.
//
//   for i0 < batch: h = …        t0 = w[0] …
//   for i0 < batch: δ = …   =>   over i0 < batch: h = …, δ = …, a0 += x * δ
//   dw = sum over i0 of x * δ    w[0] = t0 - rate * a0

import type { Node } from "../../../src/graph/node.js";
import { withOrder } from "../../ir/parallel.js";
import type { Kernel, KernelExpr, Slot, Store } from "../../ir/kernel.js";
import type { Buffer, Call, ProgramItem } from "../../ir/program.js";
import { slotAccesses } from "../../ir/slot-accesses.js";
import { cheaper } from "./cheaper.js";
import { extentOf } from "./extent.js";
import { Levels, Unmergeable } from "./level.js";
import type { Machine, RowLoops } from "../machines/machine.js";
import { RowRun } from "./run.js";
import { schedule } from "./schedule.js";

/** So many times as many instructions as a kernel may have are looked at: most of them are the same as others. */
const LOOKED_AT = 4;

/** Merges runs of calls whose rows can be gone through once. `name`: of the kernels that are made. */
export function mergeRows(
  items: readonly ProgramItem[],
  name: string,
  { rowLoops: limits }: Machine,
): readonly ProgramItem[] {
  if (limits === undefined || items.length > limits.calls) return items;
  const touched = touches(items);
  const merged: ProgramItem[] = [];
  for (let start = 0; start < items.length;) {
    const { call, length } = longestFrom(items, start, name, touched, limits);
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
  limits: RowLoops,
): { call: ProgramItem; length: number } {
  const first = items[start]!;
  const most = mayMerge(items, start, limits);
  const run = new RowRun(limits);
  let [good, added] = [1, 0];
  for (const call of most.length > 1 ? most : []) {
    added++;
    if (!attempt(() => run.add(call)) || !run.isSmall) break;
    if (added > 1 && isOneLoop(run, most.slice(0, added), touched)) good = added;
  }
  if (good === 1) return { call: first, length: 1 };
  const calls = most.slice(0, good);
  return { call: kernelOf(good === added ? run : runOf(calls, limits), calls, name, touched), length: good };
}

/** A run that has seen nothing but these calls: one that does not fit leaves its traces. */
function runOf(calls: readonly Call[], limits: RowLoops): RowRun {
  const run = new RowRun(limits);
  calls.forEach((call) => run.add(call));
  return run;
}

/**
 * The calls from `start` on that are worth a try: first one that goes through rows, none with long loops, and no more than
 * can be looked at.
 */
function mayMerge(items: readonly ProgramItem[], start: number, limits: RowLoops): readonly Call[] {
  const calls: Call[] = [];
  let operations = 0;
  for (let at = start; at < items.length; at++) {
    const item = items[at]!;
    if (item.kind === "repeat") break;
    const extent = extentOf(item.kernel, limits.units);
    operations += extent.operations;
    if (!extent.isShort || operations > LOOKED_AT * limits.operations || (at === start && !extent.hasRows)) break;
    calls.push(item);
  }
  return calls;
}

/** What must be stored: what others read, and what lasts. */
function storedBy(run: RowRun, calls: readonly Call[], touched: ReadonlyMap<Buffer, number>): RowRun["stored"] {
  const here = touches(calls);
  return run.stored.filter(({ buffer }) => buffer.segment !== "workspace" || here.get(buffer) !== touched.get(buffer));
}

/** Is there a row loop, and does it either store or accumulate? */
const isOneLoop = (run: RowRun, calls: readonly Call[], touched: ReadonlyMap<Buffer, number>): boolean =>
  run.accumulators.length > 0 !== storedBy(run, calls, touched).some((store) => store.within);

function kernelOf(run: RowRun, calls: readonly Call[], name: string, touched: ReadonlyMap<Buffer, number>): Call {
  const stored = storedBy(run, calls, touched);
  const roots = [...run.accumulators, ...stored].map(({ value }) => value);
  const rewritten = cheaper(roots, run.make, run.levels);
  const nodeOf = new Map<KernelExpr, Node>();
  for (const [value, node] of run.nodeOf) {
    const cheap = rewritten(value);
    if (!nodeOf.has(cheap)) nodeOf.set(cheap, node);
  }
  const storeOf = ({ buffer, at, value, of }: (typeof stored)[number]): Store => ({
    kind: "store",
    slot: run.slotOf(buffer),
    at,
    value: rewritten(value),
    mode: "set",
    ...(of && { of }),
  });
  const scheduled = schedule(
    {
      accumulators: run.accumulators.map((a) => ({ ...a, value: rewritten(a.value) })),
      within: stored.filter((store) => store.within).map(storeOf),
      after: stored.filter((store) => !store.within).map(storeOf),
    },
    new Levels(),
    nodeOf,
  );
  const statements = withOrder(scheduled);
  const accesses = slotAccesses(statements, run.buffers.length);
  const slots = run.buffers.map((buffer, slot): Slot => ({
    name: buffer.name,
    dtype: buffer.dtype,
    access: accesses[slot]!,
  }));
  const computes = [...new Set(calls.flatMap((call) => call.kernel.computes))];
  const kernel: Kernel = Object.freeze({ name, slots, body: statements, computes });
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
