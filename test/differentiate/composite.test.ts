// A composite op that states no derivative is differentiated through what it expands to.

import { expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { createNode, type Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import { dim } from "../../src/graph/shape.js";
import { mul, tanh } from "../../src/ops/pointwise/arithmetic.js";
import { float, noSamples, record } from "../../src/ops/define.js";
import { gradientAt } from "../../src/ops/marker/markers.js";
import { leaf, opsOf, ORIGIN, run, weigh } from "./check.js";

const cubeDef: OpDef = record({
  name: "cube",
  family: "composite",
  doc: "The third power.",
  operands: ["x"],
  infer: ({ inputs: [x] }) => float(x!.shape),
  expand: ({ inputs: [x], origin }) => mul.at(origin, mul.at(origin, x!, x!), x!),
  differentiable: true,
  samples: noSamples,
});

const cube = (x: Node): Node => createNode(cubeDef, [x], {}, ORIGIN);

const [x, w] = ["x", "w"].map((name) => leaf(name, [dim(3)])) as [Node, Node];
const values = new Map([
  [x, [0.5, -1, 2]],
  [w, [1, 10, 100]],
]);

test("its gradient, and that of what lies beneath", () => {
  const inner = tanh.at(ORIGIN, x);
  const total = weigh(cube(inner), w);
  const derived = differentiate([gradientAt(ORIGIN, total, x), gradientAt(ORIGIN, total, inner)]);
  expect(opsOf(derived)).not.toContain("cube");
  const [byX, byInner] = run(derived, values, 1);
  values.get(x)!.forEach((at, i) => {
    const slope = 3 * Math.tanh(at) ** 2 * values.get(w)![i]!;
    expect(byInner![i]).toBeCloseTo(slope, 12);
    expect(byX![i]).toBeCloseTo(slope * (1 - Math.tanh(at) ** 2), 12);
  });
});

test("its second derivative", () => {
  const slope = gradientAt(ORIGIN, weigh(cube(x), w), x);
  const ones = leaf("ones", [dim(3)]);
  const [second] = run(
    differentiate([gradientAt(ORIGIN, weigh(slope, ones), x)]),
    new Map([...values, [ones, [1, 1, 1]]]),
    1,
  );
  values.get(x)!.forEach((at, i) => expect(second![i]).toBeCloseTo(6 * at * values.get(w)![i]!, 11));
});
