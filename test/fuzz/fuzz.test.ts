// Some 300 networks with the day's seed, in every way in which they run. FUZZ_SEED takes another seed, FUZZ_GRAPHS another number.

import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import { count } from "../extent.js";
import { coverageOf, printCoverage } from "./coverage.js";
import { runOne, type Outcome } from "./one.js";
import { allowRelaxed, seedOfDay } from "./variants.js";

const seed = Number(process.env["FUZZ_SEED"] ?? seedOfDay(new Date()));
const graphs = Number(process.env["FUZZ_GRAPHS"] ?? count(12, 300));
/** Milliseconds after which no further graph is drawn. */
const MOST_TIME = 220_000;

test(`${graphs} networks with seed ${seed} are what the interpreter makes of them`, () => {
  allowRelaxed(setFlagsFromString);
  const now = (): number => performance.now();
  const started = now();
  const outcomes: Outcome[] = [];
  for (let index = 0; index < graphs && now() - started < MOST_TIME; index++) {
    outcomes.push(runOne(index, { seed, isAll: false, shrinkTime: () => 10_000, now }));
    const { found } = outcomes.at(-1)!;
    expect(
      found,
      `seed ${seed}, graph ${index}: ${found?.where}: ${found?.sentence}\n${found?.definition}`,
    ).toBeUndefined();
  }
  console.log(`seed ${seed}: ${printCoverage(coverageOf(outcomes)).split("\n")[0]}`);
  expect(outcomes.length).toBeGreaterThan(Math.min(graphs, 50) - 1);
  expect(outcomes.reduce((sum, { compared }) => sum + compared, 0)).toBeGreaterThan(outcomes.length * 20);
}, 300_000);
