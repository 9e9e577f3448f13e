// One set of definitions, named in every way that there is: by the command line's loader, by `compile` in this process, and by
// `compile` in Node of what bundlers and compilers make of them. All agree, or, where the source is not to be had, all names of
// a network are ordinals.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildSync, type BuildOptions } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { compile, type CompileOptions } from "../../compiler/compile.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import type { Network } from "../../src/graph/network.js";
import { workspace } from "../tools/workspace.js";

interface Named {
  readonly naming: string;
  readonly parameters: readonly string[];
  readonly states: readonly string[];
}

const ROOT = join(import.meta.dirname, "../..");
const GOLDEN = join(import.meta.dirname, "golden");

const FILES = readdirSync(GOLDEN).filter((file) => /\.net\.[jt]s$/.test(file));
const DEFINITIONS = FILES.map((file) => file.replace(/\.net\..*/, ""));

const namesIn = ({ naming, spec }: { naming: string; spec: { parameters: object; states: object } }): Named => ({
  naming,
  parameters: Object.keys(spec.parameters),
  states: Object.keys(spec.states),
});

const namesOf = (network: Network, options: CompileOptions = {}): Named => {
  const { naming, create } = compile(network, options);
  return namesIn({ naming, spec: create().spec });
};

const wanted: Record<string, Named> = {};

beforeAll(async () => {
  for (const file of FILES) {
    const { network, constNames } = await loadDefinition(join(GOLDEN, file));
    wanted[file.replace(/\.net\..*/, "")] = namesOf(network, { constNames });
  }
});

test("the command line's names", async () => {
  const lines = Object.entries(wanted).map(([name, { naming, parameters, states }]) =>
    [`${name}: ${naming}`, ...[...parameters, ...states].map((each) => `  ${each}`)].join("\n"),
  );
  await expect(`${lines.join("\n\n")}\n`).toMatchFileSnapshot("golden/names.txt");
});

test.each(FILES)("compile in this process: %s", async (file) => {
  const { default: network } = (await import(join(GOLDEN, file))) as { default: Network };
  expect(namesOf(network)).toEqual(wanted[file.replace(/\.net\..*/, "")]);
});

/** Names the definitions of a folder in a Node of its own. `before` runs when they are loaded. */
function namesInNode(folder: string, files: readonly string[], { before = "", flags = [] as string[] } = {}) {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(ROOT, join(folder, "node_modules/tapeless"));
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  const main = `import { compile, createInterpreter } from "tapeless/compiler";
    import { writeFileSync, readFileSync, rmSync } from "node:fs";
    const found = {};
    for (const file of ${JSON.stringify(files)}) {
      const module = await import("./" + file);
      const network = module.default.default ?? module.default;
      ${before};
      const { parameters, states } = createInterpreter(network);
      const naming = compile(network, { entries: [] }).naming;
      found[network.name] = { naming, parameters: Object.keys(parameters), states: Object.keys(states) };
    }
    console.log(JSON.stringify(found));`;
  writeFileSync(join(folder, "main.mjs"), main);
  return JSON.parse(
    execFileSync(process.execPath, [...flags, "main.mjs"], { cwd: folder, encoding: "utf8" }),
  ) as Record<string, Named>;
}

/** What esbuild makes of the definitions, each a file, in a folder `out` beside them. */
function built(options: BuildOptions, files: readonly string[] = FILES): { folder: string; made: string[] } {
  const folder = workspace({});
  cpSync(GOLDEN, join(folder, "golden"), { recursive: true });
  buildSync({
    entryPoints: files.map((file) => join(folder, "golden", file)),
    outdir: join(folder, "out"),
    format: "esm",
    logLevel: "silent",
    packages: "external",
    bundle: true,
    ...options,
  });
  return { folder, made: files.map((file) => `out/${basename(file).replace(/\.ts$/, ".js")}`) };
}

describe("compile in Node", () => {
  const ways: Readonly<Record<string, BuildOptions>> = {
    "each file by itself, the map in it": { bundle: false, sourcemap: "inline" },
    "each file by itself, the map beside it": { bundle: false, sourcemap: true },
    "bundles, the map in them": { sourcemap: "inline" },
    "bundles, the map beside them": { sourcemap: true },
    "bundles, the map without the sources' texts": { sourcemap: true, sourcesContent: false },
    "small bundles": { sourcemap: true, minify: true },
    CommonJS: { sourcemap: true, format: "cjs", outExtension: { ".js": ".cjs" } },
  };
  test.each(Object.entries(ways))("%s", (_, options) => {
    const entries = options.bundle === false ? [...FILES, "parts.ts"] : FILES;
    const { folder, made } = built(options, entries);
    const files = made.filter((file) => !file.endsWith("parts.js"));
    const named = namesInNode(
      folder,
      options.format === "cjs" ? files.map((file) => file.replace(/js$/, "cjs")) : files,
    );
    expect(named).toEqual(wanted);
  });

  test("Node maps the stacks itself", () => {
    const { folder, made } = built({ sourcemap: true, minify: true });
    expect(namesInNode(folder, made, { flags: ["--enable-source-maps"] })).toEqual(wanted);
  });

  const strips = ["--experimental-strip-types"].filter((flag) => process.allowedNodeEnvironmentFlags.has(flag));
  test.skipIf(strips.length === 0)("Node takes the types off itself", () => {
    const folder = workspace({});
    cpSync(GOLDEN, folder, { recursive: true });
    const path = join(folder, "imported.net.ts");
    writeFileSync(path, readFileSync(path, "utf8").replace("./parts.js", "./parts.ts"));
    // It has no enums and no parameters that are properties.
    const { typed: _, ...others } = wanted;
    expect(
      namesInNode(
        folder,
        FILES.filter((file) => !file.startsWith("typed")),
        { flags: strips },
      ),
    ).toEqual(others);
  });
});

describe("where the source is not to be had, all names are ordinals", () => {
  const expectOrdinals = (named: Readonly<Record<string, Named>>, names: readonly string[] = DEFINITIONS): void => {
    expect(Object.keys(named).sort()).toEqual([...names].sort());
    for (const { naming, parameters } of Object.values(named)) {
      expect(naming).toBe("ordinal");
      for (const name of parameters) expect(name).toMatch(/^((layer\d\.)?[a-z][A-Za-z]*\d+(\.|$)|critic|letters|tail)/);
    }
  };

  test("the source was moved", () => {
    const { folder, made } = built({ sourcemap: true, sourcesContent: false });
    const before = `rmSync("golden", { recursive: true, force: true })`;
    expectOrdinals(namesInNode(folder, made, { before }));
  });

  test("the source has another line", () => {
    const { folder, made } = built({ sourcemap: true, sourcesContent: false });
    const before = `const path = "golden/" + network.name + (network.name === "plain" ? ".net.js" : ".net.ts");
      writeFileSync(path, "// another line\\n" + readFileSync(path, "utf8"))`;
    expectOrdinals(namesInNode(folder, made, { before }));
  });

  test("a file that was loaded has a line less", () => {
    const layers = [..."bcdefg"].map((name, i) => `const ${name} = dense(${"abcdef"[i]!}, 4);\n`);
    const dense = `const a = input("x", ["batch", 4]);\n${layers.join("")}`;
    const text = `import { dense, input, network } from "tapeless";\n// a line\n${dense}export default network("n", { batch: 4, outputs: { g } });\n`;
    const folder = workspace({ "a.js": text });
    const before = `writeFileSync("a.js", readFileSync("a.js", "utf8").replace("// a line\\n", ""))`;
    expectOrdinals(namesInNode(folder, ["a.js"], { before }), ["n"]);
    expect(namesInNode(workspace({ "a.js": text }), ["a.js"])["n"]!.naming).toBe("source");
  });

  test("other calls stand where those of the network stood", () => {
    const body = `const a = relu(x);\nconst b = tanh(a);\nconst c = dense(b, 4);\n`;
    const text = `import { dense, input, network, relu, tanh } from "tapeless";\nconst x = input("x", ["batch", 4]);\n${body}export default network("n", { batch: 4, outputs: { c } });\n`;
    const before = `writeFileSync("a.js", readFileSync("a.js", "utf8").replace("const a = relu", "const a = tanh").replace("const b = tanh", "const b = relu"))`;
    expectOrdinals(namesInNode(workspace({ "a.js": text }), ["a.js"], { before }), ["n"]);
  });

  test("a small text without a map", () => {
    const { folder, made } = built({ minify: true });
    const long = made.filter((file) => readFileSync(join(folder, file), "utf8").indexOf("\n") > 320);
    expect(long.length).toBeGreaterThan(2);
    const names = long.map((file) => basename(file).replace(/\.net\..*/, ""));
    expectOrdinals(namesInNode(folder, long), names);
  });

  test("a map of another text", () => {
    const { folder, made } = built({ sourcemap: true });
    const [loops, shared] = ["loops", "shared"].map((name) => made.find((file) => file.includes(name))!);
    cpSync(join(folder, `${shared!}.map`), join(folder, `${loops!}.map`));
    expectOrdinals(namesInNode(folder, [loops!]), ["loops"]);
  });
});
