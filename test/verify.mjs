// `npm run verify`: what tests look at in part, as a whole; then what needs other engines or Python. Half an hour on two cores.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const TESTS = [
  "test/right",
  "test/fuzz",
  "test/differentiate/loops.test.ts",
  "test/emitted/sums-of-products.test.ts",
  "test/emitted/batch-powers.test.ts",
  "test/emitted/checked.test.ts",
  "test/emitted/checked-examples.test.ts",
  "test/speed/computed-indices.test.ts",
];

const cwd = fileURLToPath(new URL("..", import.meta.url));
const run = (args, env = {}) =>
  spawnSync(process.execPath, args, { cwd, stdio: "inherit", env: { ...process.env, ...env } }).status === 0;

const whole = run(
  ["node_modules/vitest/vitest.mjs", "run", "--testTimeout=1800000", ...TESTS, ...process.argv.slice(2)],
  {
    VERIFY: "1",
  },
);
const bits = run(["test/bits/verify.mjs"]);
const torch = run(["test/torch/verify.mjs"]);
process.exitCode = whole && bits && torch ? 0 : 1;
