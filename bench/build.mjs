// Prepares what a run needs in .cache/: the compiler, the modules that are measured, and the bench itself as JavaScript.

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import binaryen from "binaryen";
import esbuild from "esbuild";
import { bandwidthText, peakText } from "./wasm.mjs";

const bench = fileURLToPath(new URL(".", import.meta.url));
const root = join(bench, "..");
export const built = join(bench, ".cache", "build");

/** Throws with what to do where the compiler's own packages are not installed. */
export async function build() {
  if (!existsSync(join(root, "node_modules")))
    throw new Error("the compiler is needed: run `npm ci` one folder up first");
  execFileSync("npm", ["run", "--silent", "build:code"], { cwd: root, stdio: "inherit" });
  rmSync(built, { recursive: true, force: true });
  for (const target of ["typescript", "wasm"]) await generate(target);
  const pages = readdirSync(join(bench, "src", "pages")).map((file) => join("src", "pages", file));
  await bundle(["src/main.ts", "src/worker.ts", "src/warm-compile.ts", ...pages], built, true);
  // TensorFlow.js looks for them beside itself.
  const wasm = join(bench, "node_modules/@tensorflow/tfjs-backend-wasm/dist");
  for (const file of readdirSync(wasm).filter((name) => name.endsWith(".wasm")))
    copyFileSync(join(wasm, file), join(built, file));
  // A file of its own, so that it can be imported anew.
  await bundle([join(root, "examples/digits/digits.net.ts")], built, false);
  assemble({ "simd-peak": peakText(false), "simd-peak-fma": peakText(true), bandwidth: bandwidthText() });
}

/** The definitions in networks/, compiled for a target. */
async function generate(target) {
  const out = join(".cache/generated", target);
  const definitions = readdirSync(join(bench, "networks")).map((file) => join("networks", file));
  const args = ["generate", ...definitions, "--target", target, "--out", out];
  execFileSync(process.execPath, [join(root, "dist", "cli.js"), ...args], {
    cwd: bench,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const modules = readdirSync(join(bench, out)).map((file) => join(out, file));
  await bundle(modules, join(built, "generated", target), false);
}

/** WebAssembly text that is written by hand. */
function assemble(texts) {
  for (const [name, text] of Object.entries(texts)) {
    const module = binaryen.parseText(text);
    module.setFeatures(binaryen.Features.SIMD128 | binaryen.Features.RelaxedSIMD);
    if (!module.validate()) throw new Error(`${name} is not valid`);
    writeFileSync(join(built, `${name}.wasm`), module.emitBinary());
  }
}

/** Peers' packages stay outside, as a program that uses them would have it. */
async function bundle(entries, outdir, splitting) {
  await esbuild.build({
    entryPoints: Object.fromEntries(entries.map((path) => [basename(path, ".ts"), path])),
    absWorkingDir: bench,
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
    plugins: [builtCompiler, packagesOutside, codeOfItsOwn],
    mainFields: ["module", "main"],
    // What TensorFlow.js takes for granted in Node.
    banner: {
      js: `const require = process.getBuiltinModule("module").createRequire(import.meta.url), __dirname = import.meta.dirname;`,
    },
  });
}

/** `tapeless` is the build in dist/, one instance for all that import it. */
const builtCompiler = {
  name: "built-compiler",
  setup({ onResolve }) {
    onResolve({ filter: /^tapeless(\/|$)/ }, ({ path }) => {
      const file = path === "tapeless" ? "index" : path.slice("tapeless/".length);
      return { path: pathToFileURL(join(root, "dist", `${file}.js`)).href, external: true };
    });
  },
};

/**
 * Each side of a measurement has a copy of all that it imports from here: what an engine learns of a function that many sides
 * call, it learns of all of them, and a step would no longer be compiled into the loop that takes it.
 */
const codeOfItsOwn = {
  name: "code-of-its-own",
  setup({ onLoad, onResolve, resolve }) {
    const resolving = Symbol("resolving");
    const most = 32;
    let sides = 0;
    onResolve({ filter: /^\.\.?\// }, async ({ path, kind, importer, namespace, resolveDir, pluginData }) => {
      const begins = kind === "dynamic-import" && importer.endsWith(join("src", "peers", "index.ts"));
      if (pluginData === resolving || (!begins && !namespace.startsWith("side-"))) return undefined;
      if (sides === most) throw new Error(`there are more than ${most} sides`);
      const own = begins ? `side-${sides++}` : namespace;
      const found = await resolve(path, { resolveDir, kind, importer, pluginData: resolving });
      return { ...found, namespace: own, pluginData: undefined };
    });
    for (let side = 0; side < most; side++) {
      onLoad({ filter: /\.ts$/, namespace: `side-${side}` }, ({ path }) => ({
        contents: readFileSync(path, "utf8"),
        loader: "ts",
        resolveDir: dirname(path),
      }));
    }
  },
};

/**
 * Packages are imported as a program would import them; only TensorFlow.js is bundled, for outside a bundle its core cannot
 * be had with its gradients.
 */
const packagesOutside = {
  name: "packages-outside",
  setup({ onResolve }) {
    onResolve({ filter: /^[a-z@]/ }, ({ path, kind }) =>
      kind === "entry-point" || path.startsWith("@tensorflow/") ? undefined : { path, external: true },
    );
  },
};
