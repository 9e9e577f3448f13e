// How the slope of a pointwise op is written: as graph ops where it is a product or quotient of few operands, as one derived op
// otherwise. Read by the ops that are left, and compared with differences.

import { expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import type { Node } from "../../src/graph/node.js";
import { dim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { formula } from "../../src/ops/pointwise/formula.js";
import { gradientAt } from "../../src/ops/marker/markers.js";
import { sum } from "../../src/ops/reduce/reduce.js";
import { gradientError, leaf, opsOf, ORIGIN } from "./check.js";

const [x, y] = ["x", "y"].map((name) => leaf(name, [dim(3)]) as Tensor) as [Tensor, Tensor];
const values = new Map<Node, number[]>([
  [x, [0.5, -1.25, 2]],
  [y, [1.5, 0.75, -2]],
]);

/** A formula, and the ops of its gradient by x beyond leaves, the seed's broadcast and the formula itself. */
const cases: readonly (readonly [formula: string, ops: readonly string[]])[] = [
  ["x + y", []],
  ["y - x", ["neg"]],
  ["x * 3", ["mul"]],
  ["x * y", ["mul"]],
  ["x / y", ["div"]],
  ["x / (y * y)", ["div", "mul"]],
  ["x / (y * 3)", ["div", "mul"]],
  ["x / -y", ["div", "neg"]],
  ["x * y * 3", ["mul", "mul"]],
  ["3 / x", ["div", "div", "mul", "neg"]],
  ["x * y * y * y * y", ["mul", "mul", "mul", "mul"]],
  ["x * y * y * y * y * y", ["custom'x", "mul"]],
  ["x * tanh(y)", ["custom'x", "mul"]],
  ["where(x > 0, 2 * x, 0)", ["custom'x", "mul"]],
];

test.each(cases)("%s", (text, ops) => {
  const op = formula("custom", text, { operands: ["x", "y"] });
  const total = sum(op(x, y) as Tensor);
  const derived = differentiate([gradientAt(ORIGIN, total, x)]);
  const rest = opsOf(derived).filter((name) => !["input", "constant", "broadcast", "custom"].includes(name));
  expect(rest.sort()).toEqual(ops);
  expect(gradientError(total, [x, y], values, 1).error).toBeLessThan(1e-9);
});
