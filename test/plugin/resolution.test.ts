// Which definition an import means, whose options it is built with, and what is written beside it.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";
import { addressOf, idOf } from "../../compiler/tools/plugin/address.js";
import { Compiler } from "../../compiler/tools/plugin/compiled.js";
import { checkedOptions, type PluginOptions } from "../../compiler/tools/plugin/options.js";
import { tapeless } from "../../compiler/tools/plugin/rolldown.js";
import { put, workspace } from "../tools/workspace.js";
import { PROJECT, xorDefinition } from "./project.js";

const TSC = resolve(import.meta.dirname, "../../node_modules/typescript7/bin/tsc");

/** What the entry exports, bundled. */
async function exportsOf(folder: string, main: string, options: PluginOptions = {}) {
  const bundle = await rolldown({ input: put(folder, "src/main.js", main), plugins: [tapeless(options)] });
  const file = join(folder, `out-${Math.random()}.mjs`);
  await bundle.write({ file });
  await bundle.close();
  return { ...((await import(/* @vite-ignore */ pathToFileURL(file).href)) as Readonly<Record<string, unknown>>) };
}

const message = (bundling: Promise<unknown>): Promise<string> =>
  bundling.then(
    () => "nothing",
    (error: Error) => error.message,
  );

test("both spellings, from everywhere, are one module", async () => {
  const folder = workspace({
    ...PROJECT,
    "src/deep/er/one.js": 'export { createXor } from "../../xor.net.compiled.js";',
    "src/two.js": 'export { createXor } from "./nets/../xor.net.compiled";',
  });
  const main = `import { createXor } from "./xor.net.compiled";
    import { createXor as one } from "./deep/er/one.js";
    import { createXor as two } from "./two.js";
    export const isOne = createXor === one && createXor === two;`;
  expect(await exportsOf(folder, main)).toEqual({ isOne: true });
});

test("two definitions of one name in two folders are two modules", async () => {
  const folder = workspace({
    "package.json": "{}",
    "src/a/xor.net.ts": xorDefinition("xor"),
    "src/a/units.ts": "export const UNITS = 2;",
    "src/b/xor.net.ts": xorDefinition("xor"),
    "src/b/units.ts": "export const UNITS = 3;",
  });
  const main = `import { createXor as a } from "./a/xor.net.compiled";
    import { createXor as b } from "./b/xor.net.compiled";
    export const sizes = [a, b].map((create) => create().parameters["hidden.bias"].length);`;
  expect(await exportsOf(folder, main)).toEqual({ sizes: [2, 3] });
});

test.each(["ts", "mts", "js", "mjs"])("a definition in .net.%s", async (ending) => {
  const folder = workspace({
    "package.json": "{}",
    [`src/xor.net.${ending}`]: xorDefinition("xor")
      .replace("UNITS)", "4)")
      .replace(/.*units.*\n/, ""),
  });
  const main = `import { createXor } from "./xor.net.compiled"; export const name = createXor().spec.name;`;
  expect(await exportsOf(folder, main)).toEqual({ name: "xor" });
});

test("of a definition and what a compiler made of it, the definition is meant", async () => {
  const folder = workspace({ ...PROJECT, "src/xor.net.js": "export default 1;" });
  const main = `import { createXor } from "./xor.net.compiled"; export const name = createXor().spec.name;`;
  expect(await exportsOf(folder, main)).toEqual({ name: "xor" });
});

test("a definition of another package, found as Node finds files, with that package's configuration", async () => {
  const folder = workspace({ "app/package.json": "{}" });
  const nets = join(folder, "nets");
  for (const [path, text] of Object.entries(PROJECT)) put(nets, path, text);
  put(nets, "tapeless.config.ts", 'export default { dtype: "float64" };');
  mkdirSync(join(folder, "app/node_modules"));
  symlinkSync(nets, join(folder, "app/node_modules/nets"));
  const main = `import { createXor } from "nets/src/xor.net.compiled"; export const dtype = createXor().spec.dtype;`;
  expect(await exportsOf(join(folder, "app"), main)).toEqual({ dtype: "float64" });
});

test("an installed package brings types of its own: none are written there", async () => {
  const folder = workspace({ "package.json": "{}" });
  for (const [path, text] of Object.entries(PROJECT)) put(folder, `node_modules/nets/${path}`, text);
  const main = `import { createXor } from "nets/src/xor.net.compiled"; export const name = createXor().spec.name;`;
  expect(await exportsOf(folder, main)).toEqual({ name: "xor" });
  expect(existsSync(join(folder, "node_modules/nets/src/xor.net.compiled.d.ts"))).toBe(false);
});

test("an alias of the bundler's", async () => {
  const folder = workspace(PROJECT);
  const input = put(folder, "src/main.js", 'export { createXor } from "@/xor.net.compiled";');
  const bundle = await rolldown({ input, resolve: { alias: { "@": join(folder, "src") } }, plugins: [tapeless()] });
  const { output } = await bundle.generate();
  await bundle.close();
  expect(output[0].exports).toEqual(["createXor"]);
});

test("a query keeps copies apart; what asks for the file itself is left alone", async () => {
  const from = "/src/main.js";
  const id = async (specifier: string) => {
    const address = await addressOf(specifier, from, undefined);
    return address && idOf(address);
  };
  expect(await id("./xor.net.compiled?v=12")).toBe("/src/xor.net.compiled.js?v=12");
  expect(await id("./xor.net.compiled.js?v=12")).toBe("/src/xor.net.compiled.js?v=12");
  expect(await id("./xor.net.compiled")).toBe("/src/xor.net.compiled.js");
  for (const other of ["./xor.net.compiled.js?raw", "./xor.net.compiled?url", "./xor.net.compiled?worker&inline"])
    expect(await id(other)).toBe(undefined);
  for (const other of [
    "./xor.net",
    "./xor.compiled",
    "./xor.net.compiled.ts",
    "./xor.net.compiled.json",
    "./.net.compiled/x",
  ])
    expect(await id(other)).toBe(undefined);
  const folder = workspace(PROJECT);
  const main = `import { createXor as a } from "./xor.net.compiled?v=1";
    import { createXor as b } from "./xor.net.compiled?v=2";
    export const isOne = a === b;`;
  expect(await exportsOf(folder, main)).toEqual({ isOne: false });
});

test("a missing definition is named", async () => {
  const folder = workspace({ "package.json": "{}" });
  const missing = exportsOf(folder, 'export * from "./xor.net.compiled";');
  expect(await message(missing)).toMatch(/"xor\.net\.compiled" is imported, but there is no .*src\/xor\.net\.ts/);
});

test("options: the plugin's for one network, the plugin's, the configuration's for one network, the configuration's", async () => {
  const folder = workspace({
    ...PROJECT,
    "tapeless.config.ts":
      'export default { dtype: "float64", entries: ["predict"], networks: { xor: { entries: ["loss"] } } };',
  });
  const built = async (options: PluginOptions) => {
    const main = `import { createXor } from "./xor.net.compiled"; const net = createXor();
      export const found = [net.spec.dtype, "threads" in net, "predict" in net, "loss" in net, "step" in net];`;
    return (await exportsOf(folder, main, options)).found;
  };
  expect(await built({})).toEqual(["float64", false, false, true, false]);
  expect(await built({ dtype: "float32", target: "wasm" })).toEqual(["float32", true, false, true, false]);
  expect(await built({ entries: ["step"], networks: { xor: { entries: ["predict"] } } })).toEqual([
    "float64",
    false,
    true,
    false,
    false,
  ]);
});

test("what cannot be is refused", async () => {
  expect(() => checkedOptions({ taget: "wasm" } as never)).toThrow("tapeless(): taget means nothing here");
  expect(() => checkedOptions({ output: "out" } as never)).toThrow("tapeless(): output means nothing here");
  expect(() => checkedOptions({ networks: { xor: { types: false } } } as never)).toThrow(
    "tapeless(): networks.xor.types means nothing",
  );
  expect(() => checkedOptions(3 as never)).toThrow("tapeless(): its options are 3, which is no object");
  expect(() => checkedOptions({ keepWeights: 1 } as never)).toThrow("keepWeights must be true or false");
  const folder = workspace({
    ...PROJECT,
    "tapeless.config.ts": "export default { wasmFile: true, networks: { xor: { target: 'wasm' } } };",
  });
  const main = 'export * from "./xor.net.compiled";';
  const refused = await message(exportsOf(folder, main));
  expect(refused).toContain("xor: wasmFile is not for a module that a bundler compiles");
  expect(refused).toContain("hint: say wasmFile: false in the plugin's options");
  expect(Object.keys(await exportsOf(folder, main, { wasmFile: false }))).toContain("createXorAsync");
  // Without WebAssembly there is no file to speak of.
  expect(Object.keys(await exportsOf(folder, main, { target: "typescript" }))).toContain("createXor");
});

test("types are written where they are new, and never over a file of the user's", async () => {
  const folder = workspace(PROJECT);
  const types = join(folder, "src/xor.net.compiled.d.ts");
  const main = 'export * from "./xor.net.compiled";';
  await exportsOf(folder, main, { types: false });
  expect(existsSync(types)).toBe(false);
  await exportsOf(folder, main);
  const { mtimeMs } = statSync(types);
  const text = readFileSync(types, "utf8");
  expect(text.split("\n")[0]).toMatch(
    /^\/\/ @generated by tapeless \S+ from src\/xor\.net\.ts \(sha256:[0-9a-f]{16}\) - do not edit; run the bundler$/,
  );
  // Another activation is another module with the same types.
  put(folder, "src/xor.net.ts", PROJECT["src/xor.net.ts"]!.replaceAll("tanh", "softsign"));
  await exportsOf(folder, main);
  expect(statSync(types).mtimeMs).toBe(mtimeMs);
  put(folder, "src/units.ts", "export const UNITS = 5;");
  await exportsOf(folder, main);
  expect(readFileSync(types, "utf8")).not.toBe(text);
  writeFileSync(types, "export {};");
  expect(await message(exportsOf(folder, main))).toMatch(
    /xor\.net\.compiled\.d\.ts was not written by tapeless[^]*types: false/,
  );
  expect(readFileSync(types, "utf8")).toBe("export {};");
});

test.skipIf(process.getuid?.() === 0)("where types cannot be written, a warning says so", async () => {
  const folder = workspace(PROJECT);
  chmodSync(join(folder, "src"), 0o555);
  const { module } = await new Compiler({}).compile(join(folder, "src/xor.net"));
  chmodSync(join(folder, "src"), 0o755);
  expect(module?.warnings.map(({ code }) => code)).toEqual(["CANNOT_WRITE"]);
});

test("TypeScript finds the types, as bundlers and as Node resolve", async () => {
  const folder = workspace(PROJECT);
  await exportsOf(folder, 'export * from "./xor.net.compiled";');
  const errorsWith = (module: string, moduleResolution: string, main: string): string => {
    put(folder, "src/page.ts", main);
    const compilerOptions = {
      module,
      moduleResolution,
      strict: true,
      noEmit: true,
      target: "ES2022",
      lib: ["ES2022"],
      types: [],
      skipLibCheck: false,
    };
    put(folder, "tsconfig.json", JSON.stringify({ compilerOptions, files: ["src/page.ts"] }));
    return spawnSync(process.execPath, [TSC, "-p", ".", "--pretty", "false"], { cwd: folder, encoding: "utf8" }).stdout;
  };
  const page = (specifier: string, input = "x"): string => `import { createXor, type Xor } from "${specifier}";
    const net: Xor = createXor({ seed: 1 });
    net.inputs.${input}.set([0, 1]);
    export const weights: Float32Array = net.parameters["hidden.weight"];`;
  expect(errorsWith("ESNext", "bundler", page("./xor.net.compiled"))).toBe("");
  expect(errorsWith("ESNext", "bundler", page("./xor.net.compiled.js"))).toBe("");
  expect(errorsWith("NodeNext", "NodeNext", page("./xor.net.compiled.js"))).toBe("");
  // The controls: an input that is none, and a spelling that Node has not.
  expect(errorsWith("ESNext", "bundler", page("./xor.net.compiled", "z"))).toMatch(/TS2339: Property 'z'/);
  expect(errorsWith("NodeNext", "NodeNext", page("./xor.net.compiled"))).toMatch(/TS2307/);
}, 60_000);

test("what has been compiled is not compiled again, unless it may depend on more than its texts", async () => {
  const folder = workspace(PROJECT);
  const compiler = new Compiler({});
  const stem = join(folder, "src/xor.net");
  const [first, second] = [await compiler.compile(stem), await compiler.compile(stem)];
  expect(second.module?.code).toBe(first.module?.code);
  const runs = globalThis as { runs?: number };
  put(folder, "src/units.ts", "globalThis.runs = (globalThis.runs ?? 0) + 1;\nexport const UNITS = 6;");
  for (let i = 0; i < 3; i++) await compiler.compile(stem);
  expect(runs.runs).toBe(1);
  put(
    folder,
    "src/units.ts",
    "globalThis.runs = (globalThis.runs ?? 0) + 1;\nexport const UNITS = process.argv.length > 0 ? 6 : 7;",
  );
  for (let i = 0; i < 3; i++) await compiler.compile(stem);
  expect(runs.runs).toBe(4);
});

test("several are compiled at once, one after the other: the process is theirs while they run", async () => {
  const { exit } = process;
  const folder = workspace(PROJECT);
  const compiler = new Compiler({});
  const stems = ["src/xor.net", "src/nets/fast.net", "src/xor.net"].map((name) => join(folder, name));
  const outcomes = await Promise.all(stems.map((stem) => compiler.compile(stem)));
  expect(outcomes.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  expect(process.exit).toBe(exit);
});
