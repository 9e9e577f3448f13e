// The training loop: epochs over shuffled mini-batches of a model that carries its own step function.

import { stopperOf, type EarlyStopping, type Stopper } from "./early-stopping.js";
import { measuredNames, measurement, measuring, type Measurement, type Range } from "./evaluate.js";
import type { FitEvent } from "./events.js";
import * as say from "./messages.js";
import type { Data, Model } from "./model.js";
import {
  type Checks,
  batchSizeOf,
  checkOptions,
  elsewhere,
  finite,
  flag,
  functions,
  integer,
  lossNameOf,
  names,
  required,
  settings,
  signal,
  stepsOf,
} from "./options.js";
import { run, runInSlices, type Pace, type Task } from "./pace.js";
import { Reporter } from "./reporter.js";
import { shuffle } from "./shuffle.js";
import { fill, tableOf } from "./table.js";

export interface FitOptions<M extends Model> {
  /** Training ends before this epoch, counted from 0. Default 1. */
  readonly epochs?: number | undefined;
  /** The epoch to begin with: an earlier run's `epochs`, to continue it. From `epochs` on, nothing is trained. Default 0. */
  readonly initialEpoch?: number | undefined;
  /**
   * Rows of one update, 1 .. capacity: 1 is stochastic descent, the number of rows full-batch descent. The last batch of
   * an epoch has what remains. Default: the capacity.
   */
  readonly batchSize?: number | undefined;
  /** Another order of the rows in every epoch. Default true. */
  readonly shuffle?: boolean | undefined;
  /** An integer that the orders derive from: the order of an epoch depends on (seed, epoch) only. Default 0. */
  readonly seed?: number | undefined;
  /** The share of rows, 0 <= x < 1, kept for validation: the last ones, taken before shuffling. Default 0. */
  readonly validationSplit?: number | undefined;
  /** Rows to validate on after each epoch. Takes precedence over validationSplit. */
  readonly validationData?: Data<M> | undefined;
  /**
   * Also measure the network's metrics on the training rows after each epoch, in inference mode: `accuracy` and so on. Keras has
   * them always, as a mean over the epoch's batches. Default false, since it costs a pass.
   */
  readonly trainingMetrics?: boolean | undefined;
  /**
   * Which step to run, in a network of several; or several, one after the other on every batch, as two players take turns.
   * Then the history has each one's loss, `criticLoss` and so on, and `loss` is their sum.
   */
  readonly step?: string | readonly string[] | undefined;
  /** Called with every event, in order. What one throws ends the training. */
  readonly callbacks?: readonly ((event: FitEvent) => void)[] | undefined;
  /** The least time between two batchEnd events, in milliseconds; 0: after every batch. Default 100. */
  readonly batchEventInterval?: number | undefined;
  /** When to stop before the last epoch. */
  readonly earlyStopping?: EarlyStopping | undefined;
  /** Stop at the end of an epoch whose training loss is NaN (Keras: TerminateOnNaN). Default false. */
  readonly terminateOnNaN?: boolean | undefined;
  /** Ends training after the current batch when aborted; the history so far is returned. */
  readonly signal?: AbortSignal | undefined;
  /** Refuse NaN in the data. Default true. */
  readonly rejectNaN?: boolean | undefined;
}

export interface FitAsyncOptions<M extends Model> extends FitOptions<M> {
  /** Milliseconds of work between two turns of the event loop. Default 12, which leaves time to draw 60 frames a second. */
  readonly sliceMilliseconds?: number | undefined;
}

const OPTIONS = {
  epochs: elsewhere,
  initialEpoch: elsewhere,
  batchSize: elsewhere,
  shuffle: flag,
  seed: elsewhere,
  validationSplit: elsewhere,
  validationData: elsewhere,
  trainingMetrics: flag,
  step: names,
  callbacks: functions,
  batchEventInterval: elsewhere,
  earlyStopping: settings,
  terminateOnNaN: flag,
  signal: signal,
  rejectNaN: flag,
  sliceMilliseconds: elsewhere,
} satisfies Checks<FitAsyncOptions<Model>>;

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
 * CHOOSE_STEP, MISSING_ENTRY and UNKNOWN_NAME.
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
}

function planOf<M extends Model>(model: M, data: Data<M>, options: FitOptions<M>): Plan {
  checkOptions<FitAsyncOptions<M>>(options, OPTIONS);
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
  return {
    steps: runs,
    lossNames,
    train,
    order: new Int32Array(rows).map((_, i) => i),
    shuffleSeed: (options.shuffle ?? true) ? seed : undefined,
    epochs: { from, to },
    measured,
    stopper: options.earlyStopping ? stopperOf(model, options.earlyStopping, names.slice(1)) : undefined,
    terminateOnNaN: options.terminateOnNaN ?? false,
    reporter: new Reporter(options.callbacks ?? [], { interval, from, to, rows, batchSize }),
  };
}

function* training(plan: Plan, pace: Pace): Task<History> {
  const { order, epochs, stopper, reporter } = plan;
  const history = new Map<string, number[]>([
    ["epoch", []],
    ["loss", []],
  ]);
  let reason: "completed" | "earlyStopping" | "aborted" | "nan" = "completed";
  for (let epoch = epochs.from; epoch < epochs.to; epoch++) {
    if (plan.shuffleSeed !== undefined) shuffle(order, plan.shuffleSeed, epoch);
    reporter.epochBegin(epoch);
    const course: Course = { at: 0, totals: new Float64Array(plan.steps.length), total: 0, stopped: pace.stopped() };
    while (runBatches(plan, course, pace)) yield;
    // A stop after the epoch's last batch still leaves the epoch unfinished: it has not been validated.
    const values = course.stopped ? undefined : yield* epochValues(plan, course, pace);
    if (values === undefined) {
      reason = "aborted";
      break;
    }
    for (const [name, value] of [["epoch", epoch] as const, ...values]) {
      const column = history.get(name);
      if (column) column.push(value);
      else history.set(name, [value]);
    }
    const stop = stopper?.done(values, epoch) === true;
    reporter.epochEnd(values);
    if (plan.terminateOnNaN && Number.isNaN(values.get("loss"))) reason = "nan";
    else if (stop && epoch + 1 < epochs.to) reason = "earlyStopping";
    if (reason !== "completed") break;
  }
  stopper?.finish();
  reporter.trainEnd(reason, stopper?.best());
  return Object.fromEntries(history) as unknown as History;
}

/** Where an epoch stands. */
interface Course {
  /** The next row. */
  at: number;
  /** The sum of loss times rows, of each step. */
  readonly totals: Float64Array;
  /** The same of all steps. */
  total: number;
  stopped: boolean;
}

/** Runs batches until the epoch ends (false) or a pause is due (true). The loop that must not allocate. */
function runBatches(plan: Plan, course: Course, pace: Pace): boolean {
  const { train, order, steps, reporter } = plan;
  const { totals } = course;
  while (course.at < train.to && !course.stopped) {
    const rows = Math.min(train.batchSize, train.to - course.at);
    fill(train.table, order, course.at, rows);
    for (let s = 0; s < steps.length; s++) {
      const loss = steps[s]!(rows) * rows;
      totals[s]! += loss;
      course.total += loss;
    }
    course.at += rows;
    if (reporter.listens) reporter.batchEnd(course.at, course.total);
    course.stopped = pace.stopped();
    if (pace.pause()) return true;
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
