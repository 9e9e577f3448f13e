// What the fuzzer has found, as small as it got: each definition stays right in every variant.

import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import type { Network } from "../../src/graph/network.js";
import { count, some } from "../extent.js";
import { checkBuilt } from "./check.js";
import { allowRelaxed, VARIANTS } from "./variants.js";

const folder = new URL("./found/", import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".net.ts"))
  .map((name) => name.replace(/\.net\.ts$/, ""));

allowRelaxed(setFlagsFromString);

const SEEDS = [1, 2, 3].slice(0, count(1, 3));

test.each(names.map((name, n) => [name, some(VARIANTS, 1 + (n % 4))] as const))("%s", async (name, variants) => {
  const { default: network } = (await import(`./found/${name}.net.ts`)) as { readonly default: Network };
  for (const seed of SEEDS) {
    expect(checkBuilt(() => network, { seed, slopes: true, variants }).failure).toBeUndefined();
  }
});
