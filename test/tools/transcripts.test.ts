// The README's first command, and what the README says that it prints.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { builtCli } from "./built-cli.js";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The fenced block that follows the command in the README. */
const block = /npm ci && npm start\n```[^]*?\n```\n([^]*?)```/.exec(read("README.md"))![1]!;

/** What `npm start` runs, after the build. */
const { start } = (JSON.parse(read("package.json")) as { scripts: { start: string } }).scripts;
const args = /node dist\/cli\.js (.*)$/.exec(start)![1]!.split(" ");

/**
 * How fast it is depends on the machine; the last digits of a loss on whether the engine rounds sums of products once; how small a packed
 * file is, by some bytes, on the engine.
 */
const bare = (text: string): string =>
  text
    .replace(/^.* left\n|^…\n/gm, "")
    .replace(/[\d,]+ examples\/s/g, "n examples/s")
    .replace(/ {2}[\d.]+ s$/gm, "  n s")
    .replace(/gzipped (\d+,\d)\d\d/g, "gzipped $1nn")
    .replace(/loss (0\.\d\d)\d*/g, "loss $1")
    .replace(/accuracy (\d\d)\.\d\d %/g, "accuracy $1 %");

test("npm start prints what the README shows", async () => {
  const { code, out, err } = await builtCli(root, args);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(bare(out)).toBe(bare(block));
  expect(out).toMatch(/\nδlogits = .*\nδh2\.add = .*\nδh1\.add = .*\n$/);
  // The control: another size, or another line, is another transcript.
  expect(bare(out.replace(/gzipped [\d,]+/, "gzipped 1"))).not.toBe(bare(block));
});
