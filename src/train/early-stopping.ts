// Stopping when a measured value no longer improves, with the best parameters kept.

import * as say from "./messages.js";
import type { Model } from "./model.js";
import { type Checks, checkOptions, elsewhere, finite, flag, integer, text } from "./options.js";
import { snapshotOf } from "./save.js";

/** Keras' EarlyStopping, with its names and its meaning. */
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
} satisfies Checks<EarlyStopping>;

export interface Stopper {
  /** Takes note of an epoch's values. True: stop now. */
  readonly done: (values: ReadonlyMap<string, number>, epoch: number) => boolean;
  /** The best epoch so far, from 0. */
  readonly best: () => number | undefined;
  /** To be called once, when training ends. */
  readonly finish: () => void;
}

/** `names` are those that an epoch's values will have. */
export function stopperOf(model: Model, options: EarlyStopping, names: readonly string[]): Stopper {
  checkOptions(options, OPTIONS, "earlyStopping");
  const monitor = options.monitor ?? "val_loss";
  if (!names.includes(monitor)) throw say.unknownName({ kind: "monitored value", name: monitor, known: names });
  const { mode } = options;
  if (mode !== undefined && mode !== "min" && mode !== "max") {
    throw say.badOption({ option: "earlyStopping.mode", value: mode, expected: '"min" or "max"' });
  }
  const sign =
    (mode ?? (/(accuracy|auc|precision|recall|f1|rsquared)$/i.test(monitor) ? "max" : "min")) === "max" ? -1 : 1;
  const patience = integer("earlyStopping.patience", options.patience ?? 0, 0);
  const minDelta = finite("earlyStopping.minDelta", options.minDelta ?? 0, 0);
  const snapshot = options.restoreBestWeights ? snapshotOf(model) : undefined;
  let best: { value: number; epoch: number } | undefined;
  let waited = 0;
  return {
    done(values, epoch) {
      const value = values.get(monitor)! * sign;
      if (value < (best?.value ?? Infinity) - minDelta) {
        best = { value, epoch };
        waited = 0;
        snapshot?.take();
        return false;
      }
      waited++;
      return waited >= patience && epoch > 0;
    },
    best: () => best?.epoch,
    finish: () => best && snapshot?.restore(),
  };
}
