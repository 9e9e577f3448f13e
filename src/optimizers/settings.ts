// Settings of optimizers, checked: numbers in their ranges.

import { callSite } from "../graph/origin.js";
import type { HyperRange } from "../graph/network.js";
import { badArgument } from "../messages.js";

/** Where hyper-parameters must lie, when they are declared and whenever they are set. */
export const RANGES = {
  rate: { least: 0 },
  momentum: { least: 0, below: 1 },
  weightDecay: { least: 0 },
  averageDecay: { least: 0, below: 1 },
} as const satisfies Readonly<Record<string, HyperRange>>;

/** A hyper-parameter's first value, in its range. */
export function hyperValue(op: string, name: keyof typeof RANGES, value: unknown): number {
  const { least, below }: HyperRange = RANGES[name];
  return number(op, name, value, least ?? -Infinity, below);
}

/** A finite number from `low` (included) to `below` (excluded). */
export function number(op: string, argument: string, value: unknown, low: number, below = Infinity): number {
  if (typeof value === "number" && value >= low && value < below) return value;
  const expected = below === Infinity ? `a finite number of at least ${low}` : `a number from ${low} to below ${below}`;
  return refuse(op, argument, value, expected);
}

/** The least epsilon: smaller ones are 0 in float32, or lost when a root is taken. */
const LEAST_EPSILON = 1e-30;

/**
 * What keeps a quotient finite where a gradient is 0, as that of a row of an embedding that did not occur: 0 would make it
 * 0 / 0.
 */
export const epsilonOf = (op: string, value: unknown): number => number(op, "epsilon", value, LEAST_EPSILON);

/** A finite number above 0. */
export function positive(op: string, argument: string, value: unknown): number {
  if (typeof value === "number" && value > 0 && value < Infinity) return value;
  return refuse(op, argument, value, "a finite number above 0");
}

/** An integer from `low` to what an int32 counts. */
export function count(op: string, argument: string, value: unknown, low: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= low && value < 2 ** 31) return value;
  return refuse(op, argument, value, `an integer of at least ${low}`);
}

/** True or false; `otherwise` where it is absent. */
export function flag(op: string, argument: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  return typeof value === "boolean" ? value : refuse(op, argument, value, "true or false");
}

export function refuse(op: string, argument: string, value: unknown, expected: string): never {
  throw badArgument({ op, argument, value, expected, site: callSite(op) });
}
