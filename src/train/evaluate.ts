// Loss and metrics over any number of rows, in inference mode.

import type { LooseData } from "./check.js";
import * as say from "./messages.js";
import { functionOf, type Data, type MetricSpec, type Model } from "./model.js";
import {
  type OptionChecks,
  batchSizeOf,
  checkOptions,
  elsewhere,
  finite,
  flag,
  lossNameOf,
  names,
  required,
  stepsOf,
} from "./options.js";
import { ownMetrics, type Measure, type OwnMetric } from "./own-metrics.js";
import { run, runInSlices, type Pace, type Task } from "./pace.js";
import { flowing, isStream, type AsyncBatches, type Batches, type Stream } from "./stream.js";
import { fill, tableOf, type Table } from "./table.js";

/** The options of {@link evaluate}. */
export interface EvaluateOptions {
  /** Rows of one call, 1 .. capacity. It changes the speed, and the result by rounding only. Default: the capacity. */
  readonly batchSize?: number | undefined;
  /**
   * Whose loss, in a network of several steps. Of a list each: `criticLoss` and so on, beside `loss`, their sum (as
   * Keras has it for several outputs). Default: the only one.
   */
  readonly step?: string | readonly string[] | undefined;
  /** Refuse NaN in the data. Default true. */
  readonly rejectNaN?: boolean | undefined;
}

const OPTIONS = {
  batchSize: elsewhere,
  step: names,
  rejectNaN: flag,
} satisfies OptionChecks<EvaluateOptions>;

/**
 * The loss and the metrics of `data`, by name: `{ loss, accuracy, ... }` (Keras: evaluate with return_dict=True).
 * Metrics are those that the network declares, a list or table of numbers where they say so.
 *
 * Rows need not divide by the batch size: the loss is the mean of the batches' losses weighted by their rows, which is
 * the loss of all rows where the network's loss is a mean over rows. Dropout is off and running statistics are read,
 * not changed; no parameter or state changes. With metrics, a module generated without a loss function is measured by
 * them alone. Data that already has the model's types is read in place. Batches that come from an iterable give the
 * same bits: they are cut anew into `batchSize` rows.
 * @param model a compiled model
 * @param data columns by name, flat and row-major, of any number of rows; or batches of them
 * @returns numbers by name
 * @throws UNKNOWN_NAME, MISSING_DATA, NOT_NUMBERS, BAD_LENGTH, ROW_COUNTS, NO_ROWS, BAD_VALUE: everything wrong with
 *   the data at once, before anything runs; BAD_OPTION, CHOOSE_STEP, MISSING_ENTRY
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * const data = { inputs: { x: [1, 2, 3, 4] }, targets: { y: [2, 4, 6, 8] } };
 * evaluate(model, data); // { loss: 30 }
 * ```
 */
export function evaluate<M extends Model>(
  model: M,
  data: Data<M> | Batches<M>,
  options: EvaluateOptions = {},
): Evaluation<M> {
  checkOptions(options, OPTIONS, "", say.HINTS);
  const start = planOf(model, data, options, { caller: "evaluate", instead: "evaluateAsync" });
  return Object.fromEntries(run(start, undefined)!) as Evaluation<M>;
}

/** The options of {@link evaluateAsync}. */
export interface EvaluateAsyncOptions extends EvaluateOptions {
  /** Milliseconds of work between two turns of the event loop. Default 12, which leaves time to draw 60 frames a second. */
  readonly sliceMilliseconds?: number | undefined;
}

/**
 * {@link evaluate} in slices of time, so that a page stays responsive, and of data that have to be waited for: same
 * arguments, results and bits.
 * @param model a compiled model
 * @param data columns by name, flat and row-major; or batches of them, which may come from an async iterable
 * @returns a promise of numbers by name
 * @throws UNKNOWN_NAME, MISSING_DATA, NOT_NUMBERS, BAD_LENGTH, ROW_COUNTS, NO_ROWS, BAD_VALUE, BAD_OPTION,
 *   CHOOSE_STEP, MISSING_ENTRY as {@link evaluate}
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * const data = { inputs: { x: [1, 2, 3, 4] }, targets: { y: [2, 4, 6, 8] } };
 * await evaluateAsync(model, data); // { loss: 30 }
 * ```
 */
export async function evaluateAsync<M extends Model>(
  model: M,
  data: Data<M> | AsyncBatches<M>,
  options: EvaluateAsyncOptions = {},
): Promise<Evaluation<M>> {
  checkOptions(options, { ...OPTIONS, sliceMilliseconds: elsewhere }, "", say.HINTS);
  const start = planOf(model, data, options, undefined);
  const slice = finite("sliceMilliseconds", options.sliceMilliseconds ?? 12, 0);
  return Object.fromEntries((await runInSlices(start, undefined, slice))!) as Evaluation<M>;
}

function planOf(
  model: Model,
  data: unknown,
  options: EvaluateOptions,
  waits: Stream["waits"],
): (pace: Pace) => Task<Measured | undefined> {
  const batchSize = batchSizeOf(model, options.batchSize);
  const measure = measurement(model, options.step, true);
  const rows = rowsOf(model, data, measure.entries, { batchSize, rejectNaN: options.rejectNaN ?? true, waits });
  return (pace) => measuring(measure, rows, pace);
}

/** The caller's data, checked as far as they are there. */
export function rowsOf(
  model: Model,
  data: unknown,
  entries: readonly string[],
  how: Pick<Stream, "batchSize" | "rejectNaN" | "waits">,
): Rows {
  if (isStream(data)) return { model, batches: data, entries, ...how };
  const table = tableOf(model, data as LooseData, ["inputs", "targets"], entries, how.rejectNaN);
  return { table, from: 0, to: table.rows, batchSize: how.batchSize };
}

type TableNames<Metrics> = {
  [Name in keyof Metrics]: Metrics[Name] extends { readonly shape: readonly [] } ? never : Name;
}[keyof Metrics];

type Of<Spec> = Spec extends { readonly shape: readonly [] }
  ? number
  : Spec extends { readonly shape: readonly [number] }
    ? readonly number[]
    : readonly (readonly number[])[];

/** Numbers by name; where the network declares a metric that is a list or a table, exactly its metrics and the loss. */
export type Evaluation<M extends Model> = M["spec"] extends { readonly metrics: infer Metrics extends object }
  ? [TableNames<Metrics>] extends [never]
    ? Record<string, number>
    : { readonly [Name in keyof Metrics]: Metrics[Name] extends MetricSpec ? Of<Metrics[Name]> : number } & {
        readonly loss: number;
      }
  : Record<string, number>;

/** What is measured, bound to the model. */
export interface Measurement {
  readonly losses: readonly ((rows: number) => number)[];
  /** Writes the statistics of the network's own metrics. */
  readonly evaluate: ((rows: number) => number) | undefined;
  readonly own: readonly OwnMetric[];
  /** The functions of the model that will run. */
  readonly entries: readonly string[];
  /** Those of several steps, and their sum. */
  readonly lossNames: readonly string[];
  /** The metrics' names. */
  readonly names: readonly string[];
}

/** `tables`: with the network's metrics that are lists and tables. */
export function measurement(model: Model, step: string | readonly string[] | undefined, tables: boolean): Measurement {
  const own = ownMetrics(model, tables);
  const names = own.map((metric) => metric.name);
  if (names.includes("loss")) throw say.duplicateMetric({ metric: "loss" });
  const evaluate = own.length > 0 ? required(model, "evaluate") : undefined;
  // The statistics of a network with one step come with its loss.
  const losses =
    evaluate && model.spec.steps.length === 1
      ? [{ name: "loss", entry: "evaluate", of: evaluate }]
      : lossesOf(model, step, names.length > 0);
  const entries = [...losses.map(({ entry }) => entry), ...(evaluate ? ["evaluate"] : [])];
  const lossNames = losses.length > 1 ? [...losses.map((loss) => loss.name), "loss"] : losses.map((loss) => loss.name);
  const all = [...lossNames, ...names];
  for (const [i, name] of all.entries()) {
    if (name === "epoch" || all.indexOf(name) < i) throw say.duplicateMetric({ metric: name });
  }
  return {
    losses: losses.map(({ of }) => of),
    evaluate,
    own,
    entries,
    lossNames,
    names,
  };
}

interface Loss {
  readonly name: string;
  /** The function that returns it. */
  readonly entry: string;
  readonly of: (rows: number) => number;
}

/** A module generated for prediction only can still be measured by metrics. */
function lossesOf(model: Model, step: string | readonly string[] | undefined, optional: boolean): readonly Loss[] {
  if (optional && model.spec.steps.length === 0) return [];
  const steps = stepsOf(model, step);
  return steps.flatMap((each) => {
    const entry = lossNameOf(model, each);
    const of = optional ? functionOf(model, entry) : required(model, entry);
    return of ? [{ name: steps.length > 1 ? entry : "loss", entry, of }] : [];
  });
}

/** The names of what is measured, in the order of `measuring`. */
export const measuredNames = ({ lossNames, names }: Measurement): readonly string[] => [...lossNames, ...names];

/** What is measured: rows in memory, or those that come. */
export type Rows = RowRange | Stream;

/** Rows from .. to - 1 of a table, in their own order. */
export interface RowRange {
  readonly table: Table;
  readonly from: number;
  readonly to: number;
  readonly batchSize: number;
}

export type Measured = readonly (readonly [name: string, value: Measure])[];

/** The values in the order of their names; undefined where the caller stopped it. */
export function* measuring(measure: Measurement, data: Rows, pace: Pace): Task<Measured | undefined> {
  const { losses, evaluate, own } = measure;
  for (const metric of own) metric.reset();
  const totals = new Float64Array(losses.length);
  const add = (rows: number): void => {
    for (let l = 0; l < losses.length; l++) totals[l]! += losses[l]!(rows) * rows;
    if (evaluate !== undefined) {
      if (losses[0] !== evaluate) evaluate(rows);
      for (let m = 0; m < own.length; m++) own[m]!.add();
    }
  };
  const all = yield* "table" in data ? walking(data, pace, add) : flowing(data, pace, add);
  if (all === undefined) return undefined;
  if (all === 0) throw say.noRows({ what: "the data" });
  const means = Array.from(totals, (total) => total / all);
  if (means.length > 1) means.push(means.reduce((a, b) => a + b));
  const values = [...means, ...own.map((metric) => metric.result())];
  return measuredNames(measure).map((name, i) => [name, values[i]!] as const);
}

/** Calls `run` for each batch of rows in the model's views; the number of rows, undefined where the caller stopped it. */
function* walking(range: RowRange, pace: Pace, run: (rows: number) => void): Task<number | undefined> {
  const { table, from, to, batchSize } = range;
  for (let at = from; at < to; at += batchSize) {
    const rows = Math.min(batchSize, to - at);
    fill(table, undefined, at, rows);
    run(rows);
    if (pace.stopped()) return undefined;
    if (pace.pause()) yield;
  }
  return to - from;
}
