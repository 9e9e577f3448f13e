// Time per step: the sides take turns in one process, block by block, so that what the machine does to one it does to all.

import type { Session } from "./peer.js";

export interface Pace {
  /** How often each side has its turn. */
  readonly rounds: number;
  /** How long a turn should last; it holds one step at least. */
  readonly blockMilliseconds: number;
  readonly warmupMilliseconds: number;
}

/** Microseconds per step of each round, by side. */
export function measure(sides: ReadonlyMap<string, Session>, pace: Pace): Map<string, number[]> {
  const turns = [...sides].map(([name, session]) => ({
    name,
    session,
    steps: warmUp(session, pace),
    times: [] as number[],
  }));
  for (let round = 0; round < pace.rounds; round++) {
    for (const { session, steps, times } of turns) times.push((timed(session, steps) / steps) * 1000);
  }
  return new Map(turns.map(({ name, times }) => [name, times]));
}

/** Runs until the engine has optimised the step; returns how many steps make a block. */
function warmUp(session: Session, { warmupMilliseconds, blockMilliseconds }: Pace): number {
  let steps = 1;
  let total = 0;
  for (;;) {
    const time = timed(session, steps);
    total += time;
    if (total >= warmupMilliseconds) return Math.max(1, Math.round((steps * blockMilliseconds) / time));
    if (time < blockMilliseconds / 2) steps *= 2;
  }
}

/** Milliseconds. */
function timed(session: Session, steps: number): number {
  session.enter?.();
  const start = performance.now();
  session.run(steps);
  return performance.now() - start;
}
