// Bytes that a step allocates, on the heap and outside it (typed arrays), and the collections that it costs.
// Expects --expose-gc and a large young generation.

import { GCProfiler } from "node:v8";
import type { Session } from "./peer.js";
import { median } from "./statistics.js";

export interface Allocation {
  readonly steps: number;
  readonly heapBytesPerStep: number;
  /** Typed arrays' memory. */
  readonly bufferBytesPerStep: number;
  /** Per 10,000 steps. */
  readonly collections: number;
}

/** `patience`: milliseconds after which a step is taken as it is, optimised or not. */
export async function allocation(session: Session, milliseconds: number, patience: number): Promise<Allocation> {
  session.enter?.();
  const steps = await stepsIn(session, milliseconds, patience);
  // The least of three windows: the engine may still be compiling in the others.
  const windows = [await growth(session, steps), await growth(session, steps), await growth(session, steps)];
  windows.sort((a, b) => a.bytes - b.bytes);
  const { collections } = windows[0]!;
  // Looking costs something, too.
  const bytes = Math.max(0, windows[0]!.bytes - (await growth(session, 0)).bytes);
  return {
    steps,
    heapBytesPerStep: bytes / steps,
    bufferBytesPerStep: await buffers(session, steps < 4 ? 1 : 9),
    collections: (collections / steps) * 10_000,
  };
}

interface Growth {
  readonly bytes: number;
  readonly collections: number;
}

async function growth(session: Session, steps: number): Promise<Growth> {
  globalThis.gc!();
  const profiler = new GCProfiler();
  profiler.start();
  const before = process.memoryUsage().heapUsed;
  await session.run(steps);
  const grown = process.memoryUsage().heapUsed - before;
  const { statistics } = profiler.stop();
  // What a collection freed had been allocated, too.
  const freed = statistics.reduce((sum, { beforeGC, afterGC }) => sum + used(beforeGC) - used(afterGC), 0);
  return { bytes: grown + freed, collections: statistics.length };
}

const used = ({ heapStatistics }: { readonly heapStatistics: { readonly usedHeapSize: number } }): number =>
  heapStatistics.usedHeapSize;

/** The median over single steps: some of them see buffers freed that older steps left. */
async function buffers(session: Session, samples: number): Promise<number> {
  const growths: number[] = [];
  for (let i = 0; i < samples; i++) {
    const before = process.memoryUsage().arrayBuffers;
    await session.run(1);
    growths.push(process.memoryUsage().arrayBuffers - before);
  }
  return median(growths);
}

/** Warms up; returns how many steps take about that long, one at least. */
async function stepsIn(session: Session, milliseconds: number, patience: number): Promise<number> {
  let total = 0;
  for (let steps = 1; ; steps *= 2) {
    const start = performance.now();
    await session.run(steps);
    const time = performance.now() - start;
    total += time;
    if (total >= 2 * milliseconds && (steps >= 256 || total > patience))
      return Math.max(1, Math.round((steps * milliseconds) / time));
  }
}
