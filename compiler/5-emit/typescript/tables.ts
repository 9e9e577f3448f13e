// Numbers that differ from turn to turn of a printed loop without a rule: tables of the module.

import { seriesText, type Series } from "../runs.js";

export interface Table {
  readonly name: string;
  readonly values: readonly number[];
}

export class Tables {
  readonly all: Table[] = [];

  constructor(private readonly unique: (name: string) => string) {}

  /** Each series of one loop as text: `64 + 128 * block`, or an element of the loop's table. */
  texts(owner: string, series: readonly Series[], turn: string): string[] {
    const columns: (readonly number[])[] = [];
    const at = new Map<string, number>();
    const places = series.map((one) => {
      if (!("values" in one)) return undefined;
      const key = one.values.join();
      const place = at.get(key) ?? columns.push(one.values) - 1;
      at.set(key, place);
      return place;
    });
    if (columns.length === 0) return series.map((one) => seriesText(one, turn));
    const name = this.unique(`${owner} places`);
    this.all.push({ name, values: columns[0]!.flatMap((_, row) => columns.map((column) => column[row]!)) });
    const row = columns.length === 1 ? turn : `${columns.length} * ${turn}`;
    return series.map((one, i) => {
      const place = places[i];
      if (place === undefined) return seriesText(one, turn);
      return `${name}[${row}${place === 0 ? "" : ` + ${place}`}]!`;
    });
  }
}
