// Tests run against the sources; `tapeless` means here what it means to a user.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^tapeless$/, replacement: source("src/index.ts") },
      { find: /^tapeless\/train$/, replacement: source("src/train/index.ts") },
      { find: /^tapeless\/compiler$/, replacement: source("compiler/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    // Threads start faster than processes; tests of process flags and exit codes start processes of their own.
    pool: "threads",
    // By default one core stays free, which is half of a small machine.
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: { include: ["src/**", "compiler/**"], reporter: ["text-summary", "html"] },
  },
});
