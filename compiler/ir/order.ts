// Does a kernel read what it should? A fresh load comes after stores that fill what it reads; any other load of a slot that the
// kernel writes comes before the store that overwrites it. And: which loops may run in any order.

import type { Dim } from "../../src/graph/shape.js";
import { loopsInCommon, type Access, type LoopAround } from "./accesses.js";
import type { Loop } from "./kernel.js";
import { stepsPlainly } from "./plain.js";
import {
  atMost,
  inRows,
  isNotNegative,
  less,
  liesIn,
  NOTHING,
  plus,
  product,
  rangeOf,
  sameInRows,
  type Atom,
  type InRows,
  type Linear,
  type Range,
  type Sizes,
} from "./ranges.js";

/** Of an access below some loops: what those contribute to its position, and the rest. */
interface Split {
  readonly outer: ReadonlyMap<Atom, InRows>;
  readonly rest: Linear;
}

interface Interval {
  readonly low: InRows;
  readonly high: InRows;
}

export const sizesOf = ({ loops }: Pick<Access, "loops">): Sizes =>
  new Map(loops.map(({ variable, size }) => [variable, size]));

function split({ form: { constant, terms }, loops }: Access, count: number): Split {
  const variables = new Set<Atom>(loops.slice(0, count).map(({ variable }) => variable));
  const outer = new Map([...terms].filter(([atom]) => variables.has(atom)));
  return { outer, rest: { constant, terms: new Map([...terms].filter(([atom]) => !variables.has(atom))) } };
}

const sameOuter = (a: Split["outer"], b: Split["outer"]): boolean =>
  a.size === b.size && [...a].every(([atom, factor]) => b.has(atom) && sameInRows(factor, b.get(atom)!));

const sizeOfLoop = (loops: readonly LoopAround[], variable: Atom): Dim | undefined =>
  loops.find((loop) => loop.variable === variable)?.size;

/** Positions side by side that stores of one loop body fill in a turn: from `rest`'s on, so many. */
interface Filled {
  readonly store: Access;
  readonly rest: Linear;
  readonly width: number;
}

/** Stores that fill neighbours in the same turns, as written-out loops do, as one. */
function neighbours(stores: readonly Filled[]): Filled[] {
  const all: Filled[] = [];
  for (const one of [...stores].sort((a, b) => (atMost(a.rest.constant, b.rest.constant) ? -1 : 1))) {
    const before = all.findIndex(
      ({ store, rest, width }) =>
        store.loops.length === one.store.loops.length &&
        loopsInCommon(store.loops, one.store.loops) === store.loops.length &&
        sameOuter(rest.terms, one.rest.terms) &&
        sameInRows(plus(rest.constant, [width]), one.rest.constant),
    );
    if (before < 0) all.push(one);
    else all[before] = { ...all[before]!, width: all[before]!.width + one.width };
  }
  return all;
}

/** The positions that are filled without a gap; nothing where some may be left out. */
function filledBy({ store, rest: { constant, terms }, width }: Filled): Interval | undefined {
  let [low, high]: [InRows, InRows] = [constant, plus(constant, [width - 1])];
  const steps = [...terms].map(([atom, factor]) => ({ factor, size: sizeOfLoop(store.loops, atom) }));
  const bySize = steps.map((step) => ({ ...step, stride: absolute(step.factor) }));
  if (bySize.some(({ stride, size }) => !stride || !size)) return undefined;
  bySize.sort((a, b) => (atMost(a.stride!, b.stride!) ? -1 : 1));
  for (const { factor, stride, size } of bySize) {
    if (!atMost(stride!, plus(less(high, low), [1]))) return undefined;
    const most = product(factor, less(inRows(size!), [1]));
    if (isNotNegative(factor)) high = plus(high, most);
    else low = plus(low, most);
  }
  return { low, high };
}

function absolute(factor: InRows): InRows | undefined {
  if (isNotNegative(factor)) return factor;
  const negative = less(NOTHING, factor);
  return isNotNegative(negative) ? negative : undefined;
}

/** What makes a load wrong, as the sentence that it breaks; nothing for a right one. `stores`: those of the same memory. */
export function brokenBy(load: Access, stores: readonly Access[]): string | undefined {
  if (!load.fresh) {
    const early = stores.some((store) => !isAfter(store, load));
    return early ? "no store overwrites what a later load still reads as it was" : undefined;
  }
  const before = stores.filter((store) => store.step < load.step);
  if (stores.some((store) => changes(store) && store.step > load.step))
    return "what is added to is read when it is done";
  return isFilled(load, before) ? undefined : "no load comes before the stores that it must see";
}

/** Does the store change what others have stored? One at computed places may meet any element. */
const changes = ({ adds, at }: Access): boolean => adds || at.loaded.length > 0;

function isFilled(load: Access, stores: readonly Access[]): boolean {
  const depths = new Set(stores.map((store) => loopsInCommon(load.loops, store.loops)));
  return [...depths].some((depth) => {
    const own = split(load, depth);
    const filling = stores.flatMap((store): Filled[] => {
      if (changes(store) || loopsInCommon(load.loops, store.loops) < depth) return [];
      const { outer, rest } = split(store, depth);
      return sameOuter(outer, own.outer) ? [{ store, rest, width: 1 }] : [];
    });
    const filled = neighbours(filling).flatMap((one) => filledBy(one) ?? []);
    return joined(filled).some(({ low, high }) => liesIn(own.rest, low, high, sizesOf(load), load.guards));
  });
}

/** Intervals that touch as one. */
function joined(intervals: readonly Interval[]): Interval[] {
  const all: Interval[] = [];
  for (const interval of [...intervals].sort((a, b) => (atMost(a.low, b.low) ? -1 : 1))) {
    const last = all.at(-1);
    if (last && atMost(interval.low, plus(last.high, [1]))) {
      if (!atMost(interval.high, last.high)) all[all.length - 1] = { low: last.low, high: interval.high };
    } else all.push(interval);
  }
  return all;
}

/** Does the store touch nothing that the load reads before the load has run? */
function isAfter(store: Access, load: Access): boolean {
  const depth = loopsInCommon(load.loops, store.loops);
  const [a, b] = [split(load, depth), split(store, depth)];
  const [one, other] = [restOf(load, a), restOf(store, b)];
  if (!one.low || !one.high || !other.low || !other.high) return depth === 0 && store.step > load.step;
  const [first, second] = [one as Interval, other as Interval];
  const inOrder = store.step > load.step || areApart(first, second);
  if (depth === 0) return inOrder;
  return inOrder && sameOuter(a.outer, b.outer) && stepsApart(a.outer, load.loops.slice(0, depth), [first, second]);
}

const restOf = (access: Access, { rest }: Split): Range => rangeOf(rest, sizesOf(access), access.guards);

const areApart = (a: Interval, b: Interval): boolean =>
  isNotNegative(less(less(a.low, b.high), [1])) || isNotNegative(less(less(b.low, a.high), [1]));

/** Do different iterations of the loops, all of which count in the position, move it further than the intervals reach? */
function stepsApart(outer: Split["outer"], loops: readonly LoopAround[], intervals: readonly Interval[]): boolean {
  const extent = extentOf(intervals);
  const strides = loops.flatMap(({ variable, size }) => {
    const stride = outer.has(variable) ? absolute(outer.get(variable)!) : NOTHING;
    return size.times === 1 && size.power === 0 ? [] : [{ stride, size }];
  });
  if (!extent || strides.some(({ stride }) => !stride)) return false;
  strides.sort((a, b) => (atMost(a.stride!, b.stride!) ? -1 : 1));
  let reach = extent;
  for (const { stride, size } of strides) {
    if (!atMost(reach, stride!)) return false;
    reach = plus(reach, product(stride!, less(inRows(size), [1])));
  }
  return true;
}

/** The number of positions from the lowest to the highest of all. */
function extentOf(intervals: readonly Interval[]): InRows | undefined {
  let [low, high] = [intervals[0]!.low, intervals[0]!.high];
  for (const interval of intervals) {
    if (atMost(interval.low, low)) low = interval.low;
    else if (!atMost(low, interval.low)) return undefined;
    if (atMost(high, interval.high)) high = interval.high;
    else if (!atMost(interval.high, high)) return undefined;
  }
  return plus(less(high, low), [1]);
}

/** The same position under the same loops. */
const isSame = (a: Access, b: Access): boolean => a.at === b.at && a.loops === b.loops;

/** May the iterations of the loop run in any order? Each touches elements of its own of what any of them stores. */
export function isParallel(loop: Loop, all: readonly Access[]): boolean {
  const inside = all.filter(({ loops }) => loops.includes(loop));
  const written = new Set(inside.filter(({ kind }) => kind === "store").map(({ slot }) => slot));
  return [...written].every((slot) => {
    const touching = inside.filter((access) => access.slot === slot);
    const depth = touching[0]!.loops.indexOf(loop) + 1;
    const { at, loops } = touching[0]!;
    const isOne = touching.every((access) => access === touching[0] || isSame(access, touching[0]!));
    if (isOne && at.loaded.length === 0 && stepsPlainly(at.affine, loops, depth - 1)) return true;
    const splits = touching.map((access) => split(access, depth));
    if (!splits.every(({ outer }) => sameOuter(outer, splits[0]!.outer))) return false;
    const ranges = splits.map((one, n) => restOf(touching[n]!, one));
    if (ranges.some(({ low, high }) => !low || !high)) return false;
    return stepsApart(splits[0]!.outer, [loop], ranges as Interval[]);
  });
}
