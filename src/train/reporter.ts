// Turns the loop's progress into events: clocks, rates and estimates live here, not in the loop.

import type { FitEvent, Progress, TrainEnd } from "./events.js";
import * as say from "./messages.js";

/** What a reporter knows of the training from its start. */
export interface Course {
  /** Milliseconds between two batchEnd events. */
  readonly interval: number;
  readonly from: number;
  readonly to: number;
  /** Of an epoch; NaN where an epoch must tell. */
  readonly rows: number;
  readonly batchSize: number;
}

/** Where a run that goes on stands: its first epoch and the rows of it that were done before. */
interface Start {
  readonly epoch: number;
  readonly row: number;
}

export class Reporter {
  /** Whether anyone does: without, no clock needs to be read. */
  readonly listens: boolean;
  readonly #callbacks: readonly ((event: FitEvent) => void)[];
  readonly #course: Course;
  readonly #began = performance.now();
  #epoch = 0;
  #epochBegan = 0;
  #epochTrained = 0;
  #lastBatchEvent = -Infinity;
  #rows: number;
  #rowsDone = 0;
  #warn: ((text: string) => void) | undefined;
  #start: Start;

  /** `warn` is told once where the loss is no number. */
  constructor(
    callbacks: readonly ((event: FitEvent) => void)[],
    course: Course,
    warn: ((text: string) => void) | undefined,
  ) {
    this.#rows = course.rows;
    this.#warn = warn;
    this.#callbacks = callbacks;
    this.#course = course;
    this.#start = { epoch: course.from, row: 0 };
    this.listens = callbacks.length > 0;
  }

  /** What was done before this run takes no time of it. */
  goOn(start: Start): void {
    this.#start = start;
  }

  epochBegin(epoch: number): void {
    const { to } = this.#course;
    const rows = this.#rows;
    this.#epoch = epoch;
    this.#rowsDone = 0;
    this.#epochBegan = performance.now();
    this.#emit({ type: "epochBegin", epoch, epochs: to, steps: this.#steps(rows), rows });
  }

  /** `rows` of this epoch are done, with this sum of loss times rows. Allocates only where an event is due. */
  batchEnd(rows: number, total: number): void {
    const now = performance.now();
    if (now - this.#lastBatchEvent < this.#course.interval) return;
    this.#lastBatchEvent = now;
    this.#rowsDone = rows;
    this.#emit({ type: "batchEnd", ...this.#progress(now, total / rows, now), step: this.#steps(rows) - 1 });
  }

  /** The sum of loss times rows is no number, after so many rows of this epoch. */
  notFinite(rows: number, loss: number): void {
    this.#warn?.(say.lossNotFinite({ loss, epoch: this.#epoch, step: this.#steps(rows) - 1 }));
    this.#warn = undefined;
  }

  /** The epoch's rows are all done; what follows is validation. */
  trained(rows: number): void {
    this.#epochTrained = performance.now();
    this.#rows = rows;
  }

  epochEnd(values: ReadonlyMap<string, number>): void {
    if (!this.listens) return;
    const now = performance.now();
    this.#rowsDone = this.#rows;
    const progress = this.#progress(now, values.get("loss")!, this.#epochTrained);
    const seconds = (now - this.#epochBegan) / 1000;
    this.#emit({ type: "epochEnd", ...progress, values: Object.fromEntries(values), seconds });
  }

  trainEnd(reason: TrainEnd["reason"], bestEpoch: number | undefined): void {
    const seconds = (performance.now() - this.#began) / 1000;
    this.#emit({ type: "trainEnd", reason, seconds, ...(bestEpoch === undefined ? {} : { bestEpoch }) });
  }

  #progress(now: number, loss: number, trainedUntil: number): Progress {
    const { to } = this.#course;
    const rows = this.#rows;
    const start = this.#start;
    const before = this.#epoch === start.epoch ? start.row : 0;
    const done = (this.#epoch - start.epoch) * rows + this.#rowsDone - start.row;
    const all = (to - start.epoch) * rows - start.row;
    return {
      epoch: this.#epoch,
      epochs: to,
      steps: this.#steps(rows),
      loss,
      examplesPerSecond: (this.#rowsDone - before) / Math.max(1e-9, (trainedUntil - this.#epochBegan) / 1000),
      secondsLeft: (((now - this.#began) / 1000) * (all - done)) / Math.max(1, done),
    };
  }

  #steps(rows: number): number {
    return Math.ceil(rows / this.#course.batchSize);
  }

  #emit(event: FitEvent): void {
    for (const callback of this.#callbacks) callback(event);
  }
}
