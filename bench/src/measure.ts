// Time per step: the sides take turns in one process, block by block, so that what the machine does to one it does to all.

import type { Session } from "./peer.js";

export interface Pace {
  /** How often each side has its turn. */
  readonly rounds: number;
  /** How long a turn should last; it holds one step at least. */
  readonly blockMilliseconds: number;
  readonly warmupMilliseconds: number;
}

/** Microseconds per step from which a side has only the first turns. */
const SLOW = 1e6;
const SLOW_ROUNDS = 3;

/** Microseconds per step of each round, by side. */
export async function measure(sides: ReadonlyMap<string, Session>, pace: Pace): Promise<Map<string, number[]>> {
  const turns: { name: string; session: Session; steps: number; times: number[] }[] = [];
  for (const [name, session] of sides) turns.push({ name, session, steps: await warmUp(session, pace), times: [] });
  for (let round = 0; round < pace.rounds; round++) {
    for (const { session, steps, times } of turns) {
      if (round >= SLOW_ROUNDS && times[0]! > SLOW) continue;
      times.push(((await timed(session, steps)) / steps) * 1000);
    }
  }
  return new Map(turns.map(({ name, times }) => [name, times]));
}

/** Runs until the engine has optimised the step; returns how many steps make a block. */
async function warmUp(session: Session, { warmupMilliseconds, blockMilliseconds }: Pace): Promise<number> {
  let steps = 1;
  let total = 0;
  for (;;) {
    const time = await timed(session, steps);
    total += time;
    if (total >= warmupMilliseconds) return Math.max(1, Math.round((steps * blockMilliseconds) / time));
    if (time < blockMilliseconds / 2) steps *= 2;
  }
}

/** Milliseconds. */
async function timed(session: Session, steps: number): Promise<number> {
  session.enter?.();
  const start = performance.now();
  await session.run(steps);
  return performance.now() - start;
}
