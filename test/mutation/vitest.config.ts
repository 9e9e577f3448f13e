// The tests' own configuration, with a mutant where sources are loaded: that of TAPELESS_MUTANT.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import base from "../../vitest.config.js";
import { mutated, type Mutant } from "./mutant.js";

const given = process.env["TAPELESS_MUTANT"];
const mutant = given === undefined ? undefined : (JSON.parse(given) as Mutant);

/** The machine may be busy, and a test that runs out of time for that says nothing of a mutant. */
const PATIENCE = 300_000;

export default {
  ...base,
  test: { ...base.test, testTimeout: PATIENCE, hookTimeout: PATIENCE },
  plugins: [
    {
      name: "mutant",
      enforce: "pre" as const,
      load(id: string): string | undefined {
        if (mutant === undefined || id !== resolve(mutant.file)) return undefined;
        return mutated(readFileSync(id, "utf8"), mutant);
      },
    },
  ],
};
