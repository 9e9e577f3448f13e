// The models whose bits are compared: WebAssembly in float32 that is built to give the same ones everywhere.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { compile, type Compilation } from "../../compiler/compile.js";
import { load } from "../emitted/example.js";
import { layers } from "../emitted/layers.js";
import { powersOf, productsOf } from "../emitted/neighbours.js";
import { networks } from "../emitted/networks.js";

const EXAMPLES = ["digits/digits.net.ts", "iris/iris.net.ts", "char-gru/char-gru.net.ts"];

/** Compilations by name. */
export async function exactModules(relaxed: boolean): Promise<Record<string, Compilation>> {
  const list: Record<string, Compilation> = {};
  // Parameters start at random numbers that depend on their names, and so the recorded bits do.
  const options = { target: "wasm", relaxed, constNames: "ordinals" } as const;
  for (const [name, build] of Object.entries({ ...networks, ...layers })) list[name] = compile(build(), options);
  for (const seed of [1, 2, 3, 4]) {
    list[`products ${seed}`] = compile(productsOf(seed), options);
    list[`powers ${seed}`] = compile(powersOf(seed), options);
  }
  // Without metrics: what is recorded are the bits of all other entries.
  for (const file of EXAMPLES) list[file] = compile({ ...(await load(file)), metrics: {} }, options);
  return list;
}

const scriptOf = ({ source }: Compilation): string =>
  transformSync(source, { loader: "ts", format: "esm", target: "es2022" }).code;

/** A folder with the modules as files, for other engines. */
export function written(modules: Readonly<Record<string, Compilation>>): string {
  const folder = mkdtempSync(join(tmpdir(), "tapeless-bits-"));
  const names = Object.fromEntries(Object.keys(modules).map((name, n) => [name, `${n}.mjs`]));
  for (const [name, compiled] of Object.entries(modules)) writeFileSync(join(folder, names[name]!), scriptOf(compiled));
  writeFileSync(join(folder, "list.json"), JSON.stringify(names));
  return folder;
}
