// Every example network, in both float types, with all rows and with some.

import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Network } from "../../src/graph/network.js";
import {
  copyParameters,
  copyStates,
  expectEntry,
  expectState,
  fill,
  pairOf,
  type Float,
  type Pair,
} from "./harness.js";

const EXAMPLES = new URL("../../examples/", import.meta.url);

const files = readdirSync(EXAMPLES).flatMap((folder) =>
  folder.includes(".")
    ? []
    : readdirSync(new URL(folder, EXAMPLES)).flatMap((file) => (file.endsWith(".net.ts") ? [`${folder}/${file}`] : [])),
);

const load = async (file: string): Promise<Network> =>
  ((await import(/* @vite-ignore */ new URL(file, EXAMPLES).pathname)) as { default: Network }).default;

/**
 * Every entry. A step in float32 is compared by its loss: Adam divides by the gradient's size, so that parameters agree only
 * where gradients are the same (see the tests of optimizers).
 */
function expectExample(pair: Pair, rows: number, seed: number): void {
  fill(pair, seed, { ranges: { image: [0, 1], label: [0, 1], digit: [0, 1] } });
  const steps = pair.model.spec.steps;
  for (const entry of Object.keys(pair.model).filter((key) =>
    /^(predict|loss|gradients)$|(Loss|Gradients)$/.test(key),
  )) {
    expectEntry(pair, entry, rows);
  }
  for (const step of steps) expectEntry(pair, step, rows);
  if (pair.dtype === "float64") expectState(pair);
  copyParameters(pair);
  copyStates(pair);
}

describe.each(files)("%s", (file) => {
  test.each(["float64", "float32"] as const)("%s", async (dtype: Float) => {
    const network = await load(file);
    const pair = pairOf(network, { dtype, seed: 3 });
    const partial = Math.max(1, Math.floor(network.capacity / 5));
    for (const rows of [network.capacity, partial]) {
      expectExample(pair, rows, rows);
    }
  });
});

test("negative control: a parameter that differs is seen", async () => {
  const pair = pairOf(await load("logistic/logistic.net.ts"), { dtype: "float64" });
  pair.model.parameters[Object.keys(pair.model.parameters)[0]!]![0]! += 1e-3;
  expect(() => expectExample(pair, 10, 1)).toThrow(/outputs/);
  copyParameters(pair);
  expect(() => expectExample(pair, 10, 1)).not.toThrow();
});
