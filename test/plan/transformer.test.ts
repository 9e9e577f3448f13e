// What a deep network's step holds at once, beside all that it computes.

import { expect, test } from "vitest";
import { compile } from "../../compiler/pipeline.js";
import { adam, gelu, input, mean, network, square, transformerEncoder, type Tensor } from "../../src/index.js";

test("four transformer blocks: a step's peak is at most 60 % of all intermediate tensors", () => {
  let y = input("x", ["batch", 16, 32]) as Tensor;
  for (let i = 0; i < 4; i++) {
    y = transformerEncoder(y, 4, { norm: "pre", causal: true, activation: gelu, name: `block[${i}]` });
  }
  const net = network("deep", { batch: 4, loss: mean(square(y)), optimizer: adam({ rate: 0.001 }) });
  const { entries } = compile(net).memory;
  const shareOf = (name: string): number => {
    const { peak, sum } = entries.find(({ entry }) => entry === name)!;
    return peak / sum;
  };
  expect(shareOf("step")).toBeLessThan(0.6);
  expect(shareOf("gradients")).toBeLessThan(0.6);
  // The control: without a backward pass next to nothing is kept.
  expect(shareOf("loss")).toBeLessThan(0.3);
});
