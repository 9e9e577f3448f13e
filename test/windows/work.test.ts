// How much is multiplied in gradients of windowed contractions, and in which order.

import { expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { addAffine, axis } from "../../src/graph/affine.js";
import { BATCH, dim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { everyNode } from "../../src/graph/walk.js";
import { convolve } from "../../src/ops/window/convolution.js";
import { convolveDef, type ConvolveAttrs } from "../../src/ops/contract/convolve.js";
import { gradientAt } from "../../src/ops/marker/markers.js";
import { sum } from "../../src/ops/reduce/reduce.js";
import { columnOrder } from "../../src/ops/window/window-columns.js";
import type { OpDef } from "../../src/graph/op.js";
import { leaf, ORIGIN } from "../differentiate/check.js";

const line = leaf("line", [BATCH, dim(9), dim(1)]) as Tensor;

/** Products for each row of the batch, of each windowed contraction that is left. */
function products(stride: number, kernel: number): number[] {
  const w = leaf("w", [dim(kernel), dim(1), dim(1)]) as Tensor;
  const made = sum(convolve(line, w, { stride }));
  return everyNode(differentiate([gradientAt(ORIGIN, made, line)]))
    .filter(({ def }) => def === (convolveDef as OpDef))
    .map(({ attrs }) => (attrs as ConvolveAttrs).sizes.reduce((product, { times }) => product * times, 1));
}

test.each([
  // 9 positions, in turns of the stride; each sees the kernel's part of its phase.
  [2, 3, 5 * 2 * 2],
  [3, 3, 3 * 3 * 1],
  [4, 2, 3 * 4 * 1],
])("stride %i, kernel %i", (stride, kernel, expected) => {
  expect(products(stride, kernel)).toEqual([expected]);
});

test("the inside of a row of windows comes last, before it another axis", () => {
  // [batch, height, width, channels] with windows: labels 0 batch, 1 and 2 positions, 3 and 4 insides, 5 channels, 6 filters.
  const left = [axis(0), addAffine(axis(1), axis(3)), addAffine(axis(2), axis(4)), axis(5)];
  expect(columnOrder({ sizes: [], left, output: [0, 1, 2, 6] })).toEqual([0, 3, 2, 1, 4, 5]);
});
