// Every example network, in both float types and on both targets, with all rows and with some.

import { describe, expect, test } from "vitest";
import { expectExample, files, load, rowsFor } from "./example.js";
import { copyParameters, pairOf, type Float } from "./harness.js";
import { compiledOf } from "./once.js";

describe.each(files)("%s", (file) => {
  test.each(["float64", "float32"] as const)("%s", async (dtype: Float) => {
    const network = await load(file);
    const pair = pairOf(network, { dtype, seed: 3 });
    for (const rows of rowsFor(pair, network.capacity)) expectExample(pair, rows, rows);
  });

  test("float32 on WebAssembly", async () => {
    const network = await load(file);
    const compiled = compiledOf(network, "float32", "wasm");
    const pair = pairOf(network, { dtype: "float32", seed: 3, compiled });
    // A third of the rows: they take the interpreter's time, and tiles meet every number of rows in wasm-shapes.test.ts.
    const [most] = rowsFor(pair, network.capacity);
    const rows = Math.ceil(most! / 3);
    expectExample(pair, rows, rows);
  });
});

test("negative control: a parameter that differs is seen", async () => {
  const pair = pairOf(await load("logistic/logistic.net.ts"), { dtype: "float64" });
  pair.model.parameters[Object.keys(pair.model.parameters)[0]!]![0]! += 1e-3;
  expect(() => expectExample(pair, 10, 1)).toThrow(/outputs/);
  copyParameters(pair);
  expect(() => expectExample(pair, 10, 1)).not.toThrow();
});
