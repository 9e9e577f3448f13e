// The compiler at scale: deep, doubling and wide networks, within a time and without a stack overflow, and code that grows
// with the network and no faster.

import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../compiler/pipeline.js";
import { createInterpreter } from "../../compiler/interpret.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import * as t from "../../src/index.js";
import type { Network } from "../../src/graph/network.js";
import * as networks from "./networks.js";

const SECONDS = 15;
const root = resolve(import.meta.dirname, "../..");
const { chain, diamond, wide } = networks;

let folder: string;
beforeAll(async () => {
  if (!existsSync(join(root, "dist/compiler.js"))) throw new Error("run npm run build:code before these tests");
  folder = mkdtempSync(join(tmpdir(), "tapeless-scale-"));
  const text = readFileSync(join(import.meta.dirname, "networks.ts"), "utf8");
  const { code } = await transform(text, { loader: "ts", format: "esm" });
  const built = JSON.stringify(pathToFileURL(join(root, "dist/index.js")).href);
  writeFileSync(join(folder, "networks.mjs"), code.replaceAll('"tapeless"', built));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Compiles to the very text, in a process. Throws where it takes longer than it may, or overflows the stack. */
async function expectCompiled(name: keyof typeof networks, size: number, allowed: number): Promise<void> {
  const compiler = pathToFileURL(join(root, "dist/compiler.js")).href;
  const words = [join(import.meta.dirname, "compile.mjs"), join(folder, "networks.mjs"), compiler, name, String(size)];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const { seconds } = JSON.parse(stdout) as { seconds: number };
  if (seconds > allowed) throw new Error(`${name} took ${seconds.toFixed(1)} s to compile`);
}

describe(`under ${SECONDS} s`, () => {
  test("a chain of 20,000 nodes", () => expectCompiled("chain", 20_000, SECONDS), 120_000);
  test("a 60-fold diamond", () => expectCompiled("diamond", 60, SECONDS), 120_000);
  test("2,000 parameters", () => expectCompiled("wide", 2000, SECONDS), 120_000);

  test("control: the check throws when time is up", async () => {
    await expect(expectCompiled("chain", 300, 0)).rejects.toThrow(/took/);
  });
});

describe("and right", () => {
  test.each([
    ["a chain of 1,000", chain(1000)],
    ["a 60-fold diamond", diamond(60)],
    ["120 layers", wide(240)],
  ])("%s computes what the interpreter computes", (_, network) => {
    const model = compile(network, { dtype: "float64" }).create({ seed: 1 });
    const reference = createInterpreter(network, { seed: 1 });
    for (const [name, view] of Object.entries(model.parameters)) reference.parameters[name]!.set(view);
    const x = [0.3, -0.7, 1.1, 0.2, -0.4, 0.9, 0.5, -1.2];
    model.inputs.x!.set(x as never);
    reference.inputs.x!.set(x);
    expect(model.gradients(2)).toBeCloseTo(reference.run("gradients", 2)!, 11);
    for (const [name, wanted] of Object.entries(reference.grads)) {
      Array.from(wanted).forEach((g, i) => expect(Math.abs(model.grads[name]![i]! - g)).toBeLessThan(1e-11));
    }
  });
});

/** Bytes per unit at two sizes: where they agree, growth is linear. */
function expectLinear(make: (size: number) => Network, small: number, large: number): void {
  const [one, other] = [small, large].map((size) => compile(make(size)).source.length);
  const growth = other! / one! / (large / small);
  if (growth > 1.15)
    throw new Error(`${large / small} times the network gives ${(other! / one!).toFixed(1)} times the code`);
}

describe("code grows linearly", () => {
  test("with a chain", () => expectLinear(chain, 1000, 4000));
  test("with a diamond", () => expectLinear(diamond, 30, 120));
  test("with parameters", () => expectLinear(wide, 100, 400));

  test("a recurrence does not grow at all", () => {
    const recurrent = (length: number): Network => {
      const x = t.input("x", ["batch", length, 3]);
      const w = t.parameter([3, 3], 0.1, { name: "w" });
      const { carries } = t.scan(
        ([h], [e]) => ({ carries: [t.tanh(t.add(t.matmul(h!, w) as never, e! as never))], outputs: [] }),
        { initial: [t.mul(t.reshape(t.slice(x, [null, [0, 1]]), ["batch", 3]), 0)], sequences: [x], axis: 1 },
      );
      return t.network("recurrent", { batch: 2, loss: t.mean(carries[0]!), optimizer: t.sgd({ rate: 0.1 }) });
    };
    const [short, long] = [10, 1000].map((length) => compile(recurrent(length)).source.length);
    expect(long! - short!).toBeLessThan(200);
  });

  test("control: networks that grow quadratically are found", () => {
    const square = (size: number): Network => chain(Math.ceil((size * size) / 100));
    expect(() => expectLinear(square, 100, 300)).toThrow(/times the code/);
  });
});

describe("the digits network", () => {
  const path = resolve(root, "examples/digits/digits.net.ts");

  test("compiles in under 300 ms once the compiler is warm", async () => {
    const times: number[] = [];
    for (let i = 0; i < 8; i++) {
      const { network, constNames } = await loadDefinition(path);
      const start = performance.now();
      expect(compile(network, { constNames }).source.length).toBeGreaterThan(10_000);
      times.push(performance.now() - start);
    }
    expect(Math.min(...times.slice(2))).toBeLessThan(300);
  });

  test("is generated in under 3 s by a command line that starts cold", () => {
    const times = [1, 2, 3].map(() => {
      const start = performance.now();
      const text = execFileSync(process.execPath, ["dist/cli.js", "generate", path, "--print", "kernels"], {
        cwd: root,
        encoding: "utf8",
      });
      expect(text).toContain("entry step");
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(3000);
  });
});
