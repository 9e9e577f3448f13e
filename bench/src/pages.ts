// What a page that trains the digits network weighs, and how long a fresh process takes until its first step is done.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { builtFile, lifetimes } from "./processes.js";
import { median } from "./statistics.js";

/** From .cache/build, where this runs. */
const bench = fileURLToPath(new URL("../..", import.meta.url));

/** Each side's file in src/pages/, and what its weight is: all of an emitted module, else the page. */
const pages: Readonly<Record<string, { readonly page: string; readonly weighed: string }>> = {
  "tapeless-wasm": { page: "tapeless-wasm", weighed: ".cache/generated/wasm/digits.ts" },
  "tapeless-ts": { page: "tapeless-ts", weighed: ".cache/generated/typescript/digits.ts" },
  loops: page("loops"),
  convnetjs: page("convnetjs"),
  "tfjs-cpu": page("tfjs-cpu"),
  "jax-js": page("jax"),
  "tfjs-wasm": page("tfjs-wasm"),
};

function page(name: string): { readonly page: string; readonly weighed: string } {
  return { page: name, weighed: `src/pages/${name}.ts` };
}

/** Bytes after minification and gzip, with what the page must fetch besides. */
export async function pageSizes(): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const [name, { weighed }] of Object.entries(pages)) sizes.set(name, await minifiedGzip(weighed));
  const wasm = createRequire(join(bench, "package.json")).resolve(
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
  );
  sizes.set("tfjs-wasm", sizes.get("tfjs-wasm")! + gzipSync(readFileSync(wasm), { level: 9 }).length);
  return sizes;
}

/** The whole module: nothing of what it exports is dropped. */
async function minifiedGzip(entry: string): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: bench,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    write: false,
    logLevel: "error",
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}

/** Milliseconds until the first step at batch 32 is done, of a process that starts with nothing. */
export function coldStarts(rounds: number): Map<string, number> {
  const scripts = new Map([["empty Node", [builtFile("nothing.mjs")]]]);
  for (const [name, { page }] of Object.entries(pages)) scripts.set(name, [builtFile(`${page}.mjs`)]);
  return new Map([...lifetimes(scripts, rounds)].map(([name, times]) => [name, median(times)]));
}
