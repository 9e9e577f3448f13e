// tapeless/data in a page under a policy that evaluates nothing: files by address, as File, packed, pictures as the browser sees them.

import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { png as greyPng } from "../../examples/data/png.js";
import { fit } from "../../src/train/index.js";
import { idx, littleNumbers, npy, png } from "../data/bytes.js";
import { line, linearModel } from "../train/fake-model.js";
import type { DataTests } from "./data-page.js";
import { bundleOf, htmlOf, openStage, type Stage } from "./stage.js";

declare const dataTests: DataTests;

let stage: Stage;
const troubles: string[] = [];

beforeAll(async () => {
  stage = await openStage();
  const { server, page } = stage;
  const policy = { "Content-Security-Policy": "default-src 'self'" };
  server.files.set("/data.js", { body: bundleOf("data-page.ts") });
  server.files.set("/data", { body: htmlOf("/data.js"), headers: { ...policy, "Content-Type": "text/html" } });
  page.on("pageerror", (error) => void troubles.push(String(error)));
  page.on("console", (message) => void troubles.push(message.text()));
  await page.goto(`${server.origin}/data`);
  await page.waitForFunction(() => "dataTests" in globalThis);
});
afterAll(async () => {
  await (stage as Stage | undefined)?.close();
});

const put = (path: string, body: Uint8Array | string): string => {
  stage.server.files.set(path, { body });
  return path;
};

test("arrays and tables", async () => {
  const values = Array.from({ length: 300 }, (_, i) => (i * 7) % 256);
  const bytes = idx("uint8", [100, 3], values);
  const plain = put("/plain", bytes);
  const packed = put("/packed", new Uint8Array(gzipSync(bytes)));
  for (const address of [plain, packed]) {
    expect(await stage.page.evaluate((at) => dataTests.idx(at), address)).toEqual(values);
    expect(await stage.page.evaluate((at) => dataTests.ofFile(at), address)).toEqual(values);
  }
  const array = put("/npy", npy("<f4", [3], littleNumbers("float32", [1, 0.5, -2])));
  expect(await stage.page.evaluate((at) => dataTests.npy(at), array)).toEqual([1, 0.5, -2]);
  const table = put("/csv", 'name\n"ä, b"\nc\n');
  expect(await stage.page.evaluate((at) => dataTests.csv(at), table)).toEqual({ name: ["ä, b", "c"] });
});

test("pictures are those that the browser sees", async () => {
  const greys = Uint8Array.from({ length: 12 * 7 }, (_, i) => (i * 5) % 256);
  const grey = put("/grey", new Uint8Array(greyPng({ width: 12, height: 7, greys })));
  const lines = Array.from({ length: 3 }, (_, y) => [
    2,
    ...Array.from({ length: 8 * 3 }, (__, x) => (x * 11 + y) % 256),
  ]);
  const color = put("/color", png({ width: 8, height: 3, color: 2, lines: lines.flat() }));
  for (const address of [grey, color]) {
    const [ours, browser] = await stage.page.evaluate((at) => dataTests.pictures(at), address);
    expect(ours).toEqual(browser);
  }
});

test("rows that come while it trains", async () => {
  const { inputs, targets } = line(10);
  const x = put("/x", idx("float32", [10, 1], [...inputs.x]));
  const y = put("/y", idx("float32", [10, 1], [...targets.y]));
  const expected = fit(linearModel({ capacity: 4, features: 1, rate: 0.1 }), line(10), { epochs: 2, shuffle: false });
  expect(await stage.page.evaluate(([a, b]) => dataTests.trained(a, b), [x, y] as const)).toEqual(expected.loss);
});

test("a path is refused, with what to give", async () => {
  const refused = await stage.page.evaluate(() => dataTests.refusal("images.idx"));
  expect(refused).toMatch(/NOT_A_SOURCE: "images.idx" is a path, and here are no files\n.*File/);
  expect(troubles).toEqual([]);
});
