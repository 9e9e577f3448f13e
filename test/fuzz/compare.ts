// When numbers count as equal: bounds of each kind of value, from its size and from what honest rounding does to the graph.

import type { Facts } from "./facts.js";
import { interpreted } from "./interpreted.js";
import { play, type Script, type Seen, type Values } from "./play.js";
import { noise, toFloat32, type Rounding } from "./rounded.js";
import { randomNumbers } from "../oracle/random.js";

export interface Wanted extends Seen {
  /** Allowed deviations; undefined where the graph itself is unsteady, so that a difference says nothing. */
  readonly bound: { readonly float32: number | undefined; readonly float64: number | undefined };
}

type DType = "float32" | "float64";

const BOUND = { float64: 1e-11, float32: 2e-6 } as const;
/** As many times as large an error as that of the graph with every op rounded is still honest. */
const HONEST = 4;
/** Beyond this share of the largest value a bound says nothing. */
const VAGUE = 1e-2;

/**
 * Where something differs in float32, the rounded graph is looked at as often, and four times the bound is allowed: the error of a few
 * roundings may be small by chance. Of 2,000 networks eight came to between one and three times the first bound, each by what
 * cancels alone (a saturated tanh, the cosine of a vector with itself); faults are hundreds of times beyond it.
 */
export const MORE_ROUNDINGS = 12;

/** What the interpreter gives for a script, with bounds. `roundings`: pairs of opposite ones. */
export function wantedOf(
  facts: Facts,
  script: Script,
  seed: number,
  dtypes: readonly DType[],
  roundings = 1,
): Wanted[] {
  const record = (rounding: Rounding | undefined): Seen[] => {
    const seen: Seen[] = [];
    play(interpreted(facts, seed, rounding), script, facts, (one) => seen.push({ ...one, values: copyOf(one.values) }));
    return seen;
  };
  const exact = record(undefined);
  const runs = (dtype: DType, roundings: readonly Rounding[]): Seen[][] =>
    dtypes.includes(dtype) ? roundings.map(record) : [];
  const random = (pair = 0): (() => number) => randomNumbers((seed + 7919 * pair) ^ 0x5eed);
  const pairs = Array.from({ length: roundings }, (_, pair) => pair);
  // In opposite ways: what is next to nothing changes its sign in one of them.
  const rounded = runs("float32", [
    toFloat32(random(), 0),
    ...pairs.flatMap((n) => ([1, -1] as const).map((sign) => toFloat32(random(n), sign))),
  ]);
  const noisy = runs(
    "float64",
    [1, -1].map((sign) => noise(random(), sign * 2 ** -51)),
  );
  const largest = largestByGroup(exact);
  return exact.map((one, k) => {
    const size = Math.max(sizeOf(one.values), one.group === "loss" ? Math.min(1, largest.get("grads") ?? 1) : 0);
    const scale = size < 1e-12 ? 1 : size;
    const errorOf = (runs: readonly Seen[][]): number =>
      Math.max(0, ...runs.map((run) => apart(run[k]!.values, one.values)));
    const honest = roundings === 1 ? HONEST : 4 * HONEST;
    const single = Math.max(BOUND.float32 * scale, honest * errorOf(rounded));
    const float64 = BOUND.float64 * scale;
    return {
      ...one,
      bound: {
        float32: single <= VAGUE * scale ? single : undefined,
        float64: HONEST * errorOf(noisy) <= float64 ? float64 : undefined,
      },
    };
  });
}

function largestByGroup(seen: readonly Seen[]): Map<string, number> {
  const result = new Map<string, number>();
  for (const { group, values } of seen) result.set(group, Math.max(result.get(group) ?? 0, sizeOf(values)));
  return result;
}

const copyOf = (values: Values): Record<string, Float64Array> =>
  Object.fromEntries(Object.entries(values).map(([name, list]) => [name, Float64Array.from(list)]));

/** The largest finite magnitude. */
function sizeOf(values: Values): number {
  let size = 0;
  for (const list of Object.values(values)) {
    for (let i = 0; i < list.length; i++) {
      const magnitude = Math.abs(list[i]!);
      if (magnitude > size && magnitude < Infinity) size = magnitude;
    }
  }
  return size;
}

/** The largest difference; infinite where one is finite and the other is not. */
function apart(a: Values, b: Values): number {
  let most = 0;
  for (const [name, list] of Object.entries(b)) {
    const other = a[name]!;
    for (let i = 0; i < list.length; i++) {
      if (Object.is(list[i], other[i])) continue;
      const distance = Math.abs(list[i]! - other[i]!);
      most = Math.max(most, Number.isNaN(distance) ? Infinity : distance);
    }
  }
  return most;
}

/** A sentence about the first value that deviates by more than it may. */
export function difference(actual: Values, wanted: Values, bound: number): string | undefined {
  for (const [name, list] of Object.entries(wanted)) {
    const given = actual[name];
    if (!given) return `there is no ${name}`;
    for (let i = 0; i < list.length; i++) {
      if (Math.abs(given[i]! - list[i]!) <= bound || Object.is(given[i], list[i])) continue;
      return `${name}[${i}] is ${given[i]}, not ${list[i]} (allowed ${bound.toExponential(1)})`;
    }
  }
  return undefined;
}
