// One workload in a process of its own, so that no other workload has shaped the engine's type feedback or its heap.
// Arguments: a request as JSON. Prints the answer as JSON.

import { makeTask } from "./data.js";
import { allocation, type Allocation } from "./heap.js";
import { measure, type Pace } from "./measure.js";
import type { Session } from "./peer.js";
import { loadPeer } from "./peers/index.js";
import { workloads, type PeerName } from "./workloads.js";

export type Request =
  | { readonly kind: "time"; readonly workload: string; readonly sides: readonly PeerName[]; readonly pace: Pace }
  | { readonly kind: "losses"; readonly workload: string; readonly sides: readonly PeerName[]; readonly steps: number }
  | {
      readonly kind: "heap";
      readonly workload: string;
      readonly sides: readonly PeerName[];
      readonly milliseconds: number;
    };

export interface Answers {
  /** Microseconds per step of each round. */
  readonly time: Readonly<Record<string, readonly number[]>>;
  /** The last step's loss, and why it is not comparable where it is not. */
  readonly losses: Readonly<Record<string, { readonly loss: number; readonly differs?: string }>>;
  readonly heap: Readonly<Record<string, Allocation>>;
}

const request = JSON.parse(process.argv[2]!) as Request;
process.stdout.write(`${JSON.stringify(await answer(request))}\n`);

async function answer(request: Request): Promise<Answers[Request["kind"]]> {
  const workload = workloads.find(({ name }) => name === request.workload)!;
  const task = makeTask(workload.network, workload.rows, workload.batches);
  const open = async (side: PeerName): Promise<Session> => (await loadPeer[side]()).open(task);
  if (request.kind === "time") {
    const sides = new Map<string, Session>();
    for (const side of request.sides) sides.set(side, await open(side));
    return Object.fromEntries(measure(sides, request.pace));
  }
  if (request.kind === "heap") {
    const found: Record<string, Allocation> = {};
    for (const side of request.sides) found[side] = allocation(await open(side), request.milliseconds);
    return found;
  }
  const losses: Record<string, Answers["losses"][string]> = {};
  for (const side of request.sides) {
    const { differs } = await loadPeer[side]();
    const session = await open(side);
    session.enter?.();
    let loss = NaN;
    for (let i = 0; i < request.steps; i++) loss = session.step();
    losses[side] = { loss, ...(differs === undefined ? {} : { differs }) };
  }
  return losses;
}
