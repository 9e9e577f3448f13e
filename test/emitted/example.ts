// The example networks, and what of them can be compared with the interpreter in little time.

import { readdirSync } from "node:fs";
import type { Network } from "../../src/graph/network.js";
import { copyParameters, copyStates, expectEntry, expectState, fill, type Pair } from "./harness.js";

const EXAMPLES = new URL("../../examples/", import.meta.url);

/** Every definition, by its path in examples/. */
export const files = readdirSync(EXAMPLES).flatMap((folder) =>
  folder.includes(".")
    ? []
    : readdirSync(new URL(folder, EXAMPLES)).flatMap((file) => (file.endsWith(".net.ts") ? [`${folder}/${file}`] : [])),
);

export const load = async (file: string): Promise<Network> =>
  ((await import(/* @vite-ignore */ new URL(file, EXAMPLES).pathname)) as { default: Network }).default;

/**
 * Every entry. A step in float32 is compared by its loss: Adam divides by the gradient's size, so that parameters agree only
 * where gradients are the same (see the tests of optimizers).
 */
export function expectExample(pair: Pair, rows: number, seed: number): void {
  fill(pair, seed, { ranges: { image: [0, 1], label: [0, 1], digit: [0, 1] } });
  const steps = pair.model.spec.steps;
  const entries = entriesFor(pair);
  for (const entry of Object.keys(pair.model)) if (entries.test(entry)) expectEntry(pair, entry, rows);
  if (pair.dtype === "float64" || entries.test("loss")) for (const step of steps) expectEntry(pair, step, rows);
  if (pair.dtype === "float64") expectState(pair);
  copyParameters(pair);
  copyStates(pair);
}

/** Operations that the interpreter makes in less than a tenth of a second. */
const AFFORDABLE = 3e6;

const operationsOf = ({ compiled }: Pair): number => Math.max(...compiled.memory.entries.map(({ flops }) => flops));

/** All rows, and in float64 a fifth of them too; of what is too large for the interpreter, the rows that it can afford. */
export function rowsFor(pair: Pair, capacity: number): readonly number[] {
  const most = Math.max(1, Math.min(capacity, Math.floor((capacity * AFFORDABLE) / operationsOf(pair))));
  return pair.dtype === "float32" ? [most] : [...new Set([most, Math.max(1, Math.floor(most / 5))])];
}

/** Where a single row takes seconds, the entry that tells most: parameters in float64, gradients in float32. */
function entriesFor(pair: Pair): RegExp {
  if (operationsOf(pair) / pair.model.spec.capacity < AFFORDABLE / 2)
    return /^(predict|loss|gradients)$|(Loss|Gradients)$/;
  return pair.dtype === "float32" ? /^gradients$/ : /^$/;
}
