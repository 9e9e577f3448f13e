// The training loop: epochs over shuffled mini-batches of a model that carries its own step function.

import { stopperOf, type Stopper } from "./early-stopping.js";
import {
  measuredNames,
  measurement,
  measuring,
  rowsOf,
  type Measurement,
  type RowRange,
  type Rows,
} from "./evaluate.js";
import type { TrainEnd } from "./events.js";
import { FIT_OPTIONS, type FitAsyncOptions, type FitOptions } from "./fit-options.js";
import { keeperOf, type Keeper } from "./keeper.js";
import * as say from "./messages.js";
import type { Data, Model } from "./model.js";
import { batchSizeOf, checkOptions, finite, integer, lossNameOf, required, stepsOf } from "./options.js";
import { run, runInSlices, type Pace, type Task } from "./pace.js";
import { Reporter, type Course } from "./reporter.js";
import { shuffle } from "./shuffle.js";
import { flowing, isStream, type AsyncBatches, type Batches, type Stream } from "./stream.js";
import { fill } from "./table.js";
import { terminalLine, warning } from "./terminal.js";
import type { TrainingState } from "./training-state.js";

/** One number per finished epoch under each name: `loss`, `val_loss`, `val_accuracy`, ... and the epochs themselves. */
export interface History {
  /** The epochs, counted from 0. */
  readonly epoch: readonly number[];
  /** The training loss: the mean over the epoch's rows, each batch measured before its update (as Keras). */
  readonly loss: readonly number[];
  readonly [name: string]: readonly number[];
}

/**
 * Trains `model` on `data` and returns the history (Keras: fit). A column that already has the type of the model's
 * view is read in place, so it must not change meanwhile. The same model state, data, options and seed give the same
 * bits.
 *
 * Data may come batch by batch, from an iterable or a function that gives one for each epoch, so that they need not
 * fit into memory: `{ inputs, targets }` of any number of rows, which are cut anew into `batchSize` rows. Results are
 * the bits of the same rows in memory with `shuffle: false`.
 * @param model a compiled model
 * @param data columns by name, flat and row-major, as long as rows times the numbers of one row; or batches of them
 * @returns one number for each finished epoch under each name
 * @throws UNKNOWN_NAME, MISSING_DATA, NOT_NUMBERS, BAD_LENGTH, ROW_COUNTS, NO_ROWS, BAD_VALUE: everything wrong with
 *   the data at once, before anything runs; BAD_OPTION, EMPTY_SPLIT, CHOOSE_STEP, MISSING_ENTRY
 * @throws READ_ONCE where there are no batches in a later epoch, MUST_WAIT for those of an async iterable
 * @throws CHECKPOINTS_EXIST, OTHER_RUN and STORE_FAILED with `checkpoint`, and what {@link restore} throws
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * const data = { inputs: { x: [1, 2, 3, 4] }, targets: { y: [2, 4, 6, 8] } };
 * const { loss } = fit(model, data, { epochs: 3, shuffle: false }); // [30, 13.5, 6.09]
 * ```
 */
export function fit<M extends Model>(model: M, data: Data<M> | Batches<M>, options: FitOptions<M> = {}): History {
  const plan = planOf(model, data, options, { caller: "fit", instead: "fitAsync" });
  return run((pace) => training(plan, pace), options.signal);
}

/**
 * {@link fit} in slices of time, so that a page stays responsive: same arguments, results and bits. Between slices the
 * model may be used for predictions. Batches may come from an async iterable, which is waited for.
 * @param model a compiled model
 * @param data columns by name, flat and row-major; or batches of them, which may come from an async iterable
 * @returns a promise of the history
 * @throws UNKNOWN_NAME, MISSING_DATA, NOT_NUMBERS, BAD_LENGTH, ROW_COUNTS, NO_ROWS, BAD_VALUE, BAD_OPTION and what
 *   else {@link fit} throws
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * const data = { inputs: { x: [1, 2, 3, 4] }, targets: { y: [2, 4, 6, 8] } };
 * const { loss } = await fitAsync(model, data, { epochs: 3, shuffle: false }); // [30, 13.5, 6.09]
 * ```
 */
export async function fitAsync<M extends Model>(
  model: M,
  data: Data<M> | AsyncBatches<M>,
  options: FitAsyncOptions<M> = {},
): Promise<History> {
  const plan = planOf(model, data, options, undefined);
  const slice = finite("sliceMilliseconds", options.sliceMilliseconds ?? 12, 0);
  return runInSlices((pace) => training(plan, pace), options.signal, slice);
}

/** A checked call of `fit`. */
interface Plan {
  readonly steps: readonly ((rows: number) => number)[];
  /** Of each step's loss, where there are several. */
  readonly lossNames: readonly string[];
  readonly train: Rows;
  readonly order: Int32Array;
  readonly shuffleSeed: number | undefined;
  readonly epochs: { readonly from: number; readonly to: number };
  /** After each epoch: values named with a prefix. */
  readonly measured: readonly { readonly prefix: string; readonly measure: Measurement; readonly range: Rows }[];
  readonly stopper: Stopper | undefined;
  readonly terminateOnNaN: boolean;
  readonly reporter: Reporter;
  /** The names of an epoch's values, `epoch` first. */
  readonly names: readonly string[];
  readonly run: TrainingState["run"];
  readonly keeper: Keeper | undefined;
}

function planOf<M extends Model>(
  model: M,
  data: Data<M> | AsyncBatches<M>,
  options: FitAsyncOptions<M>,
  waits: Stream["waits"],
): Plan {
  checkOptions<FitAsyncOptions<M>>(options, FIT_OPTIONS, "", say.HINTS);
  const from = integer("initialEpoch", options.initialEpoch ?? 0, 0);
  const to = integer("epochs", options.epochs ?? 1, 1);
  const seed = integer("seed", options.seed ?? 0, -Infinity);
  const interval = finite("batchEventInterval", options.batchEventInterval ?? 50, 0);
  const batchSize = batchSizeOf(model, options.batchSize);
  const steps = stepsOf(model, options.step);
  const runs = steps.map((step) => required(model, step));
  const lossNames = steps.length > 1 ? steps.map((step) => lossNameOf(model, step)) : [];
  const rejectNaN = options.rejectNaN ?? true;
  const fraction = options.validationData ? 0 : finite("validationSplit", options.validationSplit ?? 0, 0);
  if (isStream(data) && options.shuffle === true) throw say.unshuffled();
  if (isStream(data) && fraction > 0) throw say.unsplit();
  if (isStream(data) && options.checkpoint) throw say.uncheckpointed();
  if (fraction >= 1) throw say.badOption({ option: "validationSplit", value: fraction, expected: "less than 1" });
  const validates = fraction > 0 || options.validationData !== undefined;
  const measure = validates || options.trainingMetrics ? measurement(model, steps, false) : undefined;

  // The training rows are also measured where they are asked to be, or are split.
  const alike = fraction > 0 || options.trainingMetrics === true;
  const entries = [...steps, ...(alike ? (measure?.entries ?? []) : [])];
  const how = { batchSize, rejectNaN, waits };
  const all = rowsOf(model, data, entries, how);
  const [train, held] = "table" in all ? parted(all, fraction) : [all, undefined];

  const measured: Plan["measured"][number][] = [];
  if (measure && options.trainingMetrics) {
    // Without its loss: the history's `loss` is the step's.
    measured.push({ prefix: "", measure: { ...measure, losses: [], lossNames: [] }, range: train });
  }
  if (measure && options.validationData) {
    measured.push({ prefix: "val_", measure, range: rowsOf(model, options.validationData, measure.entries, how) });
  } else if (measure && held) {
    measured.push({ prefix: "val_", measure, range: held });
  }

  const names = [
    "epoch",
    "loss",
    ...lossNames,
    ...measured.flatMap(({ prefix, measure }) => measuredNames(measure).map((name) => prefix + name)),
  ];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw say.duplicateMetric({ metric: twice });
  const rows = "table" in train ? train.to : NaN;
  const stopper = options.earlyStopping ? stopperOf(model, options.earlyStopping, names.slice(1)) : undefined;
  const shuffleSeed = "table" in train && (options.shuffle ?? true) ? seed : undefined;
  const run = {
    steps,
    rows,
    batchSize,
    seed: shuffleSeed ?? null,
    initialEpoch: from,
    values: names,
    earlyStopping: stopper?.kind ?? null,
  };
  return {
    steps: runs,
    lossNames,
    train,
    order: new Int32Array("table" in train ? train.to : 0).map((_, i) => i),
    shuffleSeed,
    epochs: { from, to },
    measured,
    stopper,
    terminateOnNaN: options.terminateOnNaN ?? false,
    reporter: reporterOf(options, { interval, from, to, rows, batchSize }),
    names,
    run,
    keeper: options.checkpoint && keeperOf(model, options.checkpoint, names.slice(1), run),
  };
}

function reporterOf<M extends Model>(options: FitAsyncOptions<M>, course: Course): Reporter {
  const says = options.progress ?? true;
  const line = says ? terminalLine() : undefined;
  return new Reporter([...(options.callbacks ?? []), ...(line ? [line] : [])], course, says ? warning : undefined);
}

/** The rows to learn from, and the last ones, which are held back. */
function parted(all: RowRange, fraction: number): readonly [train: RowRange, held: RowRange | undefined] {
  // Keras' rule, without its surprise that 0.9 of 10 rows leaves floor(0.99999) rows.
  const rows = Math.floor(all.to * (1 - fraction) + 1e-9);
  if (rows === 0) throw say.emptySplit({ rows: all.to, fraction, side: "training" });
  if (fraction > 0 && rows === all.to) throw say.emptySplit({ rows: all.to, fraction, side: "validation" });
  return [{ ...all, to: rows }, fraction > 0 ? { ...all, from: rows } : undefined];
}

function* training(plan: Plan, pace: Pace): Task<History> {
  const { order, epochs, keeper, names, stopper, reporter } = plan;
  const before = keeper && (yield* keeper.resume());
  const history: (readonly number[])[] = [...(before?.history ?? [])];
  const course = epochOf(plan, before);
  if (before) {
    stopper?.goOn(before);
    reporter.goOn(before);
  }
  const state = (epoch: number): TrainingState => ({
    run: plan.run,
    epoch,
    row: course.at,
    batches: course.batches,
    totals: [...course.totals, course.total],
    history,
    ...stopper?.state(),
  });
  let reason = before ? reasonToEnd(plan, before) : ("completed" as TrainEnd["reason"]);
  let written = before ? course.batches : -1;
  let epoch = before?.epoch ?? epochs.from;
  for (; reason === "completed" && epoch < epochs.to; epoch++) {
    if (plan.shuffleSeed !== undefined) shuffle(order, plan.shuffleSeed, epoch);
    reporter.epochBegin(epoch);
    course.stopped = pace.stopped();
    if ("table" in plan.train) {
      while (runBatches(plan, plan.train, course, pace)) {
        if (course.due) {
          yield* keeper!.keep(state(epoch), false);
          written = course.batches;
          course.due = false;
        }
        if (pace.pause()) yield;
      }
    } else yield* runStream(plan, plan.train, course, pace);
    if (course.at === 0 && !course.stopped) {
      throw epoch === epochs.from ? say.noRows({ what: "the data" }) : say.readOnce({ epoch });
    }
    // A stop after the epoch's last batch still leaves the epoch unfinished: it has not been validated.
    const values = course.stopped ? undefined : yield* epochValues(plan, course, pace);
    if (values === undefined) {
      reason = "aborted";
      break;
    }
    history.push([epoch, ...values.values()]);
    const stop = stopper?.done(values, epoch) === true;
    begin(course);
    // A checkpoint of the epoch's last batch, if there is one, is not that of its end.
    written = -1;
    if (keeper) {
      const isBest = keeper.improves(values);
      if (isBest || keeper.every === 0) {
        yield* keeper.keep(state(epoch + 1), isBest);
        written = course.batches;
      }
    }
    reporter.epochEnd(values);
    if (plan.terminateOnNaN && Number.isNaN(values.get("loss"))) reason = "nan";
    else if (stop && epoch + 1 < epochs.to) reason = "earlyStopping";
  }
  if (keeper && written !== course.batches) yield* keeper.keep(state(epoch), false);
  stopper?.finish();
  reporter.trainEnd(reason, stopper?.best());
  const columns = history.length > 0 ? names : ["epoch", "loss"];
  return Object.fromEntries(
    columns.map((name, i) => [name, history.map((values) => values[i]!)]),
  ) as unknown as History;
}

/** Where an epoch stands. */
interface Epoch {
  /** The next row. */
  at: number;
  /** The sum of loss times rows, of each step. */
  readonly totals: Float64Array;
  /** The same of all steps. */
  total: number;
  /** Batches since training began, of all epochs. */
  batches: number;
  /** Whether it is time for a checkpoint. */
  due: boolean;
  stopped: boolean;
}

function epochOf({ steps }: Plan, before: TrainingState | undefined): Epoch {
  const { row = 0, batches = 0, totals = [] } = before ?? {};
  const course = { at: row, totals: new Float64Array(steps.length), total: 0, batches, due: false, stopped: false };
  course.totals.set(totals.slice(0, steps.length));
  course.total = totals[steps.length] ?? 0;
  return course;
}

/** To the beginning of an epoch. */
function begin(course: Epoch): void {
  course.at = 0;
  course.totals.fill(0);
  course.total = 0;
}

/** Whether a run that goes on had ended before its last epoch. */
function reasonToEnd({ epochs, stopper, terminateOnNaN, names }: Plan, before: TrainingState): TrainEnd["reason"] {
  const last = before.history.at(-1);
  if (before.row > 0 || last === undefined || before.epoch >= epochs.to) return "completed";
  if (terminateOnNaN && Number.isNaN(last[names.indexOf("loss")])) return "nan";
  return stopper?.isSpent(before.epoch - 1) ? "earlyStopping" : "completed";
}

/** Runs batches until the epoch ends (false), or a pause or a checkpoint is due (true). The loop that must not allocate. */
function runBatches(plan: Plan, train: RowRange, course: Epoch, pace: Pace): boolean {
  const every = plan.keeper?.every ?? 0;
  while (course.at < train.to && !course.stopped) {
    const rows = Math.min(train.batchSize, train.to - course.at);
    fill(train.table, plan.order, course.at, rows);
    runSteps(plan, course, rows);
    course.stopped = pace.stopped();
    course.due = every > 0 && course.batches % every === 0;
    if (course.due || pace.pause()) return true;
  }
  return false;
}

/** The same for batches that come one after the other. */
function* runStream(plan: Plan, train: Stream, course: Epoch, pace: Pace): Task<void> {
  if (course.stopped) return;
  const rows = yield* flowing(train, pace, (count) => runSteps(plan, course, count));
  course.stopped = rows === undefined;
}

/** One update by each step, from the rows in the model's views. */
function runSteps({ steps, reporter }: Plan, course: Epoch, rows: number): void {
  const { totals } = course;
  for (let s = 0; s < steps.length; s++) {
    const loss = steps[s]!(rows) * rows;
    totals[s]! += loss;
    course.total += loss;
  }
  course.at += rows;
  course.batches++;
  if (!Number.isFinite(course.total)) reporter.notFinite(course.at, course.total);
  if (reporter.listens) reporter.batchEnd(course.at, course.total);
}

function* epochValues(
  plan: Plan,
  { at, total, totals }: Epoch,
  pace: Pace,
): Task<ReadonlyMap<string, number> | undefined> {
  const values = new Map([["loss", total / at]]);
  for (const [s, name] of plan.lossNames.entries()) values.set(name, totals[s]! / at);
  plan.reporter.trained(at);
  for (const { prefix, measure, range } of plan.measured) {
    const measured = yield* measuring(measure, range, pace);
    if (measured === undefined) return undefined;
    for (const [name, value] of measured) values.set(prefix + name, value as number);
  }
  return values;
}
