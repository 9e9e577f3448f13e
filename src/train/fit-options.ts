// What `fit` can be told.

import type { EarlyStopping } from "./early-stopping.js";
import type { FitEvent } from "./events.js";
import type { CheckpointOptions } from "./keeper.js";
import type { Data, Model } from "./model.js";
import type { Signal } from "./pace.js";
import type { AsyncBatches, Batches } from "./stream.js";
import { type OptionChecks, elsewhere, flag, functions, names, settings, signal } from "./options.js";

/** The options of {@link fit}. */
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
  /** Rows to validate on after each epoch. Takes precedence over validationSplit. Default: none. */
  readonly validationData?: Data<M> | Batches<M> | undefined;
  /**
   * Also measure the network's metrics on the training rows after each epoch, in inference mode: `accuracy` and so on. Keras has
   * them always, as a mean over the epoch's batches. Default false, since it costs a pass.
   */
  readonly trainingMetrics?: boolean | undefined;
  /**
   * Which step to run, in a network of several; or several, one after the other on every batch, as two players take
   * turns. Then the history has each one's loss, `criticLoss` and so on, and `loss` is their sum. Default: the only
   * one.
   */
  readonly step?: string | readonly string[] | undefined;
  /** Called with every event, in order. What one throws ends the training. Default: none. */
  readonly callbacks?: readonly ((event: FitEvent) => void)[] | undefined;
  /**
   * Whether it is said how training goes: one line that is rewritten, where standard error is a terminal, and once, by
   * console.warn, that the loss is no finite number. Default true.
   */
  readonly progress?: boolean | undefined;
  /** The least time between two batchEnd events, in milliseconds; 0: after every batch. Default 50. */
  readonly batchEventInterval?: number | undefined;
  /** When to stop before the last epoch. Default: never. */
  readonly earlyStopping?: EarlyStopping | undefined;
  /** Stop at the end of an epoch whose training loss is NaN (Keras: TerminateOnNaN). Default false. */
  readonly terminateOnNaN?: boolean | undefined;
  /** Ends training after the current batch when aborted; the history so far is returned. Default: none. */
  readonly signal?: Signal | undefined;
  /** Refuse NaN in the data. Default true. */
  readonly rejectNaN?: boolean | undefined;
  /**
   * Write checkpoints while training runs and when it ends, aborted too, and go on from them. A run that goes on
   * gives the bits that it would have given without a stop, its history too; callbacks hear of what it does anew. Not
   * for batches that come from an iterable. Default: none.
   */
  readonly checkpoint?: CheckpointOptions | undefined;
}

/** The options of {@link fitAsync}. */
export interface FitAsyncOptions<M extends Model> extends Omit<FitOptions<M>, "validationData"> {
  /** Rows to validate on after each epoch. Takes precedence over validationSplit. Default: none. */
  readonly validationData?: Data<M> | AsyncBatches<M> | undefined;
  /** Milliseconds of work between two turns of the event loop. Default 12, which leaves time to draw 60 frames a second. */
  readonly sliceMilliseconds?: number | undefined;
}

export const FIT_OPTIONS = {
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
  checkpoint: settings,
  sliceMilliseconds: elsewhere,
} satisfies OptionChecks<FitAsyncOptions<Model>>;
