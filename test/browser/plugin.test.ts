// The plugin in Vite's development server: a change of a definition, or of a file that it imports, is in the page in less than a
// second, and what models have learned stays, where it fits; errors are shown over the page, and vanish when they are mended.

import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { build } from "vite";
import { tapeless, type PluginOptions } from "../../compiler/tools/plugin/vite.js";
import { put, workspace } from "../tools/workspace.js";
import { launch } from "./chromium.js";
import { ISOLATED, serve } from "./server.js";
import { HTML, openProject, type Project } from "./vite.js";

let browser: Browser;
let project: Project | undefined;

beforeAll(async () => void (browser = await launch()));
afterAll(() => browser.close());
afterEach(async () => {
  await project?.close();
  project = undefined;
});

/** Four numbers in, one out, by Adam, which keeps two numbers for each parameter. */
const SMALL = `import { adam, dense, input, meanSquaredError, network, softmax, tanh, target } from "tapeless";
import { UNITS } from "./sizes.js";

const x = input("x", ["batch", 4]);
const t = target("t", ["batch", 1]);
const first = tanh(dense(x, 6));
const hidden = tanh(dense(first, UNITS));
const y = dense(hidden, 1);

export default network("small", { batch: 8, outputs: { y }, loss: meanSquaredError(y, t), optimizer: adam({ rate: 0.01 }) });
`;

/** Trains what \`make\` makes, and lays down what it had at first and has now. */
const main = (make: string, accepts: boolean): string => `import * as module from "./small.net.compiled";
const { createSmall, createSmallAsync } = module;
const models = await Promise.all([${make}]);
const valuesOf = (views) => Object.fromEntries(Object.entries(views).map(([name, view]) => [name, [...view]]));
const all = (net) => ({ parameters: valuesOf(net.parameters), states: valuesOf(net.states) });
const atFirst = models.map(all);
for (const net of models) {
  net.inputs.x.forEach((_, i, view) => (view[i] = Math.sin(i)));
  net.targets.t.forEach((_, i, view) => (view[i] = Math.cos(i)));
  for (let i = 0; i < 20; i++) net.step(8);
}
globalThis.pages ??= Math.random();
globalThis.run = { at: Math.random(), page: globalThis.pages, atFirst, trained: models.map(all), rate: models[0].rate, models };
${accepts ? "import.meta.hot.accept();" : ""}
`;

interface Values {
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly states: Readonly<Record<string, readonly number[]>>;
}

interface Run {
  readonly at: number;
  readonly page: number;
  readonly atFirst: readonly Values[];
  readonly trained: readonly Values[];
  readonly rate: number;
}

declare const run: Run;

async function open({
  make = "createSmall({ seed: 1 })",
  accepts = false,
  options,
  files = {},
}: {
  readonly make?: string;
  readonly accepts?: boolean;
  readonly options?: PluginOptions;
  readonly files?: Readonly<Record<string, string>>;
}): Promise<Project> {
  const folder = workspace({
    "package.json": '{ "type": "module" }',
    "index.html": HTML,
    "main.js": main(make, accepts),
    "small.net.ts": SMALL,
    "sizes.ts": "export const UNITS = 5;\n",
    ...files,
  });
  project = await openProject(folder, browser, options);
  return project;
}

/** What the page has laid down since \`before\`. */
async function runAfter({ page, messages, logged }: Project, before?: Run): Promise<Run> {
  const differs = (at: number | undefined): boolean => "run" in globalThis && run.at !== at;
  try {
    await page.waitForFunction(differs, before?.at, { polling: 5, timeout: 20_000 });
  } catch (error) {
    throw new Error(`the page did not run: ${[...messages, ...logged].join("\n")}`, { cause: error });
  }
  return page.evaluate(() => {
    const { models: _, ...plain } = run as Run & { models: unknown };
    return plain;
  });
}

/** Parameters of which none has learned anything. */
const zeros = (): Values["parameters"] =>
  Object.fromEntries(
    Object.entries({ first: [4, 6], hidden: [6, 5], y: [5, 1] }).flatMap(([name, [inputs, units]]) => [
      [`${name}.weight`, Array<number>(inputs! * units!).fill(0)],
      [`${name}.bias`, Array<number>(units!).fill(0)],
    ]),
  );

const SHAPED = ["hidden.weight", "hidden.bias", "y.weight"];

describe.each([
  ["a page that accepts changes", true],
  ["a page that is loaded anew", false],
])("%s", (_, accepts) => {
  test.each(["typescript", "wasm"] as const)("keeps what models have learned, on %s", async (target) => {
    const opened = await open({ accepts, options: { target } });
    const first = await runAfter(opened);
    expect(first.atFirst).not.toEqual(first.trained);
    // The definition itself: everything fits, and the new rate is the definition's.
    await opened.edit("small.net.ts", "rate: 0.01", "rate: 0.002");
    const second = await runAfter(opened, first);
    expect(second.rate).toBeCloseTo(0.002, 8);
    expect(second.page === first.page).toBe(accepts);
    expect(second.atFirst).toEqual(first.trained);
    expect(second.trained).not.toEqual(first.trained);
    // A file that it imports: what has another shape begins anew, with its optimizer's states.
    await opened.edit("sizes.ts", "5", "7");
    const third = await runAfter(opened, second);
    const [kept] = second.trained;
    const [now] = third.atFirst;
    for (const name of ["first.weight", "first.bias", "y.bias"]) {
      expect(now!.parameters[name]).toEqual(kept!.parameters[name]);
      expect(now!.states[`${name}.m`]).toEqual(kept!.states[`${name}.m`]);
    }
    expect(now!.states["count"]).toEqual([40]);
    for (const name of SHAPED) {
      expect(now!.parameters[name]!.length).not.toBe(kept!.parameters[name]!.length);
      expect(now!.states[`${name}.v`]!.every((value) => value === 0)).toBe(true);
    }
    expect(opened.messages.join("\n")).toContain(
      "[tapeless] small.net.ts: weights kept; anew: hidden.weight, hidden.bias, y.weight",
    );
    expect(opened.messages.filter((message) => /^(error|thrown|warning)/.test(message))).toEqual([]);
  });

  test("several models take over in the order in which they were made, whichever way", async () => {
    const make = "createSmall({ seed: 1 }), createSmallAsync({ seed: 2 }), createSmall({ seed: 3 })";
    const opened = await open({ accepts, make, options: { target: "wasm" } });
    const first = await runAfter(opened);
    expect(new Set(first.trained.map((one) => JSON.stringify(one))).size).toBe(3);
    await opened.edit("small.net.ts", "0.01", "0.02");
    const second = await runAfter(opened, first);
    expect(second.atFirst).toEqual(first.trained);
    // The one in the middle is let go of: the last one moves up.
    await opened.page.evaluate(() => (run as unknown as { models: { dispose(): void }[] }).models[1]!.dispose());
    await opened.edit("small.net.ts", "0.02", "0.03");
    const third = await runAfter(opened, second);
    expect(third.atFirst.slice(0, 2)).toEqual([second.trained[0], second.trained[2]]);
    expect(third.atFirst[2]).toEqual(first.atFirst[2]);
  });

  test("begins anew where it was asked not to keep, and where another file has changed", async () => {
    const without = await open({ accepts, options: { keepWeights: false } });
    const first = await runAfter(without);
    await without.edit("small.net.ts", "0.01", "0.02");
    expect((await runAfter(without, first)).atFirst).toEqual(first.atFirst);
    await without.close();

    const opened = await open({ accepts });
    const before = await runAfter(opened);
    await opened.edit("main.js", "i < 20", "i < 21");
    expect((await runAfter(opened, before)).atFirst).toEqual(before.atFirst);
  });

  test("given parameters come before those that were learned", async () => {
    const make = "createSmall({ seed: 1, parameters: globalThis.given })";
    const text = main(make, accepts);
    const given = `const given = ${JSON.stringify(zeros())};`;
    const files = {
      "main.js": text.replace("globalThis.given", "given").replace("const models", `${given}\nconst models`),
    };
    const opened = await open({ accepts, files });
    const first = await runAfter(opened);
    await opened.edit("small.net.ts", "0.01", "0.02");
    const second = await runAfter(opened, first);
    expect(second.atFirst).toEqual(first.atFirst);
    expect(second.atFirst[0]!.parameters).toEqual(zeros());
  });

  test("a fault is shown at its line, the page goes on, and is renewed with its weights when it is mended", async () => {
    const opened = await open({ accepts });
    const { page, edit } = opened;
    const first = await runAfter(opened);
    await edit("sizes.ts", "= 5", "= -5");
    const overlay = page.locator("vite-error-overlay");
    await overlay.waitFor({ state: "attached" });
    await expect.poll(() => overlay.locator(".file").textContent()).toMatch(/small\.net\.ts:7:20/);
    expect(await overlay.locator(".message-body").textContent()).toMatch(/dense/);
    expect(await overlay.locator(".frame").textContent()).toContain("dense(first, UNITS)");
    expect(await page.evaluate(() => run.at)).toBe(first.at);
    await edit("sizes.ts", "= -5", "= 5");
    const second = await runAfter(opened, first);
    expect(second.atFirst).toEqual(first.trained);
    await expect.poll(() => overlay.count()).toBe(0);
  });

  test("a page that was broken from the first comes when it is mended", async () => {
    const opened = await open({ accepts, files: { "sizes.ts": "export const UNITS = ;\n" } });
    const overlay = opened.page.locator("vite-error-overlay");
    await overlay.waitFor({ state: "attached" });
    await expect.poll(() => overlay.locator(".message-body").textContent()).toMatch(/BAD_SYNTAX/);
    await expect.poll(() => overlay.locator(".file").textContent()).toMatch(/sizes\.ts:1:2[12]/);
    await opened.edit("sizes.ts", "= ;", "= 5;");
    await runAfter(opened);
    await expect.poll(() => overlay.count()).toBe(0);
  });
});

test("a file that is missing, and a definition that is, are waited for", async () => {
  const folder = workspace({ "package.json": "{}", "index.html": HTML, "main.js": main("createSmall()", false) });
  project = await openProject(folder, browser);
  const overlay = project.page.locator("vite-error-overlay");
  await expect.poll(() => overlay.locator(".message-body").textContent()).toMatch(/there is no .*small\.net\.ts/);
  put(folder, "small.net.ts", SMALL);
  await expect.poll(() => overlay.locator(".message-body").textContent()).toMatch(/Could not resolve "\.\/sizes\.js"/);
  put(folder, "sizes.ts", "export const UNITS = 3;");
  await runAfter(project);
});

test("all errors are shown, and what is probably not meant is said in the page's console", async () => {
  const opened = await open({});
  const first = await runAfter(opened);
  await opened.edit("small.net.ts", "import { UNITS }", 'import "./a.js"; import "./b.js";\nimport { UNITS }');
  const body = opened.page.locator("vite-error-overlay .message-body");
  await expect.poll(() => body.textContent()).toMatch(/2 errors[^]*small\.net\.ts:2:8[^]*small\.net\.ts:2:25/);
  await opened.edit("small.net.ts", 'import "./a.js"; import "./b.js";\n', "");
  const second = await runAfter(opened, first);
  await opened.edit("small.net.ts", "outputs: { y }", "outputs: { y, p: softmax(softmax(hidden)) }");
  await runAfter(opened, second);
  await expect
    .poll(() => opened.messages.filter((message) => message.startsWith("warning [tapeless]")))
    .not.toEqual([]);
  expect(opened.messages.find((message) => message.startsWith("warning [tapeless]"))).toMatch(
    /\(small\.net\.ts:\d+:\d+\)/,
  );
  // Over the page, at the line, until somebody puts it away: a page that is loaded anew does not show it again.
  const overlay = opened.page.locator("vite-error-overlay");
  await expect.poll(() => overlay.locator(".message-body").textContent()).toMatch(/^warning {2}\w+ /);
  expect(await overlay.locator(".file").textContent()).toMatch(/small\.net\.ts:\d+:\d+/);
  expect(await overlay.locator(".frame").textContent()).toContain("softmax(softmax(hidden))");
  await opened.page.reload();
  const third = await runAfter(opened, second);
  expect(await overlay.count()).toBe(0);
  // Mended, there is nothing to show; there again, it is shown again.
  await opened.edit("small.net.ts", "softmax(softmax(hidden))", "softmax(hidden)");
  const fourth = await runAfter(opened, third);
  expect(await overlay.count()).toBe(0);
  await opened.edit("small.net.ts", "softmax(hidden)", "softmax(softmax(hidden))");
  await runAfter(opened, fourth);
  await overlay.waitFor({ state: "attached" });
  await opened.edit("small.net.ts", "softmax(softmax(hidden))", "softmax(hidden)");
  await expect.poll(() => overlay.count()).toBe(0);
});

test("a page that is loaded by hand begins anew", async () => {
  const opened = await open({});
  const first = await runAfter(opened);
  await opened.page.reload();
  const second = await runAfter(opened, first);
  expect(second.atFirst).toEqual(first.atFirst);
  await opened.edit("small.net.ts", "0.01", "0.02");
  const third = await runAfter(opened, second);
  expect(third.atFirst).toEqual(second.trained);
  await opened.page.reload();
  expect((await runAfter(opened, third)).atFirst).toEqual(first.atFirst);
});

test("what changes nothing of the module changes nothing in the page", async () => {
  const opened = await open({});
  const first = await runAfter(opened);
  await opened.edit("sizes.ts", "= 5;", "= 2 + 3; // as before");
  await new Promise((done) => setTimeout(done, 1000));
  expect(await opened.page.evaluate(() => run.at)).toBe(first.at);
});

test("Node has the module itself, and a build nothing of the development server", async () => {
  const opened = await open({});
  await runAfter(opened);
  const { createSmall } = (await opened.server.ssrLoadModule("/small.net.compiled.js")) as {
    createSmall: () => object;
  };
  expect(Object.keys(createSmall())).toContain("parameters");
  const { root } = opened.server.config;
  await build({
    root,
    configFile: false,
    logLevel: "silent",
    plugins: [tapeless()],
    build: { minify: false, target: "esnext", rollupOptions: { output: { entryFileNames: "main.js" } } },
  });
  const text = readFileSync(join(root, "dist/main.js"), "utf8");
  expect(text).toContain("createSmall");
  expect(text).not.toMatch(/tapeless:changed|indexedDB/);
});

test("a page that was built has threads, which compute what one thread does", async () => {
  const make = "createSmallAsync({ seed: 1 }), createSmallAsync({ seed: 1, threads: 2 })";
  const opened = await open({ make, options: { target: "wasm" } });
  const { root } = opened.server.config;
  const plugins = [tapeless({ target: "wasm" })];
  await build({ root, configFile: false, logLevel: "silent", plugins, build: { target: "esnext" } });
  const server = await serve();
  for (const name of readdirSync(join(root, "dist"), { recursive: true, encoding: "utf8" }))
    if (name.includes("."))
      server.files.set(`/${name}`, { body: readFileSync(join(root, "dist", name)), headers: ISOLATED });
  const page = await browser.newPage();
  await page.goto(`${server.origin}/index.html`);
  await page.waitForFunction(() => "run" in globalThis, undefined, { polling: 5 });
  const threads = await page.evaluate(() =>
    (run as unknown as { models: { threads: number }[] }).models.map((model) => model.threads),
  );
  expect(threads).toEqual([1, 2]);
  const [one, two] = await page.evaluate(() => run.trained);
  expect(two).toEqual(one);
  await page.close();
  await server.close();
});

test("a definition of another package of the workspace is followed too", async () => {
  const folder = workspace({
    "package.json": '{ "private": true, "workspaces": ["app", "nets"] }',
    "app/package.json": '{ "type": "module" }',
    "app/index.html": HTML,
    "app/main.js": main("createSmall({ seed: 1 })", true).replace("./small", "nets/src/small"),
    "nets/package.json": '{ "name": "nets" }',
    "nets/src/small.net.ts": SMALL,
    "nets/src/sizes.ts": "export const UNITS = 5;",
  });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(folder, "nets"), join(folder, "node_modules/nets"));
  project = await openProject(join(folder, "app"), browser);
  const first = await runAfter(project);
  await project.edit("../nets/src/sizes.ts", "5", "6");
  const second = await runAfter(project, first);
  expect(second.atFirst[0]!.parameters["first.weight"]).toEqual(first.trained[0]!.parameters["first.weight"]);
  expect(second.atFirst[0]!.parameters["hidden.bias"]).toHaveLength(6);
});

test("a worker has the module, and begins anew", async () => {
  const opened = await open({
    files: {
      "worker.js":
        main("createSmall({ seed: 1 })", false).replaceAll("models, ", "").replace(", models };", " };") +
        "postMessage(run);",
      "main.js": `const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
        worker.onmessage = ({ data }) => (globalThis.run = data);
        worker.onerror = ({ message }) => console.error(message);`,
    },
  });
  const first = await runAfter(opened);
  await opened.edit("small.net.ts", "0.01", "0.02");
  const second = await runAfter(opened, first);
  expect(second.rate).toBeCloseTo(0.02, 8);
  expect(second.atFirst).toEqual(first.atFirst);
});

/** A page that makes the model and runs it once, in both ways. */
const digitsMain = (accepts: boolean): string => `import { createDigits } from "./digits.net.compiled";
const net = createDigits({ seed: 1 });
net.inputs.image.forEach((_, i, view) => (view[i] = Math.sin(i)));
globalThis.run = { at: Math.random(), loss: net.step(32), rate: net.rate };
${accepts ? "import.meta.hot.accept();" : ""}
`;

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

test.each([
  ["typescript", true],
  ["typescript", false],
  ["wasm", true],
  ["wasm", false],
] as const)("digits on %s: a change is in the page in less than a second (accepted: %s)", async (target, accepts) => {
  const digits = readFileSync(join(import.meta.dirname, "../../examples/digits/digits.net.ts"), "utf8");
  const [all, rate] = /sgd\(\{ rate: ([\d.]+) \}\)/.exec(digits)!;
  const files = {
    "main.js": digitsMain(accepts),
    "digits.net.ts": `import { RATE } from "./rate.js";\n${digits.replace(all, "sgd({ rate: RATE })")}`,
    "rate.ts": `export const RATE = ${rate};\n`,
  };
  const opened = await open({ files, options: { target } });
  await runAfter(opened);
  const { page, edit } = opened;
  const times: number[] = [];
  let [file, before] = ["rate.ts", `RATE = ${rate}`];
  for (let i = 1; i <= 8; i++) {
    // The definition and the file that it imports, in turn; rates that were not there before, so that all is compiled.
    if (i === 5) [file, before] = ["digits.net.ts", "relu("];
    const after = i < 5 ? `RATE = 0.0${i}` : `${["sigmoid", "tanh", "softplus", "silu"][i - 5]}(`;
    if (i === 5) await edit(file, "relu,", "relu, sigmoid, tanh, softplus, silu,");
    const { at } = await page.evaluate(() => run);
    await edit(file, before, after);
    const start = performance.now();
    await page.waitForFunction((last) => "run" in globalThis && run.at !== last, at, { polling: 5, timeout: 20_000 });
    times.push(performance.now() - start);
    before = after;
  }
  console.log(`${target}, ${accepts ? "accepted" : "loaded anew"}: ${times.map(Math.round).join(", ")} ms`);
  // Once everything has been loaded; in the middle, since other processes take their share.
  expect(middle(times.slice(1))).toBeLessThan(1000);
});
