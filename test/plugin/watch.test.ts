// A build that watches: a change of a file that the definition imports is in the output; what is broken is said, and made when it
// is mended, wherever the fault lies; and nothing is built over and over.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { put, workspace } from "../tools/workspace.js";
import { PROJECT } from "./project.js";
import { watches } from "./watching.js";

let close: () => unknown = () => {};
afterEach(() => close());

const units = (folder: string, text: string): string => put(folder, "units.ts", `export const UNITS = ${text};`);

test.each(Object.entries(watches))("%s", async (_, watch) => {
  const folder = workspace({
    "package.json": '{ "type": "module" }',
    "main.js":
      'import { createXor } from "./xor.net.compiled";\nconsole.log(createXor().parameters["hidden.bias"].length);',
    "xor.net.ts": PROJECT["src/xor.net.ts"]!,
  });
  units(folder, ";");
  const builds: string[] = [];
  close = await watch(folder, (errors) => void builds.push(errors));
  const until = (errors: RegExp): Promise<void> =>
    expect.poll(() => builds.at(-1) ?? "none yet", { timeout: 20_000, interval: 10 }).toMatch(errors);
  const printed = (): string =>
    spawnSync(process.execPath, [join(folder, "out/main.mjs")], { encoding: "utf8" }).stdout.trim();
  await until(/BAD_SYNTAX/);

  // A watcher may need a moment before it sees what changes.
  await wait(300);
  units(folder, "3");
  await until(/^$/);
  expect(printed()).toBe("3");

  units(folder, "5");
  await expect.poll(printed, { timeout: 20_000 }).toBe("5");

  units(folder, "-1");
  await until(/dense/);
  units(folder, "6");
  await until(/^$/);
  expect(printed()).toBe("6");

  // A watcher may be told twice of one change; it comes to rest.
  let before: number;
  const limit = performance.now() + 10_000;
  do {
    before = builds.length;
    await wait(700);
  } while (builds.length !== before && performance.now() < limit);
  expect(builds.length).toBe(before);
  expect(builds.at(-1)).toBe("");
});
