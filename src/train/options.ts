// Checks that options are what their types say, for callers without types and for values from forms and command lines.

import * as say from "./messages.js";
import { functionOf, type Model } from "./model.js";

/** Refuses names that are no option: a misspelt one would be ignored in silence. */
export function checkNames(options: object, known: readonly string[]): void {
  say.throwAll(
    Object.keys(options)
      .filter((name) => !known.includes(name))
      .map((name) => say.unknownName({ kind: "option", name, known })),
  );
}

export function integer(option: string, value: number, lowest: number): number {
  if (Number.isSafeInteger(value) && value >= lowest) return value;
  const expected = Number.isFinite(lowest) ? `an integer of at least ${lowest}` : "an integer";
  throw say.badOption({ option, value, expected });
}

export function finite(option: string, value: number, lowest: number): number {
  if (typeof value === "number" && value >= lowest && value < Infinity) return value;
  throw say.badOption({ option, value, expected: `a number of at least ${lowest}` });
}

/** The number of rows of a batch; by default the model's capacity. */
export function batchSizeOf(model: Model, given: number | undefined): number {
  const { capacity } = model.spec;
  const batchSize = given ?? capacity;
  if (Number.isSafeInteger(batchSize) && batchSize >= 1 && batchSize <= capacity) return batchSize;
  const hint = batchSize > capacity ? "generate the model with a larger batch" : undefined;
  const expected = `an integer in 1 .. ${capacity}, the model's capacity`;
  throw say.badOption({ option: "batchSize", value: batchSize, expected, hint });
}

/** The names of the steps that are meant: the only one, or those that are named. */
export function stepsOf(model: Model, given: string | readonly string[] | undefined): readonly string[] {
  const { name, steps } = model.spec;
  if (given === undefined) {
    if (steps.length !== 1) throw say.chooseStep({ model: name, steps });
    return steps;
  }
  const chosen = typeof given === "string" ? [given] : [...given];
  for (const step of chosen) {
    if (!steps.includes(step)) throw say.unknownName({ kind: "step", name: step, known: steps });
  }
  if (chosen.length === 0) throw say.chooseStep({ model: name, steps });
  return chosen;
}

/** The model's loss function for a step, in inference mode: `loss`, or with several steps `criticLoss`. */
export const lossNameOf = (model: Model, step: string): string =>
  model.spec.steps.length > 1 ? `${step}Loss` : "loss";

export function required(model: Model, entry: string): (rows: number) => number {
  const found = functionOf(model, entry);
  if (found === undefined) throw say.missingEntry({ model: model.spec.name, entry });
  return found;
}
