// `npm run test:browser`: what needs a browser. `npm test` needs Node alone.

import { defineConfig } from "vitest/config";
import base from "./vitest.config.js";

export default defineConfig({
  resolve: base.resolve!,
  test: {
    include: ["test/browser/**/*.test.ts"],
    pool: "threads",
    isolate: false,
    // The browser itself takes a core.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
