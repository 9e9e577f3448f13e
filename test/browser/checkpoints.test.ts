// Checkpoints in a page's own database: a page that is left goes on where it was when it is opened again.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { load } from "../emitted/example.js";
import { compiledOf } from "../emitted/once.js";
import type { Tests } from "./page.js";
import { ISOLATED } from "./server.js";
import { openStage, scriptOf, type Stage } from "./stage.js";

declare const tests: Tests;

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  const network = await load("digits-adam/digits-adam.net.ts");
  for (const target of ["typescript", "wasm"] as const) {
    const script = scriptOf(compiledOf(network, "float32", target));
    stage.server.files.set(`/${target}.js`, { body: script, headers: ISOLATED });
  }
});
afterAll(() => (stage as Stage | undefined)?.close());

describe.each(["typescript", "wasm"])("%s", (target) => {
  const making = { module: `/${target}.js` };

  test("a page that is left in the midst of an epoch, three times, and opened again", async () => {
    const { page, server } = stage;
    const whole = await page.evaluate(([making, store]) => tests.trainKept(making, { store, epochs: 3 }), [
      making,
      `${target} whole`,
    ] as const);
    expect(whole.history.epoch).toEqual([0, 1, 2]);
    const left = { store: `${target} left`, epochs: 3 };
    for (const batches of [3, 1, 5]) {
      const options = { ...left, batches };
      await page.evaluate(([making, options]) => tests.trainKept(making, options), [making, options] as const);
      await page.goto(`${server.origin}/`);
    }
    const again = await page.evaluate(([making, left]) => tests.trainKept(making, left), [making, left] as const);
    expect(again).toEqual(whole);
    // 100 rows are 4 batches.
    expect(again.kept).toEqual(["best.safetensors", "checkpoint-000000012.safetensors"]);
    // The control: one epoch less is another model.
    const less = { store: `${target} less`, epochs: 2 };
    const shorter = await page.evaluate(([making, less]) => tests.trainKept(making, less), [making, less] as const);
    expect(shorter.bits).not.toEqual(whole.bits);
  });

  test("with threads, whose memory is shared", async () => {
    if (target === "typescript") return;
    const { page } = stage;
    const threads = { ...making, threads: 2 };
    const run = (store: string, batches?: number) =>
      page.evaluate(([making, options]) => tests.trainKept(making, options), [
        threads,
        { store, epochs: 2, ...(batches && { batches }) },
      ] as const);
    const whole = await run("shared whole");
    await run("shared", 3);
    expect((await run("shared")).bits).toEqual(whole.bits);
    await page.evaluate(() => tests.dispose());
  });
});

test("a page says what it cannot do", async () => {
  expect(await stage.page.evaluate(() => tests.refusedByStore())).toEqual([
    expect.stringMatching(/^NO_STORE: there is no file system here\n {2}hint: .*pageStore\(name\)/),
    expect.stringMatching(/^STORE_FAILED: the checkpoints "empty": .*there is no a\.safetensors/),
  ]);
});
