// `npm run bench [-- --quick] [-- --only <workload>]`

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build, built } from "./build.mjs";

await build();
const { status } = spawnSync(process.execPath, [join(built, "main.mjs"), ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
