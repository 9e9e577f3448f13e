// Bundles the fuzzer and runs it: this Node takes no TypeScript. `node test/fuzz/run.mjs --seed 1 --graphs 100`.

import { mkdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = here("../../node_modules/.cache/tapeless-fuzz/");
mkdirSync(folder, { recursive: true });
const outfile = `${folder}fuzz-${process.pid}.mjs`;
await build({
  entryPoints: [here("./main.ts")],
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  outfile,
  logLevel: "warning",
});
await import(pathToFileURL(outfile).href);
