// Shows errors on a terminal: code and sentence, the place with the lines around it, the hint.

import { readFileSync } from "node:fs";
import { createColors } from "picocolors";
import type { Frame } from "../../src/graph/origin.js";
import type { TapelessError } from "../../src/messages.js";
import { errorsIn, isTapelessError } from "./located.js";
import { shownPath, slashed } from "./paths.js";

export interface RenderOptions {
  /** Paths are shown relative to it. */
  readonly cwd: string;
  readonly colors: boolean;
}

/** A user's error in full; of another error the stack, since it is a bug of ours. */
export function renderError(error: unknown, options: RenderOptions): string {
  if (isTapelessError(error))
    return errorsIn(error)
      .map((one) => renderOne(one, options))
      .join("\n\n");
  const paint = createColors(options.colors);
  // The training loop has an error class of its own, with a sentence meant for users.
  if (error instanceof Error && error.name === "TrainError")
    return `${paint.red(paint.bold("error"))} ${error.message}`;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${paint.red(paint.bold("unexpected error"))} ${text}\n\nThis is a bug in tapeless; please report it.`;
}

function renderOne(error: TapelessError, options: RenderOptions): string {
  const paint = createColors(options.colors);
  return renderMessage(paint.red(paint.bold("error")), error, options);
}

/** What an error and a warning have in common. */
export interface Message {
  readonly code: string;
  readonly sentence: string;
  readonly hint?: string | undefined;
  readonly at?: Frame | undefined;
}

/** A warning in full. */
export function renderWarning(warning: Message, options: RenderOptions): string {
  const paint = createColors(options.colors);
  return renderMessage(paint.yellow(paint.bold("warning")), warning, options);
}

function renderMessage(kind: string, error: Message, { cwd, colors }: RenderOptions): string {
  const paint = createColors(colors);
  const sentence = error.sentence.replaceAll(`${slashed(cwd)}/`, "");
  const lines = [`${kind} ${paint.bold(error.code)}  ${sentence}`];
  if (error.at) {
    lines.push(
      `  ${paint.dim("at")} ${paint.cyan(`${shownPath(error.at.file, cwd)}:${error.at.line}:${error.at.column}`)}`,
    );
    const frame = codeFrame(error.at, paint);
    if (frame.length > 0) lines.push("", ...frame, "");
  }
  if (error.hint) lines.push(`  ${paint.green("hint:")} ${error.hint}`);
  while (lines.at(-1) === "") lines.pop();
  return lines.join("\n");
}

/** The lines around a place, without colours; empty when the file cannot be read. */
export const plainFrame = (at: Frame): string => codeFrame(at, createColors(false)).join("\n");

const BEFORE = 2;
const AFTER = 1;
const WIDEST = 160;

/** What would move the cursor, or change the order in which letters are shown. */
const CONTROL = /(?!\t)[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The lines around a place, with a mark below its column; none when the file cannot be read. */
function codeFrame(at: Frame, paint: ReturnType<typeof createColors>): string[] {
  let source: string[];
  try {
    source = readFileSync(at.file, "utf8").split(/\r?\n/);
  } catch {
    return [];
  }
  if (at.line > source.length) return [];
  const first = Math.max(1, at.line - BEFORE);
  const last = Math.min(source.length, at.line + AFTER);
  const width = String(last).length;
  const lines: string[] = [];
  for (let number = first; number <= last; number++) {
    // Control characters would move the cursor; tabs keep their width in the line of the mark.
    const text = source[number - 1]!.replace(CONTROL, "?");
    const label = `${String(number).padStart(width)} |`;
    const here = number === at.line;
    lines.push(`  ${here ? paint.red(">") : " "} ${paint.dim(label)} ${text.slice(0, WIDEST)}`.trimEnd());
    if (here && at.column <= WIDEST) {
      const blank = text.slice(0, at.column - 1).replace(/[^\t]/g, " ");
      lines.push(`    ${" ".repeat(width)} ${paint.dim("|")} ${blank}${paint.red("^")}`);
    }
  }
  return lines;
}
