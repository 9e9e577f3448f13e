// What the fuzzer has found, as small as it got: each definition stays right in every variant.

import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import type { Network } from "../../src/graph/network.js";
import { checkBuilt } from "./check.js";
import { allowRelaxed, VARIANTS } from "./variants.js";

const folder = new URL("./found/", import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".net.ts"))
  .map((name) => name.replace(/\.net\.ts$/, ""));

/** Not mended yet. */
const OPEN: readonly string[] = [];

allowRelaxed(setFlagsFromString);

test("each definition that is open is there", () => {
  expect(OPEN.filter((name) => !names.includes(name))).toEqual([]);
});

test.each(names.filter((name) => !OPEN.includes(name)).concat(OPEN.length === names.length ? ["none"] : []))(
  "%s",
  async (name) => {
    if (name === "none") return;
    const { default: network } = (await import(`./found/${name}.net.ts`)) as { readonly default: Network };
    for (const seed of [1, 2, 3]) {
      expect(checkBuilt(() => network, { seed, slopes: true, variants: VARIANTS }).failure).toBeUndefined();
    }
  },
);
