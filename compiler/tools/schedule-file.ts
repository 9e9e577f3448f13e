// Schedules as files beside the definitions: `digits.net.ts` has `digits.schedule.json`. What is in them was measured on some
// machine; they hold choices alone, sorted, so that the same choices are the same bytes.

import { existsSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ts as Ts } from "ts-morph";
import type { Frame } from "../../src/graph/origin.js";
import { badSchedule, type TapelessError } from "../../src/messages.js";
import { checkSchedule, FIELDS, type Path, type Schedule, type ScheduledNest } from "../ir/schedule.js";
import { formattedWhole } from "./format.js";
import { shownPath } from "./paths.js";
import { readText, writeWhole } from "./write.js";

/** `digits.net.ts` is the definition of `digits`. */
export const stem = (path: string): string =>
  basename(path)
    .replace(/\.[cm]?[jt]sx?$/, "")
    .replace(/\.net$/, "");

/** Where the definition's schedule lies: beside it, or in the folder. */
export const schedulePath = (definition: string, folder: string | undefined): string =>
  join(folder ?? dirname(definition), `${stem(definition)}.schedule.json`);

/** The schedule of a file, if there is one. Throws BAD_SCHEDULE with a place for a file that holds something else. */
export async function readSchedule(path: string): Promise<Schedule | undefined> {
  if (!existsSync(path)) return undefined;
  const text = readText(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw await syntaxError(path, text, error);
  }
  try {
    return checkSchedule(value);
  } catch {
    // The syntax tree, which knows the places, takes long to load.
    const { ts } = await import("ts-morph");
    return checkSchedule(value, (part) => placeOf(ts, path, text, part));
  }
}

async function syntaxError(path: string, text: string, cause: unknown) {
  const { transform } = await import("esbuild");
  const refused = await transform(text, { loader: "json", logLevel: "silent" }).then(
    () => undefined,
    (error: { errors?: readonly { text: string; location: { line: number; column: number } | null }[] }) =>
      error.errors?.[0],
  );
  const at = refused?.location && { file: path, line: refused.location.line, column: refused.location.column + 1 };
  const why = refused?.text ?? (cause instanceof Error ? cause.message : String(cause));
  return badSchedule({ text: `${shownPath(path)} is no JSON: ${why}`, at: at ?? undefined, cause });
}

/** The place of a part of the text, or of the nearest thing around it that is there. */
function placeOf(ts: typeof Ts, path: string, text: string, part: Path): Frame {
  const source = ts.parseJsonText(path, text);
  let node: Ts.Node = source.statements[0]!.expression;
  for (const step of part) {
    const next: Ts.Node | undefined =
      ts.isObjectLiteralExpression(node) && typeof step === "string"
        ? node.properties.find((p) => p.name && ts.isStringLiteral(p.name) && p.name.text === step)
        : ts.isArrayLiteralExpression(node) && typeof step === "number"
          ? node.elements[step]
          : undefined;
    if (next === undefined) break;
    node = ts.isPropertyAssignment(next) ? next.initializer : next;
  }
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return { file: path, line: line + 1, column: character + 1 };
}

/** An error about a kernel of the schedule, at its place in the file. */
export async function placed(error: TapelessError, path: string, { kernels }: Schedule): Promise<TapelessError> {
  const { ts } = await import("ts-morph");
  const at = kernels.findIndex(({ key }) => error.sentence.includes(key));
  return badSchedule({ text: error.sentence, at: placeOf(ts, path, readText(path), ["kernels", at]), cause: error });
}

/** The file's text. */
async function scheduleText({ kernels }: Schedule): Promise<string> {
  const order = (one: ScheduledNest): string => [one.target, one.dtype, one.kernel, one.key].join("\n");
  const sorted = kernels
    .map((one) => Object.fromEntries(FIELDS.map((field) => [field, one[field]])))
    .toSorted((a, b) => (order(a as never) < order(b as never) ? -1 : 1));
  return formattedWhole(JSON.stringify({ kernels: sorted }, undefined, 2), "json");
}

/** What a build of one target takes from a schedule: the hash of a module covers it. */
export const ownPart = (schedule: Schedule | undefined, target: string, dtype: string): readonly ScheduledNest[] =>
  (schedule?.kernels ?? []).filter((one) => one.target === target && one.dtype === dtype);

/**
 * A schedule with new choices in place of the old ones of the same target, number type and entries. `entries`: those that
 * were tuned.
 */
export function withTuned(
  before: Schedule | undefined,
  tuned: readonly ScheduledNest[],
  of: { readonly target: string; readonly dtype: string; readonly entries: readonly string[] },
): Schedule {
  const replaced = new Set(ownPart(before, of.target, of.dtype).filter((one) => touches(one, of.entries)));
  const keys = new Set(tuned.map(({ key }) => key));
  const kept = (before?.kernels ?? []).filter((one) => !replaced.has(one) && !keys.has(one.key));
  return { kernels: [...kept, ...tuned] };
}

const touches = (one: ScheduledNest, entries: readonly string[]): boolean =>
  one.entries.some((name) => entries.includes(name));

/** Writes the schedule where its bytes differ; one that says nothing has no file. */
export async function writeSchedule(path: string, schedule: Schedule): Promise<"written" | "unchanged" | "removed"> {
  if (schedule.kernels.length === 0) {
    if (!existsSync(path)) return "unchanged";
    rmSync(path);
    return "removed";
  }
  const text = await scheduleText(schedule);
  if (existsSync(path) && readText(path) === text) return "unchanged";
  writeWhole(path, text);
  return "written";
}
