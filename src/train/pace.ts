// One implementation for synchronous and asynchronous runs: loops are generators that may pause between batches; what
// drives them decides whether they do.

import { storeWaits } from "./messages.js";

export interface Pace {
  /** Is it time to let others run? */
  readonly pause: () => boolean;
  /** Has the caller asked to stop? */
  readonly stopped: () => boolean;
}

/** An AbortSignal, of which the declarations of Node and those of pages are two. */
export interface Signal {
  readonly aborted: boolean;
}

/** It yields where it may pause, and a promise where it must wait for one: it is given what that settles to. */
export type Task<Result> = Generator<void | Promise<unknown>, Result, unknown>;

/** The value, waited for where it is a promise. */
export function* settled<Value>(value: Value | Promise<Value>): Task<Value> {
  const waits = typeof (value as Promise<Value> | undefined)?.then === "function";
  return waits ? ((yield Promise.resolve(value)) as Value) : (value as Value);
}

/** Runs the task to its end without a pause. Throws where it must wait. */
export function run<Result>(start: (pace: Pace) => Task<Result>, signal: Signal | undefined): Result {
  const task = start({ pause: () => false, stopped: () => signal?.aborted === true });
  for (;;) {
    const state = task.next();
    if (state.done) return state.value;
    if (state.value === undefined) continue;
    state.value.catch(() => undefined);
    throw storeWaits();
  }
}

/** Runs the task in slices of the given milliseconds; between two of them the event loop turns. */
export async function runInSlices<Result>(
  start: (pace: Pace) => Task<Result>,
  signal: Signal | undefined,
  milliseconds: number,
): Promise<Result> {
  let end = performance.now() + milliseconds;
  const task = start({ pause: () => performance.now() >= end, stopped: () => signal?.aborted === true });
  let state = task.next();
  for (;;) {
    if (state.done) return state.value;
    const { value } = state;
    if (value !== undefined) {
      const [result] = await Promise.allSettled([value]);
      end = performance.now() + milliseconds;
      state = result.status === "fulfilled" ? task.next(result.value) : task.throw(result.reason);
      continue;
    }
    await turnOfTheEventLoop();
    end = performance.now() + milliseconds;
    state = task.next();
  }
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
