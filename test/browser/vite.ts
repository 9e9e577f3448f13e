// A project in Vite's development server, and a page of it whose scripts are changed while it is open.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { tapeless, type PluginOptions } from "../../compiler/tools/plugin/vite.js";

export interface Project {
  readonly server: ViteDevServer;
  readonly page: Page;
  /** What the page's console said. */
  readonly messages: readonly string[];
  /** What the server logged. */
  readonly logged: readonly string[];
  /** Replaces a part of a file. Throws where the file does not have it. */
  readonly edit: (file: string, from: string, to: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const HTML =
  '<!doctype html><meta charset="utf-8" /><title>Page</title><link rel="icon" href="data:," /><script type="module" src="/main.js"></script>';

export async function openProject(folder: string, browser: Browser, options?: PluginOptions): Promise<Project> {
  const logged: string[] = [];
  const log = (text: string): void => void logged.push(text);
  const server = await createServer({
    root: folder,
    configFile: false,
    cacheDir: join(folder, "node_modules/.vite"),
    customLogger: {
      info: log,
      warn: log,
      warnOnce: log,
      error: log,
      clearScreen: () => {},
      hasErrorLogged: () => false,
      hasWarned: false,
    },
    plugins: [tapeless(options)],
    server: { host: "127.0.0.1", port: 0 },
  });
  await server.listen();
  const context = await browser.newContext();
  const page = await context.newPage();
  const messages: string[] = [];
  page.on("console", (message) => void messages.push(`${message.type()} ${message.text()}`));
  page.on("pageerror", (error) => void messages.push(`thrown ${error.message}`));
  await page.goto(server.resolvedUrls!.local[0]!);
  return {
    server,
    page,
    messages,
    logged,
    async edit(file, from, to) {
      // Vite's watcher leaves out a change that follows another one within 50 ms.
      await setTimeout(100);
      const path = join(folder, file);
      const text = readFileSync(path, "utf8");
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
      writeFileSync(path, text.replace(from, to));
    },
    async close() {
      await context.close();
      await server.close();
    },
  };
}
