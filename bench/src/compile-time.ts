// How long the digits network takes to compile: by the command in a fresh process, and in one that is warm.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { builtFile, lifetimes, output } from "./processes.js";
import { median } from "./statistics.js";

/** From .cache/build, where this runs. */
const root = fileURLToPath(new URL("../../..", import.meta.url));

/** By target: milliseconds, medians. */
export type CompileTime = Readonly<Record<string, { readonly cold: number; readonly warm: number }>>;

export function compileTime(rounds: number): CompileTime {
  const out = mkdtempSync(builtFile("compiled-"));
  try {
    return Object.fromEntries(["typescript", "wasm"].map((target) => [target, forTarget(target, rounds, out)]));
  } finally {
    rmSync(out, { recursive: true });
  }
}

function forTarget(target: string, rounds: number, out: string): CompileTime[string] {
  const definition = join(root, "examples/digits/digits.net.ts");
  const generate = [join(root, "dist/cli.js"), "generate", definition, "--target", target, "--out", out];
  const cold = median(lifetimes(new Map([["cli", generate]]), rounds).get("cli")!);
  const built = pathToFileURL(builtFile("digits.net.mjs")).href;
  const warm = median(JSON.parse(output([builtFile("warm-compile.mjs"), built, target])) as number[]);
  return { cold, warm };
}
