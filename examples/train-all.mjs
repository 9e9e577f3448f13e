// Trains every example in full, one after the other: `npm run examples`. Arguments go to each of them.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

const names = readdirSync(import.meta.dirname).filter((name) => existsSync(`${import.meta.dirname}/${name}/train.ts`));
const failed = names.filter((name) => {
  console.log(`\n=== ${name}`);
  const { status } = spawnSync(process.execPath, ["dist/cli.js", "train", name, ...process.argv.slice(2)], {
    cwd: `${import.meta.dirname}/..`,
    stdio: "inherit",
  });
  return status !== 0;
});
if (failed.length > 0) {
  console.error(`\nfailed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
