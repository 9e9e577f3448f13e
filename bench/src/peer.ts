// What a side of a measurement must offer.

import type { Task } from "./task.js";

export interface Session {
  /** Training steps or predictions on the batches in turn, without reading the loss where that would cost anything. */
  readonly run: (steps: number) => void | Promise<void>;
  /** One more; returns a step's loss before the update, or a prediction's cross-entropy. */
  readonly step: () => number | Promise<number>;
  /** Called before a block of steps, untimed. */
  readonly enter?: () => void;
}

export interface Peer {
  /** What it computes instead, where its steps are not the very same mathematics; its losses are not compared then. */
  readonly differs?: string;
  /** Copies the task's parameters and batches into the peer's own form. */
  readonly open: (task: Task) => Session | Promise<Session>;
}

/** A session of something that takes a step and returns its loss, for nothing more. */
export function session(step: () => number): Session {
  return {
    run: (steps) => {
      for (let i = 0; i < steps; i++) step();
    },
    step,
  };
}

/** The batches in turn. */
export function inTurn<T>(queue: readonly T[]): () => T {
  let next = 0;
  return () => {
    const item = queue[next]!;
    next = next + 1 === queue.length ? 0 : next + 1;
    return item;
  };
}
