// `npm run test:bundlers`: each bundler builds a project with the plugin, once and while it is watched.

import { defineConfig } from "vitest/config";
import base, { BUNDLERS } from "./vitest.config.js";

export default defineConfig({
  resolve: base.resolve!,
  test: { include: BUNDLERS, pool: "threads", maxWorkers: 1, testTimeout: 60_000, hookTimeout: 60_000 },
});
