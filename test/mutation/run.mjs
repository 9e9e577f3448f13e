// Bundles the mutation tester and runs it: this Node takes no TypeScript. `node test/mutation/run.mjs --room laws --seed 1`.

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

const folder = here("../../node_modules/.cache/tapeless-mutation/");
mkdirSync(folder, { recursive: true });
// A run that was killed leaves its bundles.
for (const name of readdirSync(folder))
  if (!isAlive(Number(/\d+/.exec(name)?.[0]))) rmSync(folder + name, { recursive: true, force: true });
const outfile = `${folder}main-${process.pid}.mjs`;
process.on("exit", () => rmSync(outfile, { force: true }));
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
process.chdir(here("../../"));
await import(pathToFileURL(outfile).href);
