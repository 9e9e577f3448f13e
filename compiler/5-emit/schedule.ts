// The one place that emitters ask how a nest is run: what the schedule says where it has the nest, else the target's cost
// model. What was asked is kept, so that a schedule's entries for nests that are no more can be named.

import { printDim } from "../../src/graph/shape.js";
import { badSchedule } from "../../src/messages.js";
import type { Kernel, Loop, Reduction } from "../ir/kernel.js";
import type { FloatType } from "../ir/choices.js";
import type { TargetName } from "../ir/choices.js";
import { nestKey, type Nest, type Schedule, type ScheduledNest, type Tile } from "../ir/schedule.js";

/** What a target knows of its tiles. Pure. */
export interface CostModel {
  readonly target: TargetName;
  /** The tile that should be fastest. */
  readonly choose: (nest: Nest) => Tile;
  /** Why a tile cannot be emitted; undefined if it can. */
  readonly problem: (tile: Tile, nest: Nest) => string | undefined;
  /**
   * Tiles worth measuring beside the best one known, in the order of their promise: of other sizes (round 0), in another
   * order or packed otherwise (round 1), with longer turns (round 2).
   */
  readonly candidates: (nest: Nest, best: Tile, round: number) => readonly Tile[];
}

/** How the nest whose outer loop is given is cut into tiles. */
export type ChooseTile = (outer: Loop, nest: Nest) => Tile;

/** A nest that was asked about. */
export interface Asked {
  readonly key: string;
  /** The kernels that have it. */
  readonly kernels: readonly Kernel[];
  readonly nest: Nest;
  /** `batch x 256 over 784`. */
  readonly loops: string;
  /** What the cost model would take, and what is taken. */
  readonly model: Tile;
  readonly tile: Tile;
}

export class Scheduler {
  private readonly known: ReadonlyMap<string, ScheduledNest>;
  private readonly askedFor = new Map<string, Asked & { readonly kernels: Kernel[] }>();

  constructor(
    private readonly model: CostModel,
    private readonly schedule: Schedule | undefined,
    private readonly float: FloatType,
    private readonly capacity: number,
  ) {
    this.known = new Map(this.own.map((one) => [one.key, one]));
  }

  /** The entries of the schedule that are meant for this build's target and number type. */
  private get own(): readonly ScheduledNest[] {
    return (this.schedule?.kernels ?? []).filter((one) => one.target === this.model.target && one.dtype === this.float);
  }

  /** How the loop, which is the nest's outer one, is run. Throws BAD_SCHEDULE for a tile that cannot be. */
  choose(kernel: Kernel, loop: Loop, nest: Nest): Tile {
    // Without a schedule nobody needs to know what is asked: keys take time.
    if (this.schedule === undefined) return this.model.choose(nest);
    const key = nestKey(loop, kernel.slots, [this.model.target, this.float, this.capacity]);
    const model = this.model.choose(nest);
    const scheduled = this.known.get(key);
    const tile = scheduled ? tileOf(scheduled) : model;
    const problem = scheduled && this.model.problem(tile, nest);
    if (problem !== undefined) throw badSchedule({ text: `${kernel.name} (${key}): ${problem}` });
    const asked = this.askedFor.get(key);
    if (asked?.kernels.includes(kernel)) return tile;
    if (asked) asked.kernels.push(kernel);
    else this.askedFor.set(key, { key, kernels: [kernel], nest, loops: loopsText(loop), model, tile });
    return tile;
  }

  /** All nests, once they have been emitted. */
  get asked(): readonly Asked[] {
    return [...this.askedFor.values()];
  }

  /** Entries of the schedule that no nest has asked for, of those that `entries` should have asked for. */
  stale(entries: readonly string[]): readonly ScheduledNest[] {
    return this.own.filter((one) => !this.askedFor.has(one.key) && one.entries.some((name) => entries.includes(name)));
  }
}

const tileOf = ({ rows, columns, order, pack, unroll }: Tile): Tile => ({ rows, columns, order, pack, unroll });

function loopsText(outer: Loop): string {
  const inner = outer.body[0] as Loop;
  const terms = inner.body.filter((s): s is Reduction => s.kind === "reduction");
  const sizes = (loops: Reduction["loops"]): string => loops.map(({ size }) => printDim(size)).join(" x ");
  return `${printDim(outer.size)} x ${printDim(inner.size)} over ${[...new Set(terms.map((r) => sizes(r.loops)))].join(", ")}`;
}
