// Simplification changes no value and no gradient: every op's samples and every composed call, with it and without.

import { describe, expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { expandComposites, simplify, stabilize } from "../../compiler/2-simplify/index.js";
import type { Node } from "../../src/graph/node.js";
import type { SampleInput } from "../../src/graph/op.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { registry } from "../../src/ops/registry.js";
import * as ops from "../ops/api.js";
import { matmuls, reductions, type Case } from "./cases.js";
import { composed } from "./composed-cases.js";
import { drawFrom, elements, evaluator, floats, leaf, randomNumbers, shape, valuesFor } from "./leaves.js";

interface Call {
  readonly inputs: readonly SampleInput[];
  readonly build: (inputs: readonly Node[]) => Node;
}

type Phase = (roots: readonly Node[]) => readonly Node[];

/** What the pipeline does to a graph, in its order. */
const PHASES: Readonly<Record<string, readonly [before: Phase, after: Phase]>> = {
  simplified: [(roots) => roots, simplify],
  "stabilized, simplified, expanded, simplified": [stabilize, (roots) => simplify(expandComposites(simplify(roots)))],
};

/** Throws where the value, or the gradient of its weighted sum, changes. */
function expectSame(
  { inputs, build }: Call,
  rows: number,
  seed: number,
  [before, after]: readonly [Phase, Phase],
): void {
  const random = randomNumbers(seed);
  const leaves = inputs.map((type, i) => leaf(`x${i}`, type, type.below));
  const y = build(leaves);
  const w = leaf("w", { shape: y.shape, dtype: "float32" });
  const given = new Map<Node, Float64Array>(leaves.map((x, i) => [x as Node, valuesFor(inputs[i]!, rows, random)]));
  given.set(w, floats(elements(y, rows), random));
  const roots: Node[] = [y];
  if (y.dtype === "float32") {
    const scalar = ops.sum(ops.mul(y as Tensor, w as never) as Tensor);
    for (const x of leaves) if (x.dtype === "float32") roots.push(ops.gradient(scalar, x));
  }
  const plain = evaluator(differentiate(roots), rows)(given);
  const changed = evaluator(after(differentiate(before(roots))), rows)(given);
  plain.forEach((value, k) => {
    const size = value.reduce((m, x) => Math.max(m, Math.abs(x)), 1);
    expect(changed[k]!.length).toBe(value.length);
    value.forEach((x, i) => {
      if (Math.abs(changed[k]![i]! - x) <= 1e-12 * size) return;
      throw new Error(`result ${k}, element ${i}: ${changed[k]![i]} for ${x}, rows ${rows}, seed ${seed}`);
    });
  });
}

const callOf = ({ shapes, below, build }: Case): Call => ({
  inputs: shapes.map((axes, i) => {
    const bound = below?.[i];
    const type = { shape: shape(...axes), range: [-2, 2] } as const;
    return bound === undefined ? { ...type, dtype: "float32" } : { ...type, dtype: "int32", below: bound };
  }),
  build: (leaves) => build(...(leaves as [Tensor, Tensor, Tensor])),
});

const calls: readonly (readonly [string, readonly Call[]])[] = [
  ...registry.map((def) => [def.name, def.samples(drawFrom(randomNumbers(1)))] as const),
  ...composed.map((one) => [one.name, [callOf(one)]] as const),
  ["all reductions", reductions.filter((one) => one.shapes[0]!.length < 3).map(callOf)] as const,
].filter(([, list]) => list.length > 0);

describe.each(Object.entries(PHASES))("%s", (_, phases) => {
  test.each(calls)("%s", (_name, list) => {
    for (const call of list) {
      const hasBatch = call.inputs.some((input) => input.shape.some((d) => d.power > 0));
      for (const rows of hasBatch ? [1, 3] : [1]) expectSame(call, rows, 9, phases);
    }
  });
});

test("a law that is wrong is noticed", () => {
  const doubled: Phase = ([first, ...rest]) => [ops.mul(first as Tensor, 1 + 1e-11) as Node, ...rest];
  const call = callOf(matmuls[3]!);
  expect(() => expectSame(call, 1, 9, [(roots) => roots, doubled])).toThrow(/result 0/);
  const dropped: Phase = (roots) => roots.map((root, k) => (k === 1 ? (ops.neg(root as Tensor) as Node) : root));
  expect(() => expectSame(call, 1, 9, [(roots) => roots, dropped])).toThrow(/result 1/);
});
