// examples/browser as its visitors see it: they draw, train, come back, take weights along; under a strict policy, from any folder.

import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { writeSafetensors } from "../../src/train/index.js";
import {
  DIGITS,
  draw,
  openSite,
  STRICT,
  told,
  type Policy,
  type Site,
  type Visit,
  type Visitor,
} from "./digits-site.js";
import { mainThreadTasks } from "./main-thread.js";
import { ISOLATED } from "./server.js";

let site: Site;
const visitors: Visitor[] = [];

beforeAll(async () => void (site = await openSite()), 120_000);
afterAll(() => (site as Site | undefined)?.close());
afterEach(async () => {
  for (const { close } of visitors.splice(0)) await close();
});

async function visit(options: Visit = { policy: STRICT }): Promise<Visitor> {
  const visitor = await site.visit(options);
  visitors.push(visitor);
  return visitor;
}

const standing = (page: Page) => page.locator("#standing");
/** The machine may be busy. */
const SOON = { timeout: 20_000 };
const error = (page: Page) => page.locator("#error[role=alert]");
const press = (page: Page, name: string): Promise<void> => page.getByRole("button", { name, exact: true }).click();
const accuracyOf = async (page: Page): Promise<number> =>
  Number.parseFloat(await page.locator("#accuracy").innerText());
const isMeasured = (page: Page): Promise<void> =>
  expect.poll(() => page.locator("#accuracy").innerText(), SOON).toMatch(/^[\d.]+ %$/);
const stands = (page: Page, text: RegExp): Promise<void> =>
  expect.poll(() => standing(page).innerText(), { timeout: 40_000 }).toMatch(text);

type Answer = Awaited<ReturnType<typeof told>>;

/** Of each digit that is drawn, what the page says. Answers to what was half drawn come first: the last one stays for half a second. */
async function tellAll(page: Page): Promise<Record<string, Answer>> {
  const answers: Record<string, Answer> = {};
  for (const digit of Object.keys(DIGITS)) {
    await draw(page, digit);
    await expect.poll(async () => (await told(page)).digit, SOON).not.toBe("");
    for (let same = 0, last = ""; same < 10; await page.waitForTimeout(50)) {
      answers[digit] = await told(page);
      const now = JSON.stringify(answers[digit]);
      same = now === last ? same + 1 : 0;
      last = now;
    }
  }
  return answers;
}

test("its files are less than 60 kB, packed", () => {
  expect(Object.keys(site.bytes).sort()).toEqual(["icon.svg", "index.html", "main.js", "style.css", "worker.js"]);
  const all = Object.values(site.bytes).reduce((a, b) => a + b, 0);
  expect(all).toBeLessThan(60_000);
  expect(all).toBeGreaterThan(20_000);
});

describe("under the strictest policy, from a folder", () => {
  test("it learns digits, tells those that are drawn, and a visitor who comes back finds it as it was", async () => {
    const { page, troubles } = await visit();
    await stands(page, /^Not trained yet/);
    await isMeasured(page);
    expect(await accuracyOf(page)).toBeLessThan(30);
    await press(page, "Train");
    await stands(page, /^Epoch 2 of 10, [\d,]+ digits a second/);
    // It answers while it learns.
    await draw(page, "0");
    await expect.poll(async () => (await told(page)).digit, SOON).toBe("0");
    await stands(page, /^Trained: 10 epochs/);
    expect(await accuracyOf(page)).toBeGreaterThan(94);
    const answers = await tellAll(page);
    expect(Object.values(answers).map(({ digit }) => digit)).toEqual(Object.keys(DIGITS));

    await page.reload();
    await stands(page, /^Restored from this browser: 10 epochs done\.$/);
    await isMeasured(page);
    expect(await accuracyOf(page)).toBeGreaterThan(94);
    expect(await tellAll(page)).toEqual(answers);
    expect(await page.locator("#curve path[data-line='held-out loss']").first().getAttribute("d")).toMatch(/^M.*L/);
    expect(await error(page).innerText()).toBe("");
    expect(troubles).toEqual([]);
  });

  test("left in the midst of training, it goes on from its last epoch", async () => {
    const { page, troubles } = await visit();
    await press(page, "Train");
    await stands(page, /^Epoch 3 of 10/);
    await page.reload();
    await stands(page, /^Restored from this browser: [23] epochs done/);
    await press(page, "Go on training");
    await stands(page, /^Epoch 4 of 10/);
    await press(page, "Pause");
    await stands(page, /^Paused in epoch [45]\.$/);
    // Two presses are one training.
    await page.locator("#train").evaluate((button: HTMLButtonElement) => (button.click(), button.click()));
    await stands(page, /^Epoch [45] of 10/);
    await press(page, "Pause");
    await stands(page, /^Paused in epoch [45]\.$/);
    await page.waitForTimeout(500);
    expect(await standing(page).innerText()).toMatch(/^Paused in epoch [45]\.$/);
    await page.reload();
    await stands(page, /^Restored from this browser: [34] epochs done, the next begun\.$/);
    await press(page, "Reset");
    await stands(page, /^Not trained yet/);
    await page.reload();
    await stands(page, /^Not trained yet/);
    expect(troubles).toEqual([]);
  });

  test("weights go to a file and back; another file is refused with the reason", async () => {
    const { page, troubles } = await visit();
    await press(page, "Train");
    await stands(page, /^Epoch 3 of 10/);
    await press(page, "Pause");
    await stands(page, /^Paused/);
    const answers = await tellAll(page);
    const [download] = await Promise.all([page.waitForEvent("download"), press(page, "Save weights")]);
    expect(download.suggestedFilename()).toBe("digits.safetensors");
    const path = join(tmpdir(), `digits-${process.pid}.safetensors`);
    await download.saveAs(path);

    await press(page, "Reset");
    await stands(page, /^Not trained yet/);
    const input = page.locator("#load");
    const name = "other.safetensors";
    const mimeType = "application/octet-stream";
    await input.setInputFiles({ name, mimeType, buffer: readFileSync(path).subarray(0, 1000) });
    await expect.poll(() => error(page).innerText(), SOON).toMatch(/^BAD_FILE: /);
    const small = { "h1.weight": { dtype: "float32", shape: [1, 2], values: Float32Array.of(1, 2) } } as const;
    await input.setInputFiles({ name, mimeType, buffer: Buffer.from(writeSafetensors(small)) });
    await expect.poll(() => error(page).innerText(), SOON).toMatch(/MISSING_DATA: parameter "h1\.bias" has no data/);
    await stands(page, /^Not trained yet/);

    await input.setInputFiles(path);
    await stands(page, new RegExp(`^Weights from digits-${process.pid}\\.safetensors`));
    expect(await error(page).innerText()).toBe("");
    expect(await tellAll(page)).toEqual(answers);
    await page.reload();
    await stands(page, /^Restored from this browser: 0 epochs done/);
    expect(await tellAll(page)).toEqual(answers);
    await press(page, "Go on training");
    await stands(page, /^Epoch 1 of 10/);
    expect(troubles).toEqual([]);
  });

  test.each([
    ["there is no database", "Object.defineProperty(globalThis, 'indexedDB', { value: undefined });"],
    ["it refuses", "indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); };"],
  ])("a browser that keeps nothing trains all the same, and the page says so: %s", async (_, before) => {
    const { page, troubles } = await visit({ policy: STRICT, before });
    await stands(page, /^Not trained yet.*This browser keeps nothing/);
    await press(page, "Train");
    await stands(page, /^Epoch 2 of 10/);
    await press(page, "Pause");
    await stands(page, /^Paused in epoch [23]\.$/);
    await press(page, "Go on training");
    await stands(page, /^Epoch [34] of 10/);
    await press(page, "Reset");
    await stands(page, /^Not trained yet/);
    expect(await error(page).innerText()).toBe("");
    expect(troubles).toEqual([]);
  });

  test("a drawing is cleared by the keyboard, and drawn by a finger", async () => {
    const { page, troubles } = await visit({ policy: STRICT, context: { hasTouch: true } });
    await stands(page, /^Not trained yet/);
    await draw(page, "1");
    await expect.poll(async () => (await told(page)).digit, SOON).not.toBe("");
    await page.locator("#pad").focus();
    await page.keyboard.press("Delete");
    await expect
      .poll(async () => told(page), SOON)
      .toEqual({ digit: "", probability: Array.from({ length: 10 }, () => 0) });
    await page.locator("#pad").tap();
    await expect.poll(async () => (await told(page)).digit, SOON).not.toBe("");
    expect(await page.locator("#pad").evaluate((pad) => getComputedStyle(pad).touchAction)).toBe("none");
    expect(troubles).toEqual([]);
  });

  test("on a telephone, by night, nothing is wider than the screen", async () => {
    const { page } = await visit({
      policy: STRICT,
      context: { viewport: { width: 360, height: 740 }, colorScheme: "dark" },
    });
    await stands(page, /^Not trained yet/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe(
      "rgb(21, 22, 23)",
    );
  });
});

test.each<[string, Visit]>([
  ["no headers at all", {}],
  ["a page that is isolated", { headers: ISOLATED }],
])("%s", async (_, options) => {
  const { page, troubles } = await visit(options);
  await stands(page, /^Not trained yet/);
  await press(page, "Train");
  await stands(page, /^Epoch 2 of 10/);
  expect(troubles).toEqual([]);
});

describe("what is missing is said", () => {
  const without = (change: Policy): Visit => ({ policy: { ...STRICT, ...change } });

  test.each<[string, Visit, RegExp]>([
    ["worker-src", without({ "worker-src": "'none'" }), /must allow worker-src 'self'/],
    ["wasm-unsafe-eval", without({ "script-src": "'self'" }), /must allow script-src 'wasm-unsafe-eval'/],
    ["connect-src", without({ "connect-src": "'none'" }), /must allow connect-src 'self'/],
    ["the data", { policy: STRICT, missing: ["data/train-images.idx.gz"] }, /^CANNOT_READ: .*train-images.*status 404/],
    ["the worker", { policy: STRICT, missing: ["worker.js"] }, /^The worker cannot begin/],
  ])("%s", async (_, options, message) => {
    const { page } = await visit(options);
    await expect.poll(() => error(page).innerText(), SOON).toMatch(message);
  });
});

describe("the page is free while it learns", () => {
  /** How often the curve was drawn, and the page, in so many milliseconds. */
  const watched = (page: Page, milliseconds: number) =>
    page.evaluate(async (milliseconds) => {
      let curves = 0;
      const observer = new MutationObserver(() => curves++);
      observer.observe(document.querySelector("#curve")!, { childList: true });
      let frames = 0;
      const end = performance.now() + milliseconds;
      while (performance.now() < end) {
        await new Promise((done) => void requestAnimationFrame(done));
        frames++;
      }
      observer.disconnect();
      return { curves, frames };
    }, milliseconds);

  /** What the tasks took while the page was watched for 1.5 s. */
  async function measured(page: Page) {
    let drawn = { curves: 0, frames: 0 };
    const tasks = await mainThreadTasks(site.browser, page, async () => void (drawn = await watched(page, 1500)));
    return { ...drawn, tasks: tasks.length, longest: tasks.slice(0, 3) };
  }

  test("no task of the main thread is longer than 50 ms, and the curve is drawn often", async () => {
    const { page } = await visit();
    await isMeasured(page);
    const rest = await measured(page);
    await press(page, "Train");
    await stands(page, /^Epoch/);
    const learning = await measured(page);
    expect(await standing(page).innerText()).toMatch(/^Epoch/);
    if (process.env["REPORT"]) console.log({ rest, learning, bytes: site.bytes });
    expect(learning.tasks).toBeGreaterThan(50);
    expect(learning.longest[0]).toBeLessThan(50);
    expect(rest.longest[0]).toBeLessThan(50);
    // At least ten a second.
    expect(learning.curves).toBeGreaterThanOrEqual(15);
    expect(rest.curves).toBe(0);
  });

  test("negative control: a page that computes by itself has such tasks", async () => {
    const { page } = await visit();
    await isMeasured(page);
    await page.evaluate(() =>
      setInterval(() => {
        let x = 0;
        for (let i = 0; i < 2e8; i++) x = (x * 31 + i) | 0;
        document.title = String(x);
      }, 200),
    );
    expect((await measured(page)).longest[0]).toBeGreaterThan(50);
  });
});
