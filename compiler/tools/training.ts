// What the training file of a definition (`digits.train.ts`, or `train.ts`, beside `digits.net.ts`) exports by default.

import type { Model } from "../../src/train/index.js";

/** Flat columns by name, as `fit` takes them. {@link training} takes a function that loads them. */
export interface TrainingData {
  /** A column for each input. */
  readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
  /** A column for each target. */
  readonly targets: Readonly<Record<string, ArrayLike<number>>>;
}

/**
 * How a network is trained by `tapeless train`, which measures it too. `M` is the emitted model, as its module
 * declares it, where the training code uses more of it than every model has. {@link training} takes it.
 */
export interface Training<M extends Model = Model> {
  /** Reads the data. `test` is measured at the end; without it the training rows are. */
  readonly load: () => Loaded | Promise<Loaded>;
  /** How many epochs it is trained. */
  readonly epochs: number;
  /** Rows of one update, at most the network's batch. Default: the network's batch. */
  readonly batchSize?: number;
  /** The share of training rows that each epoch is validated on, 0 <= x < 1. Default: 0. */
  readonly validationSplit?: number;
  /** Which step to train, in a network of several, or which in turn. Default: the only one. */
  readonly step?: string | readonly string[];
  /**
   * Values that the network's hyper-parameters take before training, by name: { rate: 0.5 }. Default: their initial
   * ones.
   */
  readonly hyper?: Readonly<Record<string, number>>;
  /** What happens before the training that is measured, such as another step on some of the rows. Default: nothing. */
  readonly before?: (model: M, train: TrainingData) => void | Promise<void>;
  /**
   * What the trained model does, to be printed at the end: text that it writes, the path of a picture that it made.
   * Default: nothing.
   */
  readonly show?: (model: M, data: Loaded) => string | Promise<string>;
}

/** What {@link training} loads. */
export interface Loaded {
  /** Rows to train on. */
  readonly train: TrainingData;
  /** Rows to measure at the end. Without them the training rows are measured. */
  readonly test?: TrainingData;
}

/**
 * States how a network is trained: the default export of `digits.train.ts`, or `train.ts`, beside `digits.net.ts`.
 * `tapeless train` reads it.
 * @param description where the data come from, and how long it is trained
 * @returns the same
 * @example
 * ```ts
 * export default training({
 *   load: () => ({ train: { inputs: { x: [1, 2, 3] }, targets: { y: [2, 4, 6] } } }),
 *   epochs: 3,
 *   validationSplit: 0.1,
 * });
 * ```
 */
export const training = <M extends Model = Model>(description: Training<M>): Training<M> => description;
