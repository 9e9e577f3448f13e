// What the fuzzer draws: every export, the same graph for the same numbers, text that says what was built.

import { runInThisContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import * as tapeless from "../../src/index.js";
import { api, build } from "./build.js";
import { coverageOf, medianOf, printCoverage } from "./coverage.js";
import { drawOf } from "./draw.js";
import { generate, generators } from "./generate.js";
import { NOT_DRAWN } from "./generators/index.js";
import { runOne } from "./one.js";
import { printBody, printSketch } from "./print.js";
import { exportsOf } from "./sketch.js";

const SEED = 20250117;
const exported = Object.keys(tapeless);

const withoutGenerator = (names: readonly string[], table: object): string[] =>
  names.filter((name) => !NOT_DRAWN.includes(name) && !Object.hasOwn(table, name));

describe("the table of generators", () => {
  test("has each export of the language, and nothing else", () => {
    expect(withoutGenerator(exported, generators)).toEqual([]);
    expect(Object.keys(generators).filter((name) => !exported.includes(name))).toEqual([]);
    expect(NOT_DRAWN.filter((name) => !exported.includes(name))).toEqual([]);
  });

  test("negative control: an export without a generator is named", () => {
    const { lstm: _, ...others } = generators;
    expect(withoutGenerator(exported, others)).toEqual(["lstm"]);
    expect(withoutGenerator([...exported, "somethingNew"], generators)).toEqual(["somethingNew"]);
  });
});

describe("graphs", () => {
  const outcomes = Array.from({ length: 260 }, (_, index) =>
    runOne(index, { seed: SEED, isAll: false, shrinkTime: () => 0, now: () => 0, isDrawnOnly: true }),
  );

  test("are all built, and each export occurs in one of them", () => {
    expect(outcomes.flatMap(({ found }) => found ?? [])).toEqual([]);
    const coverage = coverageOf(outcomes);
    const never = [...coverage.counts].filter(([, count]) => count === 0).map(([name]) => name);
    expect(never, printCoverage(coverage)).toEqual([]);
    const rare = [...coverage.traits].filter(([, count]) => count === 0).map(([trait]) => trait);
    expect(rare, printCoverage(coverage)).toEqual([]);
    expect(medianOf(coverage)).toBeGreaterThanOrEqual(12);
    expect(medianOf(coverage)).toBeLessThanOrEqual(18);
  });

  test("are the same for the same seed and index, and others for others", () => {
    const text = (seed: number, index: number): string => printSketch(generate(seed, index).sketch);
    expect(text(SEED, 5)).toBe(text(SEED, 5));
    expect(text(SEED, 6)).not.toBe(text(SEED, 5));
    expect(text(SEED + 1, 5)).not.toBe(text(SEED, 5));
  });

  test.each([1, 2, 3, 7, 11, 19])("graph %i is printed as it is built", (index) => {
    const { sketch } = generate(SEED, index);
    const declared = build(sketch);
    expect(printed(sketch)).toBe(compile(declared, { constNames: "ordinals" }).print("graph"));
  });
});

/** The graph of a definition's text. */
function printed(sketch: ReturnType<typeof generate>["sketch"]): string {
  const names = [...exportsOf(sketch).keys(), "network"];
  const body = printBody(sketch).replace("export default", "return");
  const run = runInThisContext(`(function (${names.join(", ")}) {${body}})`) as (
    ...values: readonly unknown[]
  ) => Network;
  return compile(run(...names.map((name) => api[name])), { constNames: "ordinals" }).print("graph");
}

test("choices are spread as their weights say", () => {
  const draw = drawOf(1, 2);
  const counts = [0, 0];
  for (let i = 0; i < 3000; i++)
    counts[
      draw.weighted([
        [1, 0],
        [2, 1],
      ] as const)
    ]!++;
  expect(counts[1]! / counts[0]!).toBeGreaterThan(1.7);
  expect(counts[1]! / counts[0]!).toBeLessThan(2.3);
  const all = draw.shuffled([1, 2, 3, 4, 5]);
  expect(all.toSorted()).toEqual([1, 2, 3, 4, 5]);
});
