// Every op of the registry: outputs, loss, gradients with respect to parameters and inputs, parameters after steps, at one
// row and at all, in both float types. An op's calls share a network; test/oracle/emitted.test.ts has them apart.

import { describe, expect, test } from "vitest";
import type { Node } from "../../src/graph/node.js";
import type { OpDef, Sample } from "../../src/graph/op.js";
import { everyNode } from "../../src/graph/walk.js";
import { registry } from "../../src/ops/registry.js";
import { withScaledArgument } from "../oracle/scaled-rule.js";
import { drawFrom, randomNumbers } from "../oracle/leaves.js";
import { CAPACITY, expectEqual, networkOf } from "./called.js";
import { unsampled } from "./unsampled.js";

const samplesOf = (def: OpDef): readonly Sample[] => def.samples(drawFrom(randomNumbers(31)));
const sampled = registry.filter((def) => samplesOf(def).length > 0);

const calls = sampled.map((def) => [def.name, networkOf(samplesOf(def), def.differentiable)] as const);

describe.each(["float64", "float32"] as const)("%s: emitted = interpreted", (dtype) => {
  test.each(calls)("%s", (_, called) => expectEqual(called, dtype));

  test.each(Object.entries(unsampled))("%s", (_, build) => {
    expectEqual({ network: build(CAPACITY), ranges: {} }, dtype);
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
    ["float64", 1 + 1e-9],
    ["float32", 1 + 1e-4],
  ] as const)("%s: a rule that is off by a factor of %d is seen", (dtype, factor) => {
    const off = { ...sample, build: withScaledArgument(0, factor, sample.build) };
    expect(() => expectEqual(networkOf([sample], true), dtype, { other: networkOf([off], true).network })).toThrow(
      /apart/,
    );
  });
});
