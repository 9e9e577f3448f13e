// Two pieces of code beside each other on this machine: blocks of calls that take turns, and what the ratios of their times
// are. The clock of a busy machine drifts, but for both.

/** Ratios of times, second over first. */
export interface Ratio {
  readonly median: number;
  /** The quartiles. */
  readonly low: number;
  readonly high: number;
  /** Milliseconds of a call, the fastest blocks' median of each side. */
  readonly first: number;
  readonly second: number;
}

export type Run = () => void;

/** Pairs of blocks: as planned, at least, and of calls that take long. */
const BLOCKS = 24;
const FEWEST = 9;
const FEWEST_LONG = 5;
/** Calls after which an engine has optimised what it will, and of those that take long. */
const WARM = 6;
const WARM_LONG = 2;

/** Runs both sides in turn for about so many milliseconds, once each is warm. */
export function compare(first: Run, second: Run, milliseconds: number, now = (): number => performance.now()): Ratio {
  const time = (run: Run, calls: number): number => {
    const start = now();
    for (let i = 0; i < calls; i++) run();
    return (now() - start) / calls;
  };
  const warm = (run: Run): number => {
    const start = now();
    let calls = 0;
    let spent: number;
    do {
      run();
      calls++;
      spent = now() - start;
    } while (calls < (spent < milliseconds ? WARM : WARM_LONG) || spent < milliseconds / 6);
    return spent / calls;
  };
  warm(first);
  const one = Math.max(1e-6, (warm(second) + warm(first)) / 2);
  const calls = Math.max(1, Math.round(milliseconds / (2 * BLOCKS) / one));
  const times: [number, number][] = [];
  const begin = now();
  const isOver = (): boolean => {
    const spent = now() - begin;
    const least = spent < 2 * milliseconds ? FEWEST : FEWEST_LONG;
    return times.length >= least && (spent >= milliseconds || times.length >= 4 * BLOCKS);
  };
  while (!isOver()) {
    // Who goes first goes second in the next block.
    if (times.length % 2 === 0) times.push([time(first, calls), time(second, calls)]);
    else {
      const later = time(second, calls);
      times.push([time(first, calls), later]);
    }
  }
  const ratios = times.map(([a, b]) => b / a).toSorted((a, b) => a - b);
  const at = (list: readonly number[], share: number): number => list[Math.round((list.length - 1) * share)]!;
  const side = (n: 0 | 1): number =>
    at(
      times.map((pair) => pair[n]).toSorted((a, b) => a - b),
      0.5,
    );
  return { median: at(ratios, 0.5), low: at(ratios, 0.25), high: at(ratios, 0.75), first: side(0), second: side(1) };
}

/** What a gain or a loss must be at least to be told from chance, with three quarters of the ratios on its side of 1. */
const LEAST_GAIN = 0.02;

/** By more than noise. */
export const isFaster = ({ median, high }: Ratio): boolean => median < 1 - LEAST_GAIN && high < 1;
export const isSlower = ({ median, low }: Ratio): boolean => median > 1 + LEAST_GAIN && low > 1;
