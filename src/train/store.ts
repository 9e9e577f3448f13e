// Where checkpoints are kept. What encodes them comes with the store, so that a page which trains without one does not load it.

import { encodeCheckpoint, openCheckpoint } from "./checkpoint.js";
import { decodeTraining, encodeTraining, type TrainingState } from "./training-state.js";
import type { Model } from "./model.js";

/** Files by name. Of `write` all must be seen by a later `read`, or nothing, whenever the machine stops. */
export interface CheckpointFiles {
  readonly list: () => readonly string[] | Promise<readonly string[]>;
  /** Throws where there is none of that name. */
  readonly read: (name: string) => Uint8Array | Promise<Uint8Array>;
  readonly write: (name: string, bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>;
  readonly remove: (name: string) => void | Promise<void>;
}

export interface CheckpointStore extends CheckpointFiles {
  /** What `fit` writes. */
  readonly encode: (model: Model, state: TrainingState) => Uint8Array<ArrayBuffer>;
  /** What it goes on from: where training stood, and what puts the model there. */
  readonly open: (model: Model, bytes: Uint8Array, run: TrainingState["run"]) => Reopened;
}

export interface Reopened {
  /** Absent in a checkpoint that `fit` did not write. */
  readonly state: TrainingState | undefined;
  readonly apply: () => void;
}

/**
 * A store of one's own, for `fit`'s option `checkpoint`: `folder` and `pageStore` are made of it. Functions that return promises need
 * `fitAsync`.
 *
 * `checkpointStore({ list, read, write, remove })`
 */
export const checkpointStore = (files: CheckpointFiles): CheckpointStore => ({
  ...files,
  encode: (model, state) => encodeCheckpoint(model, encodeTraining(state)),
  open(model, bytes, run) {
    const { beside, apply } = openCheckpoint(model, bytes);
    return { state: beside && decodeTraining(model, beside, run), apply };
  },
});
