// docs/pages.md as it stands: its files are written, its commands run, and the page is looked at.

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Browser } from "playwright-core";
import { launch } from "./chromium.js";
import { serve } from "./server.js";

const root = resolve(import.meta.dirname, "../..");
/** Inside the package, so that it finds itself by its name. */
const folder = join(root, "node_modules", ".cache", `tapeless-page-test-${process.pid}`);
const text = readFileSync(join(root, "docs/pages.md"), "utf8");

const files = [...text.matchAll(/^`(page\/[^`]+)`[^]*?\n```\w+\n([^]*?)\n```/gm)].map(([, path, body]) => ({
  path: path!,
  body: body!,
}));
const [commands] = [...text.matchAll(/^```sh\n([^]*?)\n```/gm)].map(([, body]) => body!.split("\n"));

let browser: Browser;
beforeAll(async () => void (browser = await launch()));
afterAll(async () => {
  await (browser as Browser | undefined)?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A command in the package, with the page's folder elsewhere. */
const placed = (command: string): string =>
  command.replace(/\bpage\//g, `${folder}/`).replace(/^npx tapeless/, "node dist/cli.js");

async function freePort(): Promise<number> {
  const { origin, close } = await serve();
  await close();
  return Number(new URL(origin).port);
}

test("the page trains on threads under its policy", async () => {
  expect(files.map(({ path }) => path)).toEqual(["page/main.ts", "page/index.html", "page/serve.mjs"]);
  mkdirSync(folder, { recursive: true });
  for (const { path, body } of files) writeFileSync(placed(path), body);
  for (const command of commands!.slice(0, -1)) {
    const { status, stderr } = spawnSync(placed(command), { cwd: root, shell: true, encoding: "utf8" });
    expect({ command, status, stderr: status === 0 ? "" : stderr }).toEqual({ command, status: 0, stderr: "" });
  }
  const [program, ...args] = placed(commands!.at(-1)!).split(" ");
  const server = spawn(program!, args, { cwd: root, env: { ...process.env, PORT: String(await freePort()) } });
  try {
    const address = await new Promise<string>(
      (done) => void server.stdout.once("data", (line) => done(String(line).trim())),
    );
    const page = await browser.newPage({ viewport: { width: 480, height: 160 } });
    const troubles: string[] = [];
    page.on("pageerror", (error) => void troubles.push(String(error)));
    page.on("console", (message) => void (message.type() === "warning" && troubles.push(message.text())));
    await page.goto(address);
    await page.getByText("done").waitFor();
    if (process.env["SCREENSHOT"]) await page.screenshot({ path: process.env["SCREENSHOT"] });
    const shown = await page.locator("pre").textContent();
    expect(shown).toMatch(/^[1-4] threads\n(epoch \d: loss \d[.]\d{3}, \d\d[.]\d % right\n){3}done$/);
    expect(Number(/(\d\d[.]\d) % right\ndone$/.exec(shown!)![1])).toBeGreaterThan(85);
    expect(troubles).toEqual([]);
    await expect.poll(() => page.workers().length).toBe(0);
  } finally {
    server.kill();
  }
});
