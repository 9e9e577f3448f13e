// The cost models of both targets: what they choose, what they refuse, and which tiles they think worth measuring.

import { describe, expect, test } from "vitest";
import type { CostModel } from "../../compiler/5-emit/schedule.js";
import {
  chooseTile as chooseScalar,
  JAVASCRIPT,
  tileCost,
  typescriptTiles,
} from "../../compiler/5-emit/typescript/cost.js";
import { WASM } from "../../compiler/5-emit/wasm/machine.js";
import { chooseTile, wasmTiles } from "../../compiler/5-emit/wasm/tile-cost.js";
import type { Nest, Tile } from "../../compiler/ir/schedule.js";
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

const TARGETS: readonly CostModel[] = [typescriptTiles, wasmTiles];

describe.each(TARGETS.map((model) => [model.target, model] as const))("%s", (_, model) => {
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
    expect(chooseScalar(nest(784, 256, 32))).toEqual(tile(4, 4));
    expect(chooseScalar(nest(128, 10, 32))).toEqual(tile(2, 5));
    expect(chooseScalar(nest(32, 10, 128, { rowsVary: true }))).toEqual(tile(2, 5));
    expect(chooseScalar(nest(32, 256, 784, { rowsVary: true }))).toEqual(tile(4, 4));
  });

  test("with fewer registers tiles are smaller", () => {
    expect(chooseScalar(nest(784, 256, 32), { ...JAVASCRIPT, sums: 4 })).toEqual(tile(2, 2));
  });

  test("a tile that divides the sizes costs less than one that hangs over", () => {
    const ten = nest(128, 10, 32);
    expect(tileCost(tile(2, 5), ten)).toBeLessThan(tileCost(tile(2, 4), ten));
  });

  test("nothing is packed", () => {
    expect(typescriptTiles.problem(tile(4, 4, { pack: true }), nest(32, 32, 32))).toMatch(/does not pack/);
  });
});

describe("wasm", () => {
  test("eight vectors of sums for a large product, packed where it is read often, columns first where they are many", () => {
    expect(chooseTile(nest(32, 256, 784))).toEqual(tile(4, 8, { pack: true, order: "columns" }));
    expect(chooseTile(nest(32, 64, 16))).toEqual(tile(4, 8, { pack: true }));
    expect(chooseTile(nest(4, 64, 16))).toEqual(tile(4, 8));
  });

  test("wider vectors and more registers make larger tiles", () => {
    const wide = { ...WASM, lanes: 8, sums: 24, registers: 32 };
    const { rows, columns } = chooseTile(nest(96, 256, 784), wide);
    expect(rows * columns).toBeGreaterThan(32);
    expect(columns % 8).toBe(0);
  });

  test("a larger cache keeps rows outermost", () => {
    expect(chooseTile(nest(32, 256, 784), { ...WASM, cache: 2 ** 20 }).order).toBe("rows");
  });

  test("few rows of a transposed product take four terms at a time, and nothing else there", () => {
    const few = nest(4, 64, 64, { form: "terms" });
    expect(chooseTile(few)).toEqual(tile(2, 4));
    expect(chooseTile({ ...few, rows: 16 })).toEqual(tile(2, 4));
    expect(chooseTile({ ...few, rows: 20 })).toEqual(tile(4, 8, { pack: true }));
    expect(wasmTiles.problem(tile(2, 8), few)).toMatch(/4 columns/);
    expect(wasmTiles.problem(tile(2, 8, { pack: true }), few)).toBeUndefined();
  });

  test("columns are whole vectors", () => {
    expect(wasmTiles.problem(tile(2, 6), nest(32, 32, 32))).toMatch(/multiple of 4/);
    expect(wasmTiles.problem(tile(2, 4, { unroll: 3 }), nest(32, 32, 32))).toMatch(/unroll must be/);
  });
});
