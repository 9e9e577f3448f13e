// Data that comes batch by batch, from files or a network: larger than memory. Rows are cut anew into the batches of the model,
// whatever they come in, so that training gives the same bits as with all rows in memory.

import { checkData, type LeafColumn, type LooseData } from "./check.js";
import * as say from "./messages.js";
import type { Data, Leaf, Model, View } from "./model.js";
import type { Pace, Task } from "./pace.js";
import { viewLike } from "./table.js";

/**
 * Rows some at a time: each is `{ inputs, targets }` of any number of rows. A function is called anew in each epoch.
 * {@link fit} takes them.
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * function* chunks() {
 *   yield { inputs: { x: [1, 2, 3] }, targets: { y: [2, 4, 6] } };
 *   yield { inputs: { x: [4] }, targets: { y: [8] } };
 * }
 * const { loss } = fit(model, () => chunks(), { epochs: 2 }); // [30, 13.5]
 * ```
 */
export type Batches<M extends Model> = Iterable<Data<M>> | (() => Iterable<Data<M>>);

/** {@link Batches}, and what has to be waited for. {@link fitAsync} takes them. */
export type AsyncBatches<M extends Model> = Batches<M> | AsyncIterable<Data<M>> | (() => AsyncIterable<Data<M>>);

export interface Stream {
  readonly model: Model;
  readonly batches: unknown;
  /** The functions that will run on it. */
  readonly entries: readonly string[];
  readonly batchSize: number;
  readonly rejectNaN: boolean;
  /** The caller that cannot wait, and the one that can. */
  readonly waits: { readonly caller: string; readonly instead: string } | undefined;
}

/** Whether data are batches, and no record of columns. */
export const isStream = (data: unknown): boolean =>
  typeof data === "function" ||
  (typeof data === "object" &&
    data !== null &&
    !ArrayBuffer.isView(data) &&
    (Symbol.iterator in data || Symbol.asyncIterator in data));

/**
 * Goes through the stream once and calls `run` for each batch of rows in the model's views. The number of rows; undefined where
 * the caller stopped it. The arrays that come are read until the next ones are asked for.
 */
export function* flowing(stream: Stream, pace: Pace, run: (rows: number) => void): Task<number | undefined> {
  const iterator = opened(stream);
  const stage = new Stage(stream.batchSize);
  const { model, entries, rejectNaN } = stream;
  let isOver = false;
  let all = 0;
  const flush = (): void => {
    const rows = stage.release();
    all += rows;
    run(rows);
  };
  try {
    for (let batch = 0; ; batch++) {
      const asked = iterator.next();
      const state = (isPromise(asked) ? yield asked : asked) as IteratorResult<unknown>;
      if (pace.stopped()) return undefined;
      if (state.done === true) break;
      const { rows, found } = checked(batch, () =>
        checkData(model, state.value as LooseData, ["inputs", "targets"], entries, rejectNaN),
      );
      const columns = found.map(typed);
      for (let at = 0; at < rows;) {
        at += stage.take(columns, at, rows);
        if (!stage.isFull()) continue;
        flush();
        if (pace.stopped()) return undefined;
        if (pace.pause()) yield;
      }
    }
    isOver = true;
    if (stage.rows > 0) flush();
    return pace.stopped() ? undefined : all;
  } finally {
    const closing = isOver ? undefined : iterator.return?.();
    if (isPromise(closing)) yield closing;
  }
}

function opened({ batches, waits }: Stream): AsyncIterator<unknown> | Iterator<unknown> {
  const given: unknown = typeof batches === "function" ? (batches as () => unknown)() : batches;
  if (typeof given !== "object" || given === null || !isStream(given)) throw say.notBatches({ value: given });
  if (Symbol.iterator in given) return (given as Iterable<unknown>)[Symbol.iterator]();
  if (waits) throw say.mustWait(waits);
  return (given as AsyncIterable<unknown>)[Symbol.asyncIterator]();
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === "function";

function checked<Result>(batch: number, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    throw error instanceof say.TrainError ? say.inBatch({ batch, error }) : error;
  }
}

interface StreamColumn {
  readonly leaf: Leaf;
  readonly source: View;
}

const typed = ({ leaf, values }: LeafColumn): StreamColumn => ({ leaf, source: viewLike(leaf.view, values) });

/** Rows that have come and are not yet a batch, in memory of their own: between two pauses others may use the model's views. */
class Stage {
  rows = 0;
  readonly #size: number;
  readonly #columns = new Map<string, { readonly leaf: Leaf; readonly kept: View }>();

  constructor(size: number) {
    this.#size = size;
  }

  isFull(): boolean {
    return this.rows === this.#size;
  }

  /** Takes rows from `from` on, as many as there is room for, and says how many. */
  take(columns: readonly StreamColumn[], from: number, to: number): number {
    const count = Math.min(to - from, this.#size - this.rows);
    for (const { leaf, source } of columns) {
      const kept = this.#column(leaf);
      // Without a batch axis there is one value for all rows: that which came last.
      if (leaf.axis === "none") kept.set(source);
      else kept.set(source.subarray(from * leaf.length, (from + count) * leaf.length), this.rows * leaf.length);
    }
    this.rows += count;
    return count;
  }

  /** Writes the rows into the model's views. */
  release(): number {
    const { rows } = this;
    for (const { leaf, kept } of this.#columns.values()) {
      leaf.view.set(leaf.axis === "none" ? kept : kept.subarray(0, rows * leaf.length));
    }
    this.rows = 0;
    return rows;
  }

  #column(leaf: Leaf): View {
    const found = this.#columns.get(leaf.field);
    if (found) return found.kept;
    const size = leaf.axis === "none" ? leaf.length : leaf.length * this.#size;
    const kept = new (leaf.view.constructor as new (length: number) => View)(size);
    this.#columns.set(leaf.field, { leaf, kept });
    return kept;
  }
}
