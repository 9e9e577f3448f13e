// Repetition in what a module lists: equal blocks of a network make equal stretches of calls and of views, one after
// another. A module prints such a stretch once, in a loop, so that its size does not grow with the number of blocks.

export interface Run {
  readonly kind: "run";
  /** Where it begins in the list. */
  readonly first: number;
  /** The length of the stretch. */
  readonly period: number;
  /** How often it stands there. */
  readonly count: number;
}

export interface Single {
  readonly kind: "single";
  readonly at: number;
}

const LONGEST = 400;
/** What a loop must save to be worth reading. */
const SAVED = 12;

/** Cuts a list of keys into stretches that repeat themselves and single elements, in order. Null repeats nothing. */
export function runsOf(keys: readonly (string | null)[]): readonly (Run | Single)[] {
  const found: (Run | Single)[] = [];
  for (let at = 0; at < keys.length;) {
    const run = longestRun(keys, at);
    found.push(run ?? { kind: "single", at });
    at += run === undefined ? 1 : run.period * run.count;
  }
  return found;
}

/** The repetition from here on that saves most; of those, the one with the shortest stretch. */
function longestRun(keys: readonly (string | null)[], first: number): Run | undefined {
  let best: Run | undefined;
  let most = SAVED - 1;
  for (let period = 1; period <= LONGEST && first + 2 * period <= keys.length; period++) {
    if (keys[first] !== keys[first + period]) continue;
    let equal = 0;
    while (keys[first + equal] !== null && keys[first + equal] === keys[first + period + equal]) equal++;
    const count = 1 + Math.floor(equal / period);
    if (period * (count - 1) <= most) continue;
    most = period * (count - 1);
    best = { kind: "run", first, period, count };
  }
  return best;
}

/** A number that depends on the turn of a loop: `base + stride * turn`, or what a table says. */
export type Series = { readonly base: number; readonly stride: number } | { readonly values: readonly number[] };

export function seriesOf(values: readonly number[]): Series {
  const stride = values.length > 1 ? values[1]! - values[0]! : 0;
  const regular = values.every((value, turn) => value === values[0]! + stride * turn);
  return regular ? { base: values[0]!, stride } : { values };
}

/** The number at a turn as text: `base + stride * turn`, or an element of a list. */
export function seriesText(series: Series, turn: string): string {
  if ("values" in series) return `[${series.values.join(", ")}][${turn}]!`;
  const { base, stride } = series;
  if (stride === 0) return String(base);
  return `${base} ${stride < 0 ? "-" : "+"} ${Math.abs(stride)} * ${turn}`;
}
