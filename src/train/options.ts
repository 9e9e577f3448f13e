// Checks that options are what their types say, for callers without types and for values from forms and command lines.

import * as say from "./messages.js";
import { functionOf, type Model } from "./model.js";

/** What an option must be, where it is given. */
export interface OptionCheck {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

/** Each option of a function, with what it must be. */
export type OptionChecks<O> = Readonly<Record<keyof O, OptionCheck>>;

/** For what the function checks itself: numbers in their ranges, data. */
export const elsewhere: OptionCheck = { expected: "what it is", accepts: () => true };

export const flag: OptionCheck = { expected: "true or false", accepts: (value) => typeof value === "boolean" };

export const text: OptionCheck = { expected: "a text", accepts: (value) => typeof value === "string" };

export const names: OptionCheck = {
  expected: "a name or a list of names",
  accepts: (value) => typeof value === "string" || (Array.isArray(value) && value.every(text.accepts)),
};

export const settings: OptionCheck = {
  expected: "an object",
  accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

export const list: OptionCheck = { expected: "a list", accepts: (value) => Array.isArray(value) };

export const functions: OptionCheck = {
  expected: "a list of functions",
  accepts: (value) => Array.isArray(value) && value.every((each) => typeof each === "function"),
};

/** Anything that can be listened to as a signal can. */
export const signal: OptionCheck = {
  expected: "an AbortSignal",
  accepts: (value) => settings.accepts(value) && typeof (value as AbortSignal).aborted === "boolean",
};

/** Refuses names that are no option, which would be ignored in silence, and values that cannot be meant. */
export function checkOptions<O extends object>(
  options: O,
  checks: OptionChecks<NoInfer<O>>,
  within = "",
  hints?: say.Hints,
): void {
  if (!settings.accepts(options))
    throw say.badOption({ option: within || "options", value: options, expected: "an object" });
  const known = Object.keys(checks);
  const errors = Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => say.unknownOption({ name, known, hints }));
  for (const [name, { accepts, expected }] of Object.entries<OptionCheck>(checks)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value === undefined || accepts(value)) continue;
    errors.push(say.badOption({ option: within === "" ? name : `${within}.${name}`, value, expected }));
  }
  say.throwAll(errors);
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
