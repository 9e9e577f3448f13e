// Which definitions a command means: those that are named, those that a configuration names, or all of the package.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { definitionsOf, filesNamed } from "../../compiler/tools/find.js";
import { checkConfig } from "../../compiler/tools/config-file.js";
import { builtCli } from "./built-cli.js";
import { buildCli, cli, removeCli } from "./cli-process.js";
import { put, workspace } from "./workspace.js";

vi.setConfig({ testTimeout: 60_000 });
beforeAll(buildCli, 60_000);
afterAll(removeCli);

const NET = `import { dense, input, network } from "tapeless";
const x = input("x", ["batch", 8]);
const h1 = dense(x, 4);
export default network("net", { outputs: { y: h1 }, batch: 4 });
`;

const tree = (files: Readonly<Record<string, string>> = {}): string =>
  workspace({
    "package.json": "{}",
    ".gitignore": "dist/\n/scratch\n*.tmp.net.ts\n!kept.tmp.net.ts\n",
    "src/a.net.ts": NET,
    "src/deep/b.net.mts": NET,
    "c.net.js": NET,
    "src/d.net.mjs": NET,
    "src/twice.net.ts": NET,
    "src/twice.net.js": NET,
    "src/e.net.d.ts": "",
    "src/f.ts": NET,
    "dist/a.net.js": NET,
    "scratch/g.net.ts": NET,
    "src/h.tmp.net.ts": NET,
    "src/kept.tmp.net.ts": NET,
    ".hidden/i.net.ts": NET,
    "node_modules/p/j.net.ts": NET,
    "src/inner/.gitignore": "k.net.ts\n",
    "src/inner/k.net.ts": NET,
    "packages/other/package.json": "{}",
    "packages/other/l.net.ts": NET,
    ...files,
  });

const names = (paths: readonly string[], folder: string): string[] =>
  paths.map((path) => path.slice(folder.length + 1));

const OWN = [
  "c.net.js",
  "src/a.net.ts",
  "src/d.net.mjs",
  "src/deep/b.net.mts",
  "src/kept.tmp.net.ts",
  "src/twice.net.ts",
];

describe("what is found", () => {
  test("every definition of the package, and nothing that is hidden, ignored, installed, or another package's", () => {
    const folder = tree();
    expect(names(definitionsOf(folder), folder)).toEqual(OWN);
  });

  test("a folder above has a say where it is in the same repository", () => {
    const folder = tree({ ".gitignore": "packages/other/l.net.ts\n", "packages/other/m.net.ts": NET });
    const inner = join(folder, "packages/other");
    expect(names(definitionsOf(inner), inner)).toEqual(["l.net.ts", "m.net.ts"]);
    mkdirSync(join(folder, ".git"));
    expect(names(definitionsOf(inner), inner)).toEqual(["m.net.ts"]);
  });

  test.each([
    [
      ["src/f.ts", "src/a.net.ts", "src/a.net.ts"],
      ["src/f.ts", "src/a.net.ts"],
    ],
    [["src/deep"], ["src/deep/b.net.mts"]],
    [["packages"], ["packages/other/l.net.ts"]],
    // Who names it means it.
    [["dist"], ["dist/a.net.js"]],
    [["src/*.net.ts"], ["src/a.net.ts", "src/kept.tmp.net.ts", "src/twice.net.ts"]],
    [["./src/**/*.net.{mts,mjs}"], ["src/d.net.mjs", "src/deep/b.net.mts"]],
    [["**/[ab].net.*"], ["src/a.net.ts", "src/deep/b.net.mts"]],
    [["src/no.net.ts"], ["src/no.net.ts"]],
  ])("%j", (words, found) => {
    const folder = tree();
    expect(names(filesNamed(words, folder), folder)).toEqual(found);
  });

  test("from another folder, and by absolute patterns", () => {
    const folder = tree();
    const from = join(folder, "src/deep");
    expect(names(filesNamed(["../*.net.mjs", `${folder}/src/d*/*`], from), folder)).toEqual([
      "src/d.net.mjs",
      "src/deep/b.net.mts",
    ]);
  });

  test.each(["src/inner", "src/**/none.net.ts"])("nothing in %s is said", (word) => {
    expect(() => filesNamed([word], tree())).toThrow(/NO_DEFINITION: there is no definition in src/);
  });
});

describe("generate and --check agree", () => {
  test.each([[[]], [["src"]], [["src/a.net.ts"]], [["src/**/*"]]])("%j", async (words) => {
    const folder = workspace({ "package.json": "{}", "src/a.net.ts": NET });
    expect(await cli(folder, "generate", ...words)).toMatchObject({ code: 0, err: "" });
    expect(await cli(folder, "generate", "--check")).toEqual({ code: 0, out: "1 module is up to date\n", err: "" });
    put(folder, "src/new.net.ts", NET);
    expect(await cli(folder, "generate", "--check")).toMatchObject({
      code: 1,
      out: expect.stringContaining("new.ts  missing"),
    });
  });
});

describe("tapeless.config", () => {
  const config = (text: string, name = "tapeless.config.ts") => ({
    [name]: `import { defineConfig } from "tapeless/config";\nexport default defineConfig(${text});\n`,
  });

  test.each(["tapeless.config.ts", "tapeless.config.mjs", "tapeless.config.js"])("%s is followed", async (name) => {
    const folder = tree(
      config(
        `{ definitions: ["src/*.net.ts", "c.net.js"], output: "src/nets", dtype: "float64",
           networks: { a: { output: "public", entries: ["predict"] }, c: { dtype: "float32", language: "javascript" } } }`,
        name,
      ),
    );
    expect(await cli(join(folder, "src"), "generate")).toMatchObject({ code: 0, err: "" });
    expect(readdirSync(join(folder, "src/nets")).sort()).toEqual(["c.d.ts", "c.js", "kept.tmp.ts", "twice.ts"]);
    expect(readFileSync(join(folder, "public/a.ts"), "utf8")).toContain(`["float64", ["predict"]]`);
    expect(readFileSync(join(folder, "src/nets/twice.ts"), "utf8")).toMatch(
      /run npx tapeless generate src\/twice\.net\.ts\n/,
    );
    expect((await cli(folder, "generate", "--check")).code).toBe(0);
    // A flag comes first, and the header has what the configuration has not.
    expect((await cli(folder, "generate", "src/a.net.ts", "--dtype", "float32")).code).toBe(0);
    expect(readFileSync(join(folder, "public/a.ts"), "utf8")).toMatch(/a\.net\.ts --dtype float32\n/);
    expect(await cli(folder, "generate", "--check")).toMatchObject({
      code: 1,
      out: expect.stringContaining("a.ts  stale"),
    });
    // Modules of every folder are looked after.
    rmSync(join(folder, "c.net.js"));
    put(folder, "tapeless.config.mts", "");
    rmSync(join(folder, "tapeless.config.mts"));
    writeFileSync(
      join(folder, name),
      config(`{ definitions: "src/twice.net.ts", output: "src/nets", dtype: "float64" }`, name)[name]!,
    );
    expect((await cli(folder, "generate", "--check")).out).toMatch(
      /nets\/c\.d\.ts {2}orphaned[^]*nets\/c\.js {2}orphaned[^]*kept/,
    );
  });

  test("what a configuration says of WebAssembly is for networks that are built so", async () => {
    const folder = workspace({
      "package.json": "{}",
      "src/a.net.ts": NET,
      ...config(`{ target: "wasm", wasmFile: true, networks: { a: { target: "typescript" } } }`),
    });
    expect((await cli(folder, "generate")).code).toBe(0);
    expect(readdirSync(join(folder, "generated"))).toEqual(["a.ts"]);
  });

  test.each([
    [
      `{ outptu: "x" }`,
      /BAD_CONFIG {2}tapeless\.config\.ts: outptu means nothing here\n {2}hint: did you mean output\?/,
    ],
    [`{ dtype: "float16" }`, /dtype must be "float32" or "float64", but it is "float16"/],
    [`{ networks: { a: { definitions: "x" } } }`, /networks\.a\.definitions means nothing here/],
    [`{ networks: { b: {} } }`, /networks\.b names no definition\n {2}hint: did you mean a\?/],
    [`{ definitions: "none" }`, /FILE_NOT_FOUND|NO_DEFINITION/],
    [`{ definitions: [] }`, /definitions must be a path or pattern, or a list of them/],
    [`3`, /it is 3, which is no object/],
    [
      `(() => { throw new Error("broken"); })()`,
      /DEFINITION_THROWS {2}tapeless\.config\.ts threw[^]*broken[^]*tapeless\.config\.ts:2/,
    ],
  ])("%s is refused", async (text, sentence) => {
    const folder = workspace({ "package.json": "{}", "src/a.net.ts": NET, ...config(text) });
    const { code, err } = await cli(folder, "generate");
    expect(err).toMatch(sentence);
    expect(code).toBe(2);
    expect(existsSync(join(folder, "generated"))).toBe(false);
  });

  test("two of them are refused, and so is one that exports nothing", async () => {
    const two = workspace({
      "package.json": "{}",
      "a.net.ts": NET,
      ...config("{}"),
      ...config("{}", "tapeless.config.js"),
    });
    expect((await cli(two, "generate")).err).toMatch(
      /BAD_CONFIG {2}tapeless\.config\.ts: there is tapeless\.config\.js too/,
    );
    expect(() => checkConfig(undefined, "c")).toThrow(/no default export/);
    expect(checkConfig({ relaxed: false, networks: { a: {} } }, "c")).toEqual({ relaxed: false, networks: { a: {} } });
  });
});

describe("what has not changed is not compiled", () => {
  const closed = () => workspace({ "package.json": "{}", "src/a.net.ts": NET });
  const ran = (folder: string, ...args: string[]) => cli(folder, "generate", ...args);
  // A definition that is run leaves a trace in this process.
  const traced = (): { readonly folder: string; readonly count: () => number } => {
    const shared = globalThis as { tapelessTrace?: number };
    shared.tapelessTrace = 0;
    const folder = workspace({
      "package.json": "{}",
      "src/a.net.ts": `import { count } from "./count.js";\ncount();\n${NET}`,
      "src/count.ts": "export const count = () => void (globalThis as any).tapelessTrace++;\n",
    });
    return { folder, count: () => shared.tapelessTrace! };
  };

  test("unless it, what it imports, an option, or its module is another", async () => {
    const { folder, count } = traced();
    const after = async (change: () => void, ...args: string[]): Promise<number> => {
      const before = count();
      change();
      expect((await ran(folder, ...args)).code).toBe(0);
      return count() - before;
    };
    const module = join(folder, "generated/a.ts");
    expect(await after(() => {})).toBe(1);
    expect(await after(() => {})).toBe(0);
    expect((await ran(folder, "--check")).out).toBe("1 module is up to date\n");
    expect(count()).toBe(1);
    expect(await after(() => {}, "--force")).toBe(1);
    expect(
      await after(() => put(folder, "src/count.ts", `${readFileSync(join(folder, "src/count.ts"), "utf8")}// more\n`)),
    ).toBe(1);
    expect(await after(() => {}, "--dtype", "float64")).toBe(1);
    expect(await after(() => {})).toBe(1);
    const text = readFileSync(module, "utf8");
    expect(await after(() => writeFileSync(module, text.replace("return 1", "return 2")))).toBe(1);
    expect(readFileSync(module, "utf8")).toBe(text);
    expect(await after(() => writeFileSync(module, text.replace("tapeless 0.", "tapeless 9.")))).toBe(1);
    expect(await after(() => writeFileSync(module, text.replaceAll("\n", "\r\n")))).toBe(0);
    expect(await after(() => rmSync(module))).toBe(1);
  });

  test.each([
    ["reads a file", `import { readFileSync } from "node:fs"; readFileSync(new URL(import.meta.url));`],
    ["asks its surroundings", `void process.env.SIZE;`],
    ["draws numbers", `void Math.random();`],
  ])("but always what %s", async (_, line) => {
    const { folder, count } = traced();
    put(folder, "src/a.net.ts", `${line}\n${readFileSync(join(folder, "src/a.net.ts"), "utf8")}`);
    await ran(folder);
    await ran(folder);
    expect(count()).toBe(2);
  });

  test("a package counts with its version, and one that is linked is always read", async () => {
    const { folder, count } = traced();
    const library = (version: string) => {
      put(
        folder,
        "node_modules/units/package.json",
        JSON.stringify({ name: "units", version, type: "module", main: "index.js" }),
      );
      put(folder, "node_modules/units/index.js", "export const units = 4;\n");
    };
    library("1.0.0");
    put(
      folder,
      "src/a.net.ts",
      `import { units } from "units";\nvoid units;\n${readFileSync(join(folder, "src/a.net.ts"), "utf8")}`,
    );
    const runs = async (): Promise<number> => {
      const before = count();
      expect((await ran(folder)).code).toBe(0);
      return count() - before;
    };
    expect([await runs(), await runs()]).toEqual([1, 0]);
    library("1.0.1");
    expect([await runs(), await runs()]).toEqual([1, 0]);
    renameSync(join(folder, "node_modules/units"), join(folder, "units"));
    symlinkSync(join(folder, "units"), join(folder, "node_modules/units"));
    expect([await runs(), await runs()]).toEqual([1, 1]);
  });

  test("WebAssembly beside a module counts too", async () => {
    const folder = closed();
    const args = ["generate", "--target", "wasm", "--wasm-file"];
    const generated = async () => (await builtCli(folder, args)).out;
    expect(await generated()).toMatch(/a\.wasm {2}written[^]*a\.ts {2}written/);
    expect(await generated()).toMatch(/a\.wasm {2}unchanged[^]*a\.ts {2}unchanged/);
    const path = join(folder, "generated/a.wasm");
    const bytes = readFileSync(path);
    bytes[bytes.length >> 2]! ^= 1;
    writeFileSync(path, bytes);
    expect(await generated()).toMatch(/a\.wasm {2}written[^]*a\.ts {2}unchanged/);
    rmSync(path);
    expect(await generated()).toMatch(/a\.wasm {2}written/);
  });

  test("a module that somebody changed is stale", async () => {
    const folder = closed();
    await ran(folder);
    const module = join(folder, "generated/a.ts");
    writeFileSync(module, readFileSync(module, "utf8").replace("return 1", "return 2"));
    expect(await ran(folder, "--check")).toMatchObject({ code: 1, out: expect.stringContaining("a.ts  stale") });
  });
});
