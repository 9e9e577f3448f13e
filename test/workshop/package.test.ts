// The published build: what its entries load, whose frames are its own, and that its package.json says so.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { build } from "tsdown";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isLicenceText, noticeOf } from "../../.ci/licences.mjs";

const root = resolve(import.meta.dirname, "../..");
// Inside the package, so that what it imports resolves. A folder name with a blank and a percent sign is no obstacle.
const folder = join(root, "node_modules", ".cache", `tapeless build 100% ${process.pid}`);
const dist = join(folder, "dist");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Readonly<Record<string, string>>;
  dependencies: Readonly<Record<string, string>>;
  peerDependencies: Readonly<Record<string, string>>;
  devDependencies: Readonly<Record<string, string>>;
};

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  await build({ cwd: root, outDir: dist, logLevel: "error", dts: true });
  for (const file of ["package.json", "CHANGELOG.md", "SECURITY.md", "LICENSE"])
    writeFileSync(join(folder, file), readFileSync(join(root, file)));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a file of the build imports, with all that it cannot do without. */
function loaded(file: string, seen = new Set<string>()): Set<string> {
  seen.add(file);
  const text = readFileSync(join(dist, file), "utf8");
  for (const [, from] of text.matchAll(/^(?:import|export)\b[^;"]*?"([^"]+)";/gm)) {
    const name = from!.replace(/^\.\//, "");
    if (seen.has(name)) continue;
    if (from!.startsWith("./")) loaded(name, seen);
    else seen.add(from!);
  }
  return seen;
}

const packages = (file: string): string[] => [...loaded(file)].filter((name) => !name.endsWith(".js")).sort();

test("the language, the training loop, the readers of data and the parts of pages load nothing but themselves", () => {
  expect(packages("index.js")).toEqual([]);
  expect(packages("train.js")).toEqual([]);
  expect(packages("data.js")).toEqual([]);
  expect(packages("page.js")).toEqual([]);
  const chunks = [...loaded("index.js"), ...loaded("train.js"), ...loaded("data.js"), ...loaded("page.js")];
  expect(chunks.filter((name) => /mathjs|compile|pipeline/.test(name))).toEqual([]);
  // The control: the walk does see packages and chunks.
  expect(packages("cli.js")).toContain("node:util");
  expect([...loaded("compiler.js")].some((name) => name.startsWith("mathjs"))).toBe(true);
});

test("the command line loads the large packages only when it needs them", () => {
  for (const file of ["cli.js", "compiler.js"]) {
    expect(packages(file).filter((name) => !name.startsWith("node:"))).toEqual([]);
  }
  expect([...loaded("cli.js")].filter((name) => /mathjs|compile-|pipeline|generate/.test(name))).toEqual([]);
});

test("a user's frames are told from the build's own", () => {
  const file = join(folder, "user.mjs");
  const code = `
    import { relu, input, reshape } from "./dist/index.js";
    try {
      reshape(relu(input("x", ["batch", 4])), ["batch", 5]);
    } catch (error) {
      console.log(JSON.stringify(error.at));
    }`;
  writeFileSync(file, code);
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({ file: realpathSync(file), line: 4, column: 7 });
});

test("package.json describes it", async () => {
  const { messages } = await publint({ pkgDir: folder, strict: true, pack: false });
  expect(messages.map((message) => formatMessage(message, manifest as never))).toEqual([]);
});

/** What the compiler says of a text beside the package, with the language's own library and no other types. */
const withoutPlatform = (text: string, lib: readonly string[] = ["ES2022"]): string[] => {
  writeFileSync(join(folder, "consumer.ts"), text);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "ES2022",
    lib,
    module: "NodeNext",
    types: [],
    skipLibCheck: false,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
  const tsc = join(root, "node_modules/typescript7/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", ".", "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8",
  });
  return stdout.split("\n").filter((line) => line !== "");
};

test("the declarations need neither a page's types nor Node's", () => {
  const entries = Object.keys(manifest.exports).filter((entry) => !entry.endsWith(".json"));
  const texts = entries.map((entry, i) => `export * as e${i} from "${entry.replace(/^\./, "tapeless")}";`);
  const ofPages = texts.filter((text) => text.includes("tapeless/page"));
  // These bring the types of a bundler, which bring the platform's.
  const ofBundlers = texts.filter((text) => /tapeless\/(?:vite|rollup|rolldown|esbuild|webpack|rspack)"/.test(text));
  const all = texts.filter((text) => ![...ofPages, ...ofBundlers].includes(text)).join("\n");
  expect(withoutPlatform(all)).toEqual([]);
  // Parts of pages are given elements.
  expect(withoutPlatform(ofPages.join("\n"), ["ES2022", "DOM"])).toEqual([]);
  // The control.
  expect(withoutPlatform(`${all}\nexport type Stops = AbortSignal;`)).toEqual([
    expect.stringContaining("Cannot find name 'AbortSignal'"),
  ]);
});

test("the changelog begins with the version that package.json has", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const [, newest] = /^## (\S+) \((?:unreleased|\d{4}-\d\d-\d\d)\)$/m.exec(
    readFileSync(join(root, "CHANGELOG.md"), "utf8"),
  )!;
  expect(newest).toBe(version);
});

test("versions are exact", () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^(npm:[\w-]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

interface Locked {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

// npm leaves out of the lockfile what it could not find for another platform, and then `npm ci` refuses the file.
test("the lockfile names no registry, and has the packages of every platform", () => {
  const { packages: locked } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Readonly<Record<string, Locked>>;
  };
  const missing = Object.entries(locked).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !visibleFrom(path, name, locked)),
  );
  expect(missing).toEqual([]);
  expect(Object.keys(locked).filter((path) => locked[path]!.resolved !== undefined)).toEqual([]);
  expect(visibleFrom("node_modules/esbuild", "@esbuild/none", locked)).toBe(false);
});

const LOCKFILES = ["package-lock.json", "bench/package-lock.json", "bench/node-24/package-lock.json"];

const withoutHash = (
  packages: Readonly<Record<string, { readonly integrity?: string; readonly link?: boolean }>>,
): string[] =>
  Object.entries(packages).flatMap(([path, { integrity = "", link }]) =>
    path === "" || link === true || /^sha512-[\w+/]{86}==$/.test(integrity) ? [] : [path],
  );

test.each(LOCKFILES)("every package of %s has its hash", (file) => {
  const { packages } = JSON.parse(readFileSync(join(root, file), "utf8")) as {
    packages: Parameters<typeof withoutHash>[0];
  };
  expect(Object.keys(packages).length).toBeGreaterThan(1);
  expect(withoutHash(packages)).toEqual([]);
  // The control: one that has none, and one that is cut short.
  const [first, second] = Object.keys(packages).filter((path) => path !== "");
  expect(withoutHash({ ...packages, [first!]: {} })).toEqual([first]);
  expect(withoutHash({ ...packages, [(second ?? first)!]: { integrity: "sha512-abc" } })).toEqual([second ?? first]);
});

const built = (): string[] => readdirSync(dist).filter((name) => name.endsWith(".js"));
const textOf = (name: string): string => readFileSync(join(dist, name), "utf8");

test("each package that is bundled has the text of its licence in the build", () => {
  // The bundler says where each part comes from.
  const parts = built().flatMap((name) => [
    ...textOf(name).matchAll(/^\/\/#region node_modules\/((?:@[^/]+\/)?[^/]+)\//gm),
  ]);
  const bundled = [...new Set(parts.map(([, name]) => name!))].sort();
  expect(bundled).toContain("mathjs");
  const notices = readFileSync(join(dist, "THIRD-PARTY.txt"), "utf8").split(`\n${"-".repeat(80)}\n\n`);
  const noticed = notices.map((notice) => /^(\S+) \d+\.\d+\.\d+ \(.+\)\n/.exec(notice)?.[1]);
  // Of these the build has a part without the bundler's notes.
  const small = ["prettier", "ts-morph", "typescript"];
  expect([...bundled, ...small].filter((name) => !noticed.includes(name))).toEqual([]);
  expect(notices.filter((notice) => !isLicenceText(notice))).toEqual([]);
  expect(notices.find((notice) => notice.startsWith("mathjs "))).toContain(
    readFileSync(join(root, "node_modules/mathjs/NOTICE"), "utf8").trim(),
  );
});

test("a package without the text of its licence fails the build", () => {
  const bare = join(folder, "bare");
  mkdirSync(bare);
  const write = (file: string, text: string): void => writeFileSync(join(bare, file), text);
  write("package.json", JSON.stringify({ name: "bare", version: "1.0.0", license: "ISC" }));
  write("LICENSE", "ISC");
  expect(() => noticeOf(bare)).toThrow(/bare is bundled, and the text of its licence \(ISC\) was not found/);
  write("package.json", JSON.stringify({ name: "bare", version: "1.0.0", license: "MIT", author: "Somebody" }));
  expect(noticeOf(bare)).toMatch(/^bare 1\.0\.0 \(MIT\)\n\nCopyright \(c\) Somebody\n\nPermission is hereby granted/);
  write("README.md", "# Bare\n\n## License\n\nPermission to use, copy, modify it is granted. No warranty.\n");
  expect(noticeOf(bare)).toContain("Permission to use, copy, modify it is granted.");
});

/** The packages and Node modules that a text names as what it imports. */
const importsIn = (text: string): string[] =>
  [
    ...text.matchAll(/(?:\bfrom |\bimport\(|require\(|\bimport\.meta\.url\)(?:\.resolve)?\()\s*"([^".][^"]*)"/g),
  ].flatMap(([, name]) => (/^[@a-z][\w:./-]*$/.test(name!) ? [name!] : []));

test("what the build needs at run time is what it depends on", () => {
  const needed = built()
    .flatMap((name) => importsIn(textOf(name)))
    .filter((name) => !isBuiltin(name) && !/^tapeless(\/|$)/.test(name));
  // A bundler is imported by who has it.
  const own = needed.filter((name) => !Object.hasOwn(manifest.peerDependencies, name));
  expect([...new Set(own)].sort()).toEqual(Object.keys(manifest.dependencies).sort());
});

test("nothing in the build reaches a network", () => {
  const reaching = (text: string): string[] =>
    importsIn(text).filter((name) => /^(node:)?(http|https|http2|net|tls|dgram|dns|inspector)(\/|$)/.test(name));
  expect(built().flatMap((name) => reaching(textOf(name)))).toEqual([]);
  expect(reaching('import { get } from "node:https"; const dns = require("dns/promises");')).toEqual([
    "node:https",
    "dns/promises",
  ]);
});

/** Does the package at `path` find `name` in its own `node_modules` or in those above? */
function visibleFrom(path: string, name: string, locked: Readonly<Record<string, Locked>>): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    if (`${at === "" ? "" : `${at}/`}node_modules/${name}` in locked) return true;
    if (at === "") return false;
  }
}
