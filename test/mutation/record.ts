// Runs are recorded as lines of JSON, so that a run can go on where the last one was ended.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { idOf, type Mutant } from "./mutant.js";
import type { Kill } from "./killer.js";

export interface Entry {
  readonly room: string;
  readonly seed: number;
  readonly mutant: Mutant;
  /** `types`: the type checker refuses it, so it is not counted. */
  readonly status: "killed" | "survived" | "types";
  readonly kill?: Kill;
  readonly diff: string;
  readonly ms: number;
}

/** The last entry of each mutant of a room and seed. */
export function readRecord(file: string | undefined, room: string, seed: number): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  if (file === undefined || !existsSync(file)) return entries;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line === "") continue;
    const entry = JSON.parse(line) as Entry;
    if (entry.room === room && entry.seed === seed) entries.set(idOf(entry.mutant), entry);
  }
  return entries;
}

export function append(file: string | undefined, entry: Entry): void {
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`);
}
