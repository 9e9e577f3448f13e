// A browser, a server and a page for the tests of a file.

import { buildSync, transformSync } from "esbuild";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import type { Compilation } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import type { Float } from "../emitted/harness.js";
import { compiledOf } from "../emitted/once.js";
import { launch } from "./chromium.js";
import type { Tests } from "./page.js";
import type { Recorded } from "./record.js";
import { ISOLATED, serve, type Server } from "./server.js";

declare const tests: Tests;

export interface Stage {
  readonly browser: Browser;
  readonly server: Server;
  readonly page: Page;
  readonly close: () => Promise<void>;
}

/** A module's text as a page loads it. */
export const scriptOf = ({ source }: Compilation): string =>
  transformSync(source, { loader: "ts", format: "esm", target: "es2022" }).code;

/** One of our files with all that it imports, as a page loads it. */
export function bundleOf(file: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  return outputFiles[0]!.text;
}

export const htmlOf = (script: string): string =>
  `<!doctype html><meta charset="utf-8"><title>tests</title><script type="module" src="${script}"></script>`;

/** At /, cross-origin isolated, the page of the tests. Its script may also be a worker's, which must be isolated as well. */
export async function openStage(): Promise<Stage> {
  const [browser, server] = await Promise.all([launch(), serve()]);
  server.files.set("/page.js", { body: bundleOf("page.ts"), headers: ISOLATED });
  server.files.set("/", { body: htmlOf("/page.js"), headers: { ...ISOLATED, "Content-Type": "text/html" } });
  const page = await browser.newPage();
  await page.goto(`${server.origin}/`);
  const close = async (): Promise<void> => {
    await browser.close();
    await server.close();
  };
  return { browser, server, page, close };
}

/** A network's modules for both targets. */
export const modulesOf = (network: Network, dtype: Float = "float32"): Readonly<Record<string, Compilation>> => ({
  typescript: compiledOf(network, dtype),
  wasm: compiledOf(network, dtype, "wasm"),
});

/** Throws where a module does not do in the page what was recorded. */
export async function replayed(
  { server, page }: Stage,
  { script, numbers }: Recorded,
  modules: Readonly<Record<string, Compilation>>,
): Promise<void> {
  const folder = `/case-${server.files.size}-${Math.random()}`;
  const paths = new Map<string, string | Uint8Array>([
    ["script.json", JSON.stringify(script)],
    ["numbers", new Uint8Array(numbers.buffer)],
    ...Object.entries(modules).map(([name, compiled]) => [`${name}.js`, scriptOf(compiled)] as const),
  ]);
  for (const [name, body] of paths) server.files.set(`${folder}/${name}`, { body });
  for (const name of Object.keys(modules)) {
    await page.evaluate(([folder, name]) => tests.replay(folder, name), [folder, name] as const);
  }
  for (const name of paths.keys()) server.files.delete(`${folder}/${name}`);
}
