// Comparing the numbers of a model with those that are wanted. Runs in pages too: nothing here is Node's.

import type { Model } from "../../compiler/instantiate.js";

export type Values = Readonly<Record<string, ArrayLike<number>>>;

/** Numbers that are all this small are what is left of larger ones that cancel: their scale is 1. */
const NOTHING = 1e-12;

/** The scale of a comparison: the largest finite magnitude. */
export const scaleOf = (...groups: readonly Values[]): number => {
  const size = Math.max(...groups.map(largest));
  return size < NOTHING ? 1 : size;
};

function largest(values: Values): number {
  let most = 0;
  for (const list of Object.values(values)) {
    for (let i = 0; i < list.length; i++) {
      const size = Math.abs(list[i]!);
      if (size > most && size < Infinity) most = size;
    }
  }
  return most;
}

/** Throws at the first number that deviates by more than `bound`; arrays of the model may be longer than what is wanted. */
export function expectClose(what: string, actual: Values, wanted: Values, bound: number): void {
  const names = [Object.keys(actual).sort().join(), Object.keys(wanted).sort().join()];
  if (names[0] !== names[1]) throw new Error(`${what}: emitted has ${names[0]}, interpreted ${names[1]}`);
  for (const [name, list] of Object.entries(wanted)) {
    const emitted = actual[name]!;
    for (let i = 0; i < list.length; i++) {
      const [a, b] = [emitted[i]!, list[i]!];
      if (Math.abs(a - b) <= bound || Object.is(a, b)) continue;
      const off = Math.abs(a - b);
      throw new Error(`${what} ${name}[${i}]: emitted ${a}, interpreted ${b}: ${off} apart, allowed ${bound}`);
    }
  }
}

/** A comparison of a group of a model's values, or of the loss that its entry returned. */
export interface Check {
  readonly group: "outputs" | "statistics" | "grads" | "parameters" | "states" | "loss";
  readonly wanted: Values;
  /** The model may have more of the group than what is wanted: the gradients of steps that did not run. */
  readonly partial: boolean;
  readonly bound: number;
}

/** Throws where the model does not pass. `returned`: what its entry did, where the loss is compared. */
export function expectCheck(model: Pick<Model, string>, check: Check, returned: number | undefined): void {
  const { group, wanted, partial, bound } = check;
  const values: Values = group === "loss" ? onlyOf(wanted, () => [returned!]) : (model[group] as Values);
  expectClose(group, partial ? onlyOf(wanted, (name) => values[name]!) : values, wanted, bound);
}

const onlyOf = (wanted: Values, value: (name: string) => ArrayLike<number>): Values =>
  Object.fromEntries(Object.keys(wanted).map((name) => [name, value(name)]));
