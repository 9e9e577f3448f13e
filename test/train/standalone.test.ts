// tapeless/train ships beside generated modules to browsers: it imports nothing, and its loop does not allocate.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { build } from "esbuild";

const folder = fileURLToPath(new URL("../../src/train/", import.meta.url));

const nodeIn = (text: string): readonly string[] =>
  text.match(/\b(process|Buffer|require|setImmediate|__dirname)\b|node:/g) ?? [];

test("every import stays in the folder, and no Node global is named but the one that finds a file system", () => {
  const files = readdirSync(folder);
  expect(files.length).toBeGreaterThan(5);
  expect(nodeIn('import fs from "node:fs"; process.cwd()'), "the control").toEqual(["node:", "process"]);
  for (const file of files) {
    const text = readFileSync(folder + file, "utf8");
    for (const [, from] of text.matchAll(/\bfrom "([^"]+)"/g)) expect(from, file).toMatch(/^\.\/[a-z-]+\.js$/);
    // The one place that asks whether there is a terminal, and does without.
    const asked = "(globalThis as { process?: { stderr?: Sink } }).process?.stderr";
    const named = nodeIn(file === "terminal.ts" ? text.replace(asked, "") : text);
    expect(named, file).toEqual(file === "folder.ts" ? ["process", "process"] : []);
  }
});

/** Bytes of heap per batch over 100,000 batches, in a process whose young generation does not fill meanwhile. */
async function bytesPerBatch(step: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: {
      resolveDir: folder,
      contents: `
        import { fit } from "./index.ts";
        const capacity = 8;
        const leaf = (shape, dtype) => ({ shape, dtype });
        const net = {
          spec: { name: "n", capacity, inputs: { x: leaf(["batch", 4], "float32") }, targets: { y: leaf(["batch"], "int32") },
            outputs: {}, steps: ["step"] },
          inputs: { x: new Float32Array(capacity * 4) }, targets: { y: new Int32Array(capacity) }, parameters: {},
          ${step}
        };
        const rows = 8000;
        const data = { inputs: { x: new Float32Array(rows * 4) }, targets: { y: new Int32Array(rows) } };
        let kept;
        const train = (epochs) => fit(net, data, { epochs, callbacks: [] });
        train(100);
        // What one call allocates once is in both runs.
        const grown = (epochs) => {
          gc();
          const before = process.memoryUsage().heapUsed;
          train(epochs);
          return process.memoryUsage().heapUsed - before;
        };
        console.log((grown(120) - grown(20)) / 100_000);
      `,
    },
    bundle: true,
    write: false,
    format: "esm",
  });
  const flags = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64", "--input-type=module"];
  const { stdout, stderr } = spawnSync(process.execPath, flags, { input: outputFiles[0]!.text, encoding: "utf8" });
  expect(stderr).toBe("");
  return Number(stdout);
}

test("a batch allocates nothing but the loss that the model returns", { timeout: 60_000 }, async () => {
  expect(await bytesPerBatch("step(rows) { return rows * 0.1; }")).toBeLessThan(32);
  const wasteful = await bytesPerBatch("step(rows) { globalThis.kept = [rows, rows]; return rows * 0.1; }");
  expect(wasteful, "the control, with an array a step").toBeGreaterThan(40);
});
