// How long the digits network takes to compile: by the command in a fresh process, and in one that is warm.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { builtFile, lifetimes, output } from "./processes.js";
import { median } from "./statistics.js";

/** From .cache/build, where this runs. */
const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface CompileTime {
  /** Milliseconds; medians. */
  readonly cold: number;
  readonly warm: number;
}

export function compileTime(rounds: number): CompileTime {
  const out = mkdtempSync(builtFile("generated-"));
  try {
    const generate = [join(root, "dist/cli.js"), "generate", join(root, "examples/digits/digits.net.ts"), "--out", out];
    const cold = median(lifetimes(new Map([["cli", generate]]), rounds).get("cli")!);
    const definition = pathToFileURL(builtFile("digits.net.mjs")).href;
    const warm = median(JSON.parse(output([builtFile("warm-compile.mjs"), definition])) as number[]);
    return { cold, warm };
  } finally {
    rmSync(out, { recursive: true });
  }
}
