// A schedule: how the register tiles of kernels are cut, as plain data that `tapeless tune` writes and a build reads. What it
// says nothing of is left to the cost model of the target.

import { hash } from "../../src/scalar/numeric.js";
import type { Frame } from "../../src/graph/origin.js";
import { badSchedule, printValue } from "../../src/messages.js";
import type { Loop, Slot } from "./kernel.js";
import { FLOAT_TYPES, TARGETS, type FloatType, type TargetName } from "./choices.js";
import { printNest } from "./print.js";
import type { Tile } from "./tile.js";

export interface ScheduledNest extends Tile {
  /** Stands for the nest's loops, positions, values and types, the capacity, the target and the number type. */
  readonly key: string;
  readonly target: TargetName;
  readonly dtype: FloatType;
  /** For people: the first kernel that has the nest, and its loops. */
  readonly kernel: string;
  readonly loops: string;
  /** The entries that run it. */
  readonly entries: readonly string[];
}

/** How the register tiles of kernels are cut, as plain data that `tapeless tune` writes. {@link compile} takes it. */
export interface Schedule {
  /** For each kernel that is cut otherwise than the cost model says: which it is, and how. */
  readonly kernels: readonly ScheduledNest[];
}

/** What two nests must have in common to share a choice. Names, and the numbers of variables and slots, play no part. */
export function nestKey(nest: Loop, slots: readonly Slot[], of: readonly (string | number)[]): string {
  const text = JSON.stringify([...of, numbered(nest, slots)]);
  return [1, 2].map((seed) => digest(text, seed)).join("");
}

/** The nest's text with slots, variables, locals and accumulators numbered as they are met. */
function numbered(nest: Loop, slots: readonly Slot[]): string {
  const names = new Map<string, string>();
  return printNest(nest, (kind, number) => {
    const known = `${kind}${number}`;
    let name = names.get(known);
    if (name === undefined) {
      const type = kind === "s" ? `:${slots[number]!.dtype}` : "";
      names.set(known, (name = `${kind}${names.size}${type}`));
    }
    return name;
  });
}

const digest = (text: string, seed: number): string =>
  Array.from(text)
    .reduce((word, character) => hash(word, character.codePointAt(0)!), seed)
    .toString(16)
    .padStart(8, "0");

type Check = (value: unknown) => string | undefined;

const oneOf =
  (...known: readonly string[]): Check =>
  (value) =>
    known.includes(value as string) ? undefined : known.map((name) => JSON.stringify(name)).join(" or ");

const size: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 1 ? undefined : "a whole number of at least 1";

/** It is shown on terminals. */
const isLine = (value: unknown): boolean => typeof value === "string" && !/[\p{Cc}\u2028\u2029]/u.test(value);

const text: Check = (value) => (isLine(value) ? undefined : "a string of one line");

const CHECKS = {
  key: (value) => (/^[0-9a-f]{16}$/.test(String(value)) ? undefined : "16 hexadecimal digits"),
  target: oneOf(...TARGETS),
  dtype: oneOf(...FLOAT_TYPES),
  kernel: text,
  loops: text,
  entries: (value) => (Array.isArray(value) && value.every(isLine) ? undefined : "a list of strings of one line each"),
  rows: size,
  columns: size,
  order: oneOf("rows", "columns"),
  pack: (value) => (typeof value === "boolean" ? undefined : "true or false"),
  unroll: size,
} satisfies Record<keyof ScheduledNest, Check>;

/** The fields of a nest, in the order in which they are written. */
export const FIELDS = Object.keys(CHECKS) as readonly (keyof ScheduledNest)[];

/** Fields and positions on the way to a part of a schedule. */
export type Path = readonly (string | number)[];

/** A schedule from outside, such as the content of a file. Throws BAD_SCHEDULE for what is none; `at` gives the place. */
export function checkSchedule(value: unknown, at?: (path: Path) => Frame | undefined): Schedule {
  const refuse = (path: Path, expected: string, found: unknown): never => {
    const name = path.map((part) => (typeof part === "number" ? `[${part}]` : part)).join(".");
    const what = name === "" ? "a schedule" : name.replaceAll(".[", "[");
    throw badSchedule({ text: `${what} must be ${expected}, but it is ${printValue(found)}`, at: at?.(path) });
  };
  if (!isRecord(value)) return refuse([], "an object { kernels: [...] }", value);
  if (!Array.isArray(value["kernels"])) return refuse(["kernels"], "a list", value["kernels"]);
  const unknown = Object.keys(value).find((name) => name !== "kernels");
  if (unknown !== undefined) return refuse([unknown], "absent", value[unknown]);
  const keys = new Set<string>();
  for (const [n, item] of (value["kernels"] as unknown[]).entries()) {
    if (!isRecord(item)) return refuse(["kernels", n], "an object", item);
    for (const field of FIELDS) {
      const expected = CHECKS[field](item[field]);
      if (expected !== undefined) refuse(["kernels", n, field], expected, item[field]);
    }
    const extra = Object.keys(item).find((name) => !Object.hasOwn(CHECKS, name));
    if (extra !== undefined) refuse(["kernels", n, extra], "absent", item[extra]);
    if (keys.has(item["key"] as string)) refuse(["kernels", n, "key"], "another one than those before", item["key"]);
    keys.add(item["key"] as string);
  }
  return value as unknown as Schedule;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
