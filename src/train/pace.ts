// One implementation for synchronous and asynchronous runs: loops are generators that may pause between batches; what
// drives them decides whether they do.

export interface Pace {
  /** Is it time to let others run? */
  readonly pause: () => boolean;
  /** Has the caller asked to stop? */
  readonly stopped: () => boolean;
}

/** Yields where it may pause, or a promise where it must wait: it is given what that becomes. */
export type Task<Result> = Generator<void | Promise<unknown>, Result, unknown>;

/** Runs the task to its end without a pause. It must not wait. */
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
  let end = performance.now() + milliseconds;
  const task = start({ pause: () => performance.now() >= end, stopped: () => signal?.aborted === true });
  let state = task.next();
  while (!state.done) {
    const awaited = state.value;
    if (awaited === undefined) {
      await turnOfTheEventLoop();
      end = performance.now() + milliseconds;
      state = task.next();
    } else {
      const settled = await awaited.then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      state = "error" in settled ? task.throw(settled.error) : task.next(settled.value);
    }
  }
  return state.value;
}

/**
 * A message to oneself is a new task of the event loop, without the 4 ms that browsers add to nested timers. One channel
 * for each turn: Node drains up to a thousand messages of one port before it looks at a timer.
 */
const turnOfTheEventLoop = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
