// How far positions reach: the least and the largest value of an affine expression over its loops, as polynomials in the
// number of rows, and what a guard around it says of that.

import type { Affine } from "../../src/graph/affine.js";
import type { Dim } from "../../src/graph/shape.js";
import { isApply, isConstant } from "../../src/scalar/expression.js";
import type { KernelExpr, Position } from "./kernel.js";

/** A polynomial in the number of rows: at k the coefficient of rows^k. */
export type InRows = readonly number[];

/** Both ends belong to it. An end that is not known is absent. */
export interface Range {
  readonly low: InRows | undefined;
  readonly high: InRows | undefined;
}

/** What a position counts in: a loop's variable by its number, an integer that is looked up by its expression. */
export type Atom = number | KernelExpr;

/** A sum of atoms with factors in rows, and a constant. */
export interface Linear {
  readonly constant: InRows;
  readonly terms: ReadonlyMap<Atom, InRows>;
}

/** `low <= form` or `form <= high`, or both. */
export interface Guard extends Range {
  readonly form: Linear;
  /** It is stated of an integer that is looked up, and holds wherever it is looked up: that it does not is no reason not to look. */
  readonly isClaim?: true;
}

/** The sizes of the loops around a place, by variable. */
export type Sizes = ReadonlyMap<number, Dim>;

export const inRows = ({ times, power }: Dim): InRows => [...Array.from({ length: power }, () => 0), times];

export const NOTHING: InRows = [];

export function plus(a: InRows, b: InRows, factor = 1): InRows {
  const sum = Array.from({ length: Math.max(a.length, b.length) }, (_, k) => (a[k] ?? 0) + factor * (b[k] ?? 0));
  while (sum.length > 0 && sum[sum.length - 1] === 0) sum.pop();
  return sum;
}

export function product(a: InRows, b: InRows): InRows {
  if (a.length === 0 || b.length === 0) return NOTHING;
  const result = Array.from({ length: a.length + b.length - 1 }, () => 0);
  for (const [i, x] of a.entries()) for (const [k, y] of b.entries()) result[i + k]! += x * y;
  return plus(result, NOTHING);
}

export const less = (a: InRows, b: InRows): InRows => plus(a, b, -1);

export const sameInRows = (a: InRows, b: InRows): boolean => less(a, b).length === 0;

/**
 * Is it zero or more for every number of rows? For rows = 1 + n it is a polynomial in n, which is so if no coefficient is
 * negative. Exact up to the first power; a few of higher powers that are so are not seen.
 */
export function isNotNegative(a: InRows): boolean {
  let rest = [...a];
  while (rest.length > 0) {
    if (rest.reduce((sum, c) => sum + c, 0) < 0) return false;
    rest = byRowsLessOne(rest);
  }
  return true;
}

/** The quotient by (rows - 1). */
function byRowsLessOne(a: readonly number[]): number[] {
  const quotient: number[] = [];
  let carry = 0;
  for (let k = a.length - 1; k >= 1; k--) quotient[k - 1] = carry = carry + a[k]!;
  return quotient;
}

export const atMost = (a: InRows, b: InRows): boolean => isNotNegative(less(b, a));

const times = (dim: { readonly times: number; readonly power: number }): InRows =>
  dim.times === 0 ? NOTHING : inRows(dim);

function addTerm(terms: Map<Atom, InRows>, atom: Atom, factor: InRows): void {
  const sum = plus(terms.get(atom) ?? NOTHING, factor);
  if (sum.length === 0) terms.delete(atom);
  else terms.set(atom, sum);
}

function linearOf(affine: Affine): Linear {
  let constant: InRows = NOTHING;
  const terms = new Map<Atom, InRows>();
  for (const term of affine) {
    if (term.axis === undefined) constant = plus(constant, times(term));
    else addTerm(terms, term.axis, times(term));
  }
  return { constant, terms };
}

/** A position as a sum, and what is known of the integers that it looks up. Expressions are read as what `resolve` says. */
export function positionOf({ affine, loaded }: Position, resolve: Resolve): { form: Linear; claims: readonly Guard[] } {
  let form = linearOf(affine);
  const claims = loaded.map(({ stride, value, below }): Guard => {
    const entry = linearOfValue(value, resolve);
    form = addLinear(form, entry, inRows(stride));
    return { form: entry, low: NOTHING, high: less(inRows(below), [1]), isClaim: true };
  });
  return { form, claims };
}

/** What a local was bound to; other expressions as they are. */
export type Resolve = (expr: KernelExpr) => KernelExpr;

function addLinear(a: Linear, b: Linear, factor: InRows): Linear {
  const terms = new Map(a.terms);
  for (const [atom, of] of b.terms) addTerm(terms, atom, product(of, factor));
  return { constant: plus(a.constant, product(b.constant, factor)), terms };
}

/** An integer expression as a sum; what is neither a sum nor a multiple is an atom. */
function linearOfValue(expr: KernelExpr, resolve: Resolve): Linear {
  const value = resolve(expr);
  if (isConstant(value)) return { constant: value.value === 0 ? NOTHING : [value.value], terms: new Map() };
  if (value.kind === "index") return linearOf(value.affine);
  if (value.kind === "size") return { constant: inRows(value.dim), terms: new Map() };
  if (isApply(value) && (value.op === "add" || value.op === "sub")) {
    const [a, b] = value.args.map((arg) => linearOfValue(arg as KernelExpr, resolve)) as [Linear, Linear];
    return addLinear(a, b, [value.op === "add" ? 1 : -1]);
  }
  if (isApply(value) && value.op === "mul") {
    const [a, b] = value.args.map((arg) => linearOfValue(arg as KernelExpr, resolve)) as [Linear, Linear];
    if (a.terms.size === 0) return addLinear({ constant: NOTHING, terms: new Map() }, b, a.constant);
    if (b.terms.size === 0) return addLinear({ constant: NOTHING, terms: new Map() }, a, b.constant);
  }
  return { constant: NOTHING, terms: new Map([[value, [1]]]) };
}

/** The bounds that a condition states where it holds. */
export function guardsOf(condition: KernelExpr, resolve: Resolve): readonly Guard[] {
  const value = resolve(condition);
  // What holds nowhere states that 1 is at most 0.
  if (isConstant(value) && value.value === 0) return [{ form: linearOf([]), low: [1], high: undefined }];
  if (isConstant(value) || !isApply(value)) return [];
  const [left, right] = value.args as readonly KernelExpr[];
  if (value.op === "and") return [...guardsOf(left!, resolve), ...guardsOf(right!, resolve)];
  if (value.op !== "ge" && value.op !== "lt") return [];
  const limit = linearOfValue(right!, resolve);
  if (limit.terms.size > 0) return [];
  const form = linearOfValue(left!, resolve);
  return value.op === "ge"
    ? [{ form, low: limit.constant, high: undefined }]
    : [{ form, low: undefined, high: plus(limit.constant, [1], -1) }];
}

/** From the least to the largest value over all iterations of the loops. Guards are made use of where an end is not known. */
export function rangeOf(form: Linear, sizes: Sizes, guards: readonly Guard[] = []): Range {
  const plain = plainRangeOf(form, sizes);
  if ((plain.low && plain.high) || guards.length === 0) return plain;
  const [guard, ...others] = guards as readonly [Guard, ...Guard[]];
  const factor = factorsOf(form, guard.form)[0];
  if (!factor) return rangeOf(form, sizes, others);
  const rest = rangeOf(addLinear(form, guard.form, less(NOTHING, factor)), sizes, others);
  const [low, high] = endsOf(guard, factor, sizes);
  return { low: both(rest.low, low), high: both(rest.high, high) };
}

const both = (a: InRows | undefined, b: InRows | undefined): InRows | undefined => a && b && plus(a, b);

/** Of a multiple of a guard's form, from the loops and from what the guard states. */
function endsOf(guard: Guard, factor: InRows, sizes: Sizes): readonly [InRows | undefined, InRows | undefined] {
  const own = plainRangeOf(guard.form, sizes);
  const ends = [tighter(guard.low, own.low, true), tighter(guard.high, own.high, false)] as const;
  const [low, high] = (isNotNegative(factor) ? ends : ends.toReversed()).map((end) => end && product(end, factor));
  return [low, high];
}

function plainRangeOf({ constant, terms }: Linear, sizes: Sizes): Range {
  let low: InRows | undefined = constant;
  let high: InRows | undefined = constant;
  for (const [atom, factor] of terms) {
    const size = typeof atom === "number" ? sizes.get(atom) : undefined;
    if (!size) return { low: undefined, high: undefined };
    const most = product(factor, less(inRows(size), [1]));
    if (isNotNegative(factor)) high = high && plus(high, most);
    else if (isNotNegative(less(NOTHING, factor))) low = low && plus(low, most);
    else return { low: undefined, high: undefined };
  }
  return { low, high };
}

/** The quotient of two polynomials of one term each. */
function quotient(a: InRows, b: InRows): InRows | undefined {
  const [i, k] = [a.findIndex((c) => c !== 0), b.findIndex((c) => c !== 0)];
  const single = a.length === i + 1 && b.length === k + 1 && i >= k;
  const value = single ? a[i]! / b[k]! : NaN;
  return Number.isInteger(value) ? [...Array.from({ length: i - k }, () => 0), value] : undefined;
}

/** Two guards of one form, one for each end, as one. */
function joined(guards: readonly Guard[]): Guard[] {
  const all: Guard[] = [];
  for (const guard of guards) {
    const known = all.findIndex(({ form }) => isNothing(addLinear(form, guard.form, [-1])));
    if (known < 0) all.push(guard);
    else all[known] = { ...all[known]!, low: guard.low ?? all[known]!.low, high: guard.high ?? all[known]!.high };
  }
  return all;
}

const isNothing = ({ constant, terms }: Linear): boolean => constant.length === 0 && terms.size === 0;

/** More guards than this are not combined. */
const MOST_GUARDS = 5;

/** Does the form lie from `low` to `high` wherever the guards hold? */
export function liesIn(form: Linear, low: InRows, high: InRows, sizes: Sizes, guards: readonly Guard[]): boolean {
  const fits = (range: Range): boolean =>
    range.low !== undefined && range.high !== undefined && atMost(low, range.low) && atMost(range.high, high);
  if (fits(plainRangeOf(form, sizes)) || guards.some((guard) => neverHolds(guard, sizes))) return true;
  const all = joined(guards).slice(0, MOST_GUARDS);
  // The form is multiples of the guards' forms, whose ends are known, and a rest. `known`: the sum of those ends.
  const tryFrom = (rest: Linear, from: number, known: Range): boolean => {
    const guard = all[from];
    if (!guard) {
      const left = plainRangeOf(rest, sizes);
      return fits({ low: both(known.low, left.low), high: both(known.high, left.high) });
    }
    for (const factor of factorsOf(rest, guard.form)) {
      const [least, most] = endsOf(guard, factor, sizes);
      const next = { low: both(known.low, least), high: both(known.high, most) };
      if (tryFrom(addLinear(rest, guard.form, less(NOTHING, factor)), from + 1, next)) return true;
    }
    return tryFrom(rest, from + 1, known);
  };
  return all.length > 0 && tryFrom(form, 0, { low: NOTHING, high: NOTHING });
}

/** Is the guard's form beside its bounds in every iteration? */
function neverHolds({ form, low, high, isClaim }: Guard, sizes: Sizes): boolean {
  if (isClaim) return false;
  const own = plainRangeOf(form, sizes);
  const isBelow = (a: InRows | undefined, b: InRows | undefined): boolean =>
    a !== undefined && b !== undefined && atMost(plus(a, [1]), b);
  return isBelow(own.high, low) || isBelow(high, own.low);
}

const tighter = (a: InRows | undefined, b: InRows | undefined, isLow: boolean): InRows | undefined =>
  a === undefined || b === undefined ? (a ?? b) : atMost(a, b) === isLow ? b : a;

/** By what the guard's form may be taken out of another, so that one of its atoms is gone. */
function factorsOf(form: Linear, guard: Linear): InRows[] {
  const factors: InRows[] = [];
  for (const [atom, of] of guard.terms) {
    const factor = form.terms.has(atom) ? quotient(form.terms.get(atom)!, of) : undefined;
    if (factor && !factors.some((other) => sameInRows(other, factor))) factors.push(factor);
  }
  return factors;
}
