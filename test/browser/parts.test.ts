// tapeless/page by itself: what it draws, where ink goes, what it refuses.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { PartsTests } from "./parts-page.js";
import { bundleOf, htmlOf, openStage, type Stage } from "./stage.js";

declare const partsTests: PartsTests;

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  const { server, page } = stage;
  server.files.set("/parts.js", { body: bundleOf("parts-page.ts") });
  server.files.set("/parts", { body: htmlOf("/parts.js"), headers: { "Content-Type": "text/html" } });
  await page.goto(`${server.origin}/parts`);
  await page.waitForFunction(() => "partsTests" in globalThis);
});
afterAll(() => (stage as Stage | undefined)?.close());

test("what is no element, no option or not there is refused", async () => {
  const refused = await stage.page.evaluate(() => partsTests.refusals());
  expect(refused.map((message) => message.split("\n")[0])).toEqual([
    "BAD_ELEMENT: drawingPad needs a canvas, but it was given null",
    "BAD_ELEMENT: drawingPad needs a canvas, but it was given an object of type HTMLDivElement",
    "BAD_ELEMENT: the canvas has no 2d context",
    "BAD_OPTION: penWidth must be a number above 0 and up to 1, but it is 0",
    'BAD_OPTION: penWidth must be a number above 0 and up to 1, but it is "0.1"',
    expect.stringMatching(/^BAD_OPTION: onChange must be a function/),
    expect.stringMatching(/^UNKNOWN_NAME: there is no option named "width"/),
    'BAD_ELEMENT: bars needs an element, but it was given "classes"',
    "BAD_LENGTH: there are 1 numbers, but 2 are needed",
    "BAD_ELEMENT: liveCurve needs an svg element, but it was given an object of type HTMLCanvasElement",
    'UNKNOWN_NAME: the curve has no line named "lost"',
  ]);
});

test("a curve goes through its points, without those that are no numbers", async () => {
  const paths = (points: readonly (readonly [number, number])[]) =>
    stage.page.evaluate((points) => partsTests.pathsOf(points), points);
  // 300 by 200, with 44 and 12 pixels beside it and 24 above and below; from 0 to 2 and from 0 to 4.
  const [line] = await paths([
    [0, 4],
    [1, NaN],
    [NaN, 1],
    [Infinity, 1],
    [1, -1e305],
    [1, 2],
    [2, 0],
  ]);
  expect(line).toBe("M44.0 24.0L166.0 100.0L288.0 176.0");
  expect((await paths([]))[0]).toBe("");
  const many = await paths(Array.from({ length: 5000 }, (_, x) => [x, Math.sin(x)] as const));
  expect(many[0]!.split("L").length).toBeLessThanOrEqual(1000);
  expect(many[0]).toMatch(/L288\.0 [\d.]+$/);
});

test("bars show what is no number as such, and mark the largest of the others", async () => {
  const rows = (values: readonly number[]) => stage.page.evaluate((values) => partsTests.rowsOf(values), values);
  expect(await rows([0.25, 0.75])).toEqual([
    [0.25, "25 %", false],
    [0.75, "75 %", true],
  ]);
  expect(await rows([NaN, 0.5])).toEqual([
    [0, "NaN %", false],
    [0.5, "50 %", true],
  ]);
  expect((await rows([NaN, NaN])).some(([, , isLargest]) => isLargest)).toBe(false);
  expect((await rows([0, 0]))[0]).toEqual([0, "0 %", true]);
});

test("ink is where the pointer was, in the canvas's own pixels, within its border", async () => {
  const { page } = stage;
  await page.evaluate(() => partsTests.openPad());
  expect(await page.evaluate(() => partsTests.isEmpty())).toBe(true);
  const box = (await page.locator("canvas").boundingBox())!;
  const at = (x: number, y: number) => [box.x + 10 + 2 * x, box.y + 10 + 2 * y] as const;
  await page.mouse.move(...at(20, 25));
  await page.mouse.down();
  await page.mouse.move(...at(80, 25), { steps: 4 });
  // Outside of the pad the line goes on, and no other button draws.
  await page.mouse.up();
  await page.mouse.move(...at(80, 5));
  await page.mouse.down({ button: "right" });
  await page.mouse.move(...at(10, 5));
  await page.mouse.up({ button: "right" });
  // A pen of 10 pixels, with a pixel of soft edge.
  const [left, right, top, bottom] = await page.evaluate(() => partsTests.inkOf());
  for (const [given, expected] of [
    [left, 15],
    [right, 84],
    [top, 20],
    [bottom, 29],
  ] as const) {
    expect(Math.abs(given! - expected)).toBeLessThanOrEqual(1);
  }
  expect(await page.evaluate(() => partsTests.isEmpty())).toBe(false);
  await expect.poll(() => page.evaluate(() => partsTests.changes())).toBeGreaterThan(0);
  await page.evaluate(() => partsTests.dispose());
  await page.mouse.move(...at(10, 45));
  await page.mouse.down();
  await page.mouse.up();
  expect(await page.evaluate(() => partsTests.inkOf())).toEqual([left, right, top, bottom]);
});

/** A pad that was opened just now: where its own pixels are on the screen. */
async function opened(style: Readonly<Record<string, string>> = {}, scale = 1) {
  const { page } = stage;
  await page.evaluate((style) => partsTests.openPad(style), style);
  const box = (await page.locator("canvas").boundingBox())!;
  return (x: number, y: number) => [box.x + scale * (10 + 2 * x), box.y + scale * (10 + 2 * y)] as const;
}

const inkOf = () => stage.page.evaluate(() => partsTests.inkOf());
const isNear = (ink: readonly number[], expected: readonly number[]): boolean =>
  ink.length === expected.length && expected.every((place, i) => Math.abs(place - ink[i]!) <= 1);

test.each([
  ["a transform", { transform: "scale(1.5)", transformOrigin: "0 0" }],
  ["zoom", { zoom: "1.5" }],
])("ink is where the pointer was on a pad that %s shows larger", async (_, style) => {
  const { mouse } = stage.page;
  const at = await opened(style, 1.5);
  await mouse.move(...at(20, 25));
  await mouse.down();
  await mouse.move(...at(80, 25));
  await mouse.up();
  expect(await inkOf()).toSatisfy((ink: number[]) => isNear(ink, [15, 84, 20, 29]));
});

test("a tap leaves a dot", async () => {
  const { mouse } = stage.page;
  await mouse.move(...(await opened())(50, 25));
  await mouse.down();
  await mouse.up();
  expect(await inkOf()).toSatisfy((ink: number[]) => isNear(ink, [45, 54, 20, 29]));
});

test("a stroke whose end nobody has told ends all the same, and the pad goes on", async () => {
  const { mouse } = stage.page;
  const at = await opened();
  await mouse.move(...at(20, 25));
  await mouse.down();
  await stage.page.evaluate(() => partsTests.replace());
  await mouse.move(1, 300);
  await mouse.up();
  const before = await inkOf();
  expect(before).toSatisfy((ink: number[]) => isNear(ink, [15, 24, 20, 29]));
  await mouse.move(...at(80, 40));
  expect(await inkOf()).toEqual(before);
  await mouse.down();
  await mouse.move(...at(80, 25));
  await mouse.up();
  expect(await inkOf()).toSatisfy((ink: number[]) => isNear(ink, [15, 84, 20, 44]));
});

test("another pointer draws where the first one has left without a word", async () => {
  const { mouse } = stage.page;
  const at = await opened();
  await mouse.move(...at(20, 25));
  await mouse.down();
  // While one is there, no other one draws.
  await stage.page.evaluate(() => partsTests.stroke(60, 80, 40));
  expect(await inkOf()).toSatisfy((ink: number[]) => isNear(ink, [15, 24, 20, 29]));
  await stage.page.evaluate(() => partsTests.replace());
  await stage.page.evaluate(() => partsTests.stroke(60, 80, 40));
  expect(await inkOf()).toSatisfy((ink: number[]) => isNear(ink, [15, 84, 20, 44]));
  await mouse.up();
});

test("a pad that is disposed of tells nothing more, and lets fingers scroll", async () => {
  const { page } = stage;
  await opened({ touchAction: "pan-y" });
  expect(await page.evaluate(() => partsTests.touchAction())).toBe("none");
  const changes = await page.evaluate(async () => {
    partsTests.clear();
    partsTests.dispose();
    await partsTests.threePictures();
    return partsTests.changes();
  });
  expect(changes).toBe(0);
  expect(await page.evaluate(() => partsTests.touchAction())).toBe("pan-y");
});
