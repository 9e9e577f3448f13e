// The published build: its entries, and what they share in chunks beside them, all directly in dist/ (the language tells
// its own stack frames by that folder, see src/graph/origin.ts).
//
// Small packages and mathjs are bundled, since a cold start pays for each file it opens: mathjs loads in 0.2 s as one
// chunk and in 0.6 s as 400 files. Of ts-morph and prettier only the parts that are used are bundled, and made small, in chunks that
// some commands load; their packages have five times the size.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { transform } from "esbuild";
import { defineConfig, type Rolldown } from "tsdown";
import { noticeOf } from "./.ci/licences.mjs";

const BUNDLERS = ["vite", "rollup", "rolldown", "esbuild", "webpack", "rspack"];

export default defineConfig({
  entry: {
    index: "src/index.ts",
    train: "src/train/index.ts",
    data: "src/data/index.ts",
    page: "src/page/index.ts",
    compiler: "compiler/index.ts",
    config: "compiler/tools/config.ts",
    cli: "compiler/tools/cli.ts",
    ...Object.fromEntries(BUNDLERS.map((name) => [name, `compiler/tools/plugin/${name}.ts`])),
    // What the plugin sends to a page.
    hot: "compiler/tools/plugin/hot.ts",
  },
  format: "esm",
  // A page can load the language and the training loop: the bundler's own helpers must not reach for Node.
  platform: "neutral",
  inputOptions: { resolve: { mainFields: ["module", "main"], conditionNames: ["node"] } },
  target: "node20.19",
  outDir: "dist",
  fixedExtension: false,
  dts: true,
  failOnWarn: true,
  checks: { pluginTimings: false },
  deps: {
    neverBundle: [
      /^node:/,
      "esbuild",
      "unplugin",
      // Of these the types alone.
      "vite",
      "rollup",
      "rolldown",
      "webpack",
      "@rspack/core",
    ],
    // Anything else that slips into the bundle fails the build.
    onlyBundle: [
      "@jridgewell/resolve-uri",
      "@jridgewell/sourcemap-codec",
      "@jridgewell/trace-mapping",
      "citty",
      "code-block-writer",
      "ignore",
      "picocolors",
      "picomatch",
      "prettier",
      "mathjs",
      // and what mathjs needs
      "@babel/runtime",
      "decimal.js",
      "escape-latex",
      "javascript-natural-sort",
      "seedrandom",
      "typed-function",
    ],
  },
  outputOptions: {
    codeSplitting: {
      groups: [
        { name: "prettier", test: /node_modules[\\/]prettier[\\/]/ },
        { name: "mathjs", test: /node_modules[\\/](?!@jridgewell|citty|code-block|ignore|picocolors|picomatch)/ },
      ],
    },
  },
  plugins: [usedOfTsMorph(), small(["prettier"]), licences()],
});

/** Of ts-morph only the syntax tree and the printer are used, which are TypeScript's: a script that it keeps in a file of its own. */
function usedOfTsMorph(): Rolldown.Plugin {
  const stub = "\0ts-morph";
  return {
    name: "used-of-ts-morph",
    resolveId: (id) => (id === "ts-morph" ? stub : undefined),
    load(id) {
      if (id !== stub) return undefined;
      return `import { createRequire } from "node:module";\nexport const ts = createRequire(import.meta.url)("./typescript.cjs");`;
    },
    async generateBundle() {
      const source = await readFile("node_modules/@ts-morph/common/dist/typescript.js", "utf8");
      this.emitFile({ type: "asset", fileName: "typescript.cjs", source: await minified(source) });
    },
  };
}

/** Takes spaces and long names out of other packages' chunks. */
function small(chunks: readonly string[]): Rolldown.Plugin {
  return {
    name: "small",
    async generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === "chunk" && chunks.includes(file.name)) file.code = await minified(file.code);
      }
    },
  };
}

/** Licences stand in THIRD-PARTY.txt. */
const minified = async (code: string): Promise<string> =>
  (await transform(code, { minify: true, legalComments: "none", target: "node20.19" })).code;

/** Writes the licences of the bundled packages beside them, as each of them asks (.ci/licences.mjs). */
function licences(): Rolldown.Plugin {
  return {
    name: "licences",
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? Object.keys(file.modules) : []));
      const folders = new Set(
        modules.flatMap((path) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0] ?? []),
      );
      // ts-morph has TypeScript in it, and not its licence.
      const whole = ["ts-morph", "@ts-morph/common", "typescript"].map((name) => resolve("node_modules", name));
      const notices = [...folders, ...whole].sort().map(noticeOf);
      this.emitFile({ type: "asset", fileName: "THIRD-PARTY.txt", source: notices.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}
