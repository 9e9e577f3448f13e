// Reverse mode on the interpreter against forward mode by dual numbers: both are exact, so they agree to rounding.

import { describe, expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import type { Node } from "../../src/graph/node.js";
import type { OpDef, Sample } from "../../src/graph/op.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { registry } from "../../src/ops/registry.js";
import * as ops from "../ops/api.js";
import { forward, type Dual } from "./dual.js";
import { drawFrom, elements, evaluator, floats, leaf, randomNumbers, valuesFor } from "./leaves.js";
import { withScaledRule } from "./scaled-rule.js";

/** Also the numbers of rows. */
const SEEDS = [1, 2, 3];

/** Throws where values differ, or where the two derivatives of sum(y * w) along a random direction do. */
function expectForward({ inputs, build }: Sample, rows: number, seed: number, differentiated = build): number {
  const random = randomNumbers(seed);
  const leaves = inputs.map((type, i) => leaf(`x${i}`, type, type.below));
  const values = inputs.map((type) => valuesFor(type, rows, random));
  const tangents = inputs.map((type, i) =>
    type.dtype === "float32" ? floats(values[i]!.length, random) : new Float64Array(values[i]!.length),
  );
  const y = build(leaves);
  const w = leaf("w", { shape: y.shape, dtype: "float32" });
  const weights = floats(elements(y, rows), random);
  const xs = leaves.filter((x) => x.dtype === "float32");
  const scalar = ops.sum(ops.mul(differentiated(leaves) as Tensor, w as never) as Tensor);
  const given = new Map<Node, Float64Array>(leaves.map((x, i) => [x as Node, values[i]!]));
  const [value] = evaluator([y], rows)(given);
  const gradients = evaluator(differentiate(xs.map((x) => ops.gradient(scalar, x))), rows)(given.set(w, weights));

  const duals = new Map<Node, Dual>(leaves.map((x, i) => [x as Node, { value: values[i]!, tangent: tangents[i]! }]));
  const [dual] = forward([y], duals, rows);
  expect(Array.from(dual!.value).every((v, i) => close(v, value![i]!, 1))).toBe(true);

  const products = xs.map((x, k) => {
    const tangent = tangents[leaves.indexOf(x)]!;
    return gradients[k]!.map((g, i) => g * tangent[i]!);
  });
  const pushed = Array.from(dual!.tangent, (t, i) => t * weights[i]!);
  const total = (list: ArrayLike<number>): number => Array.from(list).reduce((a, b) => a + b, 0);
  const size = Array.from(products, (list) => total(list.map(Math.abs))).reduce((a, b) => a + b, 0);
  const [backwards, forwards] = [products.reduce((sum, list) => sum + total(list), 0), total(pushed)];
  if (!close(backwards, forwards, size)) throw new Error(`forwards ${forwards}, backwards ${backwards}, seed ${seed}`);
  return size;
}

const close = (a: number, b: number, size: number): boolean =>
  Math.abs(a - b) <= 1e-12 * Math.max(1, size, Math.abs(b));

const samplesOf = (def: OpDef): [Sample, number][] =>
  SEEDS.flatMap((seed) => def.samples(drawFrom(randomNumbers(seed))).map((sample): [Sample, number] => [sample, seed]));

const smooth = registry.filter((def) => {
  const [first] = samplesOf(def);
  if (!first || !def.differentiable) return false;
  const [{ inputs, build }] = first;
  return build(inputs.map((type, i) => leaf(`x${i}`, type, type.below))).dtype === "float32";
});

describe("forwards and backwards agree", () => {
  test.each(smooth.map((def) => [def.name, def] as const))("%s", (_, def) => {
    for (const [sample, seed] of samplesOf(def)) expectForward(sample, seed, seed);
  });
});

describe("a rule that is off by a millionth is noticed", () => {
  test.each(["tanh", "contract", "logSumExp", "slice", "result", "softmaxCrossEntropy"])("%s", (name) => {
    const def = registry.find((one) => one.name === name)!;
    const [sample, seed] = samplesOf(def)[2]!;
    expect(expectForward(sample, 2, seed)).toBeGreaterThan(1e-3);
    const wrong = withScaledRule(def, 1 + 1e-6, sample.build);
    expect(() => expectForward(sample, 2, seed, wrong)).toThrow(/forwards .*, backwards .*, seed/);
  });
});
