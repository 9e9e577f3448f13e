// What a register tile costs in TypeScript, in additions: the ground on which tiles are cut.

import type { Nest, Tile } from "../../ir/schedule.js";
import type { CostModel } from "../schedule.js";

/** The machine that code is chosen for, as an engine shows it to scalar code. */
export interface Machine {
  /** Floating-point registers: sums that a tile holds at most. */
  readonly sums: number;
  /** The largest side of a tile. */
  readonly side: number;
  /** What a turn of a sum's loop costs beside additions and loads. */
  readonly turn: number;
  /** What rows left over must gain: their block is written a second time. */
  readonly second: number;
  /** What columns cost that hang over the border: their positions are chosen, and their sums not stored. */
  readonly hanging: number;
}

export const JAVASCRIPT: Machine = { sums: 16, side: 5, turn: 4, second: 1.2, hanging: 1.1 };

/** The rows and columns of the tiles that cost least, borders included. */
export function chooseTile(nest: Nest, machine: Machine = JAVASCRIPT): Tile {
  const sides = (size: number): number[] => upTo(machine.side).filter((side) => side <= size);
  // Sides that divide most numbers of rows.
  const heights = nest.rowsVary ? [2, 4] : sides(nest.rows);
  const widths = nest.columnsVary ? [4] : sides(nest.columns);
  const tiles = heights.flatMap((rows) => widths.map((columns) => plain(rows, columns)));
  const fitting = tiles.filter(({ rows, columns }) => rows * columns <= machine.sums);
  return fitting.reduce((a, b) => (tileCost(b, nest, machine) < tileCost(a, nest, machine) ? b : a));
}

const upTo = (most: number): number[] => Array.from({ length: most }, (_, n) => n + 1);

const plain = (rows: number, columns: number): Tile => ({ rows, columns, order: "rows", pack: false, unroll: 1 });

/** Additions, loads and the turn of the loop, for each term of all sums. */
export function tileCost({ rows, columns }: Tile, nest: Nest, machine: Machine = JAVASCRIPT): number {
  const turn = (height: number): number => height * columns + height + columns + machine.turn;
  const hangs = nest.columnsVary || nest.columns % columns > 0;
  const across =
    (nest.columnsVary ? nest.columns / columns : Math.ceil(nest.columns / columns)) * (hangs ? machine.hanging : 1);
  if (nest.rowsVary) return (across * turn(rows) * nest.rows) / rows;
  const left = nest.rows % rows;
  if (left === 0) return across * (nest.rows / rows) * turn(rows);
  return machine.second * across * (((nest.rows - left) / rows) * turn(rows) + turn(left));
}

/** Tiles that the model thinks much worse than the best are not worth measuring. */
const MUCH_WORSE = 1.5;
const MOST = 7;
const LONGEST_SIDE = 8;

function candidates(nest: Nest, best: Tile, round: number): readonly Tile[] {
  if (round === 1) return [{ ...best, order: best.order === "rows" ? "columns" : "rows" }];
  if (round === 2) return [2, 4].filter((unroll) => nest.terms >= 4 * unroll).map((unroll) => ({ ...best, unroll }));
  const sides = (size: number): number[] => upTo(Math.min(LONGEST_SIDE, size));
  const tiles = sides(nest.rows)
    .flatMap((rows) => sides(nest.columns).map((columns) => ({ ...best, rows, columns })))
    .filter((tile) => problem(tile) === undefined && !(tile.rows === best.rows && tile.columns === best.columns));
  const ranked = tiles.map((tile) => ({ tile, cost: tileCost(tile, nest) })).toSorted((a, b) => a.cost - b.cost);
  return ranked
    .filter(({ cost }) => cost <= MUCH_WORSE * ranked[0]!.cost)
    .map(({ tile }) => tile)
    .slice(0, MOST);
}

const LONGEST_TURN = 8;

function problem({ rows, columns, pack, unroll }: Tile): string | undefined {
  if (rows * columns > JAVASCRIPT.sums) return `a tile holds at most ${JAVASCRIPT.sums} sums, not ${rows} x ${columns}`;
  if (pack) return "the TypeScript target does not pack operands";
  return unroll > LONGEST_TURN ? `unroll is at most ${LONGEST_TURN}, not ${unroll}` : undefined;
}

export const typescriptTiles: CostModel = { target: "typescript", choose: chooseTile, problem, candidates };
