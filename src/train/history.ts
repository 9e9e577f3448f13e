// A history as text: a table, lines of JSON, a picture.

import type { History } from "./fit.js";
import * as say from "./messages.js";
import { checkOptions, names, text, type OptionChecks } from "./options.js";
import { curves, type Curve } from "./curves.js";

const columnsOf = (history: History): readonly (readonly [name: string, values: readonly number[]])[] =>
  Object.entries(history);

/**
 * A history as CSV: a line of names and one for each epoch. Numbers are written so that they read back as they are;
 * `NaN`, `Infinity` too.
 * @param history what {@link fit} returned
 * @returns the text of the file
 * @example
 * ```ts
 * const history = { epoch: [0, 1], loss: [0.5, 0.25] };
 * historyToCsv(history); // "epoch,loss\n0,0.5\n1,0.25\n"
 * ```
 */
export function historyToCsv(history: History): string {
  const columns = columnsOf(history);
  const cell = (name: string): string => (/[",\n\r]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
  const lines = history.epoch.map((_, row) => columns.map(([, values]) => String(values[row])).join(","));
  return `${[columns.map(([name]) => cell(name)).join(","), ...lines].join("\n")}\n`;
}

/**
 * A history as lines of JSON, one for each epoch. What is no finite number is null, since JSON has none.
 * @param history what {@link fit} returned
 * @returns the text of the file
 * @example
 * ```ts
 * const history = { epoch: [0, 1], loss: [0.5, NaN] };
 * historyToJsonLines(history); // "{\"epoch\":0,\"loss\":0.5}\n{\"epoch\":1,\"loss\":null}\n"
 * ```
 */
export function historyToJsonLines(history: History): string {
  const columns = columnsOf(history);
  const line = (row: number): string =>
    JSON.stringify(Object.fromEntries(columns.map(([name, values]) => [name, values[row]])));
  return history.epoch.map((_, row) => `${line(row)}\n`).join("");
}

/** The options of {@link lossCurve}. */
export interface LossCurveOptions {
  /** The columns to draw, by their names. Default: every loss, `loss` and `val_loss` for example. */
  readonly columns?: string | readonly string[] | undefined;
  /** What stands above. Default: nothing. */
  readonly title?: string | undefined;
}

const OPTIONS = { columns: names, title: text } satisfies OptionChecks<LossCurveOptions>;

/**
 * The course of training as a picture: SVG, 640 by 360, a line for each value over the epochs. Values that are no
 * finite number leave a gap. It holds no script and no reference.
 * @param history what {@link fit} returned
 * @returns the text of the file
 * @throws UNKNOWN_NAME for a column that the history has not, BAD_OPTION
 * @example
 * ```ts
 * const history = { epoch: [0, 1], loss: [0.5, 0.25] };
 * lossCurve(history, { title: "digits" }).slice(0, 4); // "<svg"
 * ```
 */
export function lossCurve(history: History, options: LossCurveOptions = {}): string {
  checkOptions(options, OPTIONS);
  const known = Object.keys(history).filter((name) => name !== "epoch");
  const given = typeof options.columns === "string" ? [options.columns] : options.columns;
  const chosen = given ?? known.filter((name) => /loss$/i.test(name));
  const lines = chosen.map((name): Curve => {
    if (!known.includes(name)) throw say.unknownName({ kind: "column", name, known });
    return { name, values: history[name]! };
  });
  return curves(options.title ?? "", history.epoch, lines);
}
