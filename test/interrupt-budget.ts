// The flag that says how long V8 runs a function before it optimises it. Later engines have none.

import { execFileSync } from "node:child_process";

const FLAG = "--interrupt-budget";

/** The flag with a value, or nothing where this engine does not know it. */
export function interruptBudget(value: number): string | undefined {
  known ??= execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" }).includes(`${FLAG} `);
  return known ? `${FLAG}=${value}` : undefined;
}

let known: boolean | undefined;
