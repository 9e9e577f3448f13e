// The newcomer's way with the other runtimes that read TypeScript, where they can be installed from npm.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, rows, run, step } from "./shell.mjs";

/** What runs a file, by the name of the package that brings the runtime. */
const RUNTIMES = { deno: ["deno@2.9.6", "run", "-A"], bun: ["bun@1.4.5", "--bun"] };

/** A model on two threads, which ends by itself: disposed of, and not. */
const threads = (dispose) => `import { createIris } from "./threads/iris.ts";
const net = createIris({ seed: 1, threads: 2 });
await new Promise((done) => setTimeout(done, 200));
for (let i = 0; i < 30; i++) net.targets.species[i] = i % 3;
for (let i = 0; i < 9; i++) net.step(30);
console.log("loss", net.step(30), "threads", net.threads);
${dispose ? "net.dispose();" : ""}`;

export function runtimes(folder, tarball, accuracyOf) {
  for (const [name, [version, ...flags]] of Object.entries(RUNTIMES)) {
    const project = join(folder, name);
    const tools = join(folder, `${name}-tools`);
    for (const path of [project, tools]) mkdirSync(path);
    writeFileSync(join(tools, "package.json"), "{}");
    const runtime = join(tools, "node_modules/.bin", name);
    const installed = run(tools, "npm", "install", "--no-audit", "--no-fund", version);
    if (installed.status !== 0 || run(tools, runtime, "--version").status !== 0) {
      rows.push([name, "cannot be installed here"]);
      continue;
    }
    const start = performance.now();
    step(`${name}: npm install`, project, "npm", "install", "--no-audit", "--no-fund", tarball);
    const cli = [...flags, "node_modules/tapeless/dist/cli.js"];
    step(`${name}: init --yes`, project, runtime, ...cli, "init", "--yes");
    step(`${name}: generate`, project, runtime, ...cli, "generate");
    const accuracy = accuracyOf(step(`${name}: train`, project, runtime, ...cli, "train"));
    const definition = readdirSync(join(project, "src")).find((file) => file.includes(".net."));
    const asked = [`src/${definition}`, "--target", "wasm", "--language", "typescript", "--out", "threads"];
    step(`${name}: generate wasm`, project, runtime, ...cli, "generate", ...asked);
    for (const dispose of [true, false]) {
      const file = dispose ? "disposed.ts" : "left.ts";
      writeFileSync(join(project, file), threads(dispose));
      const { status, output } = run(project, runtime, ...flags, file);
      expect(status === 0 && /^loss \S+ threads 2\n$/.test(output), `${name} ${file} ends with ${status}: ${output}`);
    }
    const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
    expect(manifest.scripts.train !== undefined, `${name}: init writes the scripts`);
    rows.push([`${name}: in all`, `${((performance.now() - start) / 1000).toFixed(1)} s, accuracy ${accuracy} %`]);
  }
}
