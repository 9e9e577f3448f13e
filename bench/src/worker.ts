// One workload in a process of its own, so that no other workload has shaped the engine's type feedback or its heap.
// Arguments: a request as JSON. Prints the answer as JSON.

import { makeTask } from "./data.js";
import { allocation, type Allocation } from "./heap.js";
import { measure, type Pace } from "./measure.js";
import { PEAKS, peakSession, readBandwidth } from "./peak.js";
import type { Session } from "./peer.js";
import { loadPeer } from "./peers/index.js";
import { workloads, type SideName } from "./workloads.js";

export type Request =
  | { readonly kind: "time"; readonly workload: string; readonly sides: readonly SideName[]; readonly pace: Pace }
  | { readonly kind: "losses"; readonly workload: string; readonly sides: readonly SideName[]; readonly steps: number }
  | {
      readonly kind: "heap";
      readonly workload: string;
      readonly sides: readonly SideName[];
      readonly milliseconds: number;
    }
  | { readonly kind: "bandwidth"; readonly sizes: readonly number[] };

export interface Loss {
  /** Null: not a finite number. */
  readonly loss: number | null;
  /** Why it is not comparable where it is not. */
  readonly differs?: string;
  /** The message of what it threw: it takes no further part. */
  readonly failed?: string;
}

export interface Answers {
  /** Microseconds per step of each round, by side; those of the SIMD peaks, too. */
  readonly time: Readonly<Record<string, readonly number[]>>;
  /** The last step's loss. */
  readonly losses: Readonly<Record<string, Loss>>;
  readonly heap: Readonly<Record<string, Allocation>>;
  /** GB/s by size. */
  readonly bandwidth: readonly number[];
}

/** Milliseconds that a side may take to warm up: what a step of ours allocates is looked at when its last loop is optimised. */
const [LONG, SHORT] = [40_000, 8000];

const request = JSON.parse(process.argv[2]!) as Request;
process.stdout.write(`\n${JSON.stringify(await answer(request))}\n`);
// Some runtimes keep the process alive.
process.exit(0);

async function answer(request: Request): Promise<Answers[Request["kind"]]> {
  if (request.kind === "bandwidth") return request.sizes.map(readBandwidth);
  const { network, mode, rows, batches } = workloads.find(({ name }) => name === request.workload)!;
  const task = makeTask(network, mode, rows, batches);
  const open = async (side: SideName): Promise<Session> => (await loadPeer[side]()).open(task);
  if (request.kind === "time") {
    const sides = new Map<string, Session>();
    for (const side of request.sides) sides.set(side, await open(side));
    for (const peak of PEAKS) {
      const session = peakSession(peak);
      if (session) sides.set(peak, session);
    }
    return Object.fromEntries(await measure(sides, request.pace));
  }
  if (request.kind === "heap") {
    const found: Record<string, Allocation> = {};
    for (const side of request.sides)
      found[side] = await allocation(
        await open(side),
        request.milliseconds,
        side.startsWith("tapeless") ? LONG : SHORT,
      );
    return found;
  }
  const losses: Record<string, Loss> = {};
  for (const side of request.sides) {
    try {
      losses[side] = await lossAfter(side, request.steps);
    } catch (error) {
      losses[side] = { loss: null, failed: error instanceof Error ? error.message : String(error) };
    }
  }
  return losses;

  async function lossAfter(side: SideName, steps: number): Promise<Loss> {
    const { differs } = await loadPeer[side]();
    const session = await open(side);
    session.enter?.();
    let loss = NaN;
    for (let i = 0; i < steps; i++) loss = await session.step();
    return { loss, ...(differs === undefined ? {} : { differs }) };
  }
}
