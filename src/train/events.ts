// What `fit` reports while it runs: plain data, new for every event, so that it can be kept or sent to another thread.
// Epochs and steps count from 0 as in Keras; whoever shows them to people adds one.
//
// Rates: epochBegin and epochEnd once for each epoch, trainEnd once; batchEnd after the first batch and then after the first one for which
// `batchEventInterval` milliseconds (50) have passed: some 30 in a training of 1.5 s, where batches are shorter than that. Each event is told between two
// batches, so that none comes while a batch runs.

/**
 * What `fit` reports while it runs: plain data, new for every event, so that it can be kept or sent to another thread.
 * Epochs and steps count from 0 as in Keras; whoever shows them to people adds one.
 *
 * epochBegin and epochEnd come once for each epoch, trainEnd once; batchEnd after the first batch and then after the
 * first one for which `batchEventInterval` milliseconds have passed. {@link fit} tells them to its `callbacks`.
 */
export type FitEvent = EpochBegin | BatchEnd | EpochEnd | TrainEnd;

/** An epoch begins. {@link fit} tells it to its `callbacks`. */
export interface EpochBegin {
  /** "epochBegin". */
  readonly type: "epochBegin";
  /** The epoch, counted from 0. */
  readonly epoch: number;
  /** The end of training: the last epoch is epochs - 1. */
  readonly epochs: number;
  /** Batches of one epoch; NaN in the first one where data come batch by batch. */
  readonly steps: number;
  /** Training rows of one epoch; NaN in the first one where data come batch by batch. */
  readonly rows: number;
}

/** How far training has come. {@link fit} tells it to its `callbacks`. */
export interface Progress {
  /** The epoch, counted from 0. */
  readonly epoch: number;
  /** The end of training: the last epoch is epochs - 1. */
  readonly epochs: number;
  /** Batches of one epoch; NaN in the first one where data come batch by batch, but for its end. */
  readonly steps: number;
  /** The training loss so far in this epoch: the mean over its rows, each batch measured before its update. */
  readonly loss: number;
  /** Rows trained on per second of this epoch, validation not counted. */
  readonly examplesPerSecond: number;
  /** An estimate for all remaining epochs, in seconds, from the time spent so far; NaN where `steps` is. */
  readonly secondsLeft: number;
}

/**
 * A batch has run; at most one such event in `batchEventInterval` milliseconds. {@link fit} tells it to its
 * `callbacks`.
 */
export interface BatchEnd extends Progress {
  /** "batchEnd". */
  readonly type: "batchEnd";
  /** The batch that has just run, 0 .. steps - 1. */
  readonly step: number;
}

/** An epoch is over. {@link fit} tells it to its `callbacks`. */
export interface EpochEnd extends Progress {
  /** "epochEnd". */
  readonly type: "epochEnd";
  /** The epoch's line of the history: loss, val_loss, val_accuracy, ... */
  readonly values: { readonly [name: string]: number };
  /** The epoch's duration in seconds, validation included. */
  readonly seconds: number;
}

/** Training is over. {@link fit} tells it to its `callbacks`. */
export interface TrainEnd {
  /** "trainEnd". */
  readonly type: "trainEnd";
  /** Why it is over. */
  readonly reason: "completed" | "earlyStopping" | "aborted" | "nan";
  /** With early stopping, the best epoch. */
  readonly bestEpoch?: number;
  /** The whole duration in seconds. */
  readonly seconds: number;
}
