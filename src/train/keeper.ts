// When `fit` writes checkpoints, which it keeps, and which one it goes on from.

import { signOf } from "./early-stopping.js";
import * as say from "./messages.js";
import type { Model } from "./model.js";
import { type OptionCheck, type OptionChecks, checkOptions, elsewhere, flag, integer, settings } from "./options.js";
import { settled, type Task } from "./pace.js";
import type { CheckpointStore } from "./store.js";
import type { TrainingState } from "./training-state.js";

/** When {@link fit} writes checkpoints, which it keeps, and whether it goes on from one. */
export interface CheckpointOptions {
  /** Where: `folder("runs/digits")`, `pageStore("digits")`, or a store of one's own. */
  readonly store: CheckpointStore;
  /** After each epoch, or after every so many batches (Keras: save_freq). One is written at the end too. Default "epoch". */
  readonly every?: "epoch" | number | undefined;
  /**
   * Keep the best epoch too, as `best.safetensors`: by this value of the history, or where it is true by `val_loss` or, without validation,
   * `loss`. More is better where the name ends as early stopping says. Default false.
   */
  readonly best?: boolean | string | undefined;
  /** How many of the newest are kept beside the best one. Default 1. */
  readonly keep?: number | undefined;
  /** Go on from the newest checkpoint of the store; from the beginning, where there is none. Default false. */
  readonly resume?: boolean | undefined;
}

const nameOrFlag: OptionCheck = {
  expected: "true, false or the name of a value of the history",
  accepts: (value) => typeof value === "string" || flag.accepts(value),
};

const STORE: OptionCheck = {
  expected: "a store, such as folder(path) or pageStore(name)",
  accepts: (value) => settings.accepts(value) && typeof (value as CheckpointStore).encode === "function",
};

const OPTIONS = {
  store: STORE,
  every: elsewhere,
  best: nameOrFlag,
  keep: elsewhere,
  resume: flag,
} satisfies OptionChecks<CheckpointOptions>;

/** A run's checkpoints. */
export interface Keeper {
  /** Batches between two, or 0: after each epoch. */
  readonly every: number;
  /** To be asked first: where the run goes on. The model is then as it was. Absent: it begins. */
  readonly resume: () => Task<TrainingState | undefined>;
  /** Whether the values of an epoch that has just ended are the best so far. */
  readonly improves: (values: ReadonlyMap<string, number>) => boolean;
  /** Writes one, and where it is the best, that too. */
  readonly keep: (state: TrainingState, isBest: boolean) => Task<void>;
}

const BEST_NAME = "best.safetensors";
const NUMBERED = /^checkpoint-(\d{9,})\.safetensors$/;
const nameOf = (batches: number): string => `checkpoint-${String(batches).padStart(9, "0")}.safetensors`;

/** `names` are those that an epoch's values will have; `run` is what a run that goes on must have alike. */
export function keeperOf(
  model: Model,
  options: CheckpointOptions,
  names: readonly string[],
  run: TrainingState["run"],
): Keeper {
  checkOptions(options, OPTIONS, "checkpoint");
  const { store, best = false, resume = false } = options;
  if (store === undefined) throw say.badOption({ option: "checkpoint.store", value: store, expected: STORE.expected });
  const every =
    options.every === "epoch"
      ? 0
      : integer("checkpoint.every", options.every ?? 0, options.every === undefined ? 0 : 1);
  const keep = integer("checkpoint.keep", options.keep ?? 1, 1);
  const monitor = best === true ? (names.includes("val_loss") ? "val_loss" : "loss") : best;
  if (monitor !== false && !names.includes(monitor)) {
    throw say.unknownName({ kind: "value of the history", name: monitor, known: names });
  }
  let kept: TrainingState["kept"];
  let written: number[] = [];

  return {
    every,
    *resume() {
      const found = (yield* settled(store.list())).flatMap((name) => NUMBERED.exec(name)?.[1] ?? []).map(Number);
      written = found.sort((a, b) => a - b);
      const newest = written.at(-1);
      if (newest === undefined) return undefined;
      if (!resume) throw say.checkpointsExist({ name: nameOf(newest) });
      const { state, apply } = store.open(model, yield* settled(store.read(nameOf(newest))), run);
      if (state === undefined) throw say.badCheckpoint({ what: `${nameOf(newest)} does not say where training stood` });
      apply();
      // Where something else is the best now, the best so far is not known.
      kept = state.kept?.by === monitor ? state.kept : undefined;
      return state;
    },
    improves(values) {
      if (monitor === false) return false;
      const value = values.get(monitor)! * signOf(monitor);
      const better = value < (kept?.value ?? Infinity);
      if (better) kept = { by: monitor, value };
      return better;
    },
    *keep(state, isBest) {
      const bytes = store.encode(model, { ...state, kept });
      // First, since the numbered one says that the best is kept.
      if (isBest) yield* settled(store.write(BEST_NAME, bytes));
      yield* settled(store.write(nameOf(state.batches), bytes));
      written = [...written.filter((number) => number !== state.batches), state.batches];
      for (const old of written.splice(0, written.length - keep)) yield* settled(store.remove(nameOf(old)));
    },
  };
}
