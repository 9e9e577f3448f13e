// A printer that knows lowerings alone prints every op, every layer and every example, and what it prints computes what the float64
// interpreter does: outputs, losses, gradients, statistics, what steps and resets leave behind.

import { describe, expect, test } from "vitest";
import { calls } from "../emitted/calls.js";
import { CAPACITY } from "../emitted/called.js";
import { files, load } from "../emitted/example.js";
import { networks } from "../emitted/networks.js";
import { unsampled } from "../emitted/unsampled.js";
import { expectPrinted, printedNetwork } from "./compare.js";
import { javascript } from "./javascript.js";

describe("ops", () => {
  test.each(calls)("%s", (_, { network, ranges }) => {
    const printed = printedNetwork(network, javascript(), 31);
    for (const rows of [1, CAPACITY]) expectPrinted(printed, rows, { ranges });
  });

  test.each(Object.entries(unsampled))("%s", (_, build) => {
    const printed = printedNetwork(build(CAPACITY), javascript(), 31);
    for (const rows of [1, CAPACITY]) expectPrinted(printed, rows);
  });
});

test.each(Object.entries(networks))("%s", (_, build) => {
  const printed = printedNetwork(build(), javascript(), 3);
  for (const rows of [1, 3]) expectPrinted(printed, rows);
});

test.each(files)("%s", async (file) => {
  const printed = printedNetwork(await load(file), javascript(), 3);
  expectPrinted(printed, 2, { ranges: { image: [0, 1], label: [0, 1], digit: [0, 1] } });
  expect(printed.text).not.toMatch(/undefined|\bNaN\b/);
});
