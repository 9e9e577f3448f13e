// A step allocates nothing: beside a large young generation, in which nothing is collected meanwhile, the heap grows by at
// most the boxed number that a step returns.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile, type TargetName } from "../../compiler/compile.js";
import { build } from "../../compiler/tools/generate.js";
import { interruptBudget } from "../interrupt-budget.js";

const root = resolve(import.meta.dirname, "../..");
const cache = join(root, "node_modules/.cache");
let folder: string;

/** A step is compiled for good after some thousand steps, or sooner where the engine can be asked to. */
const sooner = interruptBudget(5000);

beforeAll(() => {
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, "tapeless-allocation-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A boxed number takes 16 bytes, or 24 with an alignment filler. */
const ALLOWED = 32;
/** What a step with one small array takes at least. */
const CONTROL = 40;

interface Window {
  readonly example: string;
  readonly rows: number;
  readonly steps: number;
  readonly warmUp: number;
  readonly target: TargetName;
}

const exampleOf = (name: string): string => join(root, "examples", name, `${name}.net.ts`);

async function measure({ example, rows, steps, warmUp, target }: Window, control: "none" | "array"): Promise<number> {
  const path = example === "noise" ? join(import.meta.dirname, "noise.net.ts") : exampleOf(example);
  const { compiled } = await build(path, { dtype: "float32", target }, compile);
  const file = join(folder, `${example}-${target}-${rows}-${control}.mjs`);
  writeFileSync(file, (await transform(compiled.source, { loader: "ts", format: "esm" })).code);
  const flags = [
    "--expose-gc",
    ...(sooner === undefined ? [] : [sooner]),
    "--min-semi-space-size=64",
    "--max-semi-space-size=64",
  ];
  const script = join(import.meta.dirname, "measure.mjs");
  const words = [
    ...flags,
    script,
    file,
    String(rows),
    String(sooner === undefined ? Math.max(3000, warmUp) : warmUp),
    String(steps),
    String(ALLOWED),
    control,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const measured = JSON.parse(stdout) as { bytes: number; collections: number; finite: boolean };
  expect(measured.collections, "collections within the window").toBe(0);
  expect(measured.finite, "the loss stays finite").toBe(true);
  return measured.bytes;
}

function expectNoAllocation(bytes: number): void {
  if (bytes > ALLOWED) throw new Error(`a step allocates ${bytes.toFixed(1)} bytes`);
}

const SMALL: readonly Window[] = [
  { example: "logistic", rows: 100, steps: 100_000, warmUp: 10_000, target: "typescript" },
  { example: "logistic", rows: 1, steps: 100_000, warmUp: 10_000, target: "typescript" },
  { example: "classifier", rows: 100, steps: 100_000, warmUp: 10_000, target: "typescript" },
  { example: "classifier", rows: 7, steps: 100_000, warmUp: 10_000, target: "typescript" },
];

const LARGE: readonly Window[] = ["digits", "digits-adam", "from-scratch", "noise"].map((example) => ({
  example,
  rows: 32,
  steps: 500,
  warmUp: 400,
  target: "typescript",
}));

const WASM: readonly Window[] = [
  { example: "digits", rows: 32, steps: 500, warmUp: 400, target: "wasm" },
  { example: "noise", rows: 32, steps: 500, warmUp: 400, target: "wasm" },
  // Ten thousand steps, in which nothing is collected.
  { example: "logistic", rows: 100, steps: 10_000, warmUp: 10_000, target: "wasm" },
];

// Heaps are counted in processes of their own: two at a time disturb each other's clocks, and those are not read.
describe.concurrent("bytes per step", { timeout: 150_000 }, () => {
  test.each([...SMALL, ...LARGE, ...WASM])("$target: $example, $rows rows, $steps steps", async (window) => {
    expectNoAllocation(await measure(window, "none"));
  });

  test("control: one small array per step is seen, whether steps are many or few", async () => {
    for (const window of [SMALL[0]!, { ...LARGE[2]!, rows: 1 }, WASM[2]!]) {
      const bytes = await measure(window, "array");
      expect(bytes).toBeGreaterThan(CONTROL);
      expect(() => expectNoAllocation(bytes)).toThrow(/a step allocates/);
    }
  });
});
