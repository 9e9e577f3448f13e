// Products of matrices on the WebAssembly target whose sizes do not divide its tiles: 1 to 17 in each dimension, forward
// and in both gradients, in float32.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/pipeline.js";
import type { Network } from "../../src/graph/network.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as tapeless from "../../src/index.js";
import { copyParameters, copyStates, expectEntry, expectState, fill, pairOf, type Pair } from "./harness.js";

const { add, conv2d, dense, einsum, input, mean, mul, network, relu, sgd, square } = tapeless;

const MOST = 17;
const SIZES = Array.from({ length: MOST }, (_, n) => n + 1);
const SEED = 7;

/** A layer for each pair of sizes, behind one that makes its input a gradient's way. */
function layers(pairs: readonly (readonly [number, number])[]): Network {
  const losses = pairs.map(([k, n], i) => {
    const x = dense(input(`x${i}`, ["batch", 2]), k, { name: `in${i}` });
    const y = relu(dense(x, n, { name: `layer${i}` }) as Tensor) as Tensor;
    return mean(mul(y, input(`w${i}`, ["batch", n]) as never) as Tensor) as Tensor;
  });
  const loss = losses.reduce((a, b) => add(a, b as never) as Tensor);
  return network("layers", { batch: MOST, loss, optimizer: sgd({ rate: 0.1 }) });
}

function expectRows(pair: Pair, rows: number): void {
  copyParameters(pair);
  copyStates(pair);
  fill(pair, rows, { parameters: true });
  for (const entry of ["loss", "gradients", "step"]) expectEntry(pair, entry, rows);
  expectState(pair);
}

describe("sizes from 1 to 17", () => {
  // Each size meets each side of a product, in an order that the seed decides.
  const orders = fc.sample(fc.shuffledSubarray(SIZES, { minLength: MOST }), { numRuns: 2, seed: SEED });

  test.each(orders.map((order, i) => [i, order] as const))("order %d", (_, order) => {
    const declared = layers(SIZES.map((k, i) => [k, order[i]!] as const));
    const compiled = compile(declared, { dtype: "float32", target: "wasm" });
    const pair = pairOf(declared, { dtype: "float32", compiled, seed: SEED });
    for (const rows of SIZES) expectRows(pair, rows);
  });
});

test("sums of many terms are taken in parts", () => {
  const declared = layers([
    [2100, 9],
    [9, 1030],
  ]);
  const compiled = compile(declared, { dtype: "float32", target: "wasm" });
  expectRows(pairOf(declared, { dtype: "float32", compiled, seed: SEED }), 5);
});

test("the similarities of a batch's rows: both sides of the product vary", () => {
  const h = dense(input("x", ["batch", 5]), 20, { name: "h" });
  const similar = einsum("ik,jk->ij", h, h);
  const declared = network("rows", { batch: 24, loss: mean(square(similar)), optimizer: sgd({ rate: 0.01 }) });
  const compiled = compile(declared, { dtype: "float32", target: "wasm" });
  const pair = pairOf(declared, { dtype: "float32", compiled, seed: SEED });
  for (const rows of [24, 23, 22, 13, 7, 2, 1]) expectRows(pair, rows);
});

test("a convolution's filters are packed before its loops, for rows left over as well", () => {
  const declared = network("rows", {
    batch: 2,
    loss: mean(square(conv2d(conv2d(input("x", ["batch", 16, 16, 2]), 3, { kernel: 2 }), 5, { kernel: 3 }))),
    optimizer: sgd({ rate: 0.1 }),
  });
  const compiled = compile(declared, { dtype: "float32", target: "wasm" });
  const pair = pairOf(declared, { dtype: "float32", compiled, seed: SEED });
  for (const rows of [2, 1]) expectRows(pair, rows);
});

test("negative control: one element that differs is seen", () => {
  const declared = layers([[5, 3]]);
  const compiled = compile(declared, { dtype: "float32", target: "wasm" });
  const pair = pairOf(declared, { dtype: "float32", compiled, seed: SEED });
  const careless = {
    ...pair.model,
    gradients: (rows: number) => {
      const loss = pair.model.gradients(rows);
      pair.model.grads["layer0.weight"]![0]! += 1e-4;
      return loss;
    },
  };
  expect(() => expectRows({ ...pair, model: careless }, 5)).toThrow(/grads/);
});
