// The processor's limits as WebAssembly reaches them, measured like any other side: the SIMD peak with operands that stay in
// registers, with a multiplication and an addition and with fused multiply-adds; and how fast memory is read.

import { readFileSync } from "node:fs";
import type { Session } from "./peer.js";
import { builtFile } from "./processes.js";

export const PEAKS = ["simd-peak", "simd-peak-fma"] as const;
export type PeakName = (typeof PEAKS)[number];

/** Operations of one step of a peak's session: iterations, vectors, lanes, a multiplication and an addition. */
export const PEAK_FLOPS = 100_000 * 12 * 4 * 2;

/** The session, where this engine has the instructions. */
export function peakSession(name: PeakName): Session | undefined {
  const run = load(`${name}.wasm`)?.["peak"] as ((iterations: number) => number) | undefined;
  if (!run) return undefined;
  return {
    run: (steps) => {
      for (let i = 0; i < steps; i++) run(PEAK_FLOPS / (12 * 4 * 2));
    },
    step: () => run(1),
  };
}

/** GB/s of reading memory over and over, by size in bytes: the best of some runs. */
export function readBandwidth(bytes: number): number {
  const { read, memory } = load("bandwidth.wasm") as unknown as {
    readonly read: (bytes: number) => number;
    readonly memory: WebAssembly.Memory;
  };
  // Pages that were never written are all one page.
  new Uint8Array(memory.buffer).fill(1);
  const repetitions = Math.max(1, Math.round(2 ** 27 / bytes));
  let best = Infinity;
  for (let round = 0; round < 7; round++) {
    const start = performance.now();
    for (let i = 0; i < repetitions; i++) read(bytes);
    best = Math.min(best, performance.now() - start);
  }
  return (bytes * repetitions) / best / 1e6;
}

function load(file: string): WebAssembly.Exports | undefined {
  const bytes = new Uint8Array(readFileSync(builtFile(file)));
  return WebAssembly.validate(bytes) ? new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports : undefined;
}
