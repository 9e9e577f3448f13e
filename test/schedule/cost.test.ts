// The cost models of both targets: what they choose, what they refuse, and which tiles they think worth measuring.

import { describe, expect, test } from "vitest";
import { scalarTiles, tileCost } from "../../compiler/4-loops/cost/scalar-tiles.js";
import { vectorTiles } from "../../compiler/4-loops/cost/vector-tiles.js";
import { machineOf } from "../../compiler/4-loops/index.js";
import type { ScalarTiles, VectorTiles } from "../../compiler/4-loops/machines/machine.js";
import type { Nest, Tile } from "../../compiler/ir/tile.js";
import { ROUNDS } from "../../compiler/tools/tune/search.js";

const nest = (rows: number, columns: number, terms: number, more: Partial<Nest> = {}): Nest => ({
  rows,
  columns,
  terms,
  rowsVary: false,
  columnsVary: false,
  sums: 1,
  form: "columns",
  ...more,
});

const tile = (rows: number, columns: number, more: Partial<Tile> = {}): Tile => ({
  rows,
  columns,
  order: "rows",
  pack: false,
  unroll: 1,
  ...more,
});

/** Sizes of all kinds: small, odd, of networks; several sums; both forms. */
const NESTS: readonly Nest[] = [1, 2, 3, 10, 17, 784].flatMap((rows) =>
  [1, 7, 10, 256].flatMap((columns) =>
    [3, 9, 784].flatMap((terms) =>
      [1, 3].flatMap((sums) => [
        nest(rows, columns, terms, { sums }),
        nest(rows, columns, terms, { sums, rowsVary: true, form: "terms" }),
      ]),
    ),
  ),
);

const JAVASCRIPT = machineOf("typescript", "float32").tiles!.costs as ScalarTiles;
const WASM = machineOf("wasm", "float32").tiles!.costs as VectorTiles;
const scalars = scalarTiles(JAVASCRIPT);
const vectors = vectorTiles(WASM);

describe.each([
  ["typescript", scalars],
  ["wasm", vectors],
] as const)("%s", (_, model) => {
  test("what is chosen can be emitted", () => {
    for (const each of NESTS) expect(model.problem(model.choose(each), each), JSON.stringify(each)).toBeUndefined();
  });

  test("candidates can be emitted, differ, and are a handful", () => {
    for (const each of NESTS) {
      const best = model.choose(each);
      for (let round = 0; round < ROUNDS; round++) {
        const found = model.candidates(each, best, round);
        expect(found.length).toBeLessThanOrEqual(8);
        expect(new Set([best, ...found].map((one) => JSON.stringify(one))).size).toBe(found.length + 1);
        for (const one of found) expect(model.problem(one, each), JSON.stringify([each, one])).toBeUndefined();
      }
    }
  });

  test("there is something to measure for a layer of a network", () => {
    const layer = nest(32, 256, 784, { rowsVary: true });
    for (let round = 0; round < ROUNDS; round++) {
      expect(model.candidates(layer, model.choose(layer), round)).not.toEqual([]);
    }
  });

  test("a tile with more sums than registers is refused", () => {
    expect(model.problem(tile(8, 64), nest(32, 256, 784))).toMatch(/at most 16/);
  });
});

describe("typescript", () => {
  test("sixteen sums for a large product, and columns that divide ten for ten classes", () => {
    expect(scalars.choose(nest(784, 256, 32))).toEqual(tile(4, 4));
    expect(scalars.choose(nest(128, 10, 32))).toEqual(tile(2, 5));
    expect(scalars.choose(nest(32, 10, 128, { rowsVary: true }))).toEqual(tile(2, 5));
    expect(scalars.choose(nest(32, 256, 784, { rowsVary: true }))).toEqual(tile(4, 4));
  });

  test("with fewer registers tiles are smaller", () => {
    expect(scalarTiles({ ...JAVASCRIPT, sums: 4 }).choose(nest(784, 256, 32))).toEqual(tile(2, 2));
  });

  test("a tile that divides the sizes costs less than one that hangs over", () => {
    const ten = nest(128, 10, 32);
    expect(tileCost(tile(2, 5), ten, JAVASCRIPT)).toBeLessThan(tileCost(tile(2, 4), ten, JAVASCRIPT));
  });

  test("nothing is packed", () => {
    expect(scalars.problem(tile(4, 4, { pack: true }), nest(32, 32, 32))).toMatch(/does not pack/);
  });
});

describe("wasm", () => {
  test("eight vectors of sums for a large product, packed where it is read often, columns first where they are many", () => {
    expect(vectors.choose(nest(32, 256, 784))).toEqual(tile(4, 8, { pack: true, order: "columns" }));
    expect(vectors.choose(nest(32, 64, 16))).toEqual(tile(4, 8, { pack: true }));
    expect(vectors.choose(nest(4, 64, 16))).toEqual(tile(4, 8));
  });

  test("wider vectors and more registers make larger tiles", () => {
    const wide = { ...WASM, lanes: 8, sums: 24, registers: 32 };
    const { rows, columns } = vectorTiles(wide).choose(nest(96, 256, 784));
    expect(rows * columns).toBeGreaterThan(32);
    expect(columns % 8).toBe(0);
  });

  test("a larger cache keeps rows outermost", () => {
    expect(vectorTiles({ ...WASM, cache: 2 ** 20 }).choose(nest(32, 256, 784)).order).toBe("rows");
  });

  test("few rows of a transposed product take four terms at a time, and nothing else there", () => {
    const few = nest(4, 64, 64, { form: "terms" });
    expect(vectors.choose(few)).toEqual(tile(2, 4));
    expect(vectors.choose({ ...few, rows: 16 })).toEqual(tile(2, 4));
    expect(vectors.choose({ ...few, rows: 20 })).toEqual(tile(4, 8, { pack: true }));
    expect(vectors.problem(tile(2, 8), few)).toMatch(/4 columns/);
    expect(vectors.problem(tile(2, 8, { pack: true }), few)).toBeUndefined();
  });

  test("columns are whole vectors", () => {
    expect(vectors.problem(tile(2, 6), nest(32, 32, 32))).toMatch(/multiple of 4/);
    expect(vectors.problem(tile(2, 4, { unroll: 3 }), nest(32, 32, 32))).toMatch(/unroll must be/);
  });
});
