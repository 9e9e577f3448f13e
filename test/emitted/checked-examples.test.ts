// Every example in the checked build, with few rows: no load or store is at fault.

import { describe, test } from "vitest";
import { some } from "../extent.js";
import { BUILDS, expectNone, faultOf } from "./checked.js";
import { files, load } from "./example.js";

describe.each(BUILDS)("$target", (build) => {
  test.each(some(files, 9))("%s", async (file) => {
    const network = await load(file);
    const rows = build.target === "wasm" ? [3, 1] : [2];
    const few = rows.map((count) => Math.min(count, network.capacity));
    expectNone(file, faultOf(network, build, undefined, few));
  });
});
