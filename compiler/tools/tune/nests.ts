// The nests of a network whose tiles can be chosen, and schedules made of choices.

import type { Asked } from "../../5-emit/schedule.js";
import { emission } from "../../emission.js";
import type { ModuleSpec } from "../../ir/module.js";
import { callsOf } from "../../ir/walk.js";
import type { TargetName } from "../../ir/choices.js";
import type { Schedule, ScheduledNest, Tile } from "../../ir/schedule.js";
import type { FloatType } from "../../ir/choices.js";
import type { Plan } from "../../ir/layout.js";

/** What is tuned: programs over planned memory, on a target. */
export interface Subject {
  readonly spec: ModuleSpec;
  readonly layout: Plan;
  readonly target: TargetName;
}

export const NOTHING: Schedule = { kernels: [] };

/** The nests, in the order in which they are emitted, and what a schedule makes of them. */
export const nestsOf = ({ spec, layout, target }: Subject, schedule: Schedule = NOTHING): readonly Asked[] =>
  emission(spec, layout, { target, schedule }).asked();

/** A nest with its tile, as a schedule has it. */
export function scheduled(asked: Asked, tile: Tile, { spec, layout, target }: Subject): ScheduledNest {
  const runs = spec.entries.filter(({ program }) =>
    callsOf(program.items).some(({ kernel }) => asked.kernels.includes(kernel)),
  );
  return {
    key: asked.key,
    target,
    dtype: layout.float as FloatType,
    kernel: asked.kernels[0]!.name,
    loops: asked.loops,
    entries: runs.map(({ name }) => name).sort(),
    ...tile,
  };
}

export const sameTile = (a: Tile, b: Tile): boolean =>
  a.rows === b.rows && a.columns === b.columns && a.order === b.order && a.pack === b.pack && a.unroll === b.unroll;

/** `4 x 8, packed, columns first`. */
export function tileText({ rows, columns, order, pack, unroll }: Tile): string {
  const words = [`${rows} x ${columns}`];
  if (pack) words.push("packed");
  if (order === "columns") words.push("columns first");
  if (unroll > 1) words.push(`${unroll} terms`);
  return words.join(", ");
}
