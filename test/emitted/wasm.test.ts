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

describe.each(["float64", "float32"] as const)("%s: WebAssembly = interpreted", (dtype) => {
  test.each(sampled.map((def) => [def.name, def] as const))("%s", (_, def) => {
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
