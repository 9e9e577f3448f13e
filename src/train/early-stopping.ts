// Stopping when a measured value no longer improves, with the best parameters kept.

import * as say from "./messages.js";
import type { Model } from "./model.js";
import { type OptionChecks, checkOptions, elsewhere, finite, flag, integer, text } from "./options.js";
import { snapshotOf } from "./save.js";
import type { TrainingState } from "./training-state.js";

/**
 * When training stops before its last epoch: Keras' EarlyStopping, with its names and its meaning. {@link fit} takes
 * it.
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const model = compile(net).create();
 * const data = { inputs: { x: [1, 2, 3, 4] }, targets: { y: [2, 4, 6, 8] } };
 * const earlyStopping: EarlyStopping = { monitor: "loss", patience: 3, minDelta: 0.001, restoreBestWeights: true };
 * fit(model, data, { epochs: 100, shuffle: false, earlyStopping }).epoch.length; // 44
 * ```
 */
export interface EarlyStopping {
  /** The value of the history to watch. Default "val_loss". */
  readonly monitor?: string | undefined;
  /** Epochs without improvement after which training stops. Default 0: the first epoch that does not improve. */
  readonly patience?: number | undefined;
  /** A smaller change is no improvement, in the unit of the value. Default 0. */
  readonly minDelta?: number | undefined;
  /** What better means. Default: "max" where the name ends with accuracy, auc, precision, recall, f1 or rSquared, otherwise "min". */
  readonly mode?: "min" | "max" | undefined;
  /**
   * Put the best epoch's parameters and states back when training ends, however it ends. Default false: the last
   * epoch's are kept. Costs a copy of parameters and states.
   */
  readonly restoreBestWeights?: boolean | undefined;
}

const OPTIONS = {
  monitor: text,
  patience: elsewhere,
  minDelta: elsewhere,
  mode: elsewhere,
  restoreBestWeights: flag,
} satisfies OptionChecks<EarlyStopping>;

export interface Stopper {
  /** What a run that goes on must have alike: what is watched, and whether the best epoch's model is put back. */
  readonly kind: { readonly monitor: string; readonly mode: "min" | "max"; readonly restoreBestWeights: boolean };
  /** Where it stands, and from where it goes on. */
  readonly state: () => Pick<TrainingState, "stopper" | "bestModel">;
  readonly goOn: (state: TrainingState) => void;
  /** Whether patience is at its end after this epoch. */
  readonly isSpent: (epoch: number) => boolean;
  /** Takes note of an epoch's values. True: stop now. */
  readonly done: (values: ReadonlyMap<string, number>, epoch: number) => boolean;
  /** The best epoch so far, from 0. */
  readonly best: () => number | undefined;
  /** To be called once, when training ends. */
  readonly finish: () => void;
}

/** 1 where less is better, -1 where more is. */
export const signOf = (monitor: string): 1 | -1 =>
  /(accuracy|auc|precision|recall|f1|rsquared)$/i.test(monitor) ? -1 : 1;

/** `names` are those that an epoch's values will have. */
export function stopperOf(model: Model, options: EarlyStopping, names: readonly string[]): Stopper {
  checkOptions(options, OPTIONS, "earlyStopping");
  const monitor = options.monitor ?? "val_loss";
  if (!names.includes(monitor)) throw say.unknownName({ kind: "monitored value", name: monitor, known: names });
  const { mode } = options;
  if (mode !== undefined && mode !== "min" && mode !== "max") {
    throw say.badOption({ option: "earlyStopping.mode", value: mode, expected: '"min" or "max"' });
  }
  const sign = mode === undefined ? signOf(monitor) : mode === "max" ? -1 : 1;
  const patience = integer("earlyStopping.patience", options.patience ?? 0, 0);
  const minDelta = finite("earlyStopping.minDelta", options.minDelta ?? 0, 0);
  const snapshot = options.restoreBestWeights ? snapshotOf(model) : undefined;
  let best: { value: number; epoch: number } | undefined;
  let waited = 0;
  return {
    kind: { monitor, mode: sign > 0 ? "min" : "max", restoreBestWeights: snapshot !== undefined },
    state: () => ({ stopper: { best, waited }, bestModel: snapshot?.tensors() }),
    goOn({ stopper, bestModel }) {
      best = stopper?.best;
      waited = stopper?.waited ?? 0;
      if (bestModel) snapshot?.set(bestModel);
    },
    isSpent: (epoch) => waited > 0 && waited >= patience && epoch > 0,
    done(values, epoch) {
      const value = values.get(monitor)! * sign;
      if (value < (best?.value ?? Infinity) - minDelta) {
        best = { value, epoch };
        waited = 0;
        snapshot?.take();
        return false;
      }
      waited++;
      return this.isSpent(epoch);
    },
    best: () => best?.epoch,
    finish: () => best && snapshot?.restore(),
  };
}
