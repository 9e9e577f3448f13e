// docs/guide-page.md in a browser: what Vite has made of its page trains and tells, and goes on when it is loaded again; its
// second page takes the weights that were saved.

import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Browser } from "playwright-core";
import { follow, installIn, readPage } from "../docs/guides.js";
import { launch } from "./chromium.js";
import { serve, type Server } from "./server.js";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "tapeless-guide-")));
let browser: Browser;
let server: Server;

beforeAll(async () => {
  browser = await launch();
  server = await serve();
  installIn(folder);
});
afterAll(async () => {
  await (browser as Browser | undefined)?.close();
  await (server as Server | undefined)?.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (address: string, path: string): unknown =>
  server.files.set(address, { body: readFileSync(join(folder, path)) });

test("the guide's pages train and predict", async () => {
  const skip = ["npm install tapeless", "npm install --save-dev vite", "npx vite"];
  expect(await follow(folder, readPage("docs/guide-page.md"), skip)).toEqual([]);
  put("/index.html", "dist/index.html");
  for (const file of readdirSync(join(folder, "dist/assets"))) put(`/assets/${file}`, `dist/assets/${file}`);
  put("/answer.js", "answer.js");
  put("/iris.safetensors", "iris.safetensors");
  const body = '<!doctype html><meta charset="utf-8"><pre></pre><script type="module" src="answer.js"></script>';
  server.files.set("/answer.html", { body });

  const page = await browser.newPage();
  const troubles: string[] = [];
  page.on("pageerror", (error) => void troubles.push(String(error)));
  await page.goto(`${server.origin}/index.html`);
  await page.getByText("sure").waitFor();
  const first = await page.locator("pre").textContent();
  expect(first).toMatch(/^9\d[.]\d % of other flowers are right\nflower 22 is v\w+, \d\d % sure$/);
  await page.reload();
  await page.getByText("sure").waitFor();
  expect(await page.locator("pre").textContent()).toBe(first);

  await page.goto(`${server.origin}/answer.html`);
  await page.getByText("0.").waitFor();
  expect(await page.locator("pre").textContent()).toMatch(/^\d[.]\d\d {2}\d[.]\d\d {2}\d[.]\d\d$/);
  expect(troubles).toEqual([]);
});
