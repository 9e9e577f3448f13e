// Where checkpoints are kept. What encodes them comes with the store, so that a page which trains without one does not load it.

import { encodeCheckpoint, openCheckpoint } from "./checkpoint.js";
import { decodeTraining, encodeTraining, type TrainingState } from "./training-state.js";
import type { Model } from "./model.js";

/**
 * Files by name. Of `write` all must be seen by a later `read`, or nothing, whenever the machine stops.
 * {@link checkpointStore} takes them.
 */
export interface CheckpointFiles {
  /** The names of all files. */
  readonly list: () => readonly string[] | Promise<readonly string[]>;
  /** Throws where there is none of that name. */
  readonly read: (name: string) => Uint8Array | Promise<Uint8Array>;
  /** Writes a file of that name, or another one in its place. */
  readonly write: (name: string, bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>;
  /** Removes the file of that name. */
  readonly remove: (name: string) => void | Promise<void>;
}

/** Where {@link fit} keeps checkpoints. {@link folder}, {@link pageStore} and {@link checkpointStore} make one. */
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
 * A store of one's own, for `fit`'s option `checkpoint`: {@link folder} and {@link pageStore} are made of it.
 * Functions that return promises need {@link fitAsync}.
 * @param files what lists, reads, writes and removes files by name
 * @returns a store
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * const data = { inputs: { x: [1, 2, 3, 4] }, targets: { y: [2, 4, 6, 8] } };
 * const files = new Map<string, Uint8Array>();
 * const store = checkpointStore({
 *   list: () => [...files.keys()],
 *   read: (name) => files.get(name)!,
 *   write: (name, bytes) => void files.set(name, bytes),
 *   remove: (name) => void files.delete(name),
 * });
 * fit(model, data, { epochs: 2, checkpoint: { store, best: true } });
 * [...files.keys()]; // ["best.safetensors", "checkpoint-000000002.safetensors"]
 * ```
 */
export const checkpointStore = (files: CheckpointFiles): CheckpointStore => ({
  ...files,
  encode: (model, state) => encodeCheckpoint(model, encodeTraining(state)),
  open(model, bytes, run) {
    const { beside, apply } = openCheckpoint(model, bytes);
    return { state: beside && decodeTraining(model, beside, run), apply };
  },
});
