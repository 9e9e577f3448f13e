// One implementation for synchronous and asynchronous runs: loops are generators that may pause between batches; what
// drives them decides whether they do.

export interface Pace {
  /** Is it time to let others run? */
  readonly pause: () => boolean;
  /** Has the caller asked to stop? */
  readonly stopped: () => boolean;
}

export type Task<Result> = Generator<void, Result, void>;

/** Runs the task to its end without a pause. */
export function run<Result>(start: (pace: Pace) => Task<Result>, signal: AbortSignal | undefined): Result {
  const task = start({ pause: () => false, stopped: () => signal?.aborted === true });
  for (;;) {
    const state = task.next();
    if (state.done) return state.value;
  }
}

/** Runs the task in slices of the given milliseconds; between two of them the event loop turns. */
export async function runInSlices<Result>(
  start: (pace: Pace) => Task<Result>,
  signal: AbortSignal | undefined,
  milliseconds: number,
): Promise<Result> {
  const turn = eventLoop();
  let end = performance.now() + milliseconds;
  const task = start({ pause: () => performance.now() >= end, stopped: () => signal?.aborted === true });
  try {
    for (;;) {
      const state = task.next();
      if (state.done) return state.value;
      await turn.next();
      end = performance.now() + milliseconds;
    }
  } finally {
    turn.close();
  }
}

/** A message to oneself is a new task of the event loop, without the 4 ms that browsers add to nested timers. */
function eventLoop(): { next: () => Promise<void>; close: () => void } {
  const { port1, port2 } = new MessageChannel();
  let resume = (): void => {};
  port1.onmessage = () => resume();
  return {
    next: () =>
      new Promise((resolve) => {
        resume = resolve;
        port2.postMessage(0);
      }),
    close: () => port1.close(),
  };
}
