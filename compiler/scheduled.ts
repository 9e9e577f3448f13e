// What a schedule is for: the nests of programs before and after the passes over loops.

import { LOOP_PASSES, nestsIn, runPass, staleIn, type Asked, type LoopContext } from "./4-loops/index.js";
import type { Kernel } from "./ir/kernel.js";
import type { ProgramItem } from "./ir/program.js";
import type { ScheduledNest } from "./ir/schedule.js";
import { callsOf } from "./ir/walk.js";

interface Items {
  readonly items: readonly ProgramItem[];
}

/** The nests of programs, as the passes have cut them. */
export function askedNests(before: readonly Items[], after: readonly Items[]): readonly Asked[] {
  const kernelsOf = (all: readonly Items[]): Kernel[] =>
    all.flatMap(({ items }) => callsOf(items).map(({ kernel }) => kernel));
  const prepared = kernelsOf(after);
  return nestsIn(kernelsOf(before).map((kernel, n) => [kernel, prepared[n]!]));
}

/** Entries of the schedule for kernels that programs of these names should have and have not. */
export function staleNests(
  entries: readonly { readonly name: string; readonly program: Items }[],
  before: readonly Items[],
  { machine, float, schedule }: LoopContext,
): readonly ScheduledNest[] {
  if (schedule === undefined) return [];
  const asked = askedNests(
    before,
    entries.map(({ program }) => program),
  );
  return staleIn(schedule, asked, { target: machine.name, float, entries: entries.map(({ name }) => name) });
}

/** Programs after all passes over loops, without a trace. */
export function preparedItems(programs: readonly Items[], context: LoopContext): readonly Items[] {
  return LOOP_PASSES.reduce((all, pass) => runPass(pass, all, context), programs);
}
