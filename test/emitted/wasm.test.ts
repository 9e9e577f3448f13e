// Every op of the registry on the WebAssembly target, as test/emitted/registry.test.ts has it for TypeScript.

import { describe, expect, test } from "vitest";
import type { OpDef, Sample } from "../../src/graph/op.js";
import { registry } from "../../src/ops/registry.js";
import { withScaledArgument } from "../oracle/scaled-rule.js";
import { drawFrom, randomNumbers } from "../oracle/leaves.js";
import { expectEqual, networkOf } from "./called.js";
import { unsampled } from "./unsampled.js";

const samplesOf = (def: OpDef): readonly Sample[] => def.samples(drawFrom(randomNumbers(31)));
const sampled = registry.filter((def) => samplesOf(def).length > 0);
const target = "wasm";

// float64 modules have the same loops as float32's scalar ones: what they compute with is JavaScript's.
describe.each([
  ["float64", sampled.filter((_, n) => n % 4 === 0)],
  ["float32", sampled],
] as const)("%s: WebAssembly = interpreted", (dtype, ops) => {
  test.each(ops.map((def) => [def.name, def] as const))("%s", (_, def) => {
    expectEqual(networkOf(samplesOf(def), def.differentiable), dtype, { target });
  });

  test.each(Object.entries(unsampled))("%s", (_, build) => {
    expectEqual({ network: build(3), ranges: {} }, dtype, { target });
  });
});

test("negative control: a rule that is off by a factor is seen", () => {
  const sample = samplesOf(registry.find((def) => def.name === "contract")!)[0]!;
  const off = { ...sample, build: withScaledArgument(0, 1 + 1e-4, sample.build) };
  const other = networkOf([off], true).network;
  expect(() => expectEqual(networkOf([sample], true), "float32", { other, target })).toThrow(/apart/);
});
