// The published build: its entries, and what they share in chunks beside them, all directly in dist/ (the language tells
// its own stack frames by that folder, see src/graph/origin.ts).
//
// Small packages and mathjs are bundled, since a cold start pays for each file it opens: mathjs loads in 0.2 s as one
// chunk and in 0.6 s as 400 files. What is large and needed by some commands only stays outside, behind `import()`.

import { defineConfig, type Rolldown } from "tsdown";
import { noticeOf } from "./.ci/licences.mjs";

const BUNDLERS = ["vite", "rollup", "rolldown", "esbuild", "webpack", "rspack"];

export default defineConfig({
  entry: {
    index: "src/index.ts",
    train: "src/train/index.ts",
    data: "src/data/index.ts",
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
      "prettier",
      "ts-morph",
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
        { name: "mathjs", test: /node_modules[\\/](?!@jridgewell|citty|code-block|ignore|picocolors|picomatch)/ },
      ],
    },
  },
  plugins: [licences()],
});

/** Writes the licences of the bundled packages beside them, as each of them asks (.ci/licences.mjs). */
function licences(): Rolldown.Plugin {
  return {
    name: "licences",
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? Object.keys(file.modules) : []));
      const folders = new Set(
        modules.flatMap((path) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0] ?? []),
      );
      const notices = [...folders].sort().map(noticeOf);
      if (notices.length === 0) return;
      this.emitFile({ type: "asset", fileName: "THIRD-PARTY.txt", source: notices.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}
