// Products of matrices and convolutions on the WebAssembly target whose sizes do not divide its tiles: 1 to 17 in each
// dimension, forward and in both gradients, in float32.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as tapeless from "../../src/index.js";
import { copyParameters, copyStates, expectEntry, expectState, fill, pairOf, type Pair } from "./harness.js";

const { add, conv2d, dense, einsum, input, mean, mul, network, parameter, relu, sgd, square } = tapeless;

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

interface Window {
  readonly image: readonly [height: number, width: number, channels: number];
  readonly filters: number;
  readonly kernel: readonly [number, number];
}

/** A convolution for each window, of an image that depends on a parameter: its own gradient is needed too. */
function convolutions(windows: readonly Window[]): Network {
  const losses = windows.map(({ image, filters, kernel }, i) => {
    const scale = parameter([image[2]], 0.5, { name: `scale${i}` });
    const x = mul(input(`x${i}`, ["batch", ...image]) as Tensor, scale) as Tensor;
    const padding = i % 2 === 0 ? "same" : "valid";
    return mean(square(conv2d(x, filters, kernel, { padding, name: `c${i}` }) as Tensor)) as Tensor;
  });
  const loss = losses.reduce((a, b) => add(a, b as never) as Tensor);
  return network("convolutions", { batch: MOST, loss, optimizer: sgd({ rate: 0.1 }) });
}

const expectConvolutions = (windows: readonly Window[], rows: readonly number[]): void => {
  const declared = convolutions(windows);
  const compiled = compile(declared, { dtype: "float32", target: "wasm" });
  const pair = pairOf(declared, { dtype: "float32", compiled, seed: SEED });
  for (const count of rows) expectRows(pair, count);
};

describe("convolutions from 1 to 17", () => {
  // Each size is a height, a width, the channels and the filters of one window, in orders that the seed decides.
  const [heights, widths, channels, filters] = fc.sample(fc.shuffledSubarray(SIZES, { minLength: MOST }), {
    numRuns: 4,
    seed: SEED,
  });
  const windows = SIZES.map((_, i): Window => {
    const [height, width] = [heights![i]!, widths![i]!];
    const kernel = [Math.min(height, 1 + (i % 3)), Math.min(width, 1 + (i % 4))] as const;
    return { image: [height, width, channels![i]!], filters: filters![i]!, kernel };
  });

  test("heights, widths, channels, filters", () => expectConvolutions(windows, [2]));

  test("kernels", () => {
    const [tall, wide] = [filters!, widths!];
    expectConvolutions(
      SIZES.map((_, i) => ({ image: [tall[i]! + 1, wide[i]! + 1, 2], filters: 3, kernel: [tall[i]!, wide[i]!] })),
      [2],
    );
  });

  test("rows", () => expectConvolutions([{ image: [4, 5, 3], filters: 6, kernel: [3, 2] }], SIZES));
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
    loss: mean(square(conv2d(conv2d(input("x", ["batch", 16, 16, 2]), 3, 2), 5, 3))),
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
