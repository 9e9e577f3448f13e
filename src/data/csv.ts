// CSV: tables as text.

import { badOption } from "../train/messages.js";
import { checkOptions, elsewhere, flag, settings, type OptionChecks } from "../train/options.js";
import { batchRowsOf, type RowBatchOptions } from "./array-file.js";
import { columnsOf, typeOf, type ColumnOf, type ColumnType, type WantedColumn } from "./csv-columns.js";
import { CsvRecords, type CsvRecord } from "./csv-records.js";
import * as say from "./messages.js";
import { rereadable } from "./rereadable.js";
import { chunksOf, type Source } from "./source.js";

/** How a table is written, and what is read of it. {@link readCsv} takes them. */
export interface CsvOptions<Columns extends ColumnTypes = ColumnTypes> {
  /** Whether the first line has the columns' names. Default: true unless `names` are given. */
  readonly header?: boolean | undefined;
  /**
   * The columns' names, in place of those of a first line. Default: those of the first line; without one column1,
   * column2, ...
   */
  readonly names?: readonly string[] | undefined;
  /**
   * The columns to read, each with what it holds: `"number"`, `"text"`, or the list of its categories, which gives their positions in
   * the list. Default: all columns; numbers where every cell that is there is one, else texts.
   */
  readonly columns?: Columns | undefined;
  /**
   * Cells that mean that there is no value: NaN among numbers, -1 among categories; texts stay as they are. Default: an empty
   * cell, NA, N/A, NaN, nan and null.
   */
  readonly missing?: readonly string[] | undefined;
  /** One character between cells. Default a comma. */
  readonly delimiter?: string | undefined;
  /** One character around cells that hold others of these. Default `"`. */
  readonly quote?: string | undefined;
}

/** {@link CsvOptions}, and how many rows come at a time. {@link csvBatches} takes them. */
export interface CsvBatchOptions<Columns extends ColumnTypes = ColumnTypes>
  extends CsvOptions<Columns>, RowBatchOptions {}

interface ColumnTypes {
  readonly [name: string]: ColumnType;
}

/**
 * Columns of a table by their names: Float64Array of numbers, lists of texts, Int32Array of categories.
 * {@link readCsv} gives it.
 */
export interface CsvTable<Columns extends ColumnTypes = ColumnTypes> {
  /** How many rows there are. */
  readonly rows: number;
  /** The columns by name. */
  readonly columns: { readonly [Name in keyof Columns]: ColumnOf<Columns[Name]> };
}

const isCharacter = (value: unknown): boolean =>
  typeof value === "string" && value.length === 1 && value !== "\n" && value !== "\r";

const character = { expected: "one character", accepts: isCharacter };

const texts = {
  expected: "a list of texts",
  accepts: (value: unknown) => Array.isArray(value) && value.every((each) => typeof each === "string"),
};

const OPTIONS = {
  header: flag,
  names: texts,
  columns: settings,
  missing: texts,
  delimiter: character,
  quote: character,
} satisfies OptionChecks<CsvOptions>;

const BATCH_OPTIONS = { ...OPTIONS, batchSize: elsewhere } satisfies OptionChecks<CsvBatchOptions>;

const MISSING = ["", "NA", "N/A", "NaN", "nan", "null"];

/** What options say, with their defaults. */
interface Format {
  readonly delimiter: string;
  readonly quote: string;
  readonly hasHeader: boolean;
  readonly names: readonly string[] | undefined;
  readonly columns: ColumnTypes | undefined;
  readonly missing: ReadonlySet<string>;
}

function formatOf(options: CsvOptions): Format {
  const { delimiter = ",", quote = '"', names, columns } = options;
  if (delimiter === quote)
    throw badOption({ option: "quote", value: quote, expected: "another character than the delimiter" });
  for (const [name, type] of Object.entries(columns ?? {})) {
    if (type === "number" || type === "text" || texts.accepts(type)) continue;
    throw badOption({ option: `columns.${name}`, value: type, expected: '"number", "text" or a list of categories' });
  }
  const hasHeader = options.header ?? names === undefined;
  return { delimiter, quote, hasHeader, names, columns, missing: new Set(options.missing ?? MISSING) };
}

/** Takes text, gives records that are as wide as the table, and knows the table's columns from the first one on. */
class CsvReader {
  readonly #format: Format;
  readonly #records: CsvRecords;
  #wanted: readonly WantedColumn[] | undefined;
  #width = 0;

  constructor(format: Format) {
    this.#format = format;
    this.#records = new CsvRecords(format);
  }

  *take(text: string, isLast: boolean): Generator<CsvRecord, void, void> {
    for (const record of this.#records.take(text, isLast)) {
      if (this.#wanted === undefined) {
        this.#width = record.cells.length;
        this.#wanted = this.#columns(this.#format.hasHeader ? record.cells : undefined, this.#width);
        if (this.#format.hasHeader) continue;
      }
      const { cells, line } = record;
      if (cells.length !== this.#width) throw say.badRow({ line, cells: cells.length, expected: this.#width });
      yield record;
    }
  }

  /** The table of some records. Types that were not known are those of the first records. */
  table(records: readonly CsvRecord[]): CsvTable {
    const { missing } = this.#format;
    if (this.#wanted === undefined) {
      if (this.#format.hasHeader || this.#format.names === undefined) throw say.noHeader();
      this.#wanted = this.#columns(undefined, this.#format.names.length);
    }
    this.#wanted = this.#wanted.map((one) => ({ ...one, type: one.type ?? typeOf(records, one.index, missing) }));
    return { rows: records.length, columns: columnsOf(records, this.#wanted, missing) as Record<string, never> };
  }

  #columns(header: readonly string[] | undefined, width: number): readonly WantedColumn[] {
    const { names: given, columns } = this.#format;
    if (given !== undefined && given.length !== width)
      throw say.badRow({ line: 1, cells: width, expected: given.length });
    const names = given ?? header ?? Array.from({ length: width }, (_, i) => `column${i + 1}`);
    const positions = new Map<string, number>();
    for (const [i, name] of names.entries()) {
      if (positions.has(name)) throw say.sameColumn({ name });
      positions.set(name, i);
    }
    if (columns === undefined) return names.map((name, index) => ({ name, index, type: undefined }));
    return Object.entries(columns).map(([name, type]) => {
      const index = positions.get(name);
      if (index === undefined) throw say.unknownColumn({ name, known: names });
      return { name, index, type };
    });
  }
}

/**
 * The columns of a CSV text. Lines end with a line feed, a carriage return or both; empty ones are left out; every
 * other one must be as wide as the first. Columns are numbers where every cell that is there is one, else texts,
 * unless `columns` says what they hold.
 * @param text the whole table
 * @returns the number of rows, and the columns by name
 * @throws BAD_ROW for a line with another number of cells, BAD_CELL for one that is not what its column holds,
 *   UNKNOWN_NAME for a column that there is not, DUPLICATE_NAME, NO_ROWS where there is no header, BAD_OPTION
 * @example
 * ```ts
 * const text = "length,kind\n1.5,cat\n2,dog\n,cat\n";
 * parseCsv(text).columns; // { length: [1.5, 2, NaN], kind: ["cat", "dog", "cat"] }
 * parseCsv(text, { columns: { kind: ["cat", "dog"] } }).columns.kind; // [0, 1, 0]
 * ```
 */
export function parseCsv<const Columns extends ColumnTypes = ColumnTypes>(
  text: string,
  options: CsvOptions<Columns> = {},
): CsvTable<Columns> {
  checkOptions(options, OPTIONS);
  if (typeof text !== "string") throw say.badArgument({ name: "text", expected: "a text", value: text });
  const reader = new CsvReader(formatOf(options));
  const records = [...reader.take(text.startsWith("\ufeff") ? text.slice(1) : text, true)];
  return reader.table(records) as CsvTable<Columns>;
}

/**
 * The columns of a CSV file, in UTF-8, packed by gzip or not, as {@link parseCsv} gives them.
 * @param source a path, a File, a response of `fetch`, bytes, …
 * @returns a promise of the number of rows, and the columns by name
 * @throws NOT_A_SOURCE, CANNOT_READ, BAD_FILE for other encodings, and what {@link parseCsv} throws: BAD_ROW,
 *   BAD_CELL, UNKNOWN_NAME, DUPLICATE_NAME, NO_ROWS, BAD_OPTION
 * @example
 * ```ts
 * const text = "length,kind\n1.5,cat\n2,dog\n,cat\n";
 * const { columns } = await readCsv(new Blob([text]), { columns: { length: "number" } });
 * columns.length; // [1.5, 2, NaN]
 * ```
 */
export async function readCsv<const Columns extends ColumnTypes = ColumnTypes>(
  source: Source,
  options: CsvOptions<Columns> = {},
): Promise<CsvTable<Columns>> {
  checkOptions(options, OPTIONS);
  const reader = new CsvReader(formatOf(options));
  const records: CsvRecord[] = [];
  for await (const { text, isLast } of textsOf(source))
    for (const record of reader.take(text, isLast)) records.push(record);
  return reader.table(records) as CsvTable<Columns>;
}

/**
 * The rows of a CSV file, some at a time and in their order, for files that are larger than memory: tables as
 * {@link parseCsv} gives them. Columns whose type is not stated have that of the first batch; a later cell that is none is
 * refused. Each loop over it begins anew, where the source can be read again.
 * @param source a path, a File, a response of `fetch`, bytes, …
 * @returns an async iterable of tables
 * @throws READ_TWICE, and what {@link readCsv} throws: NOT_A_SOURCE, CANNOT_READ, BAD_FILE, BAD_ROW, BAD_CELL,
 *   UNKNOWN_NAME, DUPLICATE_NAME, NO_ROWS, BAD_OPTION
 * @example
 * ```ts
 * const text = "length,kind\n1.5,cat\n2,dog\n,cat\n";
 * const sizes: number[] = [];
 * for await (const { rows } of csvBatches(new Blob([text]), { batchSize: 2 })) sizes.push(rows);
 * sizes; // [2, 1]
 * ```
 */
export function csvBatches<const Columns extends ColumnTypes = ColumnTypes>(
  source: Source,
  options: CsvBatchOptions<Columns> = {},
): AsyncIterable<CsvTable<Columns>> {
  checkOptions(options, BATCH_OPTIONS);
  const most = batchRowsOf(options);
  const format = formatOf(options);
  return rereadable(source, async function* () {
    const reader = new CsvReader(format);
    let records: CsvRecord[] = [];
    for await (const { text, isLast } of textsOf(source)) {
      for (const record of reader.take(text, isLast)) {
        records.push(record);
        if (records.length < most) continue;
        yield reader.table(records) as CsvTable<Columns>;
        records = [];
      }
    }
    if (records.length > 0) yield reader.table(records) as CsvTable<Columns>;
  });
}

async function* textsOf(
  source: Source,
): AsyncGenerator<{ readonly text: string; readonly isLast: boolean }, void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw say.badText();
    }
  };
  for await (const chunk of chunksOf(source)) {
    // Of a file that is one chunk, records come piece by piece too.
    for (let at = 0; at < chunk.length; at += PIECE) {
      const text = decoded(chunk.subarray(at, at + PIECE));
      if (text !== "") yield { text, isLast: false };
    }
  }
  yield { text: decoded(), isLast: true };
}

const PIECE = 1 << 16;
