// What a side of a measurement must offer.

import type { Task } from "./task.js";

export interface Session {
  /** Training steps on the batches in turn, without reading the loss where that would cost anything. */
  readonly run: (steps: number) => void;
  /** One more step; returns its loss before the update. */
  readonly step: () => number;
  /** Called before a block of steps, untimed. */
  readonly enter?: () => void;
}

export interface Peer {
  readonly name: string;
  /** What it computes instead, where its steps are not the very same mathematics; its losses are not compared then. */
  readonly differs?: string;
  /** Copies the task's parameters and batches into the peer's own form. */
  readonly open: (task: Task) => Session | Promise<Session>;
}
