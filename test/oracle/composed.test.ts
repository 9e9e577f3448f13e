// Gradients of public functions, which are often composed of several records: the same calls whose values are checked.

import { describe, expect, test } from "vitest";
import type { SampleInput } from "../../src/graph/op.js";
import type { PublicDim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { reductions, type Case } from "./cases.js";
import { composed } from "./composed-cases.js";
import { expectGradient, type Check } from "./gradcheck.js";
import { leaf, shape } from "./leaves.js";
import { networks } from "./small-networks.js";

const SEED = 3;

const check = ({ shapes, below, build }: Case, rows: number, order: 1 | 2): Check => ({
  inputs: shapes.map((axes, i): SampleInput => {
    const bound = below?.[i];
    const type = { shape: shape(...axes), range: [-2, 2] } as const;
    return bound === undefined ? { ...type, dtype: "float32" } : { ...type, dtype: "int32", below: bound };
  }),
  build: (leaves) => build(...(leaves as [Tensor, Tensor, Tensor])),
  rows,
  seed: SEED,
  order,
});

/** Indices must be known to be in range: the leaves that samples are built on say so. */
const isSmooth = (one: Case): boolean => {
  const { inputs, build } = check(one, 1, 1);
  const node = build(inputs.map((type, i) => leaf(`x${i}`, type, type.below)));
  return node.dtype === "float32" && inputs.some((input) => input.dtype === "float32");
};

const all = [...reductions, ...composed];
const smooth = all.filter(isSmooth);
const named = (cases: readonly Case[]) => cases.map((one) => [one.name, one] as const);

test("most cases have gradients", () => expect(smooth.length).toBeGreaterThan(400));

describe.each([1, 3])("gradients, rows %i", (rows) => {
  const cases = rows === 1 ? smooth.filter((one) => one.shapes.flat().includes("batch")) : smooth;
  test.each(named(cases))("%s", (_, one) => void expectGradient(check(one, rows, 1)));
});

describe("second derivatives", () => {
  const cases = smooth.filter((one) =>
    /^(softmax|logSoftmax|matmul|variance|scan|einsum|take|norm|segment)/.test(one.name),
  );
  test.each(named(cases.filter((one) => !one.name.includes("kept"))))(
    "%s",
    (_, one) => void expectGradient(check(one, 2, 2)),
  );
});

describe("compositions", () => {
  const input = (...axes: readonly PublicDim[]): SampleInput => ({
    shape: shape(...axes),
    dtype: "float32",
    range: [-1, 1],
  });
  const composed = (name: string, rows: number, order: 1 | 2): Check => ({
    inputs: [input("batch", 12), input(12, 3)],
    build: ([x, w]) => networks[name]!(x as Tensor, w as Tensor),
    rows,
    seed: SEED,
    order,
  });
  test.each(Object.keys(networks))("%s", (name) => {
    for (const rows of [1, 3]) expectGradient(composed(name, rows, 1));
  });
  test.each(Object.keys(networks))("%s, twice", (name) => void expectGradient(composed(name, 2, 2)));
});
