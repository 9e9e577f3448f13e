// The training loop: epochs over shuffled mini-batches of a model that carries its own step function.

import { stopperOf, type EarlyStopping, type Stopper } from "./early-stopping.js";
import { measuredNames, measurement, measuring, rowsOf, type Measurement, type Range, type Rows } from "./evaluate.js";
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
import { Reporter, type Course } from "./reporter.js";
import { shuffle } from "./shuffle.js";
import { flowing, isStream, type AsyncBatches, type Batches, type Stream } from "./stream.js";
import { fill } from "./table.js";
import { terminalLine, warning } from "./terminal.js";

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
  /** Another order of the rows in every epoch. Default true; batches of an iterable stay in their order. */
  readonly shuffle?: boolean | undefined;
  /** An integer that the orders derive from: the order of an epoch depends on (seed, epoch) only. Default 0. */
  readonly seed?: number | undefined;
  /** The share of rows, 0 <= x < 1, kept for validation: the last ones, taken before shuffling. Default 0. */
  readonly validationSplit?: number | undefined;
  /** Rows to validate on after each epoch. Takes precedence over validationSplit. */
  readonly validationData?: Data<M> | Batches<M> | undefined;
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
  /**
   * Whether it is said how training goes: one line that is rewritten, where standard error is a terminal, and once, by
   * console.warn, that the loss is no finite number. Default true.
   */
  readonly progress?: boolean | undefined;
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

export interface FitAsyncOptions<M extends Model> extends Omit<FitOptions<M>, "validationData"> {
  /** Rows to validate on after each epoch. Takes precedence over validationSplit. */
  readonly validationData?: Data<M> | AsyncBatches<M> | undefined;
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
  progress: flag,
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
 * Data may come batch by batch, from an iterable or a function that gives one for each epoch, so that they need not fit into
 * memory: `{ inputs, targets }` of any number of rows, which are cut anew into `batchSize` rows. Results are the bits of the same
 * rows in memory with `shuffle: false`.
 *
 *     fit(net, () => chunks(), { epochs: 3 }); // function* chunks() { …; yield { inputs: { image }, targets: { digit } }; }
 *
 * Throws TrainError before anything runs: everything wrong with the data at once (as `evaluate`), BAD_OPTION, EMPTY_SPLIT,
 * CHOOSE_STEP, MISSING_ENTRY and UNKNOWN_NAME. What is wrong with a batch is thrown when it comes, with its number; READ_ONCE
 * where there are no batches in a later epoch, MUST_WAIT for those of an async iterable.
 */
export function fit<M extends Model>(model: M, data: Data<M> | Batches<M>, options: FitOptions<M> = {}): History {
  const plan = planOf(model, data, options, { caller: "fit", instead: "fitAsync" });
  return run((pace) => training(plan, pace), options.signal);
}

/**
 * `fit` in slices of time, so that a page stays responsive: same arguments, results and bits. Between slices the model
 * may be used for predictions. Batches may come from an async iterable, which is waited for.
 *
 *     await fitAsync(net, zipBatches({ image: idxBatches(images) }, { digit: idxBatches(labels) }), { epochs: 3 });
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
}

function planOf<M extends Model>(
  model: M,
  data: Data<M> | AsyncBatches<M>,
  options: FitAsyncOptions<M>,
  waits: Stream["waits"],
): Plan {
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
  if (isStream(data) && options.shuffle === true) throw say.unshuffled();
  if (isStream(data) && fraction > 0) throw say.unsplit();
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
  return {
    steps: runs,
    lossNames,
    train,
    order: new Int32Array("table" in train ? train.to : 0).map((_, i) => i),
    shuffleSeed: "table" in train && (options.shuffle ?? true) ? seed : undefined,
    epochs: { from, to },
    measured,
    stopper: options.earlyStopping ? stopperOf(model, options.earlyStopping, names.slice(1)) : undefined,
    terminateOnNaN: options.terminateOnNaN ?? false,
    reporter: reporterOf(options, { interval, from, to, rows: "table" in train ? train.to : NaN, batchSize }),
  };
}

function reporterOf<M extends Model>(options: FitAsyncOptions<M>, course: Course): Reporter {
  const says = options.progress ?? true;
  const line = says ? terminalLine() : undefined;
  return new Reporter([...(options.callbacks ?? []), ...(line ? [line] : [])], course, says ? warning : undefined);
}

/** The rows to learn from, and the last ones, which are held back. */
function parted(all: Range, fraction: number): readonly [train: Range, held: Range | undefined] {
  // Keras' rule, without its surprise that 0.9 of 10 rows leaves floor(0.99999) rows.
  const rows = Math.floor(all.to * (1 - fraction) + 1e-9);
  if (rows === 0) throw say.emptySplit({ rows: all.to, fraction, side: "training" });
  if (fraction > 0 && rows === all.to) throw say.emptySplit({ rows: all.to, fraction, side: "validation" });
  return [{ ...all, to: rows }, fraction > 0 ? { ...all, from: rows } : undefined];
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
    const course: Epoch = { at: 0, totals: new Float64Array(plan.steps.length), total: 0, stopped: pace.stopped() };
    if ("table" in plan.train) while (runBatches(plan, plan.train, course, pace)) yield;
    else yield* runStream(plan, plan.train, course, pace);
    if (course.at === 0 && !course.stopped) {
      throw epoch === epochs.from ? say.noRows({ what: "the data" }) : say.readOnce({ epoch });
    }
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
interface Epoch {
  /** The next row. */
  at: number;
  /** The sum of loss times rows, of each step. */
  readonly totals: Float64Array;
  /** The same of all steps. */
  total: number;
  stopped: boolean;
}

/** Runs batches until the epoch ends (false) or a pause is due (true). The loop that must not allocate. */
function runBatches(plan: Plan, train: Range, course: Epoch, pace: Pace): boolean {
  while (course.at < train.to && !course.stopped) {
    const rows = Math.min(train.batchSize, train.to - course.at);
    fill(train.table, plan.order, course.at, rows);
    runSteps(plan, course, rows);
    course.stopped = pace.stopped();
    if (pace.pause()) return true;
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
