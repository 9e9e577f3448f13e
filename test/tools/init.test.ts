// `tapeless init`: what it writes trains at once and type checks; what is there stays; a killed run leaves nothing half-written.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { transformSync } from "esbuild";
import pc from "picocolors";
import { describe, expect, test, vi } from "vitest";
import { main } from "../../compiler/tools/main.js";
import { builtCli } from "./built-cli.js";
import { put, workspace } from "./workspace.js";

vi.setConfig({ testTimeout: 60_000 });

const root = resolve(import.meta.dirname, "../..");

const read = (folder: string, name: string): string => readFileSync(join(folder, name), "utf8");

const init = async (cwd: string, args: readonly string[], answers?: readonly string[]) => {
  const told = { out: "", err: "", asked: [] as string[] };
  const left = [...(answers ?? [])];
  const code = await main(["init", ...args], {
    cwd,
    out: (text) => void (told.out += text),
    err: (text) => void (told.err += text),
    paint: pc.createColors(false),
    colors: false,
    ...(answers && {
      ask: async (question: string, proposed: string) => {
        told.asked.push(question);
        return left.shift() ?? proposed;
      },
    }),
  });
  return { code, ...told };
};

/** Every file, with its text. */
function files(folder: string, under = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(join(folder, under), { withFileTypes: true })) {
    const name = under === "" ? entry.name : `${under}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== "node_modules") Object.assign(found, files(folder, name));
    else if (entry.isFile()) found[name] = read(folder, name);
  }
  return found;
}

/** `tapeless` as the sources, for a compiler of types. */
const typesIn = (folder: string, settings: string): { status: number | null; out: string } => {
  const config = JSON.parse(read(folder, settings)) as { compilerOptions: object };
  const paths = {
    tapeless: [join(root, "src/index.ts")],
    "tapeless/config": [join(root, "compiler/tools/config.ts")],
    "tapeless/train": [join(root, "src/train/index.ts")],
  };
  put(
    folder,
    "check.json",
    JSON.stringify({
      ...config,
      // The page needs Vite and what its plugin writes: the newcomer checks it (.ci/newcomer).
      exclude: ["src/*.page.*", "vite.config.*"],
      compilerOptions: {
        ...config.compilerOptions,
        paths,
        types: ["node"],
        typeRoots: [join(root, "node_modules/@types")],
      },
    }),
  );
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, "node_modules/typescript7/bin/tsc"), "-p", "check.json"],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  return { status, out: stdout };
};

describe.each(["typescript", "javascript"] as const)("in %s", (language) => {
  const ending = language === "typescript" ? "ts" : "js";

  test("what is written in an empty folder trains, is generated, and type checks", async () => {
    const folder = workspace({});
    const begun = await builtCli(folder, ["init", "--yes", "--language", language]);
    expect({ code: begun.code, err: begun.err }).toEqual({ code: 0, err: "" });
    expect(Object.keys(files(folder)).sort()).toEqual(
      [
        ".gitignore",
        language === "typescript" ? "tsconfig.json" : "jsconfig.json",
        "index.html",
        "package.json",
        `src/iris.data.${ending}`,
        `src/iris.net.${ending}`,
        "src/iris.page.css",
        `src/iris.page.${ending}`,
        `src/iris.train.${ending}`,
        `tapeless.config.${ending}`,
        `vite.config.${ending}`,
      ].sort(),
    );
    const trained = await builtCli(folder, ["train"]);
    expect(trained.err).toBe("");
    expect(Number(/^test .* accuracy (\S+) %$/m.exec(trained.out)![1])).toBeGreaterThan(93);
    expect((await builtCli(folder, ["generate", "--check"])).out).toBe("1 module is up to date\n");
    expect((await builtCli(folder, ["generate"])).out).toMatch(/unchanged/);

    const use = (line: string): string =>
      `import { createIris } from "./generated/iris.${ending}";\nconst net = createIris({ seed: 1 });\n${line}\n`;
    put(folder, `src/use.${ending}`, use("net.inputs.flower.set([1, 2, 3, 4]);\nnet.rate = net.step(1);"));
    const settings = language === "typescript" ? "tsconfig.json" : "jsconfig.json";
    expect(typesIn(folder, settings)).toEqual({ status: 0, out: "" });
    // The control: the module's types are seen.
    put(folder, `src/use.${ending}`, use("net.inputs.flwer.set([1]);"));
    expect(typesIn(folder, settings).out).toMatch(/Property 'flwer' does not exist/);
  });
});

test.each(["typescript", "wasm"])(
  "a module in JavaScript runs as it stands, with the numbers of its TypeScript: %s",
  async (target) => {
    const folder = workspace({});
    await init(folder, ["--yes", "--language", "javascript"]);
    put(
      folder,
      "run.mjs",
      `const { createIris } = await import(process.argv[2]);
       const net = createIris({ seed: 1 });
       net.inputs.flower.set([1, 2, 3, 4]);
       net.predict(1);
       console.log([...net.outputs.probability.subarray(0, 3)].join());`,
    );
    const run = (module: string) => spawnSync(process.execPath, ["run.mjs", module], { cwd: folder, encoding: "utf8" });
    expect(await builtCli(folder, ["generate", "--target", target])).toMatchObject({ code: 0, err: "" });
    const { stdout, stderr } = run("./src/generated/iris.js");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^0\.\d+,0\.\d+,0\.\d+\n$/);
    await builtCli(folder, ["generate", "--target", target, "--language", "typescript", "--out", "typed"]);
    const { code } = transformSync(read(folder, "typed/iris.ts"), { loader: "ts" });
    put(folder, "typed/iris.mjs", code);
    expect(run("./typed/iris.mjs").stdout).toBe(stdout);
  },
);

describe("an existing project", () => {
  const vite = {
    "package.json": `{\n    "name": "site",\n    "version": "1.0.0",\n    "scripts": {\n        "dev": "vite",\n        "train": "python train.py"\n    },\n    "devDependencies": {\n        "vite": "7.0.0",\n        "typescript": "5.9.0",\n        "prettier": "3.0.0"\n    }\n}`,
    "tsconfig.json": `{ "compilerOptions": { "allowImportingTsExtensions": true } }`,
    "index.html": "<!doctype html>",
    "src/main.ts": "export {};\n",
    ".gitignore": "dist\nnode_modules",
  };

  test("keeps what it has, and gets what is missing", async () => {
    const folder = workspace(vite);
    const before = files(folder);
    const { code, out } = await init(folder, ["--yes"]);
    expect(code).toBe(0);
    const after = files(folder);
    for (const [name, text] of Object.entries(before)) if (name !== "package.json") expect(after[name]).toBe(text);
    expect(after["package.json"]).toMatch(/^\{\n {4}"name": "site",\n/);
    expect(JSON.parse(after["package.json"]!)).toEqual({
      ...JSON.parse(before["package.json"]!),
      scripts: {
        dev: "vite",
        train: "python train.py",
        generate: "tapeless generate",
        "generate:check": "tapeless generate --check",
      },
      dependencies: { tapeless: expect.stringMatching(/^\^\d/) },
    });
    expect(after[".prettierignore"]).toBe("src/generated/\n*.compiled.d.ts\n");
    expect(out).toContain('import { createIris } from "./iris.net.compiled"');
    expect(after["src/iris.train.ts"]).toContain('"./iris.data.ts"');
    expect(out).toMatch(/package\.json {2}has generate, generate:check now; train of yours stays/);
    expect(out).toMatch(/^ {2}npx tapeless train iris /m);
    // A second time there is nothing to do.
    expect((await init(folder, ["--yes"])).out).not.toMatch(/written|now/);
    expect(files(folder)).toEqual(after);
  });

  test.each([
    [{ "package.json": "{}", "index.js": "" }, "js", "js"],
    [{ "package.json": `{ "devDependencies": { "typescript": "5.9.0" } }`, "index.ts": "" }, "ts", "js"],
    [
      { "package.json": `{ "dependencies": { "tapeless": "^0.1.0" } }`, "package-lock.json": "{}" },
      undefined,
      undefined,
    ],
  ])("%j", async (given, ending, imports) => {
    const folder = workspace(given as unknown as Record<string, string>);
    await init(folder, ["--yes"]);
    const language = (process.features as { typescript?: unknown }).typescript ? "ts" : "js";
    expect(read(folder, `src/iris.train.${ending ?? language}`)).toContain(`"./iris.data.${imports ?? language}"`);
    // A folder in which there was nothing but an installation is a new project.
    expect(JSON.parse(read(folder, "package.json")).type).toBe(ending === undefined ? "module" : undefined);
  });

  test("line ends and indents of package.json stay", async () => {
    const folder = workspace({ "package.json": '{\r\n\t"name": "a"\r\n}\r\n', "index.js": "" });
    await init(folder, ["--yes"]);
    const text = read(folder, "package.json");
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(text).toMatch(/^\{\r\n\t"name": "a",\r\n\t"scripts": \{\r\n\t\t"generate"[^]*\}\r\n$/);
  });

  test("nothing of the user's is overwritten, whatever it holds", async () => {
    const names = ["src/iris.net.ts", "src/iris.data.ts", "src/iris.train.ts", "tsconfig.json"];
    const mine = Object.fromEntries(names.map((name) => [name, `mine: ${name}`]));
    const folder = workspace({ ...mine, "tapeless.config.mjs": "mine" });
    expect((await init(folder, ["--yes", "--language", "typescript"])).code).toBe(0);
    for (const name of names) expect(read(folder, name)).toBe(mine[name]);
    expect(existsSync(join(folder, "tapeless.config.ts"))).toBe(false);
  });

  test.each([
    [["--name", "../x"], /a network cannot be called "\.\.\/x"/],
    [["--language", "python"], /--language must be typescript or javascript/],
    [["a", "b"], /init takes one folder/],
  ])("%j is refused, and nothing is written", async (args, sentence) => {
    const folder = workspace({});
    expect(await init(folder, args)).toMatchObject({ code: 2, err: expect.stringMatching(sentence) });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a broken package.json is named", async () => {
    const folder = workspace({ "package.json": "{ oops" });
    expect(await init(folder, ["--yes"])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/BAD_CONFIG {2}\S*package\.json: it is no JSON/),
    });
    expect(readdirSync(folder)).toEqual(["package.json"]);
  });
});

test("at a terminal it asks; an answer of nothing takes what is proposed", async () => {
  const folder = workspace({});
  const { asked } = await init(folder, ["inner"], ["flowers", "javascript"]);
  const page = "a page too, which Vite serves: yes or no";
  expect(asked).toEqual(["name of the network", "typescript or javascript", page]);
  expect(read(folder, "inner/src/flowers.net.js")).toContain('network("flowers"');
  expect(read(folder, "inner/src/flowers.page.js")).toContain("createFlowers({ seed: 1 })");
  expect((await init(folder, ["--yes"], [])).asked).toEqual([]);
  const all = ["other", "--name", "a", "--language", "typescript", "--no-page"];
  expect((await init(folder, all, [])).asked).toEqual([]);
  expect(Object.keys(files(folder, "other")).filter((name) => /page|index|vite/.test(name))).toEqual([]);
  expect(JSON.parse(read(folder, "other/package.json"))).not.toHaveProperty("devDependencies");
  expect((await init(folder, ["third"], ["a", "typescript", "perhaps"])).err).toMatch(
    /"perhaps" is neither yes nor no/,
  );
});

describe("a run that is killed", () => {
  // Ends the process before its n-th file gets its name.
  const killer = `import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const rename = fs.renameSync;
let left = Number(process.env.LEFT);
fs.renameSync = (from, to) => {
  if (left-- === 0) process.kill(process.pid, "SIGKILL");
  rename(from, to);
};
syncBuiltinESMExports();
`;

  test.each([0, 1, 3, 6])("before file %d leaves whole files alone, and the next run adds the others", async (left) => {
    const whole = workspace({});
    await init(whole, ["--yes", "--language", "typescript"]);
    const expected = files(whole);
    const folder = workspace({ "killer.mjs": killer });
    const args = [join(root, "dist/cli.js"), "init", "project", "--yes", "--language", "typescript"];
    const env = { ...process.env, LEFT: String(left) };
    const { signal } = spawnSync(process.execPath, ["--import", "./killer.mjs", ...args], { cwd: folder, env });
    expect(signal).toBe("SIGKILL");
    const visible = Object.entries(files(join(folder, "project"))).filter(([name]) => !name.endsWith(".tmp"));
    expect(visible).toHaveLength(left);
    for (const [name, text] of visible) if (name !== "package.json") expect(text).toBe(expected[name]);
    expect((await init(folder, ["project", "--yes", "--language", "typescript"])).code).toBe(0);
    const { "package.json": manifest, ...rest } = files(join(folder, "project"));
    const { "package.json": _, ...others } = expected;
    expect(JSON.parse(manifest!).scripts).toEqual(JSON.parse(expected["package.json"]!).scripts);
    expect(Object.fromEntries(Object.entries(rest).filter(([name]) => !name.endsWith(".tmp")))).toEqual(others);
  });
});

test("tapeless in the project's own node_modules changes nothing", async () => {
  const folder = workspace({});
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/tapeless"));
  await init(folder, ["--yes", "--language", "typescript"]);
  expect(await builtCli(folder, ["generate"])).toMatchObject({ code: 0, err: "" });
});
