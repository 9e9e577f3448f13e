// Chooses how nests are cut into tiles: by the schedule where it knows the nest, else by the machine's cost model. What is
// chosen hangs on the nest's outer loop.

import { invariant } from "../../src/messages.js";
import type { Kernel, Loop, Reduction, Statement } from "../ir/kernel.js";
import { loadsAlong, termsOf, type NestParts } from "../ir/nest.js";
import { printKernel } from "../ir/print.js";
import type { Nest, Stage, Tile, TiledNest } from "../ir/tile.js";
import { loopsOf } from "../ir/walk.js";
import { tileModel } from "./cost/model.js";
import type { VectorTiles } from "./machines/machine.js";
import { withBody, withRun } from "./marks.js";
import { nestOf, type Looking } from "./nest.js";
import type { LoopContext, LoopPass } from "./pass.js";
import { chosenTile } from "./schedule.js";

export const tile: LoopPass = {
  name: "tile",
  run(kernel, context) {
    const { tiles } = context.machine;
    if (tiles === undefined || kernel.precision !== undefined) return kernel;
    const looking: Looking = { slots: kernel.slots, rules: tiles, capacity: context.capacity };
    return withBody(kernel, tiled(kernel.body, { kernel, context, looking, levels: new Map(), level: 0 }));
  },
  verify: tileProblem,
  print: printKernel,
};

/** Where a nest stands. */
interface Place {
  readonly kernel: Kernel;
  readonly context: LoopContext;
  readonly looking: Looking;
  /** How many loops are around what depends on a variable: loops of one turn are none. */
  readonly levels: ReadonlyMap<number, number>;
  /** Loops around the present place. */
  readonly level: number;
}

function tiled(statements: readonly Statement[], place: Place): readonly Statement[] {
  const result = statements.map((s): Statement => {
    if (s.kind !== "loop") return s;
    const found = nestOf(s, place.looking);
    if (found !== undefined) return withRun(s, { tile: tiledNest(s, found.parts, found.nest, place) });
    const isOnce = s.size.power === 0 && s.size.times === 1;
    const level = isOnce ? place.level : place.level + 1;
    const body = tiled(s.body, { ...place, level, levels: new Map(place.levels).set(s.variable, level) });
    return body === s.body ? s : { ...s, body };
  });
  return result.every((s, n) => s === statements[n]) ? statements : result;
}

function tiledNest(outer: Loop, parts: NestParts, nest: Nest, place: Place): TiledNest {
  const { kernel, context, looking } = place;
  const { tile: cut, model: own, key } = chosenTile(kernel, outer, nest, context);
  const model = tileModel(looking.rules);
  const rows = leftOver(outer, cut);
  const left = rows === undefined ? undefined : model.left(nest, cut, rows);
  const { costs } = looking.rules;
  const stage = cut.pack && costs.kind === "vectors" ? stageOf(outer, parts, nest, cut, costs, place) : undefined;
  return {
    nest,
    tile: cut,
    model: own,
    byTerms: model.takesTerms(nest, cut),
    ...(left && { left }),
    ...(stage && { stage }),
    ...(key !== undefined && { key }),
  };
}

/** The rows of the smaller block that whole blocks leave. */
function leftOver({ size }: Loop, { rows }: Tile): number | undefined {
  if (size.power > 0) return rows > 1 ? 1 : undefined;
  const left = size.times % rows;
  return left > 0 && left < size.times ? left : undefined;
}

/** Where the columns' operand is copied: outside of the loops that it does not depend on, where the copies are worth keeping. */
function stageOf(
  outer: Loop,
  { inner, reductions }: NestParts,
  nest: Nest,
  cut: Tile,
  costs: VectorTiles,
  { levels, level: here, looking: { capacity } }: Place,
): Stage {
  const bytes = copiedBytes(reductions, inner, nest, costs.lanes, capacity);
  const level = bytes > costs.kept ? here : Math.min(here, levelOf(reductions, inner, levels, here));
  if (level < here) return { holds: "all", outside: level, sharedBy: "rows" };
  if (cut.order !== "columns") return { holds: "all", sharedBy: "rows" };
  // Shared out by rows, all threads would copy all columns.
  const blocks = nest.columnsVary ? 0 : nest.columns / cut.columns;
  const byColumns = outer.run.shared !== undefined && blocks >= costs.blocksToShare;
  return { holds: "block", sharedBy: byColumns ? "columns" : "rows" };
}

const BYTES = Float32Array.BYTES_PER_ELEMENT;

function copiedBytes(
  reductions: readonly Reduction[],
  inner: Loop,
  { columns }: Nest,
  lanes: number,
  capacity: number,
): number {
  const padded = Math.ceil(columns / lanes) * lanes;
  return reductions.reduce(
    (sum, reduction) => sum + BYTES * padded * termsOf(reduction, capacity) * loadsAlong(reduction, inner).length,
    0,
  );
}

/** The number of loops that the columns' operands depend on. */
function levelOf(
  reductions: readonly Reduction[],
  inner: Loop,
  levels: ReadonlyMap<number, number>,
  here: number,
): number {
  let level = 0;
  for (const reduction of reductions) {
    const own = new Set([inner.variable, ...reduction.loops.map(({ variable }) => variable)]);
    for (const { at } of loadsAlong(reduction, inner)) {
      for (const { axis } of at.affine) {
        if (axis !== undefined && !own.has(axis)) level = Math.max(level, levels.get(axis) ?? here);
      }
    }
  }
  return level;
}

/** A tile is of a nest that the machine may cut so, and its stage lies no further in than what is copied changes. */
function tileProblem(kernel: Kernel, context: LoopContext): string | undefined {
  const { tiles } = context.machine;
  for (const loop of loopsOf(kernel.body)) {
    const { tile: cut } = loop.run;
    if (cut === undefined) continue;
    invariant(tiles !== undefined, "a machine without tiles has none");
    const found = nestOf(loop, { slots: kernel.slots, rules: tiles, capacity: context.capacity });
    if (found === undefined) return `what is tiled is a nest: i${loop.variable}`;
    if (!sameNest(found.nest, cut.nest)) return `a tile is chosen for the nest that it cuts: i${loop.variable}`;
    const problem = tileModel(tiles).problem(cut.tile, cut.nest);
    if (problem !== undefined) return `the machine can run a tile: ${problem}`;
    if ((cut.stage !== undefined) !== cut.tile.pack)
      return `operands are copied where the tile says so: i${loop.variable}`;
  }
  return undefined;
}

const sameNest = (a: Nest, b: Nest): boolean =>
  (Object.keys(a) as (keyof Nest)[]).every((field) => a[field] === b[field]);
