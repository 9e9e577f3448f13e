// The search for tiles with a machine that is made up: it finds what is faster, and takes no noise for it.

import { expect, test } from "vitest";
import type { Asked } from "../../compiler/4-loops/index.js";
import { compare, isFaster, isSlower, type Ratio } from "../../compiler/tools/tune/measure.js";
import { nestsOf, sameTile } from "../../compiler/tools/tune/nests.js";
import { search, type Measure } from "../../compiler/tools/tune/search.js";
import type { Tile } from "../../compiler/ir/tile.js";
import { modelOf, products, subjectOf } from "./networks.js";

const nests = nestsOf(subjectOf(products(), "wasm"));
const none = nests.map(() => undefined);

const ratio = (median: number, spread = 0.01): Ratio => ({
  median,
  low: median - spread,
  high: median + spread,
  first: 1,
  second: median,
});

/** Times of a tile beside the model's own. */
const machine =
  (time: (tile: Tile, nest: Asked, share: number) => Ratio, programs: number[] = []): Measure =>
  (choices, tried, share) => {
    programs.push(tried.length);
    return new Map(tried.map((n) => [n, time(choices[n]!, nests[n]!, share)]));
  };

test("finds what is faster, over several rounds", () => {
  const programs: number[] = [];
  const time = (tile: Tile): Ratio =>
    ratio(1 - 0.1 * Number(tile.order === "columns") - 0.1 * Number(tile.unroll === 2));
  const found = search(nests, modelOf("wasm"), none, machine(time, programs));
  const gains = found.filter(({ ratio: gained }) => gained);
  expect(gains.length).toBeGreaterThan(3);
  for (const { tile, ratio: gained } of gains) expect(gained!.median).toBe(time(tile).median);
  expect(gains.some(({ tile }) => tile.order === "columns" && tile.unroll === 2)).toBe(true);
  // All nests' candidates share programs.
  const tried = found.reduce((sum, one) => sum + one.tried, 0);
  expect(programs.length).toBeLessThan(tried / 3);
});

test("keeps the model's choice where others are as fast, within noise", () => {
  const found = search(
    nests,
    modelOf("wasm"),
    none,
    machine(() => ratio(0.97, 0.05)),
  );
  expect(found.every((one, n) => one.ratio === undefined && sameTile(one.tile, nests[n]!.model))).toBe(true);
});

test("a gain that does not show again is luck", () => {
  const found = search(
    nests,
    modelOf("wasm"),
    none,
    machine((_, __, share) => ratio(share > 1 ? 1 : 0.8)),
  );
  expect(found.every((one, n) => one.ratio === undefined && sameTile(one.tile, nests[n]!.model))).toBe(true);
});

test("what is known from before is a candidate", () => {
  const known: Tile = { rows: 7, columns: 4, order: "rows", pack: false, unroll: 1 };
  const time = (tile: Tile): Ratio => ratio(sameTile(tile, known) ? 0.5 : 1);
  const found = search(
    nests,
    modelOf("wasm"),
    nests.map(() => known),
    machine(time),
  );
  expect(found.every(({ tile }) => sameTile(tile, known))).toBe(true);
});

test("sides take turns, and their ratio is that of their times", () => {
  let clock = 0;
  const calls = [0, 0];
  const side = (n: 0 | 1, cost: number) => () => {
    calls[n]!++;
    clock += cost;
  };
  const slower = compare(side(0, 1), side(1, 1.5), 100, () => clock);
  expect(slower.median).toBeCloseTo(1.5);
  expect([isFaster(slower), isSlower(slower)]).toEqual([false, true]);
  expect(Math.min(...calls)).toBeGreaterThan(20);
  const same = compare(side(0, 1), side(1, 1), 100, () => clock);
  expect([isFaster(same), isSlower(same)]).toEqual([false, false]);
  expect(isFaster(compare(side(0, 2), side(1, 1), 100, () => clock))).toBe(true);
});
