// Every op of the registry: outputs, loss, gradients with respect to parameters and inputs, parameters after steps, at one
// row and at all, in both float types, on both targets. An op's calls share a network; test/oracle/emitted.test.ts has
// them apart.

import { describe, expect, test } from "vitest";
import type { Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import { everyNode } from "../../src/graph/walk.js";
import { registry } from "../../src/ops/registry.js";
import { withScaledArgument } from "../oracle/scaled-rule.js";
import { CAPACITY, expectEqual, networkOf } from "./called.js";
import { calls, sampled, samplesOf } from "./calls.js";
import { unsampled } from "./unsampled.js";

// float64 modules on WebAssembly have the same loops as float32's scalar ones: what they compute with is JavaScript's.
const BUILDS = [
  { target: "typescript", dtype: "float64", every: 1 },
  { target: "typescript", dtype: "float32", every: 1 },
  { target: "wasm", dtype: "float32", every: 1 },
  { target: "wasm", dtype: "float64", every: 4 },
] as const;

describe.each(BUILDS)("$target, $dtype: emitted = interpreted", ({ target, dtype, every }) => {
  const some = <T>(list: readonly T[]): T[] => list.filter((_, n) => n % every === 0);

  test.each(some(calls))("%s", (_, called) => expectEqual(called, dtype, { target }));

  test.each(some(Object.entries(unsampled)))("%s", (_, build) => {
    expectEqual({ network: build(CAPACITY), ranges: {} }, dtype, { target });
  });
});

test("every op is met", () => {
  const met = new Set<OpDef>(sampled);
  const visit = (roots: readonly Node[]): void => {
    for (const node of everyNode(roots)) {
      met.add(node.def);
      for (const region of node.regions) visit([...region.parameters, ...region.results]);
    }
  };
  for (const build of Object.values(unsampled)) {
    const { outputs, steps } = build(CAPACITY);
    visit([...Object.values(outputs), ...Object.values(steps).map((step) => step.loss)]);
  }
  const hidden = new Set(["hyper"]); // every optimizer has one
  expect(registry.filter((def) => !met.has(def) && !hidden.has(def.name)).map((def) => def.name)).toEqual([]);
});

describe("negative controls", () => {
  const sample = samplesOf(registry.find((def) => def.name === "contract")!)[0]!;

  test.each([
    ["typescript", "float64", 1 + 1e-9],
    ["typescript", "float32", 1 + 1e-4],
    ["wasm", "float32", 1 + 1e-4],
  ] as const)("%s, %s: a rule that is off by a factor of %d is seen", (target, dtype, factor) => {
    const other = networkOf([{ ...sample, build: withScaledArgument(0, factor, sample.build) }], true).network;
    expect(() => expectEqual(networkOf([sample], true), dtype, { target, other })).toThrow(/apart/);
  });
});
