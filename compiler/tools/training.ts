// What the training file of a definition (`digits.train.ts`, or `train.ts`, beside `digits.net.ts`) exports by default.

import type { Model } from "../../src/train/index.js";

/** Flat columns by name, as `fit` takes them. */
export interface TrainingData {
  readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
  readonly targets: Readonly<Record<string, ArrayLike<number>>>;
}

/** `M`: the emitted model, as its module declares it, where the training code uses more of it than every model has. */
export interface Training<M extends Model = Model> {
  /** Reads the data. `test` is measured at the end; without it the training rows are. */
  readonly load: () => Loaded | Promise<Loaded>;
  readonly epochs: number;
  /** Rows of one update, at most the network's batch. Absent: the network's batch. */
  readonly batchSize?: number;
  /** The share of training rows that each epoch is validated on, 0 <= x < 1. */
  readonly validationSplit?: number;
  /** Which step to train, in a network of several, or which in turn. */
  readonly step?: string | readonly string[];
  /** Values that the network's hyper-parameters take before training, by name: { rate: 0.5 }. */
  readonly hyper?: Readonly<Record<string, number>>;
  /** What happens before the training that is measured, such as another step on some of the rows. */
  readonly before?: (model: M, train: TrainingData) => void | Promise<void>;
  /** What the trained model does, to be printed at the end: text that it writes, the path of a picture that it made. */
  readonly show?: (model: M, data: Loaded) => string | Promise<string>;
}

export interface Loaded {
  readonly train: TrainingData;
  readonly test?: TrainingData;
}

/** States how a network is trained: `export default training({ load, epochs: 3, validationSplit: 0.1 })`. */
export const training = <M extends Model = Model>(description: Training<M>): Training<M> => description;
