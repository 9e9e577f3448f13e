// Every message of tapeless/data in one place. They are TrainErrors, so that reading, preparing and training fail in one way.

import { TrainError } from "../train/messages.js";

const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);

// Sources

export const notASource = (d: { value: unknown }): TrainError =>
  new TrainError(
    "NOT_A_SOURCE",
    `bytes cannot be read from ${typeof d.value === "object" && d.value !== null ? "this object" : String(d.value).slice(0, 60)}`,
    "give a path (Node, Deno, Bun), a Uint8Array, a Blob or File, a Response, a ReadableStream, an iterable of Uint8Arrays, or a function that gives one",
  );

export const pathWithoutFiles = (d: { path: string }): TrainError =>
  new TrainError(
    "NOT_A_SOURCE",
    `${quote(d.path)} is a path, and here are no files`,
    /^(https?|blob|data):/.test(d.path)
      ? `give () => fetch(${quote(d.path)})`
      : "in a page give a File, or () => fetch(…)",
  );

export const cannotRead = (d: { path: string; cause: unknown }): TrainError =>
  new TrainError(
    "CANNOT_READ",
    `${quote(d.path)} cannot be read: ${d.cause instanceof Error ? d.cause.message : String(d.cause)}`,
  );

export const badResponse = (d: { status: number; url: string }): TrainError =>
  new TrainError("CANNOT_READ", `${d.url === "" ? "the response" : quote(d.url)} has the status ${d.status}`);

export const notFetched = (d: { cause: TypeError }): TrainError =>
  new TrainError(
    "CANNOT_READ",
    `nothing was fetched: ${d.cause.message}`,
    "is the server there? A page's content-security policy must allow connect-src 'self', or the other origin, which must allow the page (CORS)",
  );

export const readTwice = (): TrainError =>
  new TrainError(
    "READ_TWICE",
    "a stream can be read only once, and this one has been",
    "for several epochs give a path, a Blob, bytes, or a function that opens the source anew: () => fetch(…)",
  );

export const noDecompression = (): TrainError =>
  new TrainError("UNSUPPORTED", "this runtime has no DecompressionStream", "unpack the file first");

// Formats

export const badFile = (d: { format: string; what: string; hint?: string | undefined }): TrainError =>
  new TrainError("BAD_FILE", `this is no ${d.format} file: ${d.what}`, d.hint);

export const truncated = (d: { format: string; part: string; bytes: number; expected: number }): TrainError =>
  new TrainError("TRUNCATED", `the ${d.format} file ends early: ${d.part} has ${d.bytes} of ${d.expected} bytes`);

export const trailing = (d: { format: string }): TrainError =>
  new TrainError("BAD_FILE", `the ${d.format} file goes on after its end`);

export const tooLarge = (d: { what: string; size: string; most: string; hint?: string }): TrainError =>
  new TrainError("TOO_LARGE", `${d.what} has ${d.size}, and at most ${d.most} are read at once`, d.hint);

export const unsupported = (d: { format: string; what: string; hint?: string }): TrainError =>
  new TrainError("UNSUPPORTED", `${d.format} files with ${d.what} are not read`, d.hint);

// CSV

export const badRow = (d: { line: number; cells: number; expected: number }): TrainError =>
  new TrainError("BAD_ROW", `line ${d.line} has ${d.cells} cells, and the table has ${d.expected} columns`);

export const badQuotes = (d: { line: number; what: string }): TrainError =>
  new TrainError("BAD_ROW", `line ${d.line}: ${d.what}`, "a quote inside of a quoted cell is written twice");

export const badCell = (d: {
  line: number;
  column: string;
  cell: string;
  expected: string;
  hint?: string;
}): TrainError =>
  new TrainError(
    "BAD_CELL",
    `line ${d.line}, column ${quote(d.column)}: ${quote(d.cell)} is not ${d.expected}`,
    d.hint,
  );

export const unknownColumn = (d: { name: string; known: readonly string[] }): TrainError =>
  new TrainError(
    "UNKNOWN_NAME",
    `there is no column named ${quote(d.name)}`,
    `known: ${d.known.slice(0, 12).map(quote).join(", ")}${d.known.length > 12 ? ", ..." : ""}`,
  );

export const sameColumn = (d: { name: string }): TrainError =>
  new TrainError("DUPLICATE_NAME", `two columns are named ${quote(d.name)}`, "name the columns with the option names");

export const noHeader = (): TrainError => new TrainError("NO_ROWS", "the table is empty: it has no line of names");

export const badText = (): TrainError =>
  new TrainError(
    "BAD_FILE",
    "this is no CSV file: its bytes are not UTF-8",
    "give an iterable of bytes that were converted",
  );

// Rows and classes

export const badArgument = (d: { name: string; expected: string; value: unknown }): TrainError =>
  new TrainError("BAD_OPTION", `${d.name} must be ${d.expected}, but it is ${shown(d.value)}`);

export const notAClass = (d: { row: number; value: unknown; below?: number | undefined }): TrainError =>
  new TrainError(
    "BAD_VALUE",
    `the class of row ${d.row} is ${shown(d.value)}, and not an integer ${d.below === undefined ? "of at least 0" : `in 0 .. ${d.below - 1}`}`,
  );

export const rowCounts = (d: { counts: readonly (readonly [string, number])[] }): TrainError =>
  new TrainError(
    "ROW_COUNTS",
    `the data has different numbers of rows: ${d.counts.map(([field, rows]) => `${field} ${rows}`).join(", ")}`,
  );

export const noRows = (d: { what: string }): TrainError => new TrainError("NO_ROWS", `${d.what} has no rows`);

export const emptyPart = (d: { part: string; rows: number }): TrainError =>
  new TrainError("EMPTY_SPLIT", `a split of ${d.rows} rows leaves no row for ${d.part}`);

export const badShape = (d: { shape: readonly number[]; numbers: number }): TrainError =>
  new TrainError("BAD_LENGTH", `${d.numbers} numbers are not of shape [${d.shape.join(", ")}]`);

export const otherShapes = (d: { first: readonly number[]; other: readonly number[] }): TrainError =>
  new TrainError("SHAPE_MISMATCH", `[${d.first.join(", ")}] and [${d.other.join(", ")}] cannot be put together`);

export const nothingKnown = (d: { feature: number }): TrainError =>
  new TrainError("NO_ROWS", `feature ${d.feature} has no number to be normalized by: all of it is missing`);

function shown(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "object" && value !== null) return `an object of type ${value.constructor?.name ?? "Object"}`;
  return typeof value === "function" ? "a function" : String(value);
}
