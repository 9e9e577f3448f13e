// What a deep network's step holds at once, beside all that it computes.

import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.js";
import characters from "../../examples/char-transformer/char-transformer.net.js";
import resnet from "../../examples/resnet/resnet.net.js";

test.each([
  ["the residual network", resnet],
  ["the transformer", characters],
])("%s: a step's peak is at most 60 % of all intermediate tensors", (_, network) => {
  const { entries } = compile(network).memory;
  const shareOf = (name: string): number => {
    const { peak, sum } = entries.find(({ entry }) => entry === name)!;
    return peak / sum;
  };
  expect(shareOf("step")).toBeLessThan(0.6);
  expect(shareOf("gradients")).toBeLessThan(0.6);
  // The control: without a backward pass little is kept.
  expect(shareOf("loss")).toBeLessThan(0.35);
});
