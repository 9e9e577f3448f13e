// What a register tile costs scalar code, in additions: the ground on which tiles are cut.

import type { Nest, Tile } from "../../ir/tile.js";
import type { ScalarTiles } from "../machines/machine.js";
import type { TileModel } from "./model.js";

/** The rows and columns of the tiles that cost least, borders included. */
function chooseTile(nest: Nest, machine: ScalarTiles): Tile {
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
export function tileCost({ rows, columns }: Tile, nest: Nest, machine: ScalarTiles): number {
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

function candidates(nest: Nest, best: Tile, round: number, machine: ScalarTiles): readonly Tile[] {
  if (round === 1) return [{ ...best, order: best.order === "rows" ? "columns" : "rows" }];
  if (round === 2) return [2, 4].filter((unroll) => nest.terms >= 4 * unroll).map((unroll) => ({ ...best, unroll }));
  const sides = (size: number): number[] => upTo(Math.min(LONGEST_SIDE, size));
  const tiles = sides(nest.rows)
    .flatMap((rows) => sides(nest.columns).map((columns) => ({ ...best, rows, columns })))
    .filter(
      (tile) => problem(tile, machine) === undefined && !(tile.rows === best.rows && tile.columns === best.columns),
    );
  const ranked = tiles
    .map((tile) => ({ tile, cost: tileCost(tile, nest, machine) }))
    .toSorted((a, b) => a.cost - b.cost);
  return ranked
    .filter(({ cost }) => cost <= MUCH_WORSE * ranked[0]!.cost)
    .map(({ tile }) => tile)
    .slice(0, MOST);
}

const LONGEST_TURN = 8;

function problem({ rows, columns, pack, unroll }: Tile, machine: ScalarTiles): string | undefined {
  if (rows * columns > machine.sums) return `a tile holds at most ${machine.sums} sums, not ${rows} x ${columns}`;
  if (pack) return "the TypeScript target does not pack operands";
  return unroll > LONGEST_TURN ? `unroll is at most ${LONGEST_TURN}, not ${unroll}` : undefined;
}

export const scalarTiles = (machine: ScalarTiles): TileModel => ({
  choose: (nest) => chooseTile(nest, machine),
  left: (_, tile, rows) => ({ ...tile, rows }),
  takesTerms: () => false,
  problem: (tile) => problem(tile, machine),
  candidates: (nest, best, round) => candidates(nest, best, round, machine),
});
