// Links of the pages resolve, in the repository and in the package that is published.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf, brokenLinks, linksOf, type Files } from "./links.js";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const PAGES = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md"];
const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
const pages = [
  ...PAGES,
  ...docs.filter((path) => path.endsWith(".md")).map((path) => `docs/${path.replaceAll("\\", "/")}`),
];

const repository: Files = { has: (path) => existsSync(join(root, path)), read };

test("each link of the repository's pages leads to a file and a heading", () => {
  expect(pages.length).toBeGreaterThan(20);
  expect(pages.flatMap((page) => linksOf(page, read(page))).length).toBeGreaterThan(100);
  expect(brokenLinks(pages, repository)).toEqual([]);
});

/** What `npm pack` takes, without building. */
function packed(): readonly string[] {
  const out = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    shell: process.platform === "win32",
  });
  const [{ files }] = JSON.parse(out) as [{ files: readonly { readonly path: string }[] }];
  return files.map(({ path }) => path);
}

test("each link of the package's pages leads to what is packed", () => {
  const files = packed();
  const inPackage: Files = {
    has: (path) => files.some((file) => file === path || file.startsWith(`${path}/`)),
    read,
  };
  const own = files.filter((path) => path.endsWith(".md") && !path.startsWith("dist/"));
  expect(own.toSorted()).toEqual(expect.arrayContaining(pages.toSorted()));
  expect(brokenLinks(own, inPackage)).toEqual([]);
  // The control: without a page, those that link to it are named.
  const less: Files = { ...inPackage, has: (path) => path !== "docs/layers.md" && inPackage.has(path) };
  expect(brokenLinks(own, less).map(({ page }) => page)).toContain("README.md");
});

test("the controls: a file that is not there, a heading that is not there", () => {
  const texts: Readonly<Record<string, string>> = {
    "a.md":
      "# A\n\n[b](docs/b.md#two-words) [b](docs/b.md#two-word) [c](docs/c.md) [a](#a) [s](https://a.b/c) `[d](d.md)`\n",
    "docs/b.md":
      "# B\n\n## Two `words`!\n\n```md\n## Three\n[e](e.md)\n```\n\n[up](../a.md) [up](a.md) [here](#three)\n",
  };
  const files: Files = { has: (path) => path in texts, read: (path) => texts[path]! };
  expect(brokenLinks(Object.keys(texts), files)).toEqual([
    { page: "a.md", line: 3, target: "docs/b.md#two-word" },
    { page: "a.md", line: 3, target: "docs/c.md" },
    { page: "docs/b.md", line: 10, target: "a.md" },
    { page: "docs/b.md", line: 10, target: "#three" },
  ]);
  expect([...anchorsOf("# A b\n## A b\n## 7. ReLU in place of the sigmoid\n### Of `tapeless/train`\n")]).toEqual([
    "a-b",
    "a-b-1",
    "7-relu-in-place-of-the-sigmoid",
    "of-tapelesstrain",
  ]);
});
