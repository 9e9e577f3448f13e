// Errors and warnings as bundlers show them: at their line of the user's file.

import { plainFrame, renderError, renderWarning, type Message } from "../errors.js";
import { errorsIn, isTapelessError } from "../located.js";

export interface Report {
  readonly message: string;
  readonly id?: string;
  readonly loc?: { readonly file: string; readonly line: number; readonly column: number };
  readonly frame?: string;
  readonly stack?: string;
}

/** A warning or an error. Columns are counted from 0, as bundlers do. */
export function reportOf(message: Message): Report {
  const text = `${message.code}  ${message.sentence}${message.hint ? `\nhint: ${message.hint}` : ""}`;
  const { at } = message;
  if (!at) return { message: text };
  const loc = { file: at.file, line: at.line, column: at.column - 1 };
  return { message: text, id: at.file, loc, frame: plainFrame(at) };
}

/** The errors of a definition, one by one. */
export const reportsOf = (error: unknown): readonly Report[] =>
  isTapelessError(error)
    ? errorsIn(error).map((one) => ({ ...reportOf(one), stack: "" }))
    : [{ message: textOf(error) }];

/** All of them as one: at the place of the first, each with its lines. */
export function reportOfAll(error: unknown): Report {
  const [first, ...rest] = reportsOf(error);
  if (rest.length === 0) return first!;
  const { frame: _, ...placed } = first!;
  return { ...placed, message: `${rest.length + 1} errors\n\n${textOf(error)}` };
}

/** The same as text, with the places. */
export const textOf = (error: unknown): string => renderError(error, { cwd: process.cwd(), colors: false });

export const textOfWarning = (warning: Message): string =>
  renderWarning(warning, { cwd: process.cwd(), colors: false });
