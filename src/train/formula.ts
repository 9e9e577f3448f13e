// The formulas by which a generated module says what follows from the sums of its metrics' statistics. They are data: numbers,
// names and `[function, ...arguments]`, computed in float64 on numbers and lists of numbers.

export type FormulaData = number | string | readonly FormulaData[];

/** A number, or numbers in row-major order. */
export type FormulaValue = number | ArrayLike<number>;

const UNARY: Readonly<Record<string, (x: number) => number>> = {
  exp: Math.exp,
  sqrt: Math.sqrt,
  positive: (x) => (x > 0 ? 1 : 0),
};

const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  ratio: (a, b) => (b === 0 ? 0 : a / b),
};

const OF_LISTS: Readonly<Record<string, (list: ArrayLike<number>, at: number) => FormulaValue>> = {
  sum,
  mean: (list) => sum(list) / list.length,
  after: sumsAfter,
  at: (list, position) => list[position] ?? NaN,
};

/** The value of a formula; `named` gives the values of names. */
export function compute(formula: FormulaData, named: (name: string) => FormulaValue): FormulaValue {
  if (typeof formula === "number") return formula;
  if (typeof formula === "string") return named(formula);
  const [word, ...rest] = formula as readonly [string, ...FormulaData[]];
  const [a, b] = rest.map((each) => compute(each, named));
  if (Object.hasOwn(UNARY, word)) return each(a!, 0, UNARY[word]!);
  if (Object.hasOwn(BINARY, word)) return each(a!, b!, BINARY[word]!);
  return OF_LISTS[word]!(typeof a === "number" ? [a] : a!, typeof b === "number" ? b : 0);
}

/** Element by element; a number fits any list. */
function each(a: FormulaValue, b: FormulaValue, of: (a: number, b: number) => number): FormulaValue {
  if (typeof a === "number" && typeof b === "number") return of(a, b);
  const length = typeof a === "number" ? (b as ArrayLike<number>).length : a.length;
  const at = (value: FormulaValue, i: number): number => (typeof value === "number" ? value : value[i]!);
  return Float64Array.from({ length }, (_, i) => of(at(a, i), at(b, i)));
}

function sum(list: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < list.length; i++) total += list[i]!;
  return total;
}

function sumsAfter(list: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(list.length);
  for (let i = list.length - 2; i >= 0; i--) sums[i] = sums[i + 1]! + list[i + 1]!;
  return sums;
}
