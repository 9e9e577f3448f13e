// Errors and warnings as bundlers show them: at their line of the user's file.

import { plainFrame, renderError, type Message } from "../errors.js";
import { errorsIn, isTapelessError } from "../located.js";

export interface Report {
  readonly message: string;
  readonly id?: string;
  readonly loc?: { readonly file: string; readonly line: number; readonly column: number };
  readonly frame?: string;
  readonly stack?: string;
}

/** A warning, or the first of several errors. Columns are counted from 0, as bundlers do. */
export function reportOf(message: Message): Report {
  const text = `${message.code}  ${message.sentence}${message.hint ? `\nhint: ${message.hint}` : ""}`;
  const { at } = message;
  if (!at) return { message: text };
  const loc = { file: at.file, line: at.line, column: at.column - 1 };
  return { message: text, id: at.file, loc, frame: plainFrame(at) };
}

/** All errors of a definition as one: the first has the place, the others are told in full below it. */
export function reportOfError(error: unknown, cwd: string): Report {
  if (!isTapelessError(error)) return { message: renderError(error, { cwd, colors: false }) };
  const [first, ...rest] = errorsIn(error);
  const report = reportOf(first!);
  const others = rest.map((one) => renderError(one, { cwd, colors: false }));
  return { ...report, stack: "", message: [report.message, ...others].join("\n\n") };
}

/** The same as one text, for bundlers that show no places. */
export const textOfError = (error: unknown, cwd: string): string => renderError(error, { cwd, colors: false });
