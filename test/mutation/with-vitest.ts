// Runs test files or folders against a mutant with Vitest itself.

import { spawn } from "node:child_process";
import type { Kill } from "./killer.js";
import type { Mutant } from "./mutant.js";

/** How often everything is run where a failure does not come again. */
const ATTEMPTS = 3;

/**
 * Vitest's own run, up to the first failure. A file that fails is run once more and has to fail again: a test may run out of
 * time because the machine is busy, which says nothing of the mutant.
 */
export async function withVitest(
  mutant: Mutant | undefined,
  files: readonly string[],
  limit: number,
): Promise<Kill | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const kill = await once(mutant, files, limit);
    if (kill === undefined) return undefined;
    const again = await once(mutant, kill.file === "" ? files : [kill.file], limit);
    if (again) return again;
  }
  return undefined;
}

function once(mutant: Mutant | undefined, files: readonly string[], limit: number): Promise<Kill | undefined> {
  const config = ["--config", "test/mutation/vitest.config.ts", "--root", "."];
  const how = ["--project", "tests", "--bail=1", "--maxWorkers=1"];
  const args = ["node_modules/vitest/vitest.mjs", "run", ...config, ...how, ...files];
  const env = { ...process.env, ...(mutant && { TAPELESS_MUTANT: JSON.stringify(mutant) }) };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const hear = (chunk: Buffer): void => void (text += chunk.toString());
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  return new Promise((end) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      end({ by: "timeout", file: "", test: "", error: "" });
    }, limit);
    child.on("exit", (code) => {
      clearTimeout(timer);
      end(code === 0 ? undefined : failureIn(text));
    });
  });
}

/** The first failure that Vitest's report names; its end, where it names none. */
export function failureIn(report: string): Kill {
  // eslint-disable-next-line no-control-regex
  const plain = report.replaceAll(/\u001B\[[0-9;]*m/g, "");
  const [, file = "", test = ""] = /FAIL\s+(?:\S+\s+)?(\S+?\.test\.ts)(?: > (.*))?/.exec(plain) ?? [];
  return { by: "vitest", file, test, error: file === "" ? plain.slice(-300) : "" };
}
