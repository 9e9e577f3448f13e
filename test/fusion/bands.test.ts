// A convolution's kernel makes the rows of a pool's window and the pool reads them at once: one kernel, and a band of memory
// for each image in place of the whole tensor. Not where windows overlap, or where others read the tensor too.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.js";
import * as t from "../../src/index.js";
import { expectEntry, expectState, fill, pairOf } from "../emitted/harness.js";
import { entryOf, kernelsOf, reductionsIn, writes } from "./kernels.js";

const BATCH = 3;

/** Images of 9 x 8 with 2 channels, a convolution with 6 filters of 3 x 3, what follows it, and a dense layer. */
const declared = (
  follow: (c: t.Tensor) => t.Tensor,
  outputs: (c: t.Tensor) => Record<string, t.Tensor> = () => ({}),
) => {
  const image = t.input("image", ["batch", 9, 8, 2]) as t.Tensor;
  const c = t.conv2d(image, 6, 3, { padding: "same", activation: t.tanh, name: "c" }) as t.Tensor;
  const y = t.dense(t.flatten(follow(c)) as t.Tensor, 4, { name: "head" }) as t.Tensor;
  const loss = t.mean(t.square(y) as t.Tensor) as t.Tensor<readonly [], "float32">;
  return t.network("pooled", { batch: BATCH, outputs: { y, ...outputs(c) }, loss, optimizer: t.sgd({ rate: 0.1 }) });
};

const merged: Readonly<Record<string, { readonly height: number; readonly follow: (c: t.Tensor) => t.Tensor }>> = {
  "the largest of 2 x 2, a row left over": { height: 2, follow: (c) => t.maxPool(c, 2) as t.Tensor },
  "means of 3 x 2": { height: 3, follow: (c) => t.avgPool(c, [3, 2]) as t.Tensor },
  "windows that leave rows out": { height: 4, follow: (c) => t.maxPool(c, [2, 3], { stride: [4, 3] }) as t.Tensor },
};

const apart: Readonly<Record<string, t.Network>> = {
  "windows that overlap": declared((c) => t.maxPool(c, 3, { stride: 2 }) as t.Tensor),
  "windows of one row": declared((c) => t.maxPool(c, [1, 2]) as t.Tensor),
  "a tensor that is an output": declared(
    (c) => t.maxPool(c, 2) as t.Tensor,
    (c) => ({ c }),
  ),
};

/** The number of kernels that write what the convolution makes, alone and with something else. */
const makers = (network: t.Network, entry: string): { readonly alone: number; readonly merged: number } => {
  const written = kernelsOf(network, entry).map(writes);
  const all = written.filter((names) => names.some((name) => /^(c|tanh\d|conv2d\d)$/.test(name)));
  return {
    alone: all.filter((names) => names.length === 1).length,
    merged: all.filter((names) => names.length > 1).length,
  };
};

describe.each(Object.entries(merged))("%s", (_, { height, follow }) => {
  const network = declared(follow);

  test("the convolution, its bias and the pool are one kernel", () => {
    expect(makers(network, "predict")).toEqual({ alone: 0, merged: 1 });
  });

  test("of the convolution's output a band of each image is kept", () => {
    const bytes = entryOf(network, "predict").workspace;
    const row = 8 * 6 * 4;
    expect([...bytes.values()]).toContain(BATCH * height * row);
    expect([...bytes.values()]).not.toContain(BATCH * 9 * row);
  });

  test.each([
    ["typescript", "float64"],
    ["typescript", "float32"],
    ["wasm", "float32"],
  ] as const)("computes what the interpreter does: %s, %s", (target, dtype) => {
    const pair = pairOf(network, { dtype, seed: 5, compiled: compile(network, { dtype, target }) });
    fill(pair, 7, {});
    for (const rows of [1, BATCH]) {
      for (const entry of ["predict", "loss", "gradients", "step"]) expectEntry(pair, entry, rows);
    }
    expectState(pair);
  });
});

test.each(Object.entries(apart))("control: %s: two kernels and the whole tensor", (_, network) => {
  expect(makers(network, "predict")).toEqual({ alone: 1, merged: 0 });
});

test("a matrix product's kernel remains its own, though what follows reads it as rows of an image", () => {
  const network = declared((c) => t.relu(t.maxPool(t.relu(c) as t.Tensor, 2) as t.Tensor) as t.Tensor);
  const products = kernelsOf(network, "step").filter(
    (kernel) =>
      kernel.slots.some(({ access, name }) => access === "read" && name === "head.weight") &&
      reductionsIn(kernel).some(({ loops }) => loops.length === 1 && loops[0]!.size.times === 4),
  );
  expect(products.map((product) => writes(product).length)).toEqual([1]);
});
