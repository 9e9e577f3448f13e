// The architecture check itself: a small tree that breaks each rule once, and the same tree when it breaks none.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "tapeless-architecture-"));
const cruise = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
const config = join(root, ".dependency-cruiser.cjs");

/** What may be, by file: the one thing that it imports, or its text. Each room imports the one below it. */
const SOUND: Readonly<Record<string, string>> = {
  "src/scalar/a.ts": "",
  "src/graph/a.ts": "../scalar/a.js",
  "src/graph/origin.ts": "",
  "src/graph/type-cycle.ts": 'import type { B } from "./type-cycle-back.js"; export type A = B[];',
  "src/graph/type-cycle-back.ts": 'import { type A } from "./type-cycle.js"; export type B = A | 1;',
  "src/messages.ts": "./graph/origin.js",
  "src/ops/a.ts": "../graph/a.js",
  "src/nn/a.ts": "../ops/a.js",
  "src/network.ts": "./nn/a.js",
  "src/index.ts": "./network.js",
  "src/train/a.ts": "",
  "src/train/index.ts": "./a.js",
  "src/data/index.ts": "../train/index.js",
  "src/page/index.ts": "../train/index.js",
  "compiler/formula/a.ts": "mathjs/number",
  "compiler/ir/a.ts": "../../src/graph/a.js",
  "compiler/1-differentiate/a.ts": "../formula/a.js",
  "compiler/5-emit/a.ts": "../ir/a.js",
  "compiler/5-emit/b.ts": "prettier",
  "compiler/outline/a.ts": "../../src/ops/a.js",
  "compiler/printers/a.ts": "../ir/a.js",
  "compiler/pipeline.ts": "./1-differentiate/a.js",
  "compiler/index.ts": "./pipeline.js",
  "compiler/gradcheck/a.ts": "../pipeline.js",
  "compiler/tools/a.ts": "../gradcheck/a.js",
  "compiler/tools/b.ts": "esbuild",
  "compiler/tools/plugin/a.ts": "vite",
  "generated/a.ts": "",
  "examples/one/a.ts": "tapeless",
};

/** One import that breaks each rule: the file, and what it must not import. */
const BROKEN: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ["scalar-imports-downward", "src/scalar/up.ts", "../graph/a.js"],
  ["graph-imports-downward", "src/graph/up.ts", "../ops/a.js"],
  ["ops-imports-downward", "src/ops/up.ts", "../../compiler/ir/a.js"],
  ["layers-imports-downward", "src/optimizers/up.ts", "../network.js"],
  ["network-imports-downward", "src/entries.ts", "./index.js"],
  ["language-imports-downward", "src/index.ts", "../compiler/ir/a.js"],
  ["ground-imports-downward", "compiler/names/up.ts", "../1-differentiate/a.js"],
  ["phases-imports-downward", "compiler/2-simplify/up.ts", "../pipeline.js"],
  ["pipeline-imports-downward", "compiler/up.ts", "./tools/a.js"],
  ["checks-imports-downward", "compiler/gradcheck/up.ts", "../tools/a.js"],
  ["messages-know-only-places-and-shapes", "src/messages.ts", "./scalar/a.js"],
  ["reading-calls-names-no-op", "src/ops/call/op.ts", "../a.js"],
  ["train-stands-alone", "src/train/b.ts", "node:fs"],
  ["data-stand-beside-training", "src/data/b.ts", "../ops/a.js"],
  ["pages-stand-beside-training", "src/page/b.ts", "../data/index.js"],
  ["language-needs-no-package", "src/ops/package.ts", "node:fs"],
  ["language-never-trains", "src/nn/train.ts", "../train/index.js"],
  ["phases-do-not-import-one-another", "compiler/3-fuse/a.ts", "../1-differentiate/a.js"],
  ["emitters-see-kernels-and-scalars", "compiler/5-emit/op.ts", "../../src/ops/a.js"],
  ["printers-see-graphs-and-scalars", "compiler/printers/op.ts", "../../src/ops/a.js"],
  ["generated-stands-alone", "generated/b.ts", "./a.js"],
  ["formulas-alone-know-mathjs", "compiler/verify.ts", "mathjs/number"],
  ["tools-alone-know-the-terminal", "compiler/print.ts", "picocolors"],
  ["bundling-in-its-place", "compiler/4-plan/a.ts", "esbuild"],
  ["bundlers-in-their-place", "compiler/tools/c.ts", "unplugin"],
  ["what-a-page-runs-stands-alone", "compiler/tools/plugin/hot.ts", "../b.js"],
  ["the-encoder-stands-alone", "compiler/5-emit/wasm/encode/a.ts", "../../../ir/a.js"],
  ["syntax-trees-in-their-place", "compiler/2-simplify/a.ts", "ts-morph"],
  ["formatting-in-its-place", "compiler/names/a.ts", "prettier"],
  ["examples-use-the-public-names", "examples/one/b.ts", "../../src/ops/a.js"],
  ["no-cycles", "src/graph/cycle.ts", "./other-way.js"],
  ["imports-resolve", "compiler/ir/b.ts", "./absent.js"],
];

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
}

function violations(name: string, files: Readonly<Record<string, string>>): string[] {
  const at = join(folder, name);
  for (const [path, imported] of Object.entries(files)) {
    mkdirSync(dirname(join(at, path)), { recursive: true });
    const text = imported === "" ? "export {};" : `import ${JSON.stringify(imported)};`;
    writeFileSync(join(at, path), imported.startsWith("import ") ? imported : text);
  }
  symlinkSync(join(root, "node_modules"), join(at, "node_modules"), "junction");
  const paths = { tapeless: ["./src/index.ts"] };
  writeFileSync(join(at, "tsconfig.json"), JSON.stringify({ compilerOptions: { paths } }));
  const args = ["--config", config, "--output-type", "json", "src", "compiler", "generated", "examples"];
  const run = spawnSync(process.execPath, [cruise, ...args], { cwd: at, encoding: "utf8" });
  expect(run.stderr).toBe("");
  const { summary } = JSON.parse(run.stdout) as { summary: { violations: Violation[] } };
  return summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a sound tree breaks no rule", () => {
  expect(violations("sound", SOUND)).toEqual([]);
});

test("each rule is reported where it is broken, and there alone", () => {
  const broken = Object.fromEntries(BROKEN.map(([, file, imported]) => [file, imported]));
  const cycle = { "src/graph/other-way.ts": "./cycle.js" };
  const found = violations("broken", { ...SOUND, ...broken, ...cycle });
  expect(found.sort()).toEqual(BROKEN.map(([rule, file]) => `${rule}: ${file}`).sort());
});

test("every rule of the check is broken above", () => {
  const { forbidden } = createRequire(import.meta.url)(config) as { forbidden: readonly { name: string }[] };
  expect(forbidden.map((rule) => rule.name).sort()).toEqual(BROKEN.map(([rule]) => rule).sort());
});
