// What a page gives a model and what it refuses: threads only where the page is isolated and its policy allows workers, no
// code from text, relaxed SIMD where the browser has it; and training as in Node.

import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { countFused } from "../../compiler/5-emit/wasm/fused.js";
import { compile } from "../../compiler/compile.js";
import { mnist } from "../../examples/data/mnist.js";
import { exactModules } from "../bits/modules.js";
import { load } from "../emitted/example.js";
import { compiledOf } from "../emitted/once.js";
import { fused } from "../vector/fused.js";
import type { Tests } from "./page.js";
import { ISOLATED } from "./server.js";
import { htmlOf, openStage, scriptOf, type Stage } from "./stage.js";
import { ROWS, trained, type Digits, type Trained } from "./training.js";

declare const tests: Tests;

let stage: Stage;
const pages: Page[] = [];

const digits = compiledOf(await load("digits/digits.net.ts"), "float32", "wasm");
const inTypescript = compiledOf(await load("digits/digits.net.ts"), "float32");
const wasm = { module: "/digits.js" };

beforeAll(async () => {
  stage = await openStage();
  const { files } = stage.server;
  files.set("/digits.js", { body: scriptOf(digits) });
  files.set("/digits-typescript.js", { body: scriptOf(inTypescript) });
});
afterAll(() => (stage as Stage | undefined)?.close());
afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
});

/** A page of its own with these headers, and the warnings that it gives. */
async function pageWith(headers: Readonly<Record<string, string>>): Promise<{ page: Page; warnings: string[] }> {
  const { server, browser } = stage;
  const page = await browser.newPage();
  pages.push(page);
  const warnings: string[] = [];
  page.on("console", (message) => void (message.type() === "warning" && warnings.push(message.text())));
  server.files.set("/own", { body: htmlOf("/page.js"), headers: { "Content-Type": "text/html", ...headers } });
  await page.goto(`${server.origin}/own`);
  return { page, warnings };
}

const policy = (text: string) => ({ ...ISOLATED, "Content-Security-Policy": `default-src 'self'; ${text}` });

const workersEnd = (page: Page): Promise<void> => expect.poll(() => page.workers().length).toBe(0);

const disposed = (page: Page): Promise<void> => page.evaluate(() => tests.dispose());

describe("threads", () => {
  const others = ["lenet/lenet.net.ts", "char-gru/char-gru.net.ts", "resnet/resnet.net.ts"];

  test.each(["digits/digits.net.ts", ...others])("%s: the same bits as one thread", async (file) => {
    const { page, warnings } = await pageWith(ISOLATED);
    const compiled = compiledOf(await load(file), "float32", "wasm");
    stage.server.files.set("/threads.js", { body: scriptOf(compiled) });
    const found = await page.evaluate(() =>
      tests.differences({ module: "/threads.js" }, { module: "/threads.js", threads: 2 }),
    );
    expect(found.different).toBe(0);
    expect(found.of).toBeGreaterThan(1000);
    expect(await page.evaluate(() => tests.threadsNow())).toEqual([1, 2]);
    expect(page.workers()).toHaveLength(1);
    await disposed(page);
    await workersEnd(page);
    expect(warnings).toEqual([]);
  });

  test("negative control: other code is other bits", async () => {
    const { page } = await pageWith(ISOLATED);
    const found = await page.evaluate((wasm) => tests.differences(wasm, { module: "/digits-typescript.js" }), wasm);
    expect(found.different).toBeGreaterThan(100);
  });

  test("a model in a worker has workers of its own, which end with it", async () => {
    const { page } = await pageWith(ISOLATED);
    const found = await page.evaluate((wasm) => tests.differencesInWorker(wasm, { ...wasm, threads: 3 }), wasm);
    expect(found.different).toBe(0);
    // The one that the test has made stays.
    await expect.poll(() => page.workers().length).toBe(1);
  });

  test("a model that is made at once has one thread until its workers have begun", async () => {
    const { page, warnings } = await pageWith(ISOLATED);
    const found = await page.evaluate(
      (wasm) => tests.differences(wasm, { ...wasm, threads: 2, synchronous: true }),
      wasm,
    );
    expect(found.different).toBe(0);
    await expect.poll(() => page.evaluate(() => tests.threadsNow())).toEqual([1, 2]);
    await disposed(page);
    await workersEnd(page);
    expect(warnings).toEqual([]);
  });

  test("workers of a model that is disposed of before they have begun end too", async () => {
    const { page, warnings } = await pageWith(ISOLATED);
    await page.evaluate(async (wasm) => {
      await tests.openModel({ ...wasm, threads: 3, synchronous: true });
      tests.dispose();
    }, wasm);
    await workersEnd(page);
    expect(warnings).toEqual([]);
  });

  test("a page that is not isolated has one, and says so", async () => {
    const { page, warnings } = await pageWith({});
    expect(await page.evaluate((wasm) => tests.openModel({ ...wasm, threads: 4 }), wasm)).toBe(1);
    expect(warnings).toEqual([
      "one thread in place of 4: memory cannot be shared (a page must be cross-origin isolated)",
    ]);
    expect(page.workers()).toEqual([]);
  });

  test.each([false, true])(
    "a policy without blob: workers leaves one, and a warning says so (synchronous: %s)",
    async (synchronous) => {
      const { page, warnings } = await pageWith(policy("script-src 'self' 'wasm-unsafe-eval'"));
      const found = await page.evaluate(
        ([wasm, synchronous]) => tests.differences(wasm, { ...wasm, threads: 2, synchronous }),
        [wasm, synchronous] as const,
      );
      expect(found.different).toBe(0);
      await expect
        .poll(() => warnings)
        .toEqual([
          "one thread in place of 2: workers are refused (a page's content-security policy must allow worker-src blob:)",
        ]);
      expect(await page.evaluate(() => tests.threadsNow())).toEqual([1, 1]);
    },
  );

  test("a policy with blob: workers has them", async () => {
    const { page } = await pageWith(policy("script-src 'self' 'wasm-unsafe-eval'; worker-src blob:"));
    const found = await page.evaluate((wasm) => tests.differences(wasm, { ...wasm, threads: 2 }), wasm);
    expect(found.different).toBe(0);
    expect(await page.evaluate(() => tests.threadsNow())).toEqual([1, 2]);
    expect(await page.evaluate(() => tests.evaluatesText())).toBe(false);
  });
});

describe("relaxed SIMD", () => {
  const fusedIn = async (plain: boolean): Promise<number> => {
    const { page } = await pageWith({});
    const code = await page.evaluate(([wasm, plain]) => tests.codeOf({ ...wasm, plain }), [wasm, plain] as const);
    expect(code.length).toBeGreaterThan(1000);
    return countFused(Uint8Array.from(code));
  };

  test("is used where the browser has it", async () => {
    expect(Number(stage.browser.version().split(".")[0])).toBeGreaterThanOrEqual(114);
    expect(await fusedIn(false)).toBe(0);
    expect(await fusedIn(true), "the same code elsewhere").toBeGreaterThan(0);
  });
});

test("relaxed: false gives the recorded bits", { timeout: 240_000 }, async () => {
  const { files } = stage.server;
  const text = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  files.set("/bits/run.js", { body: text("../bits/run.mjs") });
  const modules = Object.entries(await exactModules(false)).map(([name, compiled], n) => {
    files.set(`/bits/${n}.js`, { body: scriptOf(compiled) });
    return [name, `/bits/${n}.js`] as const;
  });
  const { page } = await pageWith({});
  // As text: the page imports modules of its own.
  const hashes: unknown = await page.evaluate(`(async () => {
    const { bitsOf } = await import("/bits/run.js");
    const found = {};
    for (const [name, path] of ${JSON.stringify(modules)}) found[name] = bitsOf(await import(path));
    return found;
  })()`);
  expect(hashes).toEqual(JSON.parse(text("../bits/recorded.json")));
});

describe("WebAssembly in a file beside its module", () => {
  const making = { module: "/nets/digits.js" };
  const strict = policy("script-src 'self' 'wasm-unsafe-eval'; worker-src blob:");
  const file = "/nets/digits.wasm";

  beforeAll(async () => {
    const network = await load("digits/digits.net.ts");
    const apart = compile(network, { target: "wasm", wasmFile: "digits.wasm" });
    stage.server.files.set(making.module, { body: scriptOf(apart) });
    stage.server.files.set(file, { body: apart.wasm! });
  });

  /** How often the page asks for the file. */
  function requestsOf(page: Page): { count: number } {
    const requests = { count: 0 };
    page.on("request", (request) => void (request.url().endsWith(file) && requests.count++));
    return requests;
  }

  test("is fetched once, and computes the same bits", async () => {
    const { page } = await pageWith(strict);
    const requests = requestsOf(page);
    const found = await page.evaluate(([wasm, making]) => tests.differences(wasm, { ...making, threads: 2 }), [
      wasm,
      making,
    ] as const);
    expect(found.different).toBe(0);
    expect(await page.evaluate((making) => tests.openModel(making), making)).toBe(1);
    expect(requests.count).toBe(1);
    await disposed(page);
    await workersEnd(page);
  });

  test("must be there before a model is made at once", async () => {
    const { page } = await pageWith(strict);
    const made = (): Promise<number> =>
      page.evaluate((making) => tests.openModel({ ...making, synchronous: true }), making);
    await expect(made()).rejects.toThrow(/digits.wasm is not loaded yet: await loadDigits/);
    await page.evaluate((making) => tests.loadCode(making), making);
    expect(await made()).toBe(1);
  });

  test("is not fetched under a policy without connect-src, which is named", async () => {
    const { page } = await pageWith(policy("script-src 'self' 'wasm-unsafe-eval'; connect-src 'none'"));
    await expect(page.evaluate((making) => tests.openModel(making), making)).rejects.toThrow(
      /digits\.wasm cannot be fetched \(TypeError: .*; a page's content-security policy must allow connect-src 'self'\)/,
    );
  });

  test("is refused where it is another, and missed where it is not", async () => {
    const { files } = stage.server;
    const right = files.get(file)!;
    const made = async (): Promise<number> => {
      const { page } = await pageWith(strict);
      return page.evaluate((making) => tests.openModel(making), making);
    };
    try {
      files.set(file, { body: (right.body as Uint8Array).map((byte, i) => (i === 5000 ? byte ^ 1 : byte)) });
      await expect(made()).rejects.toThrow(/not those of the digits.wasm/);
      files.delete(file);
      await expect(made()).rejects.toThrow(/digits.wasm answers 404/);
    } finally {
      files.set(file, right);
    }
    expect(await made()).toBe(1);
  });
});

describe("training on handwritten digits", () => {
  let data: Digits;
  beforeAll(() => {
    const { images, digits } = mnist({ rows: ROWS }).train;
    data = { images, digits };
    const bytes = (numbers: Float32Array | Int32Array): Uint8Array => new Uint8Array(numbers.buffer);
    stage.server.files.set("/images", { body: bytes(images) });
    stage.server.files.set("/digits", { body: bytes(digits) });
  });

  const apart = (a: Trained, b: Trained): number =>
    Math.max(...a.losses.map((loss, i) => Math.abs(loss / b.losses[i]! - 1)));

  /** Where bits are compared, the page uses relaxed SIMD only if this process does. */
  const plain = !fused;

  test.each([
    ["WebAssembly", digits, { ...wasm, plain }, ISOLATED, 0],
    ["WebAssembly on two threads", digits, { ...wasm, plain, threads: 2 }, ISOLATED, 0],
    ["WebAssembly as the browser has it", digits, wasm, ISOLATED, 1e-5],
    ["WebAssembly under a policy", digits, { ...wasm, plain }, policy("script-src 'self' 'wasm-unsafe-eval'"), 0],
    ["TypeScript under a policy", inTypescript, { module: "/digits-typescript.js" }, policy("script-src 'self'"), 1e-6],
  ] as const)("%s: the losses are those in Node", async (_, compiled, making, headers, bound) => {
    const { page } = await pageWith(headers);
    const here = await trained(compiled.create, data);
    const there = await page.evaluate((making) => tests.train(making), making);
    expect(there.losses).toHaveLength(2 * 18);
    expect(apart(there, here)).toBeLessThanOrEqual(bound);
    expect(there.history.val_accuracy).toEqual(here.history.val_accuracy);
    expect(there.losses.at(-1)).toBeLessThan(0.7 * there.losses[0]!);
  });

  test("negative control: other rows give other losses", async () => {
    const here = await trained(digits.create, data);
    const other = { ...data, digits: data.digits.map((digit, i) => (i === 100 ? (digit + 1) % 10 : digit)) };
    expect(apart(await trained(digits.create, other), here)).toBeGreaterThan(1e-4);
  });
});

test.each([false, true])("a policy without wasm-unsafe-eval is named (synchronous: %s)", async (synchronous) => {
  const { page } = await pageWith(policy("script-src 'self'"));
  const made = page.evaluate((making) => tests.openModel(making), { ...wasm, synchronous });
  await expect(made).rejects.toThrow(
    /Error: a page's content-security policy must allow script-src 'wasm-unsafe-eval'$/m,
  );
  expect(await page.evaluate(() => tests.evaluatesText())).toBe(false);
});
