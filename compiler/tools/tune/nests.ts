// The nests of a network whose tiles can be chosen, and schedules made of choices.

import type { Network } from "../../../src/graph/network.js";
import { machineOf, type Asked, type LoopContext } from "../../4-loops/index.js";
import { plan } from "../../4-plan/plan.js";
import type { ModuleSpec } from "../../ir/module.js";
import { callsOf } from "../../ir/walk.js";
import type { FloatType, TargetName } from "../../ir/choices.js";
import type { Schedule, ScheduledNest } from "../../ir/schedule.js";
import type { Tile } from "../../ir/tile.js";
import type { Plan } from "../../ir/layout.js";
import type { Buffer, Program } from "../../ir/program.js";
import type { CompileOptions } from "../../options.js";
import { planned } from "../../pipeline.js";
import { askedNests, preparedItems } from "../../scheduled.js";

/** What is tuned: a network's programs before the passes over loops, the memory that lasts, and the target. */
export interface Subject {
  readonly spec: ModuleSpec;
  readonly persistent: readonly Buffer[];
  readonly float: FloatType;
  readonly target: TargetName;
}

export const NOTHING: Schedule = { kernels: [] };

/** A network that is tuned. */
export function subjectOf(network: Network, options: CompileOptions & { readonly target: TargetName }): Subject {
  const { spec, layout, kernels } = planned(network, options);
  const entries = spec.entries.map((entry, n) => ({ ...entry, program: kernels[n]! }));
  const persistent = layout.persistent.map(({ buffer }) => buffer);
  return { spec: { ...spec, entries }, persistent, float: layout.float, target: options.target };
}

const contextOf = ({ spec, float, target }: Subject, schedule: Schedule): LoopContext => ({
  machine: machineOf(target, float),
  float,
  capacity: spec.capacity,
  schedule,
});

const programsOf = ({ spec }: Subject): readonly Program[] => spec.entries.map(({ program }) => program);

/** The nests, in the order in which they are called, and what a schedule makes of them. */
export function nestsOf(subject: Subject, schedule: Schedule = NOTHING): readonly Asked[] {
  const before = programsOf(subject);
  return askedNests(before, preparedItems(before, contextOf(subject, schedule)));
}

/** The module of a subject, as a schedule makes it, over planned memory. */
export function scheduledModule(
  subject: Subject,
  schedule: Schedule,
): { readonly spec: ModuleSpec; readonly layout: Plan } {
  const { spec, persistent, float } = subject;
  const context = contextOf(subject, schedule);
  const prepared = preparedItems(programsOf(subject), context);
  const entries = spec.entries.map((entry, n) => ({ ...entry, program: { ...entry.program, ...prepared[n]! } }));
  const programs = entries.map(({ program }) => program);
  return {
    spec: { ...spec, entries },
    layout: plan(programs, persistent, { capacity: spec.capacity, float, memory: context.machine.memory }),
  };
}

/** A nest with its tile, as a schedule has it. */
export function scheduled(asked: Asked, tile: Tile, { spec, float, target }: Subject): ScheduledNest {
  const runs = spec.entries.filter(({ program }) =>
    callsOf(program.items).some(({ kernel }) => asked.kernels.includes(kernel)),
  );
  return {
    key: asked.key,
    target,
    dtype: float,
    kernel: asked.kernels[0]!.name,
    loops: asked.loops,
    entries: runs.map(({ name }) => name).sort(),
    ...tile,
  };
}

export const sameTile = (a: Tile, b: Tile): boolean =>
  a.rows === b.rows && a.columns === b.columns && a.order === b.order && a.pack === b.pack && a.unroll === b.unroll;
