// examples/browser as it is built for a static host, served from a subfolder, and what a visitor does there.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launch } from "./chromium.js";
import { serve, type Server } from "./server.js";

const root = resolve(import.meta.dirname, "../..");
/** Inside the package, so that it finds itself by its name. */
const folder = join(root, "node_modules", ".cache", `tapeless-digits-page-${process.pid}`);

/** The strictest that the page works under, as docs/pages.md has it. */
export const STRICT = {
  "default-src": "'none'",
  "script-src": "'self' 'wasm-unsafe-eval'",
  "worker-src": "'self'",
  "connect-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
} as const;

export type Policy = Readonly<Partial<Record<keyof typeof STRICT, string>>>;

const textOf = (policy: Policy): string =>
  Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join("; ");

export interface Site {
  readonly browser: Browser;
  /** A visit of someone who was not here before; it ends with `close`. */
  readonly visit: (options?: Visit) => Promise<Visitor>;
  /** Bytes of all files but the data, packed. */
  readonly bytes: Readonly<Record<string, number>>;
  readonly close: () => Promise<void>;
}

export interface Visit {
  /** Undefined: none. */
  readonly policy?: Policy | undefined;
  /** Of all files, beside the policy. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Files that are not there. */
  readonly missing?: readonly string[];
  /** What the worker does first. */
  readonly before?: string;
  readonly context?: Parameters<Browser["newContext"]>[0];
}

export interface Visitor {
  readonly page: Page;
  /** Messages on the console and errors, so far. */
  readonly troubles: readonly string[];
  readonly close: () => Promise<void>;
}

export async function openSite(): Promise<Site> {
  execFileSync(process.execPath, [join(root, "examples/browser/build.mjs"), folder], { cwd: root });
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.includes("."));
  const contents = new Map(files.map((name) => [name.replaceAll("\\", "/"), readFileSync(join(folder, name))]));
  const [browser, server] = await Promise.all([launch(), serve()]);
  let visits = 0;
  return {
    browser,
    visit: async ({ policy, headers, missing = [], before = "", context: options }: Visit = {}) => {
      const place = `/some/path-${visits++}/`;
      const given = { ...headers, ...(policy && { "Content-Security-Policy": textOf(policy) }) };
      put(server, place, contents, given, missing);
      const worker = server.files.get(`${place}worker.js`);
      if (worker && before !== "")
        server.files.set(`${place}worker.js`, { ...worker, body: `${before}\n${String(worker.body)}` });
      const context = await browser.newContext(options);
      return { ...(await visited(context, `${server.origin}${place}`)), close: () => context.close() };
    },
    bytes: Object.fromEntries(
      [...contents].filter(([name]) => !name.startsWith("data/")).map(([name, body]) => [name, packed(body)]),
    ),
    async close() {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const packed = (body: Uint8Array): number => gzipSync(body, { level: 9 }).length;

function put(
  { files }: Server,
  place: string,
  contents: ReadonlyMap<string, Uint8Array>,
  headers: Readonly<Record<string, string>>,
  missing: readonly string[],
): void {
  for (const [name, body] of contents) {
    if (missing.includes(name)) continue;
    files.set(place + name, { body, headers });
    if (name === "index.html") files.set(place, { body, headers: { ...headers, "Content-Type": "text/html" } });
  }
}

async function visited(context: BrowserContext, address: string): Promise<Omit<Visitor, "close">> {
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("console", (message) => void troubles.push(message.text()));
  page.on("pageerror", (error) => void troubles.push(String(error)));
  await page.goto(address);
  return { page, troubles };
}

type Stroke = readonly (readonly [x: number, y: number])[];

/** Digits as one draws them, on a pad of 280 by 280. */
export const DIGITS: Readonly<Record<string, readonly Stroke[]>> = {
  "0": [
    [
      [140, 50],
      [95, 80],
      [80, 140],
      [95, 200],
      [140, 230],
      [185, 200],
      [200, 140],
      [185, 80],
      [140, 50],
    ],
  ],
  "1": [
    [
      [145, 50],
      [138, 230],
    ],
  ],
  "3": [
    [
      [90, 70],
      [140, 50],
      [190, 80],
      [190, 110],
      [140, 135],
      [190, 160],
      [195, 195],
      [140, 225],
      [85, 205],
    ],
  ],
  "4": [
    [
      [100, 50],
      [80, 140],
      [200, 140],
    ],
    [
      [180, 60],
      [175, 230],
    ],
  ],
  "7": [
    [
      [80, 60],
      [200, 60],
      [170, 120],
      [130, 230],
    ],
  ],
};

/** Draws with the mouse, on a pad that is cleared first by its button. */
export async function draw(page: Page, digit: string): Promise<void> {
  await page.getByRole("button", { name: "Clear" }).click();
  const pad = page.locator("#pad");
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  const at = ([x, y]: readonly [number, number]) =>
    [box.x + (x / 280) * box.width, box.y + (y / 280) * box.height] as const;
  for (const [first, ...rest] of DIGITS[digit]!) {
    await page.mouse.move(...at(first!));
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...at(point), { steps: 6 });
    await page.mouse.up();
  }
}

/** What the page says of a digit: its class, and the probabilities. */
export async function told(page: Page): Promise<{ readonly digit: string; readonly probability: readonly number[] }> {
  return page.evaluate(() => ({
    digit: document.querySelector("output#class")!.textContent,
    probability: [...document.querySelectorAll("meter")].map((meter) => meter.value),
  }));
}
