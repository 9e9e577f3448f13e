// Rows of arrays: some of them, orders of them, several arrays as one.

import { shuffle } from "../train/shuffle.js";
import { checkOptions, elsewhere, integer, type OptionChecks } from "../train/options.js";
import * as say from "./messages.js";
import { checkShape, sizeOf, type NdArray, type NumberArray } from "./nd-array.js";

/** Which order it is. {@link shuffledRows} takes it. */
export interface OrderOptions {
  /** An integer that the order follows from. Default 0. */
  readonly seed?: number | undefined;
}

const ORDER_OPTIONS = { seed: elsewhere } satisfies OptionChecks<OrderOptions>;

/** An argument that is a number of things. */
export function countOf(name: string, value: number, lowest: number): number {
  if (Number.isSafeInteger(value) && value >= lowest) return value;
  throw say.badArgument({ name, expected: `an integer of at least ${lowest}`, value });
}

/**
 * The numbers 0 .. rows - 1 in an order that the seed gives: the same on every engine, and that of `fit` in its first
 * epoch.
 * @param rows how many: a positive integer
 * @returns an Int32Array, for {@link takeRows}
 * @throws BAD_OPTION
 * @example
 * ```ts
 * shuffledRows(4, { seed: 1 }); // [2, 1, 0, 3]
 * ```
 */
export function shuffledRows(rows: number, options: OrderOptions = {}): Int32Array {
  checkOptions(options, ORDER_OPTIONS);
  const order = new Int32Array(countOf("rows", rows, 0));
  shuffle(order, integer("seed", options.seed ?? 0, -Infinity), 0);
  return order;
}

/**
 * Some rows, in the order of their numbers: of an array with a shape along its first axis, of a list or a flat array
 * its elements.
 * @param from an array with a shape, a flat array, or a list
 * @param rows their numbers
 * @returns the same type, and new
 * @throws BAD_OPTION for a number that is no row's, BAD_LENGTH where the numbers do not fit the shape, NO_ROWS for an array without axes
 * @example
 * ```ts
 * takeRows({ shape: [3, 2], data: new Float32Array([1, 2, 3, 4, 5, 6]) }, [2, 0]); // { shape: [2, 2], data: [5, 6, 1, 2] }
 * takeRows(["a", "b", "c"], [2, 0]); // ["c", "a"]
 * ```
 */
export function takeRows<Rows extends NdArray | NumberArray | readonly unknown[]>(
  from: Rows,
  rows: ArrayLike<number>,
): Rows {
  const given = from as NdArray | NumberArray | readonly unknown[];
  if (Array.isArray(given)) {
    checkRows(rows, given.length);
    return Array.from(rows, (row) => given[row] as unknown) as unknown as Rows;
  }
  if (ArrayBuffer.isView(given)) return gathered(given as NumberArray, rows, 1) as unknown as Rows;
  const array = given as NdArray;
  checkShape(array);
  const [all, ...row] = array.shape;
  if (all === undefined) throw say.noRows({ what: "an array without axes" });
  checkRows(rows, all);
  const data = gathered(array.data, rows, sizeOf(row));
  return { shape: [rows.length, ...row], data } as unknown as Rows;
}

function checkRows(rows: ArrayLike<number>, all: number): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (Number.isInteger(row) && row >= 0 && row < all) continue;
    throw say.badArgument({ name: `the row at position ${i}`, expected: `an integer in 0 .. ${all - 1}`, value: row });
  }
}

function gathered<Data extends NumberArray>(data: Data, rows: ArrayLike<number>, length: number): Data {
  if (length === 1) checkRows(rows, data.length);
  const result = new (data.constructor as new (size: number) => Data)(rows.length * length);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * length;
    for (let k = 0; k < length; k++) result[i * length + k] = data[from + k]!;
  }
  return result;
}

/**
 * Columns side by side as one array of rows (NumPy: column_stack).
 * @param columns lists of numbers of one length
 * @returns a Float32Array of shape [rows, columns.length]
 * @throws ROW_COUNTS where their lengths differ, NO_ROWS
 * @example
 * ```ts
 * columnStack([[1, 2, 3], [10, 20, 30]]); // { shape: [3, 2], data: [1, 10, 2, 20, 3, 30] }
 * ```
 */
export function columnStack(columns: readonly ArrayLike<number>[]): NdArray<Float32Array> {
  const rows = columns[0]?.length;
  if (rows === undefined) throw say.noRows({ what: "a list of no columns" });
  if (columns.some((column) => column.length !== rows)) {
    throw say.rowCounts({ counts: columns.map((column, i) => [`column ${i}`, column.length]) });
  }
  const data = new Float32Array(rows * columns.length);
  columns.forEach((column, c) => {
    for (let row = 0; row < rows; row++) data[row * columns.length + c] = column[row]!;
  });
  return { shape: [rows, columns.length], data };
}

/**
 * Arrays of one shape as the rows of one (NumPy: stack), pictures for example.
 * @param arrays one array or more, of one shape
 * @returns a Float32Array of shape [arrays.length, ...]
 * @throws SHAPE_MISMATCH where their shapes differ, NO_ROWS
 * @example
 * ```ts
 * const black = { shape: [1, 2], data: new Float32Array([0, 0]) };
 * const white = { shape: [1, 2], data: new Float32Array([1, 1]) };
 * stackRows([black, white]); // { shape: [2, 1, 2], data: [0, 0, 1, 1] }
 * ```
 */
export function stackRows(arrays: readonly NdArray[]): NdArray<Float32Array> {
  const first = arrays[0];
  if (first === undefined) throw say.noRows({ what: "a list of no arrays" });
  const length = sizeOf(first.shape);
  const data = new Float32Array(arrays.length * length);
  arrays.forEach((array, i) => {
    checkShape(array);
    if (array.shape.join() !== first.shape.join()) throw say.otherShapes({ first: first.shape, other: array.shape });
    data.set(array.data, i * length);
  });
  return { shape: [arrays.length, ...first.shape], data };
}
