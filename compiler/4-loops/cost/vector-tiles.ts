// What a register tile costs a machine of vectors, in instructions: the ground on which tiles are cut and operands packed.

import type { Nest, Tile } from "../../ir/tile.js";
import type { VectorTiles } from "../machines/machine.js";
import type { TileModel } from "./model.js";

/** A block of outputs whose sums are in registers at once. */
export interface TileShape {
  readonly rows: number;
  /** Vectors of columns. */
  readonly vectors: number;
}

/**
 * The block that needs the fewest loads for each multiply-add, when each row costs one load of a scalar and each vector of
 * columns one of a vector. `sums`: sums for each output. A size that does not divide the block counts what it wastes.
 */
function chooseShape(rows: number, columns: number, sums: number, machine: VectorTiles): TileShape {
  let best: TileShape = { rows: 1, vectors: 1 };
  let least = Infinity;
  for (const shape of shapesFor(rows, columns, sums, machine)) {
    const cost = shapeCost(shape, rows, columns, sums, machine);
    if (cost < least - 1e-9) [best, least] = [shape, cost];
  }
  return best;
}

/**
 * The blocks that the model chooses from: their sums are in registers, and their operands beside them. A single row reads each
 * column once, and the longer the stretch that it reads of a line the faster.
 */
function shapesFor(rows: number, columns: number, sums: number, machine: VectorTiles): TileShape[] {
  const vectors = Math.min(Math.ceil(columns / machine.lanes), rows === 1 ? machine.sums : 4);
  const shapes = Array.from({ length: vectors }, (_, v) => [1, 2, 3, 4, 8].map((r) => ({ rows: r, vectors: v + 1 })));
  return shapes.flat().filter((s) => s.rows <= rows && s.rows * s.vectors * sums <= machine.sums);
}

/** Instructions for each multiply-add. */
function shapeCost(shape: TileShape, rows: number, columns: number, sums: number, machine: VectorTiles): number {
  const { rows: r, vectors: v } = shape;
  const all = Math.ceil(columns / machine.lanes);
  const waste = (Math.ceil(all / v) * v) / all / (rows % r === 0 ? 1 : 0.95);
  // Every multiply-add is two instructions; loads go beside them, and few sums wait for each other.
  const instructions = (2 * r * v * sums + r + v) / (r * v * sums);
  const latency = Math.max(1, (machine.sums * 0.75) / (r * v * sums));
  return instructions * waste * latency;
}

/** Whether columns run outermost: their operand is too large to be read again for each block of rows. */
const columnsFirst = (rows: number, columns: number, terms: number, machine: VectorTiles): boolean =>
  4 * terms * columns > machine.cache && terms * columns > rows * terms;

/** Whether copying the columns' operand pays. */
const packsColumns = ({ rows, terms, form }: Nest, blockRows: number, machine: VectorTiles): boolean =>
  rows >= machine.blocks[form] * blockRows && terms >= machine.packedTerms;

/** The tile that should be fastest. */
function chooseTile(nest: Nest, machine: VectorTiles): Tile {
  const { rows, columns, terms, sums, form } = nest;
  const shape = chooseShape(rows, columns, sums, machine);
  const pack = packsColumns(nest, shape.rows, machine);
  if (form === "terms" && !pack) return byTerms(termRows(sums, machine), machine);
  const order = columnsFirst(rows, columns, terms, machine) ? "columns" : "rows";
  return { rows: shape.rows, columns: shape.vectors * machine.lanes, order, pack, unroll: 1 };
}

const termRows = (sums: number, machine: VectorTiles): number =>
  Math.max(1, Math.floor(machine.sums / machine.lanes / sums));

/** Sums of which each takes four terms at a time, for as many columns as a vector has lanes. */
const byTerms = (rows: number, machine: VectorTiles): Tile => ({
  rows,
  columns: machine.lanes,
  order: "rows",
  pack: false,
  unroll: 1,
});

/** Whether a tile takes four terms of a sum at a time. */
const takesTerms = (tile: Tile, nest: Pick<Nest, "form">): boolean => nest.form === "terms" && !tile.pack;

/** Tiles that the model thinks much worse than the best are not worth measuring. */
const MUCH_WORSE = 1.6;
const MOST = 7;
const LARGEST = { rows: 8, vectors: 4 } as const;

function candidates(nest: Nest, best: Tile, round: number, machine: VectorTiles): readonly Tile[] {
  if (round === 0) return otherShapes(nest, best, machine);
  if (round === 1) return otherWays(nest, best, machine);
  return takesTerms(best, nest) || nest.terms < 16 ? [] : [2, 4].map((unroll) => ({ ...best, unroll }));
}

function otherShapes(nest: Nest, best: Tile, machine: VectorTiles): readonly Tile[] {
  const { rows, columns, sums } = nest;
  if (takesTerms(best, nest)) {
    const tiles = [1, 2, 3, 4].filter((r) => r <= rows && r !== best.rows).map((r) => byTerms(r, machine));
    return tiles.filter((tile) => problem(tile, nest, machine) === undefined);
  }
  const vectors = Math.min(LARGEST.vectors, Math.ceil(columns / machine.lanes));
  const shapes = Array.from({ length: LARGEST.rows * vectors }, (_, n) => ({
    rows: 1 + (n % LARGEST.rows),
    vectors: 1 + Math.floor(n / LARGEST.rows),
  }));
  const ranked = shapes
    .filter((shape) => shape.rows <= rows)
    .map((shape) => ({
      tile: { ...best, rows: shape.rows, columns: shape.vectors * machine.lanes },
      cost: shapeCost(shape, rows, columns, sums, machine),
    }))
    .filter(({ tile }) => problem(tile, nest, machine) === undefined)
    .toSorted((a, b) => a.cost - b.cost);
  return ranked
    .filter(({ cost }) => cost <= MUCH_WORSE * ranked[0]!.cost)
    .map(({ tile }) => tile)
    .filter((tile) => tile.rows !== best.rows || tile.columns !== best.columns)
    .slice(0, MOST);
}

/** Packed or not, and in either order. */
function otherWays(nest: Nest, best: Tile, machine: VectorTiles): readonly Tile[] {
  const { rows, columns, sums } = nest;
  const shape = chooseShape(rows, columns, sums, machine);
  const tiled = takesTerms(best, nest)
    ? { rows: shape.rows, columns: shape.vectors * machine.lanes, unroll: 1 }
    : { rows: best.rows, columns: best.columns, unroll: best.unroll };
  const ways = [true, false].flatMap((pack) =>
    (["rows", "columns"] as const).map((order): Tile => ({ ...tiled, order, pack })),
  );
  const all = ways.filter((tile) => !takesTerms(tile, nest));
  if (nest.form === "terms" && best.pack) all.push(byTerms(termRows(sums, machine), machine));
  return all.filter((tile) => !(tile.order === best.order && tile.pack === best.pack));
}

/** Turns are cut by a mask. */
const TURNS: readonly number[] = [1, 2, 4, 8];

function problem(tile: Tile, nest: Nest, machine: VectorTiles): string | undefined {
  const { rows, columns, unroll, order } = tile;
  const { lanes, registers } = machine;
  const sums = takesTerms(tile, nest) ? rows * columns * nest.sums : (rows * columns * nest.sums) / lanes;
  if (columns % lanes !== 0) return `columns must be a multiple of ${lanes}, not ${columns}`;
  if (takesTerms(tile, nest) && (columns !== lanes || unroll !== 1 || order !== "rows"))
    return `a tile that takes ${lanes} terms at a time has ${lanes} columns, order "rows" and unroll 1, unless it packs`;
  // A nest of many sums has no smaller tile.
  const least = rows === 1 && columns === lanes;
  if (sums > registers && !least)
    return `a tile holds at most ${registers} vectors of sums, but ${rows} x ${columns} are ${sums}`;
  return TURNS.includes(unroll) ? undefined : `unroll must be 1, 2, 4 or 8, not ${unroll}`;
}

/** What is left over is a smaller block, whose columns are read as they lie. */
function leftTile(nest: Nest, tile: Tile, rows: number, machine: VectorTiles): Tile {
  const { vectors } = chooseShape(rows, nest.columns, nest.sums, machine);
  const columns = nest.form === "terms" ? machine.lanes : vectors * machine.lanes;
  return { rows, columns, order: tile.order, pack: false, unroll: 1 };
}

export const vectorTiles = (machine: VectorTiles): TileModel => ({
  choose: (nest) => chooseTile(nest, machine),
  left: (nest, tile, rows) => leftTile(nest, tile, rows, machine),
  takesTerms: (nest, tile) => takesTerms(tile, nest),
  problem: (tile, nest) => problem(tile, nest, machine),
  candidates: (nest, best, round) => candidates(nest, best, round, machine),
});
