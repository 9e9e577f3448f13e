// Child processes: workers that answer a request, and scripts whose whole life is timed.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Answers, Request } from "./worker.js";

const built = fileURLToPath(new URL(".", import.meta.url));

/** A file of the built bench. */
export const builtFile = (name: string): string => join(built, name);

// Collections must not hide what is allocated.
const HEAP_FLAGS = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64"];

export function ask<K extends Request["kind"]>(request: Request & { readonly kind: K }): Answers[K] {
  const flags = request.kind === "heap" ? HEAP_FLAGS : [];
  return JSON.parse(output([...flags, builtFile("worker.mjs"), JSON.stringify(request)])) as Answers[K];
}

/** The last line that Node prints for these arguments. */
export function output(args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    cwd: built,
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`node ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout.trimEnd().split("\n").at(-1)!;
}

/** Milliseconds from start to end, by script, taking turns. */
export function lifetimes(scripts: ReadonlyMap<string, readonly string[]>, rounds: number): Map<string, number[]> {
  const times = new Map([...scripts.keys()].map((name) => [name, [] as number[]]));
  // The first turn only fills the file cache.
  for (let round = -1; round < rounds; round++) {
    for (const [name, args] of scripts) {
      const start = performance.now();
      output(args);
      if (round >= 0) times.get(name)!.push(performance.now() - start);
    }
  }
  return times;
}
