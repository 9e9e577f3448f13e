// The bounds that docs/verification.md states are those that the routines are tested with.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorBounds } from "../../compiler/5-emit/wasm/math/index.js";

const documented = (text: string): Readonly<Record<string, number>> => {
  const row = text.split("\n").find((line) => line.startsWith("| WebAssembly float32 |"))!;
  return Object.fromEntries(
    [...row.split("|")[3]!.matchAll(/(\w+) (\d)(?!\^)/g)].map(([, op, bound]) => [op!, Number(bound)]),
  );
};

const page = readFileSync(new URL("../../docs/verification.md", import.meta.url), "utf8");

test("bounds in units of the last place are as documented", () => {
  expect(documented(page)).toEqual(errorBounds);
});

test("control: another bound is noticed", () => {
  expect(documented(page.replace("sigmoid 3", "sigmoid 2"))).not.toEqual(errorBounds);
});
