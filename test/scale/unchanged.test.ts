// What has not changed costs next to nothing, and a change while one watches is there at once.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { builtCli, ended, startBuilt } from "../tools/built-cli.js";
import { put, workspace } from "../tools/workspace.js";

const DIGITS = readFileSync(resolve(import.meta.dirname, "../../examples/digits/digits.net.ts"), "utf8");

test("20 networks that have not changed take less than 2 s", async () => {
  const folder = workspace({ "package.json": "{}" });
  for (let i = 0; i < 20; i++) put(folder, `src/n${i}.net.ts`, DIGITS.replace("256", String(8 + i)));
  expect((await builtCli(folder, ["generate", "--entries", "predict"])).code).toBe(0);
  const times: number[] = [];
  for (let i = 0; i < 2; i++) {
    const start = performance.now();
    const { out } = await builtCli(folder, ["generate", "--entries", "predict"]);
    times.push(performance.now() - start);
    expect(out.match(/unchanged/g)).toHaveLength(20);
  }
  expect(Math.min(...times)).toBeLessThan(2000);
  // The control: compiling takes longer.
  const start = performance.now();
  await builtCli(folder, ["generate", "--entries", "predict", "--force"]);
  expect(performance.now() - start).toBeGreaterThan(Math.min(...times));
});

test("one that changes while one watches takes less than 500 ms", async () => {
  const folder = workspace({ "package.json": "{}", "digits.net.ts": DIGITS });
  await builtCli(folder, ["generate"]);
  const child = startBuilt(folder, ["generate", "--watch"]);
  const result = ended(child);
  let out = "";
  child.stdout!.on("data", (chunk) => (out += String(chunk)));
  const until = async (holds: () => boolean): Promise<void> => {
    for (const end = Date.now() + 20_000; !holds() && Date.now() < end;)
      await new Promise((done) => setTimeout(done, 20));
    expect(holds()).toBe(true);
  };
  await until(() => out.includes("watching"));
  // It is ready when it has compiled once for itself.
  await new Promise((done) => setTimeout(done, 4000));
  const times: number[] = [];
  for (const units of [120, 121, 122, 123]) {
    out = "";
    writeFileSync(join(folder, "digits.net.ts"), DIGITS.replace("128", String(units)));
    await until(() => /written in \d+ ms/.test(out));
    times.push(Number(/written in (\d+) ms/.exec(out)![1]));
  }
  child.kill();
  await result;
  // The best of some: other processes cost time, and never save any.
  expect(Math.min(...times)).toBeLessThan(500);
});
