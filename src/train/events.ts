// What `fit` reports while it runs: plain data, new for every event, so that it can be kept or sent to another thread.
// Epochs and steps count from 0 as in Keras; whoever shows them to people adds one.
//
// Rates: epochBegin and epochEnd once for each epoch, trainEnd once; batchEnd after the first batch and then after the first one for which
// `batchEventInterval` milliseconds (50) have passed: some 30 in a training of 1.5 s, where batches are shorter than that. Each event is told between two
// batches, so that none comes while a batch runs.

export type FitEvent = EpochBegin | BatchEnd | EpochEnd | TrainEnd;

export interface EpochBegin {
  readonly type: "epochBegin";
  readonly epoch: number;
  /** The end of training: the last epoch is epochs - 1. */
  readonly epochs: number;
  /** Batches of one epoch; NaN in the first one where data come batch by batch. */
  readonly steps: number;
  /** Training rows of one epoch; NaN in the first one where data come batch by batch. */
  readonly rows: number;
}

export interface Progress {
  readonly epoch: number;
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

/** At most one in `batchEventInterval` milliseconds. */
export interface BatchEnd extends Progress {
  readonly type: "batchEnd";
  /** The batch that has just run, 0 .. steps - 1. */
  readonly step: number;
}

export interface EpochEnd extends Progress {
  readonly type: "epochEnd";
  /** The epoch's line of the history: loss, val_loss, val_accuracy, ... */
  readonly values: { readonly [name: string]: number };
  /** The epoch's duration in seconds, validation included. */
  readonly seconds: number;
}

export interface TrainEnd {
  readonly type: "trainEnd";
  readonly reason: "completed" | "earlyStopping" | "aborted" | "nan";
  /** With early stopping, the best epoch. */
  readonly bestEpoch?: number;
  /** The whole duration in seconds. */
  readonly seconds: number;
}
