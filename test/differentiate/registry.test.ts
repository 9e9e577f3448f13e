// The gradient of every op in the registry, in every sample, for each operand; and the gradient of its gradient.

import { describe, expect, test } from "vitest";
import type { OpDef, Sample } from "../../src/graph/op.js";
import { createNode, type Node } from "../../src/graph/node.js";
import { rewrite } from "../../src/graph/walk.js";
import { makeScalar } from "../../src/ops/leaf/leaves.js";
import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import { add, mul } from "../../src/ops/pointwise/arithmetic.js";
import { gradientAt } from "../../src/ops/marker/markers.js";
import { registry } from "../../src/ops/registry.js";
import { draw, drawer, gradientError, leaf, ORIGIN, weigh, type Values } from "./check.js";

const SEED = 7;
const ROWS = 3;

interface Case {
  readonly inputs: readonly Node[];
  readonly values: Values;
  readonly y: Node;
  /** A second scalar: the gradients of the first, weighed. */
  readonly second: () => Node;
}

function caseOf(sample: Sample, seed: number): Case {
  const next = drawer(seed);
  const values = new Map<Node, number[]>();
  const given = (
    name: string,
    type: { shape: Node["shape"]; dtype: Node["dtype"] },
    low: number,
    high: number,
  ): Node => {
    const node = leaf(name, type.shape, type.dtype);
    const drawn = draw(next, evaluateDim(sizeOf(type.shape), ROWS), low, high);
    const whole = type.dtype !== "float32";
    values.set(node, whole ? drawn.map((v) => Math.min(Math.floor(v), Math.ceil(high) - 1)) : drawn);
    return node;
  };
  const inputs = sample.inputs.map((input, i) => {
    const [low, high] = input.dtype === "bool" ? [0, 2] : input.range;
    return given(`x${i}`, input, input.dtype === "int32" ? 0 : low, input.below ?? high);
  });
  const out = sample.build(inputs);
  const weighed = (name: string, node: Node): Node => weigh(node, given(name, node, 0.5, 1.5));
  const y = weighed("w", out);
  const floats = inputs.filter((x) => x.dtype === "float32");
  const second = (): Node =>
    floats.map((x, i) => weighed(`v${i}`, gradientAt(ORIGIN, y, x))).reduce((a, b) => add.at(ORIGIN, a, b));
  return { inputs: floats, values, y, second };
}

const differentiable = registry.filter((def) => def.differentiable && def.samples(() => 0).length > 0);

describe("gradients of every op against differences", () => {
  test.each(differentiable.map((def) => [def.name, def] as const))("%s", (_, def) => {
    def
      .samples(() => 0)
      .forEach((sample, n) => {
        const { inputs, values, y } = caseOf(sample, SEED + n);
        const { error } = gradientError(y, inputs, values, ROWS);
        expect(error, `sample ${n}`).toBeLessThan(1e-8);
      });
  });
});

describe("second derivatives of every op against differences of the first", () => {
  test.each(differentiable.map((def) => [def.name, def] as const))("%s", (_, def) => {
    def
      .samples(() => 0)
      .forEach((sample, n) => {
        const { inputs, values, second } = caseOf(sample, SEED + n);
        const { error } = gradientError(second(), inputs, values, ROWS);
        expect(error, `sample ${n}`).toBeLessThan(1e-6);
      });
  });
});

describe("negative control: a rule scaled by 1.01 is found", () => {
  const stated = differentiable.filter((def) => def.vjp);
  test.each(stated.map((def) => [def.name, def] as const))("%s", (_, def) => {
    const scaled: OpDef = {
      ...def,
      vjp: (adjoint) => def.vjp!(adjoint).map((g) => g && mul.at(ORIGIN, g, makeScalar(ORIGIN, 1.01))),
    };
    const { inputs, values, y } = caseOf(def.samples(() => 0)[2]!, SEED);
    const wrong = rewrite([y], (node) =>
      node.def === def ? createNode(scaled, node.inputs, node.attrs, node.origin, node.regions) : node,
    )[0]!;
    expect(gradientError(wrong, inputs, values, ROWS).error).toBeGreaterThan(1e-3);
  });
});
