// Tests run against the sources; `tapeless` means here what it means to a user.

import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { interruptBudget } from "./test/interrupt-budget.js";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What these tests load must be loaded anew: names by place, modules by file, processes. */
const ALONE = ["names", "tools", "plugin"].map((folder) => `test/${folder}/**/*.test.ts`);

/** Short files that take long: where nothing was run before, large files go first, and these would be waited for. */
const LONG = ["examples", "registry", "steps", "rows", "code-size"].map((name) => `test/emitted/${name}.test.ts`);

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): number => (LONG.some((path) => moduleId.endsWith(path)) ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => isLong(a) - isLong(b));
  }
}

/** `npm run test:bundlers` */
export const BUNDLERS = ["bundlers", "docs", "watch"].map((name) => `test/plugin/${name}.test.ts`);

const MEASURED = ["scale", "allocation", "speed"].map((folder) => `test/${folder}/**/*.test.ts`);

// Tests make thousands of functions that run for milliseconds: threads that start after this optimise code later than usual.
const later = interruptBudget(600_000);
if (later !== undefined) setFlagsFromString(later);

export default defineConfig({
  resolve: {
    alias: [
      { find: /^tapeless$/, replacement: source("src/index.ts") },
      { find: /^tapeless\/train$/, replacement: source("src/train/index.ts") },
      { find: /^tapeless\/data$/, replacement: source("src/data/index.ts") },
      { find: /^tapeless\/page$/, replacement: source("src/page/index.ts") },
      { find: /^tapeless\/compiler$/, replacement: source("compiler/index.ts") },
      { find: /^tapeless\/config$/, replacement: source("compiler/tools/config.ts") },
      {
        find: /^tapeless\/(vite|rollup|rolldown|esbuild|webpack|rspack)$/,
        replacement: source("compiler/tools/plugin/$1.ts"),
      },
    ],
  },
  test: {
    // Threads start faster than processes; tests of process flags and exit codes start processes of their own.
    pool: "threads",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongFirst },
    coverage: { include: ["src/**", "compiler/**"], reporter: ["text-summary", "html"] },
    projects: [
      {
        extends: true,
        test: {
          name: "tests",
          include: ["test/**/*.test.ts"],
          exclude: [...MEASURED, ...ALONE, "test/browser/**"],
          // Files of one worker share the modules that they import: importing them costs more than most tests.
          isolate: false,
          // By default one core stays free, which is half of a small machine.
          maxWorkers: "100%",
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "alone", include: ALONE, exclude: BUNDLERS, maxWorkers: "100%", sequence: { groupOrder: 0 } },
      },
      // Times and heaps are measured when nothing else runs.
      {
        extends: true,
        test: { name: "measured", include: MEASURED, maxWorkers: 1, maxConcurrency: 2, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
