import { existsSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { renderError } from "../../compiler/tools/errors.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import { TapelessError } from "../../src/messages.js";
import { put, workspace } from "./workspace.js";

vi.mock("../../compiler/tools/own-modules.js", () => ({ ownModules: { tapeless: () => import("./language.js") } }));

const refused = async (folder: string, file = "a.net.ts"): Promise<string> => {
  const error: unknown = await loadDefinition(join(folder, file)).then(
    () => "nothing was thrown",
    (thrown: unknown) => thrown,
  );
  return renderError(error, { cwd: folder, colors: false });
};

const IMPORT = `import { dense, input, matmul, network, parameter, relu } from "tapeless";\n`;

describe("errors point into the user's own file", () => {
  test("a wrong matmul", async () => {
    const folder = workspace({
      "a.net.ts": `${IMPORT}
const x = input("x", ["batch", 784]);
const h = relu(
  matmul(x, parameter([256, 128], 0)), // 784 against 256
);
export default network("a", { outputs: { h } });
`,
    });
    expect(await refused(folder)).toMatch(
      /^error SHAPE_MISMATCH {2}matmul cannot combine \[batch, 784\] and \[256, 128\].*\n {2}at a\.net\.ts:5:3\n/,
    );
    expect(await refused(folder)).toContain(`
    3 | const x = input("x", ["batch", 784]);
    4 | const h = relu(
  > 5 |   matmul(x, parameter([256, 128], 0)), // 784 against 256
      |   ^
    6 | );`);
  });

  test("the same in a helper of another file, with tabs and types before it", async () => {
    const folder = workspace({
      "a.net.ts": `${IMPORT}import { wrong } from "./lib/wrong.js";\nexport default network("a", { outputs: { h: wrong(input("x", ["batch", 3])) } });`,
      "lib/wrong.ts": `import { matmul, parameter } from "tapeless";\ninterface Unused { a: number }\ntype T = any;\nexport function wrong(x: T): T {\n\tconst wide: string = "ü"; return matmul(x, parameter([2, 2], 0));\n}\n`,
    });
    const text = await refused(folder);
    expect(text).toContain("at lib/wrong.ts:5:35\n");
    // The mark stands below the call, tabs kept.
    expect(text).toContain(`  > 5 | \tconst wide`);
    expect(text).toContain(`      | \t${" ".repeat(33)}^`);
  });

  test("a syntax error", async () => {
    const folder = workspace({ "a.net.ts": `${IMPORT}const x = "ü" + input("x" ["batch", 3);\n` });
    expect(await refused(folder)).toMatch(/^error BAD_SYNTAX {2}Expected "]" but found "\)"\n {2}at a\.net\.ts:2:38\n/);
  });

  test("a member that the language has not, or not any more", async () => {
    const folder = workspace({
      "a.net.ts": `import * as t from "tapeless";\nexport default t.crossEntropyWithLogits();`,
    });
    expect(await refused(folder)).toMatch(
      /^error NO_EXPORT {2}tapeless has no export crossEntropyWithLogits\n {2}at a\.net\.ts:2:18[^]*hint: docs\/reference.*CHANGELOG\.md/,
    );
  });

  test("several at once", async () => {
    const folder = workspace({
      "a.net.ts": `import { x } from "./no.js";\nimport { denze } from "tapeless";\nvoid x; void denze;`,
    });
    const text = await refused(folder);
    expect(text).toMatch(/Could not resolve ".\/no.js"\n {2}at a\.net\.ts:1:19/);
    const misspelt = workspace({ "a.net.ts": `import { denze } from "tapeless";\nexport default denze;` });
    expect(await refused(misspelt)).toMatch(
      /^error NO_EXPORT {2}tapeless has no export denze\n {2}at a\.net\.ts:1:10[^]*hint: did you mean dense\?/,
    );
  });

  test("a definition that throws", async () => {
    const folder = workspace({
      "a.net.ts": `const x = 1;\nfunction f() {\n  throw new RangeError("too warm");\n}\nf();\nexport default x;`,
    });
    expect(await refused(folder)).toMatch(
      /^error DEFINITION_THROWS {2}a\.net\.ts threw while it was loaded: too warm\n {2}at a\.net\.ts:3:9/,
    );
  });

  test.each([`throw "text";`, `throw null;`, `await Promise.reject(new Error("late"));`, `null!.x;`])(
    "%s",
    async (body) => {
      expect(await refused(workspace({ "a.net.ts": body }))).toMatch(/^error DEFINITION_THROWS/);
    },
  );

  test("a package that is not installed", async () => {
    const text = await refused(workspace({ "a.net.ts": `import "no-such-package-here";` }));
    expect(text).toMatch(
      /DEFINITION_THROWS {2}a\.net\.ts threw while it was loaded: Cannot find package 'no-such-package-here'/,
    );
    expect(text).not.toMatch(/\.mjs/);
  });
});

describe("what a definition must export", () => {
  test.each([
    [
      "const x = 1;",
      /NO_NETWORK {2}a\.net\.ts must have a network as its default export, but it exports nothing\n {2}hint: write: export default network\(/,
    ],
    ["export default 3;", /but it is 3/],
    ["export const a = 1, b = 2;", /but it exports only a, b/],
    [
      `${IMPORT}export const net = network("n", { outputs: {} });`,
      /but it exports one by name \(net\)\n {2}hint: write: export default net$/,
    ],
    [
      `${IMPORT}export const a = network("n", { outputs: {} }), b = network("m", { outputs: {} });`,
      /2 networks by name \(a, b\)/,
    ],
  ])("%s", async (body, message) => {
    expect(await refused(workspace({ "a.net.ts": body }))).toMatch(message);
  });

  test("a file that does not exist", async () => {
    expect(await refused(workspace({}))).toMatch(/^error FILE_NOT_FOUND {2}there is no definition file a\.net\.ts$/);
  });
});

describe("loading", () => {
  const text = `${IMPORT}import { size } from "./size.js";\nconst x = input("x", ["batch", size]);\nexport default network("a", { outputs: { y: dense(x, 2) } });`;

  test("lists the files it depends on, its own first, and leaves nothing behind", async () => {
    const folder = workspace({ "a.net.ts": text, "size.ts": "export const size = 3;", "other.ts": "" });
    const { network, files } = await loadDefinition(join(folder, "a.net.ts"));
    expect(network.name).toBe("a");
    expect(files).toEqual([join(folder, "a.net.ts"), join(folder, "size.ts")]);
    expect(readdirSync(folder).sort()).toEqual(["a.net.ts", "other.ts", "size.ts"]);
  });

  test("leaves nothing in the system's temporary folder either, where no node_modules is near", async () => {
    const [folder, temporary] = [workspace({ "a.net.ts": text, "size.ts": "export const size = 3;" }), workspace({})];
    vi.stubEnv("TMPDIR", temporary);
    try {
      expect(tmpdir()).toBe(temporary);
      await loadDefinition(join(folder, "a.net.ts"));
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("runs anew each time, with a fresh module and the present text", async () => {
    const folder = workspace({ "a.net.ts": text, "size.ts": "export const size = 3;" });
    const width = async () => (await loadDefinition(join(folder, "a.net.ts"))).network.outputs.y!.inputs[0]!.inputs[0]!;
    const [first, second] = [await width(), await width()];
    expect(first).not.toBe(second);
    put(folder, "size.ts", "export const size = 5;");
    expect([first.shape.at(-1)!.times, (await width()).shape.at(-1)!.times]).toEqual([3, 5]);
  });

  test("uses this copy of the language, so that its nodes are our nodes", async () => {
    const folder = workspace({ "a.net.ts": text, "size.ts": "export const size = 3;" });
    const { network } = await loadDefinition(join(folder, "a.net.ts"));
    const { inputDef } = await import("../../src/ops/leaf/leaves.js");
    const { topological } = await import("../../src/graph/walk.js");
    expect(topological(Object.values(network.outputs)).some((node) => node.def === inputDef)).toBe(true);
  });

  test("lets a file know where it lies, and import packages of its project", async () => {
    const folder = workspace({
      "node_modules/helper/package.json": `{ "name": "helper", "type": "module", "main": "index.js" }`,
      "node_modules/helper/index.js": "export const size = 7;",
      "lib/here.ts":
        "import { readFileSync } from 'node:fs';\nexport const data = readFileSync(new URL('./data.txt', import.meta.url), 'utf8');",
      "lib/data.txt": "3",
      "a.net.ts": `${IMPORT}import { size } from "helper"; import { data } from "./lib/here.js";
        export default network("n" + size + data, { outputs: {} });`,
    });
    expect((await loadDefinition(join(folder, "a.net.ts"))).network.name).toBe("n73");
    const cache = join(folder, "node_modules/.cache/tapeless");
    expect(existsSync(cache) && readdirSync(cache)).toEqual([]);
  });

  test("a folder whose name needs escaping in an address", async () => {
    const folder = workspace({
      "a #b%20 ü/a.net.ts": `${IMPORT}const x = input("x", ["batch", 784]);\nexport default matmul(x, parameter([2, 2], 0));`,
    });
    expect(await refused(folder, "a #b%20 ü/a.net.ts")).toContain("at a #b%20 ü/a.net.ts:3:16\n");
  });
});

describe("rendering", () => {
  test("an error of ours shows its stack and says so", () => {
    const text = renderError(new TypeError("oops"), { cwd: "/", colors: false });
    expect(text).toMatch(/unexpected error TypeError: oops\n +at [^]*bug in tapeless/);
  });

  test("colours only when asked", () => {
    const error = new TapelessError("X", "a sentence", {
      hint: "do",
      at: { file: resolve("no-such-file"), line: 1, column: 1 },
    });
    expect(renderError(error, { cwd: resolve("."), colors: false })).toBe(
      "error X  a sentence\n  at no-such-file:1:1\n  hint: do",
    );
    expect(renderError(error, { cwd: resolve("."), colors: true })).toContain("\u001b[");
  });

  test("a place beyond the file, and control characters in it", () => {
    const folder = workspace({ "a.ts": "one\u001b[31m\nlast" });
    const at = (line: number) =>
      renderError(new TapelessError("X", "s", { at: { file: join(folder, "a.ts"), line, column: 1 } }), {
        cwd: folder,
        colors: false,
      });
    expect(at(9)).toBe("error X  s\n  at a.ts:9:1");
    expect(at(1)).toContain("one?[31m");
    expect(readFileSync(join(folder, "a.ts"), "utf8")).toContain("\u001b");
  });
});
