// Bundles the fuzzer and runs it: this Node takes no TypeScript. `node test/fuzz/run.mjs --seed 1 --graphs 100`.

import { mkdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { undoing } from "./undo.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = here("../../node_modules/.cache/tapeless-fuzz/");
mkdirSync(folder, { recursive: true });
const outfile = `${folder}fuzz-${process.pid}.mjs`;
const { values } = parseArgs({ options: { undo: { type: "string" } }, strict: false });
await build({
  entryPoints: [here("./main.ts")],
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  outfile,
  logLevel: "warning",
  plugins: values.undo === undefined ? [] : [undoing(values.undo)],
});
await import(pathToFileURL(outfile).href);
