// Where a call of `fit` stands, as data: what a checkpoint has beside the model.

import { recordOf, problemOf, type Beside } from "./checkpoint.js";
import * as say from "./messages.js";
import type { Model } from "./model.js";
import { BEST, FIT, slotsOf, type StoredTensor, type Tensors } from "./tensor.js";

/** The best epoch by what is watched. */
export interface BestEpoch {
  readonly value: number;
  readonly epoch: number;
}

export interface TrainingState {
  /** What the run is, which a call that goes on must have alike: as `fit` describes it. */
  readonly run: Readonly<Record<string, unknown>>;
  /** The epoch that is running or comes next, the rows of it that are done, and all batches so far. */
  readonly epoch: number;
  readonly row: number;
  readonly batches: number;
  /** Sums of loss times rows in this epoch, one for each step, then that of all. */
  readonly totals: readonly number[];
  /** For each finished epoch, its number and what was measured. */
  readonly history: readonly (readonly number[])[];
  readonly stopper?: { readonly best: BestEpoch | undefined; readonly waited: number } | undefined;
  /** The model of the best epoch, where it is to be put back. */
  readonly bestModel?: Tensors | undefined;
  /** The best epoch that was kept as a checkpoint: what it is the best by, and the value of that, negative where more is better. */
  readonly kept?: { readonly by: string; readonly value: number } | undefined;
}

const numbers = (values: readonly number[], shape: readonly number[] = [values.length]): StoredTensor => ({
  dtype: "float64",
  shape,
  values: Float64Array.from(values),
});

/** Numbers that may be NaN or infinite are tensors, which have all their bits. */
export function encodeTraining(state: TrainingState): Beside {
  const { run, epoch, row, batches, totals, history, stopper, bestModel, kept } = state;
  const renamed = Object.entries(bestModel ?? {}).map(([key, tensor]) => [BEST + key, tensor] as const);
  return {
    text: JSON.stringify({
      run,
      epoch,
      row,
      batches,
      stopper: stopper && { waited: stopper.waited, epoch: stopper.best?.epoch ?? null },
      keptBy: kept?.by,
    }),
    tensors: {
      [`${FIT}totals`]: numbers(totals),
      [`${FIT}history`]: numbers(history.flat(), [history.length, history[0]?.length ?? 0]),
      [`${FIT}best`]: numbers([stopper?.best?.value ?? NaN, kept?.value ?? NaN]),
      ...Object.fromEntries(renamed),
    },
  };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The same from a file, for a model and a run that must be those it was made in. Throws TrainError. */
export function decodeTraining(model: Model, { text, tensors }: Beside, run: TrainingState["run"]): TrainingState {
  const refuse = (what: string): say.TrainError => say.badCheckpoint({ what: `the checkpoint's ${what}` });
  const { run: theirs, epoch, row, batches, stopper, keptBy } = recordOf("training", text);
  const of = (theirs ?? {}) as Record<string, unknown>;
  for (const [what, value] of Object.entries(run)) {
    if (JSON.stringify(of[what]) !== JSON.stringify(value)) throw say.otherRun({ what, theirs: of[what], ours: value });
  }
  const { rows, batchSize, initialEpoch } = run as Record<string, number>;
  const isPlace = isCount(row) && (row === rows || (row < rows! && row % batchSize! === 0));
  if (!isPlace || !isCount(epoch) || !isCount(batches) || epoch < initialEpoch!) {
    throw refuse(`place is none of this run: epoch ${say.shown(epoch)}, row ${say.shown(row)}`);
  }
  const [totals, history, best] = ["totals", "history", "best"].map((name) => floatsOf(tensors, FIT + name));
  const values = run["values"] as readonly unknown[];
  const epochs = epoch - initialEpoch!;
  if (totals?.length !== (run["steps"] as readonly unknown[]).length + 1)
    throw refuse("sums are not those of the steps");
  if (history?.length !== epochs * values.length) throw refuse(`history is not that of ${epochs} epochs`);
  if (best?.length !== 2) throw refuse("best values are missing");
  const slots = slotsOf(model);
  const keepsBest = stopped(run);
  const bestModel = keepsBest === "model" ? tensors : undefined;
  const wrong = bestModel && slots.find(({ key }) => !Object.hasOwn(bestModel, BEST + key));
  if (wrong) throw refuse(`best model has no ${wrong.field}`);
  say.throwAll(bestModel ? slots.flatMap((slot) => problemOf(slot, bestModel, BEST) ?? []) : []);
  const { waited, epoch: bestEpoch } = (stopper ?? {}) as { waited?: unknown; epoch?: unknown };
  if (keepsBest !== "nothing" && !(isCount(waited) && (bestEpoch === null || isCount(bestEpoch)))) {
    throw refuse("early stopping is not where one can be");
  }
  return {
    run,
    epoch,
    row,
    batches,
    totals: [...totals],
    history: Array.from({ length: epochs }, (_, i) =>
      Array.from(history.subarray(i * values.length, (i + 1) * values.length)),
    ),
    stopper: isCount(waited)
      ? { waited, best: isCount(bestEpoch) ? { value: best[0]!, epoch: bestEpoch } : undefined }
      : undefined,
    bestModel: bestModel && Object.fromEntries(slots.map(({ key }) => [key, bestModel[BEST + key]!])),
    kept: typeof keptBy === "string" ? { by: keptBy, value: best[1]! } : undefined,
  };
}

/** What early stopping of the run keeps. */
const stopped = (run: TrainingState["run"]): "nothing" | "values" | "model" => {
  const earlyStopping = run["earlyStopping"] as { readonly restoreBestWeights: boolean } | null;
  if (earlyStopping === null) return "nothing";
  return earlyStopping.restoreBestWeights ? "model" : "values";
};

function floatsOf(tensors: Tensors, key: string): Float64Array | undefined {
  const values = Object.hasOwn(tensors, key) ? tensors[key]!.values : undefined;
  return values instanceof Float64Array ? values : undefined;
}
