// A process that is killed at any moment leaves whole checkpoints, from which the run goes on to the same bits.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSafetensors } from "../../src/train/index.js";
import { count } from "../extent.js";
import { randomNumbers } from "../oracle/leaves.js";

const root = mkdtempSync(join(tmpdir(), "killed-"));
const script = join(root, "run.mjs");
afterAll(() => rmSync(root, { recursive: true }));

/** A checkpoint of 2 MB after every second batch, so that most of the time one is being written. */
beforeAll(async () => {
  await build({
    stdin: {
      resolveDir: fileURLToPath(new URL("../../src/train/", import.meta.url)),
      contents: `
        import { writeFileSync } from "node:fs";
        import { checkpointStore, fit, folder } from "./index.ts";
        const [path, kind, epochs] = process.argv.slice(2);
        const leaf = { shape: ["batch"], dtype: "float32" };
        const w = new Float32Array(250_000);
        const model = {
          spec: { name: "n", capacity: 2, inputs: { x: leaf }, targets: {}, outputs: {}, steps: ["step"] },
          inputs: { x: new Float32Array(2) }, targets: {}, parameters: { w }, states: { m: new Float32Array(250_000) },
          step(rows) {
            for (let i = 0; i < w.length; i += 97) w[i] = Math.fround(w[i] * 0.9 + model.inputs.x[0] + i);
            model.states.m[0] += model.inputs.x[rows - 1];
            return w[97];
          },
        };
        const whole = folder(path);
        // The control: written in place, piece by piece.
        const { openSync, writeSync, closeSync } = process.getBuiltinModule("fs");
        const store = kind === "whole" ? whole : checkpointStore({ ...whole, write(name, bytes) {
          const file = openSync(path + "/" + name, "w");
          for (let at = 0; at < bytes.length; at += 65536) writeSync(file, bytes, at, Math.min(65536, bytes.length - at));
          closeSync(file);
        } });
        const x = Float32Array.from({ length: 20 }, (_, i) => i);
        console.log("begins");
        const history = fit(model, { inputs: { x } , targets: {} }, {
          epochs: Number(epochs), validationSplit: 0,
          checkpoint: { store, every: 2, keep: 2, best: true, resume: true },
        });
        writeFileSync(path + "/end.json", JSON.stringify([history.loss, w[97], model.states.m[0]]));
      `,
    },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile: script,
  });
});

/** Starts the run; after it says that it begins and so many milliseconds, it is killed. */
function run(path: string, kind: string, epochs: number, kill?: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, path, kind, String(epochs)], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stderr.on("data", (text) => (said += String(text)));
    child.stdout.once("data", () => kill !== undefined && setTimeout(() => child.kill("SIGKILL"), kill));
    child.on("exit", (code, signal) => (code ? reject(new Error(said)) : resolve(signal)));
  });
}

const broken = (path: string): string[] =>
  readdirSync(path).filter((name) => {
    if (!name.endsWith(".safetensors")) return false;
    try {
      readSafetensors(readFileSync(join(path, name)));
      return false;
    } catch {
      return true;
    }
  });

test("killed at random, again and again", { timeout: 300_000 }, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = randomNumbers(seed);
  const path = mkdtempSync(join(root, "whole-"));
  let begun = 0;
  for (let i = 0; i < count(50, 200); i++) {
    // The run has no end that it could reach.
    expect(await run(path, "whole", 1e6, random() * 60), `seed ${seed}`).toBe("SIGKILL");
    expect(broken(path), `seed ${seed}, kill ${i}`).toEqual([]);
    if (readdirSync(path).some((name) => name.startsWith("checkpoint-"))) begun++;
  }
  expect(begun, `seed ${seed}: kills that found a checkpoint`).toBeGreaterThan(25);
  const newest = readdirSync(path)
    .filter((name) => /^checkpoint-.*safetensors$/.test(name))
    .sort()
    .at(-1)!;
  // An epoch is 10 batches.
  const epochs = Math.floor(Number(/\d+/.exec(newest)![0]) / 10) + 2;
  await run(path, "whole", epochs);
  const straight = mkdtempSync(join(root, "straight-"));
  await run(straight, "whole", epochs);
  expect(readFileSync(join(path, "end.json"), "utf8")).toBe(readFileSync(join(straight, "end.json"), "utf8"));
});

test("control: what is written in place is found broken", { timeout: 300_000 }, async () => {
  const random = randomNumbers(1);
  for (let i = 0; i < 100; i++) {
    const path = mkdtempSync(join(root, "in-place-"));
    await run(path, "in place", 1e6, random() * 60);
    if (broken(path).length > 0) return;
  }
  expect.unreachable("no kill fell into a write");
});

test("control: a file without its end is broken", () => {
  const path = mkdtempSync(join(root, "cut-"));
  writeFileSync(join(path, "a.safetensors"), new Uint8Array(5));
  expect(broken(path)).toEqual(["a.safetensors"]);
});
