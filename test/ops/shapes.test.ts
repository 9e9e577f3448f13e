// Shape and dtype rules of the public functions, as a table: the call, and the type it must have.

import { describe, expect, it } from "vitest";
import { printShape } from "../../src/graph/shape.js";
import type { Node } from "../../src/graph/node.js";
import * as t from "./api.js";

const x = t.input("x", ["batch", 784]);
const image = t.input("image", ["batch", 8, 8, 3]);
const v = t.input("v", [3]);
const m = t.input("m", [2, 3]);
const ids = t.input("ids", ["batch", 5], { dtype: "int32", below: 100 });
const row = t.labels("row", ["batch"], 10);
const mask = t.input("mask", ["batch", 1], { dtype: "bool" });
const logits = t.input("logits", ["batch", 10]);
const tall = t.concat([x, x]);

const cases: readonly (readonly [call: string, make: () => Node, shape: string, dtype?: string])[] = [
  ["input", () => x, "[batch, 784]"],
  ["labels", () => row, "[batch]", "int32"],
  ["constant scalar", () => t.constant(3), "[]"],
  [
    "constant matrix",
    () =>
      t.constant([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    "[2, 3]",
  ],
  ["constant filled", () => t.constant(0, { shape: ["batch", 2] }), "[batch, 2]"],
  ["constant typed", () => t.constant(new Float32Array(6), { shape: [3, 2] }), "[3, 2]"],
  ["state", () => t.state("n", [], 0, { dtype: "int32" }), "[]", "int32"],
  ["size", () => t.size(x), "[]"],
  ["range", () => t.range("batch"), "[batch]", "int32"],

  ["add number", () => t.add(m, 1), "[2, 3]"],
  ["number add", () => t.add(1, m), "[2, 3]"],
  ["add missing axis", () => t.add(m, v), "[2, 3]"],
  ["add stretches both", () => t.add(t.parameter([2, 1], 0), t.parameter([1, 3], 0)), "[2, 3]"],
  ["add scalar", () => t.add(t.constant(1), t.constant(2)), "[]"],
  ["add batch and 1", () => t.add(x, t.parameter([1, 784], 0)), "[batch, 784]"],
  ["ints become floats", () => t.mul(ids, 2), "[batch, 5]", "float32"],
  ["bools become floats", () => t.add(mask, 0), "[batch, 1]", "float32"],
  ["pow number", () => t.pow(m, 2), "[2, 3]"],
  ["max of two", () => t.max(m, v), "[2, 3]"],
  ["max over axes", () => t.max(m, { axis: 1 }), "[2]"],
  ["less", () => t.less(m, 0), "[2, 3]", "bool"],
  ["less of ints", () => t.less(ids, ids), "[batch, 5]", "bool"],
  ["logicalNot", () => t.logicalNot(mask), "[batch, 1]", "bool"],
  ["logicalAnd", () => t.logicalAnd(mask, t.greater(x, 0)), "[batch, 784]", "bool"],
  ["where", () => t.where(mask, x, 0), "[batch, 784]"],
  ["where of ints", () => t.where(mask, ids, ids), "[batch, 5]", "int32"],
  ["cast", () => t.cast(m, "int32"), "[2, 3]", "int32"],
  ["gelu", () => t.gelu(m, { approximate: "tanh" }), "[2, 3]"],
  ["clip", () => t.clip(m, 0, 1), "[2, 3]"],
  ["formula", () => t.formula("scale", "k * a + b", { attributes: { k: 2 } })(m, v), "[2, 3]"],

  ["sum of all", () => t.sum(x), "[]"],
  ["sum over axis -1", () => t.sum(x, { axis: -1 }), "[batch]"],
  ["sum keeps axes", () => t.sum(image, { axis: [1, 2], keepAxes: true }), "[batch, 1, 1, 3]"],
  ["mean over batch, height, width", () => t.mean(image, { axis: [0, 1, 2] }), "[3]"],
  ["variance", () => t.variance(x, { axis: 0, correction: 1 }), "[784]"],
  ["prod", () => t.prod(m, { axis: 0 }), "[3]"],
  ["logSumExp", () => t.logSumExp(logits, { axis: 1, keepAxes: true }), "[batch, 1]"],
  ["argMax", () => t.argMax(logits), "[batch]", "int32"],

  ["reshape", () => t.reshape(x, ["batch", 28, 28]), "[batch, 28, 28]"],
  ["reshape with -1", () => t.reshape(image, [-1, 3]), "[64*batch, 3]"],
  ["reshape back", () => t.reshape(t.reshape(image, [-1, 3]), ["batch", -1]), "[batch, 192]"],
  ["flatten", () => t.flatten(image), "[batch, 192]"],
  ["flatten from the end", () => t.flatten(image, -2), "[batch, 8, 24]"],
  ["flatten all", () => t.flatten(t.constant([[1, 2]]), 0), "[2]"],
  ["flatten rows", () => t.flatten(t.input("rows", ["batch"])), "[batch, 1]"],
  ["transpose", () => t.transpose(m), "[3, 2]"],
  ["transpose with order", () => t.transpose(image, [0, 3, 1, 2]), "[batch, 3, 8, 8]"],
  ["expandDims", () => t.expandDims(m, -1), "[2, 3, 1]"],
  ["squeeze", () => t.squeeze(t.input("s", ["batch", 1, 3, 1])), "[batch, 3]"],
  ["broadcast", () => t.broadcast(v, ["batch", 3]), "[batch, 3]"],
  ["slice", () => t.slice(image, [null, [1, -1], [null, null, 3]]), "[batch, 6, 3, 3]"],
  ["slice backward", () => t.slice(v, [[null, null, -2]]), "[2]"],
  ["slice clamps as NumPy", () => t.slice(v, [[1, 100]]), "[2]"],
  ["slice first row", () => t.slice(x, [[0, 1]]), "[1, 784]"],
  ["slice last row", () => t.slice(x, [[-1, null]]), "[1, 784]"],
  ["flip", () => t.flip(x, 0), "[batch, 784]"],
  [
    "pad",
    () =>
      t.pad(m, [
        [1, 2],
        [0, 1],
      ]),
    "[5, 4]",
  ],
  ["pad by the edge", () => t.pad(m, [[1, 2], [0, 1]], { mode: "edge" }), "[5, 4]"], // prettier-ignore
  ["roll", () => t.roll(x, 3, { axis: 1 }), "[batch, 784]"],
  ["concat", () => t.concat([m, m, m], { axis: 1 }), "[2, 9]"],
  ["concat two batches", () => tall, "[2*batch, 784]"],
  ["split two batches", () => t.split(tall, 2)[1]!, "[batch, 784]"],
  ["split by sizes", () => t.split(m, [1, 2], { axis: 1 })[1]!, "[2, 2]"],
  ["stack", () => t.stack([v, v], { axis: 1 }), "[3, 2]"],
  ["tile", () => t.tile(x, [2, 3]), "[2*batch, 2352]"],

  ["matmul", () => t.matmul(x, t.parameter([784, 10], 0)), "[batch, 10]"],
  ["matmul vector", () => t.matmul(m, v), "[2]"],
  ["matmul of vectors", () => t.matmul(v, v), "[]"],
  ["matmul vector first", () => t.matmul(t.parameter([2], 0), m), "[3]"],
  ["matmul [batch, batch]", () => t.matmul(x, t.transpose(x)), "[batch, batch]"],
  ["matmul batched", () => t.matmul(t.input("q", ["batch", 2, 5, 3]), t.input("k", [3, 4])), "[batch, 2, 5, 4]"],
  ["matmul broadcasts", () => t.matmul(t.input("q", [4, 1, 5, 3]), t.input("k", [6, 3, 2])), "[4, 6, 5, 2]"],
  [
    "einsum",
    () => t.einsum("bqd, bkd -> bqk", t.input("q", ["batch", 4, 8]), t.input("k", ["batch", 5, 8])),
    "[batch, 4, 5]",
  ],
  ["einsum sums and turns", () => t.einsum("ij->j", m), "[3]"],
  ["einsum of three", () => t.einsum("i,ij,j->", t.parameter([2], 0), m, v), "[]"],

  ["take", () => t.take(t.parameter([100, 16], 0), ids), "[batch, 5, 16]"],
  ["take along axis 1", () => t.take(t.input("a", [2, 100]), ids, { axis: 1 }), "[2, batch, 5]"],
  ["pick", () => t.pick(logits, row), "[batch]"],
  ["oneHot", () => t.oneHot(row, 10), "[batch, 10]"],
  ["scatterAdd", () => t.scatterAdd(t.input("u", ["batch", 5, 4]), ids, 100), "[100, 4]"],

  ["softmax", () => t.softmax(image, { axis: 1 }), "[batch, 8, 8, 3]"],
  ["crossEntropy of classes", () => t.softmaxCrossEntropy(logits, row), "[batch]"],
  ["crossEntropy of probabilities", () => t.softmaxCrossEntropy(logits, logits), "[batch]"],
  ["sigmoidCrossEntropy", () => t.sigmoidCrossEntropy(logits, 1), "[batch, 10]"],
  ["randomNormal", () => t.randomNormal(["batch", 2]), "[batch, 2]"],
  ["bernoulli", () => t.bernoulli([2], 0.5), "[2]", "bool"],
  ["dropout", () => t.dropout(x, 0.5), "[batch, 784]"],
  ["gradient", () => t.gradient(t.sum(t.square(x)), x), "[batch, 784]"],
  ["stopGradient", () => t.stopGradient(ids), "[batch, 5]", "int32"],
  ["straightThrough", () => t.straightThrough(t.round(x), x), "[batch, 784]"],
];

describe("shape rules", () => {
  it.each(cases.map(([call, ...rest]) => [call, rest] as const))("%s", (_, [make, shape, dtype = "float32"]) => {
    const node = make();
    expect(`${printShape(node.shape)} ${node.dtype}`).toBe(`${shape} ${dtype}`);
  });

  it("would notice another shape", () => {
    expect(() => expect(printShape(t.add(m, v).shape)).toBe("[3, 2]")).toThrow();
  });
});
