// The float64 interpreter's value and gradients of a case.

import { differentiate } from "../../compiler/1-differentiate/index.js";
import type { Node } from "../../src/graph/node.js";
import { evaluateShape } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { topological } from "../../src/graph/walk.js";
import { add, mul } from "../../src/ops/pointwise/arithmetic.js";
import { isNode } from "../../src/ops/define.js";
import { constant, stateDef } from "../../src/ops/leaf/leaves.js";
import { gradient } from "../../src/ops/marker/markers.js";
import { sum } from "../../src/ops/reduce/reduce.js";
import { elements, evaluator, leaf } from "../oracle/leaves.js";
import type { Builder, Given } from "./builder.js";
import { drawn, randomFor, ROWS, type FunctionCase, type RecordedFunction } from "./table.js";

export type Evaluated = Omit<RecordedFunction, "case">;

/** `name` says which random numbers the case begins with. */
export function evaluate(name: string, { inputs, rows = ROWS }: FunctionCase, build: Builder): Evaluated {
  const random = randomFor(name);
  const given = Object.entries(inputs).map(([key, form]) => {
    const { type, below, varied, values } = drawn(form, rows, random);
    return { key, node: leaf(key, type, below), varied, values };
  });
  const made = build(Object.fromEntries(given.map(({ key, node }) => [key, node])) as Given);
  const results = isNode(made) ? [made as Tensor] : made;
  const values = new Map<Node, ArrayLike<number>>(given.map(({ node, values }) => [node, values]));
  const weighted = results
    .filter(({ dtype }) => dtype === "float32")
    .map((y): Tensor => {
      const weights = leaf("weights", { shape: y.shape, dtype: "float32" });
      const drawnWeight = (r: number): number => (r < 0.5 ? r - 1.5 : r + 0.5);
      values.set(
        weights,
        Array.from({ length: elements(y, rows) }, () => drawnWeight(random())),
      );
      return sum(mul(y, weights)) as Tensor;
    });
  const floats = given.filter(({ varied }) => varied);
  const total = weighted.reduce((a, b) => add(a, b) as Tensor, constant(0) as Tensor);
  const slopes = weighted.length === 0 ? [] : floats.map(({ node }) => gradient(total, node));
  const derived = differentiate([...results, ...slopes]);
  // Running statistics: what a batch gives in training does not depend on them.
  for (const node of topological(derived)) {
    if (node.def === stateDef) values.set(node, new Float64Array(elements(node, rows)).fill(NaN));
  }
  const found = evaluator(derived, rows)(values).map((array) => Array.from(array));
  const outputs = results.map(({ shape }, i) => ({ shape: [...evaluateShape(shape, rows)], values: found[i]! }));
  if (slopes.length === 0) return { outputs };
  const gradients = Object.fromEntries(floats.map(({ key }, i) => [key, found[results.length + i]!]));
  return { outputs, gradients };
}
