// Turns the loop's progress into events: clocks, rates and estimates live here, not in the loop.

import type { FitEvent, Progress, TrainEnd } from "./events.js";

interface Course {
  /** Milliseconds between two batchEnd events. */
  readonly interval: number;
  readonly from: number;
  readonly to: number;
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
  #rowsDone = 0;
  #start: Start;

  constructor(callbacks: readonly ((event: FitEvent) => void)[], course: Course) {
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
    const { to, rows } = this.#course;
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

  /** The epoch's rows are all done; what follows is validation. */
  trained(): void {
    this.#epochTrained = performance.now();
  }

  epochEnd(values: ReadonlyMap<string, number>): void {
    if (!this.listens) return;
    const now = performance.now();
    this.#rowsDone = this.#course.rows;
    const progress = this.#progress(now, values.get("loss")!, this.#epochTrained);
    const seconds = (now - this.#epochBegan) / 1000;
    this.#emit({ type: "epochEnd", ...progress, values: Object.fromEntries(values), seconds });
  }

  trainEnd(reason: TrainEnd["reason"], bestEpoch: number | undefined): void {
    const seconds = (performance.now() - this.#began) / 1000;
    this.#emit({ type: "trainEnd", reason, seconds, ...(bestEpoch === undefined ? {} : { bestEpoch }) });
  }

  #progress(now: number, loss: number, trainedUntil: number): Progress {
    const { to, rows } = this.#course;
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
