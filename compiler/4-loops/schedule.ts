// How a nest is cut: what the schedule says where it has the nest, else the machine's cost model.

import { printDim } from "../../src/graph/shape.js";
import { badSchedule } from "../../src/messages.js";
import type { FloatType, TargetName } from "../ir/choices.js";
import type { Kernel, Loop, Reduction } from "../ir/kernel.js";
import { nestKey, type Schedule, type ScheduledNest } from "../ir/schedule.js";
import type { Nest, Tile } from "../ir/tile.js";
import { tileModel } from "./cost/model.js";
import type { LoopContext } from "./pass.js";
import { tilesOf } from "./marks.js";

export interface ChosenTile {
  readonly tile: Tile;
  /** What the cost model would take. */
  readonly model: Tile;
  readonly key?: string;
}

/** The tile of the nest whose outer loop is given. Throws BAD_SCHEDULE for one that cannot be run. */
export function chosenTile(kernel: Kernel, outer: Loop, nest: Nest, context: LoopContext): ChosenTile {
  const { machine, float, capacity, schedule } = context;
  const own = tileModel(machine.tiles!);
  const model = own.choose(nest);
  // Without a schedule nobody needs to know what a nest is called: keys take time.
  if (schedule === undefined) return { tile: model, model };
  const key = nestKey(outer, kernel.slots, [machine.name, float, capacity]);
  const scheduled = meantFor(schedule, machine.name, float).find((one) => one.key === key);
  const tile = scheduled ? tileOf(scheduled) : model;
  const problem = scheduled && own.problem(tile, nest);
  if (problem !== undefined) throw badSchedule({ text: `${kernel.name} (${key}): ${problem}` });
  return { tile, model, key };
}

const tileOf = ({ rows, columns, order, pack, unroll }: Tile): Tile => ({ rows, columns, order, pack, unroll });

/** The entries of the schedule for a target and a number type. */
const meantFor = (schedule: Schedule, target: TargetName, float: FloatType): readonly ScheduledNest[] =>
  schedule.kernels.filter((one) => one.target === target && one.dtype === float);

/** A nest that a schedule may speak of. */
export interface Asked {
  readonly key: string;
  /** The kernels that have it, as they were before the passes over loops. */
  readonly kernels: readonly Kernel[];
  readonly nest: Nest;
  /** `batch x 256 over 784`. */
  readonly loops: string;
  /** What the cost model would take, and what is taken. */
  readonly model: Tile;
  readonly tile: Tile;
}

/** The nests of kernels, each with what it was before the passes, in their order. There are keys where there is a schedule. */
export function nestsIn(kernels: Iterable<readonly [before: Kernel, after: Kernel]>): readonly Asked[] {
  const asked = new Map<string, Asked & { readonly kernels: Kernel[] }>();
  for (const [before, after] of kernels) {
    for (const { loop, tiled } of tilesOf(after)) {
      const { key, nest, model, tile } = tiled;
      if (key === undefined) continue;
      const known = asked.get(key);
      if (known === undefined) asked.set(key, { key, kernels: [before], nest, loops: loopsText(loop), model, tile });
      else if (!known.kernels.includes(before)) known.kernels.push(before);
    }
  }
  return [...asked.values()];
}

/** Entries of the schedule that no nest has, of those that `entries` should have. */
export function staleIn(
  schedule: Schedule,
  asked: readonly Asked[],
  {
    target,
    float,
    entries,
  }: { readonly target: TargetName; readonly float: FloatType; readonly entries: readonly string[] },
): readonly ScheduledNest[] {
  const keys = new Set(asked.map(({ key }) => key));
  return meantFor(schedule, target, float).filter(
    (one) => !keys.has(one.key) && one.entries.some((name) => entries.includes(name)),
  );
}

function loopsText(outer: Loop): string {
  const inner = outer.body[0] as Loop;
  const terms = inner.body.filter((s): s is Reduction => s.kind === "reduction");
  const sizes = (loops: Reduction["loops"]): string => loops.map(({ size }) => printDim(size)).join(" x ");
  return `${printDim(outer.size)} x ${printDim(inner.size)} over ${[...new Set(terms.map((r) => sizes(r.loops)))].join(", ")}`;
}
