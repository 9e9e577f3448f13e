// The newcomer's page in a browser: served while one develops, and as it is built.

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";
import { environment, expect } from "./shell.mjs";

/** The browser that the tests use. */
async function browserOf(root) {
  const text = readFileSync(join(root, "test/browser/chromium.ts"), "utf8");
  const { code } = await transform(text, { loader: "ts", format: "esm" });
  const folder = join(root, "node_modules/.cache/newcomer");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "chromium.mjs"), code);
  return (await import(pathToFileURL(join(folder, "chromium.mjs")).href)).launch();
}

/**
 * Starts a command that serves the project, opens its page, presses the button, and gives what the page says in the end. The page must have
 * nothing to complain of.
 */
export async function trainedInPage(root, project, command, ...args) {
  const server = spawn(command, args, {
    cwd: project,
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (part) => (said += part));
  const browser = await browserOf(root);
  try {
    const address = await until(
      () => /http:\/\/localhost:\d+\//.exec(said)?.[0],
      () => `no address: ${said}`,
    );
    const page = await browser.newPage();
    const complaints = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(address);
    await page.click("#train");
    const state = page.locator("#state", { hasText: "It is right for" });
    await state.waitFor({ timeout: 60_000 });
    expect((await page.locator("#curve svg path").count()) > 2, "the page draws the losses");
    expect(complaints.length === 0, `the page complains: ${complaints.join("\n")}`);
    const text = await state.textContent();
    return { accuracy: Number(/([\d.]+) %/.exec(text)[1]), species: await page.textContent("#species") };
  } finally {
    await browser.close();
    process.kill(-server.pid, "SIGTERM");
  }
}

async function until(find, otherwise) {
  for (const limit = performance.now() + 60_000; performance.now() < limit;) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(otherwise());
}
