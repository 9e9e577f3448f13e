// What the training module of an example (`examples/<name>/train.ts`) exports by default.

import type { Model } from "../../src/train/index.js";

/** Flat columns by name, as `fit` takes them. */
export interface ExampleData {
  readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
  readonly targets: Readonly<Record<string, ArrayLike<number>>>;
}

/** `M`: the emitted model, as its module declares it, where the training code uses more of it than every model has. */
export interface Example<M extends Model = Model> {
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
  readonly before?: (model: M, train: ExampleData) => void | Promise<void>;
  /** What the trained model does, to be printed at the end: text that it writes, the path of a picture that it made. */
  readonly show?: (model: M, data: Loaded) => string | Promise<string>;
}

export interface Loaded {
  readonly train: ExampleData;
  readonly test?: ExampleData;
}

/** States how an example is trained: `export default example({ load, epochs: 3, validationSplit: 0.1 })`. */
export const example = <M extends Model = Model>(description: Example<M>): Example<M> => description;
