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

export function allocation(session: Session, milliseconds: number): Allocation {
  session.enter?.();
  const steps = stepsIn(session, milliseconds);
  // The least of three windows: the engine may still be compiling in the others.
  const windows = [1, 2, 3].map(() => growth(session, steps)).sort((a, b) => a.bytes - b.bytes);
  const { collections } = windows[0]!;
  // Looking costs something, too.
  const bytes = Math.max(0, windows[0]!.bytes - growth(session, 0).bytes);
  return {
    steps,
    heapBytesPerStep: bytes / steps,
    bufferBytesPerStep: buffers(session),
    collections: (collections / steps) * 10_000,
  };
}

function growth(session: Session, steps: number): { readonly bytes: number; readonly collections: number } {
  globalThis.gc!();
  const profiler = new GCProfiler();
  profiler.start();
  const before = process.memoryUsage().heapUsed;
  session.run(steps);
  const grown = process.memoryUsage().heapUsed - before;
  const { statistics } = profiler.stop();
  // What a collection freed had been allocated, too.
  const freed = statistics.reduce((sum, { beforeGC, afterGC }) => sum + used(beforeGC) - used(afterGC), 0);
  return { bytes: grown + freed, collections: statistics.length };
}

const used = ({ heapStatistics }: { readonly heapStatistics: { readonly usedHeapSize: number } }): number =>
  heapStatistics.usedHeapSize;

/** The median over single steps: some of them see buffers freed that older steps left. */
function buffers(session: Session): number {
  const growths: number[] = [];
  for (let i = 0; i < 9; i++) {
    const before = process.memoryUsage().arrayBuffers;
    session.run(1);
    growths.push(process.memoryUsage().arrayBuffers - before);
  }
  return median(growths);
}

/** Warms up; returns how many steps take about that long, four at least. */
function stepsIn(session: Session, milliseconds: number): number {
  let total = 0;
  for (let steps = 4; ; steps *= 2) {
    const start = performance.now();
    session.run(steps);
    const time = performance.now() - start;
    total += time;
    if (total >= 2 * milliseconds) return Math.max(4, Math.round((steps * milliseconds) / time));
  }
}
