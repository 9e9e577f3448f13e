// From cells to columns: numbers, texts, or the numbers of categories.

import * as say from "./messages.js";
import type { CsvRecord } from "./csv-records.js";

/** What a column holds: numbers, texts, or one of the categories of a list. {@link readCsv} takes it. */
export type ColumnType = "number" | "text" | readonly string[];

/**
 * The values of a column: Float64Array of numbers, Int32Array of categories, a list of texts. {@link readCsv} gives
 * them.
 */
export type CsvColumn = Float64Array | Int32Array | readonly string[];

/** The values of a column of a {@link ColumnType}. {@link readCsv} gives them. */
export type ColumnOf<Type> = Type extends "number"
  ? Float64Array
  : Type extends "text"
    ? readonly string[]
    : Type extends readonly string[]
      ? Int32Array
      : CsvColumn;

/** A column to make: where its cells are and what they mean. */
export interface WantedColumn {
  readonly name: string;
  readonly index: number;
  /** Of undefined, what the cells say. */
  readonly type: ColumnType | undefined;
}

/** As it is written in tables: digits, a fraction, an exponent. */
const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

/** A number, or where all of the missing or number-like cells say so: "number". */
export function typeOf(records: readonly CsvRecord[], index: number, missing: ReadonlySet<string>): ColumnType {
  let isNumber = false;
  for (const { cells } of records) {
    const cell = cells[index]!;
    if (missing.has(cell)) continue;
    if (!NUMBER.test(cell)) return "text";
    isNumber = true;
  }
  return isNumber ? "number" : "text";
}

/** The columns of some records. `types` are known. */
export function columnsOf(
  records: readonly CsvRecord[],
  wanted: readonly WantedColumn[],
  missing: ReadonlySet<string>,
): Record<string, CsvColumn> {
  return Object.fromEntries(wanted.map((column) => [column.name, columnOf(records, column, missing)]));
}

function columnOf(
  records: readonly CsvRecord[],
  { name, index, type }: WantedColumn,
  missing: ReadonlySet<string>,
): CsvColumn {
  if (type === "text") return records.map(({ cells }) => cells[index]!);
  if (type === undefined || type === "number") {
    return Float64Array.from(records, ({ cells, line }) => {
      const cell = cells[index]!;
      if (missing.has(cell)) return NaN;
      if (!NUMBER.test(cell)) throw say.badCell({ line, column: name, cell, expected: "a number", hint: NUMBER_HINT });
      return Number(cell);
    });
  }
  const known = new Map(type.map((category, i) => [category, i]));
  return Int32Array.from(records, ({ cells, line }) => {
    const cell = cells[index]!;
    const found = known.get(cell);
    if (found === undefined && !missing.has(cell)) {
      const expected = `one of its ${type.length} categories`;
      throw say.badCell({ line, column: name, cell, expected });
    }
    return found ?? -1;
  });
}

const NUMBER_HINT =
  'where it means that there is none, name it in the option missing; as texts: columns: { …: "text" }';
