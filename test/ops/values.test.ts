// Values of the functions whose rules are easy to get wrong, by hand or by a few lines of plain code.

import { describe, expect, it } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { createNode, type Node } from "../../src/graph/node.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as t from "./api.js";
import { valueOf, type Given } from "./evaluate.js";

const a = t.constant([
  [1, 5, 5],
  [7, 2, 3],
]);
const z = t.input("z", [3]);
const ids = t.constant([1, 0, 1], { shape: [3], dtype: "int32" });

const cases: readonly (readonly [call: string, make: () => Node, value: readonly number[]])[] = [
  ["slice backward by 2", () => t.slice(a, [null, [null, null, -2]]), [5, 1, 3, 7]],
  [
    "slice from the end",
    () =>
      t.slice(a, [
        [-1, null],
        [-2, null],
      ]),
    [2, 3],
  ],
  ["flip", () => t.flip(a, 1), [5, 5, 1, 3, 2, 7]],
  ["pad", () => t.pad(t.constant([1, 2]), [[1, 2]], { value: 9 }), [9, 1, 2, 9, 9]],
  ["concat", () => t.concat([a, a], { axis: 1 }), [1, 5, 5, 1, 5, 5, 7, 2, 3, 7, 2, 3]],
  ["split", () => t.split(a, [2, 1], { axis: 1 })[0]!, [1, 5, 7, 2]],
  ["stack", () => t.stack([a, a], { axis: 2 }), [1, 1, 5, 5, 5, 5, 7, 7, 2, 2, 3, 3]],
  ["pad, edge", () => t.pad(t.constant([1, 2, 3]), [[2, 2]], { mode: "edge" }), [1, 1, 1, 2, 3, 3, 3]],
  ["pad, reflect", () => t.pad(t.constant([1, 2, 3]), [[2, 2]], { mode: "reflect" }), [3, 2, 1, 2, 3, 2, 1]],
  ["pad, wrap", () => t.pad(t.constant([1, 2, 3]), [[2, 2]], { mode: "wrap" }), [2, 3, 1, 2, 3, 1, 2]],
  ["roll", () => t.roll(t.constant([1, 2, 3, 4]), 1), [4, 1, 2, 3]],
  ["roll along an axis", () => t.roll(t.constant([[1, 2, 3], [4, 5, 6]]), -1, { axis: 1 }), [2, 3, 1, 5, 6, 4]], // prettier-ignore
  ["segmentSum", () => t.segmentSum(t.constant([1, 2, 4]), ids, 3), [2, 5, 0]],
  ["segmentMean", () => t.segmentMean(t.constant([1, 2, 4]), ids, 3), [2, 2.5, 0]],
  ["segmentMax", () => t.segmentMax(t.constant([1, 2, 4]), ids, 3), [2, 4, -Infinity]],
  ["segmentMax with a floor", () => t.segmentMax(t.constant([1, 2, 4]), ids, 3, { empty: 0 }), [2, 4, 0]],
  ["segmentMin", () => t.segmentMin(t.constant([1, 2, 4]), ids, 3), [2, 1, Infinity]],
  ["segmentSoftmax", () => t.segmentSoftmax(t.constant([0, 5, 0]), ids, 2), [0.5, 1, 0.5]],
  ["segmentSoftmax far from 0", () => t.segmentSoftmax(t.constant([1e4, -1e4, 1e4]), ids, 2), [0.5, 1, 0.5]],
  ["tile", () => t.tile(t.constant([[1, 2]]), [2, 2]), [1, 2, 1, 2, 1, 2, 1, 2]],
  ["transpose", () => t.transpose(a), [1, 7, 5, 2, 5, 3]],
  ["einsum sums", () => t.einsum("ij->j", a), [8, 7, 8]],
  ["einsum of two", () => t.einsum("ij,kj->ki", a, a), [51, 32, 32, 62]],
  ["matmul with a stretched axis", () => t.matmul(t.reshape(a, [2, 1, 1, 3]), t.reshape(a, [3, 2])), [36, 55, 23, 58]],
  ["prod", () => t.prod(a, { axis: 1 }), [25, 42]],
  ["variance", () => t.variance(t.constant([1, 2, 3, 4])), [1.25]],
  ["variance, unbiased", () => t.variance(t.constant([1, 2, 3, 4]), { correction: 1 }), [5 / 3]],
  ["norm", () => t.norm(t.constant([3, 4])), [5]],
  ["argMax takes the first", () => t.argMax(a), [1, 0]],
  ["take", () => t.take(a, t.constant([1, 0, 1], { shape: [3], dtype: "int32" }), { axis: 1 }), [5, 1, 5, 2, 7, 2]],
  ["pick", () => t.pick(a, t.constant([2, 0], { shape: [2], dtype: "int32" })), [5, 7]],
  ["oneHot out of range", () => t.oneHot(t.constant([1, 7], { shape: [2], dtype: "int32" }), 3), [0, 1, 0, 0, 0, 0]],
  ["range", () => t.range(4), [0, 1, 2, 3]],
  ["cast to int goes to zero", () => t.cast(t.constant([-1.7, 1.7]), "int32"), [-1, 1]],
  ["round to even", () => t.round(t.constant([0.5, 1.5, 2.5, -1.5])), [0, 2, 2, -2]],
];

describe("values", () => {
  it.each(cases)("%s", (_, make, value) => expect(valueOf(make())).toEqual(value));

  it("would notice another value", () => expect(valueOf(t.flip(a, 0))).not.toEqual(valueOf(a)));

  it("normal numbers have the quantiles of the normal distribution", () => {
    const u = t.input("u", [4]);
    const quantiles = valueOf(createNode(t.normalQuantileDef, [u], {}, u.origin), {
      u: [0.01, 0.025, 0.5, 0.8413447460685429],
    });
    [-2.3263478740408408, -1.9599639845400545, 0, 1].forEach((q, i) => expect(quantiles[i]!).toBeCloseTo(q, 5));
  });
});

const gradientOf = (y: Tensor, x: Tensor, given: Given): number[] =>
  valueOf(differentiate([t.gradient(y, x)])[0]!, given);

const kinks: readonly (readonly [call: string, make: () => Tensor, at: readonly number[], slope: readonly number[]])[] =
  [
    ["relu", () => t.relu(z), [0, 1, -1], [0, 1, 0]],
    ["abs", () => t.abs(z), [0, 1, -1], [0, 1, -1]],
    ["clip has slope 1 on its bounds", () => t.clip(z, 0, 1), [0, 1, 2], [1, 1, 0]],
    ["max shares between equals", () => t.max(z), [3, 2, 3], [0.5, 0, 0.5]],
    ["maximum shares between equals", () => t.max(z, 1), [1, 2, 0], [0.5, 1, 0]],
    ["norm at 0", () => t.norm(z), [0, 0, 0], [0, 0, 0]],
    ["prod with a zero", () => t.prod(z), [0, 2, 3], [6, 0, 0]],
    ["softplus", () => t.softplus(z), [0, 1000, -1000], [0.5, 1, 0]],
    ["sigmoidCrossEntropy", () => t.sigmoidCrossEntropy(z, 1), [0, 1000, -1000], [-0.5, 0, -1]],
    ["elu", () => t.elu(z), [0, 1000, -1000], [1, 1, 0]],
    ["stopGradient", () => t.mul(z, t.stopGradient(z)), [1, 2, 3], [1, 2, 3]],
    ["straightThrough", () => t.square(t.straightThrough(t.round(z), z)), [0.6, 1, 2.2], [2, 2, 4]],
  ];

describe("gradients at kinks and far out", () => {
  it.each(kinks)("%s", (_, make, at, slope) => {
    gradientOf(t.sum(make()), z, { z: at }).forEach((g, i) => expect(g).toBeCloseTo(slope[i]!, 12));
  });

  it("a product's second derivative sees through a zero", () => {
    const second = t.sum(t.slice(t.gradient(t.prod(z), z), [[1, 2]]));
    expect(gradientOf(second, z, { z: [0, 2, 3] })).toEqual([3, 0, 0]);
  });

  it("a stated gradient is taken, what it captures included", () => {
    const doubled = t.customGradient(
      (x) => t.mul(x!, 2),
      (g, value, [x]) => [t.mul(g, t.add(t.mul(x!, value), z))],
    );
    expect(gradientOf(t.sum(doubled(z)), z, { z: [1, 2, 3] })).toEqual([3, 10, 21]);
  });
});
