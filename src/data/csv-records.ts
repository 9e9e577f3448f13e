// Lines of cells from text that comes in pieces (RFC 4180). Pure of what cells mean.
//
// Written here because no library that is well kept reads pieces in a page: papaparse takes them from files, addresses and Node's
// streams alone, csv-parse needs Node's streams or a copy of them (200 kB), d3-dsv reads whole texts and makes functions from
// text, which a strict policy refuses.

import * as say from "./messages.js";

export interface Dialect {
  readonly delimiter: string;
  readonly quote: string;
}

export interface CsvRecord {
  readonly cells: readonly string[];
  /** Where it begins, counted from 1. */
  readonly line: number;
}

/** Characters of one record. More is a quote that is left open. */
const LONGEST = 2 ** 22;

/** Takes text piece by piece and gives the records that are complete; after the last piece, all. */
export class CsvRecords {
  readonly #dialect: Dialect;
  /** From the beginning of the first record that is not complete. */
  #text = "";
  #line = 1;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** Empty lines are left out. */
  *take(piece: string, isLast: boolean): Generator<CsvRecord, void, void> {
    const text = this.#text + piece;
    let at = 0;
    while (at < text.length) {
      const record = recordAt(text, at, isLast, this.#dialect, this.#line);
      if (record === undefined) break;
      if (record.cells.length > 1 || record.cells[0] !== "") yield { cells: record.cells, line: this.#line };
      this.#line += record.lines;
      at = record.end;
    }
    this.#text = text.slice(at);
    if (this.#text.length > LONGEST) {
      throw say.badQuotes({
        line: this.#line,
        what: `more than ${LONGEST} characters without an end: is a quote left open?`,
      });
    }
  }
}

interface Found {
  readonly cells: readonly string[];
  readonly end: number;
  /** Lines that it goes over. */
  readonly lines: number;
}

const [LINE_FEED, RETURN] = [10, 13];

/** The record that begins at a position; undefined where it goes on in text that has not come yet. */
function recordAt(text: string, start: number, isLast: boolean, dialect: Dialect, line: number): Found | undefined {
  const delimiter = dialect.delimiter.charCodeAt(0);
  const cells: string[] = [];
  let at = start;
  let lines = 1;
  for (;;) {
    if (text[at] === dialect.quote) {
      const quoted = quotedAt(text, at, isLast, dialect.quote, line);
      if (quoted === undefined) return undefined;
      cells.push(quoted.cell);
      lines += countLines(quoted.cell);
      at = quoted.end;
    } else {
      const from = at;
      for (; at < text.length; at++) {
        const code = text.charCodeAt(at);
        if (code === delimiter || code === LINE_FEED || code === RETURN) break;
      }
      cells.push(text.slice(from, at));
    }
    if (at >= text.length) return isLast ? { cells, end: at, lines } : undefined;
    const code = text.charCodeAt(at);
    at++;
    if (code === delimiter) continue;
    if (code === LINE_FEED) return { cells, end: at, lines };
    if (code !== RETURN) throw say.badQuotes({ line, what: "text follows a closing quote" });
    if (at >= text.length && !isLast) return undefined;
    return { cells, end: text.charCodeAt(at) === LINE_FEED ? at + 1 : at, lines };
  }
}

function quotedAt(text: string, start: number, isLast: boolean, quote: string, line: number) {
  let cell = "";
  for (let from = start + 1; ;) {
    const end = text.indexOf(quote, from);
    if (end < 0) {
      if (isLast) throw say.badQuotes({ line, what: "a quote is left open" });
      return undefined;
    }
    cell += text.slice(from, end);
    // The next piece may begin with a second quote.
    if (end + 1 === text.length && !isLast) return undefined;
    if (text[end + 1] !== quote) return { cell, end: end + 1 };
    cell += quote;
    from = end + 2;
  }
}

const countLines = (cell: string): number => cell.split("\n").length - 1;
