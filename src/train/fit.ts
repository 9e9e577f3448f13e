// The training loop: epochs over shuffled mini-batches of a model that carries its own step function.

import { stopperOf, type Stopper } from "./early-stopping.js";
import { measuredNames, measurement, measuring, type Measurement, type Range } from "./evaluate.js";
import type { TrainEnd } from "./events.js";
import { FIT_OPTIONS, type FitAsyncOptions, type FitOptions } from "./fit-options.js";
import { keeperOf, type Keeper } from "./keeper.js";
import * as say from "./messages.js";
import type { Data, Model } from "./model.js";
import { batchSizeOf, checkOptions, finite, integer, lossNameOf, required, stepsOf } from "./options.js";
import { run, runInSlices, type Pace, type Task } from "./pace.js";
import { Reporter } from "./reporter.js";
import { shuffle } from "./shuffle.js";
import { fill, tableOf } from "./table.js";
import type { TrainingState } from "./training-state.js";

/** One number per finished epoch under each name: `loss`, `val_loss`, `val_accuracy`, ... and the epochs themselves. */
export interface History {
  readonly epoch: readonly number[];
  /** The training loss: the mean over the epoch's rows, each batch measured before its update (as Keras). */
  readonly loss: readonly number[];
  readonly [name: string]: readonly number[];
}

/**
 * Trains `model` on `data` and returns the history (Keras: fit). Columns are flat, row-major, and as long as rows times
 * the numbers of one row; a column that already has the type of the model's view is read in place, so it must not change
 * meanwhile. The same model state, data, options and seed give the same bits.
 *
 * Throws TrainError before anything runs: everything wrong with the data at once (as `evaluate`), BAD_OPTION, EMPTY_SPLIT,
 * CHOOSE_STEP, MISSING_ENTRY and UNKNOWN_NAME; with `checkpoint` CHECKPOINTS_EXIST, OTHER_RUN and what `restore` throws. A store that
 * fails throws STORE_FAILED and ends training.
 */
export function fit<M extends Model>(model: M, data: Data<M>, options: FitOptions<M> = {}): History {
  const plan = planOf(model, data, options);
  return run((pace) => training(plan, pace), options.signal);
}

/**
 * `fit` in slices of time, so that a page stays responsive: same arguments, results and bits. Between slices the model
 * may be used for predictions.
 */
export async function fitAsync<M extends Model>(
  model: M,
  data: Data<M>,
  options: FitAsyncOptions<M> = {},
): Promise<History> {
  const plan = planOf(model, data, options);
  const slice = finite("sliceMilliseconds", options.sliceMilliseconds ?? 12, 0);
  return runInSlices((pace) => training(plan, pace), options.signal, slice);
}

/** A checked call of `fit`. */
interface Plan {
  readonly steps: readonly ((rows: number) => number)[];
  /** Of each step's loss, where there are several. */
  readonly lossNames: readonly string[];
  readonly train: Range;
  readonly order: Int32Array;
  readonly shuffleSeed: number | undefined;
  readonly epochs: { readonly from: number; readonly to: number };
  /** After each epoch: values named with a prefix. */
  readonly measured: readonly { readonly prefix: string; readonly measure: Measurement; readonly range: Range }[];
  readonly stopper: Stopper | undefined;
  readonly terminateOnNaN: boolean;
  readonly reporter: Reporter;
  /** The names of an epoch's values, `epoch` first. */
  readonly names: readonly string[];
  readonly run: TrainingState["run"];
  readonly keeper: Keeper | undefined;
}

function planOf<M extends Model>(model: M, data: Data<M>, options: FitOptions<M>): Plan {
  checkOptions<FitAsyncOptions<M>>(options, FIT_OPTIONS, "", say.HINTS);
  const from = integer("initialEpoch", options.initialEpoch ?? 0, 0);
  const to = integer("epochs", options.epochs ?? 1, 1);
  const seed = integer("seed", options.seed ?? 0, -Infinity);
  const interval = finite("batchEventInterval", options.batchEventInterval ?? 100, 0);
  const batchSize = batchSizeOf(model, options.batchSize);
  const steps = stepsOf(model, options.step);
  const runs = steps.map((step) => required(model, step));
  const lossNames = steps.length > 1 ? steps.map((step) => lossNameOf(model, step)) : [];
  const rejectNaN = options.rejectNaN ?? true;
  const fraction = options.validationData ? 0 : finite("validationSplit", options.validationSplit ?? 0, 0);
  if (fraction >= 1) throw say.badOption({ option: "validationSplit", value: fraction, expected: "less than 1" });
  const validates = fraction > 0 || options.validationData !== undefined;
  const measure = validates || options.trainingMetrics ? measurement(model, steps, false) : undefined;

  // The training rows are also measured where they are asked to be, or are split.
  const alike = fraction > 0 || options.trainingMetrics === true;
  const entries = [...steps, ...(alike ? (measure?.entries ?? []) : [])];
  const table = tableOf(model, data, ["inputs", "targets"], entries, rejectNaN);
  // Keras' rule, without its surprise that 0.9 of 10 rows leaves floor(0.99999) rows.
  const rows = Math.floor(table.rows * (1 - fraction) + 1e-9);
  if (rows === 0) throw say.emptySplit({ rows: table.rows, fraction, side: "training" });
  if (fraction > 0 && rows === table.rows) throw say.emptySplit({ rows: table.rows, fraction, side: "validation" });
  const train: Range = { table, from: 0, to: rows, batchSize };

  const measured: Plan["measured"][number][] = [];
  if (measure && options.trainingMetrics) {
    // Without its loss: the history's `loss` is the step's.
    measured.push({ prefix: "", measure: { ...measure, losses: [], lossNames: [] }, range: train });
  }
  if (measure && options.validationData) {
    const held = tableOf(model, options.validationData, ["inputs", "targets"], measure.entries, rejectNaN);
    measured.push({ prefix: "val_", measure, range: { table: held, from: 0, to: held.rows, batchSize } });
  } else if (measure && fraction > 0) {
    measured.push({ prefix: "val_", measure, range: { table, from: rows, to: table.rows, batchSize } });
  }

  const names = [
    "epoch",
    "loss",
    ...lossNames,
    ...measured.flatMap(({ prefix, measure }) => measuredNames(measure).map((name) => prefix + name)),
  ];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw say.duplicateMetric({ metric: twice });
  const stopper = options.earlyStopping ? stopperOf(model, options.earlyStopping, names.slice(1)) : undefined;
  const shuffleSeed = (options.shuffle ?? true) ? seed : undefined;
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
    order: new Int32Array(rows).map((_, i) => i),
    shuffleSeed,
    epochs: { from, to },
    measured,
    stopper,
    terminateOnNaN: options.terminateOnNaN ?? false,
    reporter: new Reporter(options.callbacks ?? [], { interval, from, to, rows, batchSize }),
    names,
    run,
    keeper: options.checkpoint && keeperOf(model, options.checkpoint, names.slice(1), run),
  };
}

function* training(plan: Plan, pace: Pace): Task<History> {
  const { order, epochs, keeper, names, stopper, reporter } = plan;
  const before = keeper && (yield* keeper.resume());
  const history: (readonly number[])[] = [...(before?.history ?? [])];
  const course = courseOf(plan, before);
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
    while (runBatches(plan, course, pace)) {
      if (course.due) {
        yield* keeper!.keep(state(epoch), false);
        written = course.batches;
        course.due = false;
      }
      if (pace.pause()) yield;
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
interface Course {
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

function courseOf({ steps }: Plan, before: TrainingState | undefined): Course {
  const { row = 0, batches = 0, totals = [] } = before ?? {};
  const course = { at: row, totals: new Float64Array(steps.length), total: 0, batches, due: false, stopped: false };
  course.totals.set(totals.slice(0, steps.length));
  course.total = totals[steps.length] ?? 0;
  return course;
}

/** To the beginning of an epoch. */
function begin(course: Course): void {
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
function runBatches(plan: Plan, course: Course, pace: Pace): boolean {
  const { train, order, steps, reporter, keeper } = plan;
  const { totals } = course;
  const every = keeper?.every ?? 0;
  while (course.at < train.to && !course.stopped) {
    const rows = Math.min(train.batchSize, train.to - course.at);
    fill(train.table, order, course.at, rows);
    for (let s = 0; s < steps.length; s++) {
      const loss = steps[s]!(rows) * rows;
      totals[s]! += loss;
      course.total += loss;
    }
    course.at += rows;
    course.batches++;
    if (reporter.listens) reporter.batchEnd(course.at, course.total);
    course.stopped = pace.stopped();
    course.due = every > 0 && course.batches % every === 0;
    if (course.due || pace.pause()) return true;
  }
  return false;
}

function* epochValues(
  plan: Plan,
  { total, totals }: Course,
  pace: Pace,
): Task<ReadonlyMap<string, number> | undefined> {
  const values = new Map([["loss", total / plan.train.to]]);
  for (const [s, name] of plan.lossNames.entries()) values.set(name, totals[s]! / plan.train.to);
  plan.reporter.trained();
  for (const { prefix, measure, range } of plan.measured) {
    const measured = yield* measuring(measure, range, pace);
    if (measured === undefined) return undefined;
    for (const [name, value] of measured) values.set(prefix + name, value as number);
  }
  return values;
}
