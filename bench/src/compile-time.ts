// How long the digits network takes to compile: by the command in a fresh process, and in one that is warm; and how long
// twelve transformer blocks take, by the command.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { builtFile, lifetimes, output } from "./processes.js";
import { median } from "./statistics.js";

/** From .cache/build, where this runs. */
const root = fileURLToPath(new URL("../../..", import.meta.url));

/** By target: milliseconds, medians. */
export type CompileTime = Readonly<
  Record<string, { readonly cold: number; readonly warm: number; readonly deep: number }>
>;

export function compileTime(rounds: number): CompileTime {
  const out = mkdtempSync(builtFile("compiled-"));
  try {
    return Object.fromEntries(["typescript", "wasm"].map((target) => [target, forTarget(target, rounds, out)]));
  } finally {
    rmSync(out, { recursive: true });
  }
}

function forTarget(target: string, rounds: number, out: string): CompileTime[string] {
  const command = (definition: string, times: number): number => {
    const args = [join(root, "dist/cli.js"), "generate", join(root, definition), "--target", target, "--out", out];
    return median(lifetimes(new Map([["cli", args]]), times).get("cli")!);
  };
  const built = pathToFileURL(builtFile("digits.net.mjs")).href;
  return {
    cold: command("examples/digits/digits.net.ts", rounds),
    warm: median(JSON.parse(output([builtFile("warm-compile.mjs"), built, target])) as number[]),
    deep: command("bench/compiled/transformer-12.net.ts", 1),
  };
}
