// Where laws end: forms beside their usual case on which they must fire, and forms on which they must not. The value stays.

import { describe, expect, test } from "vitest";
import { addAffine, offset } from "../../src/graph/affine.js";
import type { Node } from "../../src/graph/node.js";
import { BATCH, dim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { add, div, mul, neg, sub, tanh } from "../../src/ops/pointwise/arithmetic.js";
import { broadcast } from "../../src/ops/view/broadcast.js";
import { makeBroadcast, makeScatterAdd } from "../../src/ops/adjoint-pairs.js";
import { concat } from "../../src/ops/view/concat.js";
import { matmul } from "../../src/ops/contract/contract.js";
import { einsum } from "../../src/ops/contract/einsum.js";
import { convolve } from "../../src/ops/window/convolution.js";
import { greater, where } from "../../src/ops/pointwise/logic.js";
import { max, min, prod, sum } from "../../src/ops/reduce/reduce.js";
import { pad } from "../../src/ops/view/pad.js";
import { makePad, makeSlice, slice } from "../../src/ops/view/slicing.js";
import { constant, makeSize } from "../../src/ops/leaf/leaves.js";
import { expandDims, reshape, transpose } from "../../src/ops/view/views.js";
import { ORIGIN, run } from "../differentiate/check.js";
import { outline, ROWS, simplified, tensor, valuesOf } from "./law-cases.js";

const x = tensor("x", "b", 4);
const y = tensor("y", "b", 4);
const line = tensor("line", 12);
const part = tensor("part", 2);
const box = tensor("box", 2, 3, 4);
const row = tensor("row", "b");
const image = tensor("image", "b", 6, 1);
const kernel = tensor("kernel", 3, 1, 2);

const at = (n: number) => offset(n);

/** A pad with gaps of zeros, or backwards. */
const spaced = (of: Tensor, size: number, start: number, step: number): Tensor =>
  makePad(ORIGIN, of, { starts: [at(start)], steps: [step], shape: [dim(size)], value: 0 }) as Tensor;

const widened = (of: Tensor, ...to: readonly number[]): Tensor =>
  makeBroadcast(ORIGIN, of, [dim(2), dim(3), dim(4), dim(5)], to) as Tensor;

const p = tensor("p", 4, 5);
const s = tensor("s");
const places = constant([2, 0, 2], { shape: [3], dtype: "int32" });
const scattered = (): Tensor =>
  makeScatterAdd(ORIGIN, tensor("u", 3, 5), places, { axis: 0, shape: [dim(4), dim(5)] }) as Tensor;

const SLICES = "slice(slice(x)) = slice(x)";
const PADS = "pad(pad(x)) = pad(x)";
const PARTS = "slice(concat(x, ...)) = slice(x), within one part";
const NEIGHBOURS = "pad(x) + pad(y) = pad(concat(x, y)), for neighbours";
const TURNED = "transpose(broadcast(x)) = broadcast(transpose(x))";
const THIN = "a transpose that moves axes of size 1 is a reshape";
const BEFORE_BROADCAST = "f(broadcast(a), broadcast(b)) = broadcast(f(a, b))";
const BEFORE_RESHAPE = "f(reshape(a), reshape(b)) = reshape(f(a, b))";
const FACTORS = "(x * c1) * c2 = x * (c1 * c2)";
const PRODUCT = "a contraction that sums nothing is a product";
const LESS_PADDING = "convolve(pad(x), w): less padding, where no window reaches it";
const FEWER_WINDOWS = "slice(convolve(x, w)): fewer windows";

const left = (of: Tensor, n: number): Tensor =>
  pad(of, [
    [0, 0],
    [n, 0],
  ] as never);
const right = (of: Tensor, n: number): Tensor =>
  pad(of, [
    [0, 0],
    [0, n],
  ] as never);

/** Law, what it is tried on, and how the result prints where that says more than the value. */
const fires: readonly (readonly [law: string, root: Node, prints?: string])[] = [
  [SLICES, slice(slice(line, [[1, null, 2]]), [[1, null, 2]]), "slice(line, starts=[[3]], steps=[4])"],
  [SLICES, slice(slice(line, [[null, null, -1]]), [[2, 9, 3]]), "slice(line, starts=[[9]], steps=[-3])"],
  [PADS, spaced(spaced(part, 4, 1, 2), 12, 2, 3), "pad(part, starts=[[5]], steps=[6], value=0)"],
  [PARTS, tanh(slice(concat([part, line]), [[2, null]])), "tanh(line)"],
  [PARTS, slice(concat([part, line]), [[4, 9]]), "slice(line, starts=[[2]], steps=[1])"],
  [PARTS, slice(concat([line, part]), [[1, 12]]), "slice(line, starts=[[1]], steps=[1])"],
  [PARTS, slice(concat([x, y], { axis: 1 }), [null, [5, 7]]), "slice(y, starts=[[], [1]], steps=[1, 1])"],
  [NEIGHBOURS, add(right(x, 4), left(y, 4)), "concat(x, y, axis=1)"],
  [NEIGHBOURS, add(left(x, 4), right(y, 4)), "concat(y, x, axis=1)"],
  [TURNED, transpose(widened(tensor("a", 2, 4, 5), 0, 2, 3), [3, 0, 1, 2])],
  [TURNED, transpose(widened(tensor("a", 2, 4, 5), 0, 2, 3), [2, 3, 1, 0])],
  [TURNED, transpose(widened(tensor("a", 3, 4), 1, 2), [0, 1, 3, 2])],
  [THIN, transpose(tensor("thin", 3, 1, 4), [1, 0, 2])],
  [THIN, transpose(tensor("thin", 3, 1, 4, 1, 5), [0, 3, 2, 4, 1])],
  [BEFORE_BROADCAST, add(widened(tensor("a", 3), 1), 2), "a + 2; broadcast(%, axes=[1])"],
  [BEFORE_BROADCAST, sub(2, widened(tensor("a", 3), 1)), "2 - a; broadcast(%, axes=[1])"],
  [BEFORE_BROADCAST, mul(widened(tensor("a", 3), 1), widened(tensor("c", 5), 3))],
  [
    BEFORE_BROADCAST,
    mul(widened(tensor("c", 5), 3), widened(tensor("a", 3), 1)),
    "broadcast(c, axes=[1]); broadcast(a, axes=[0]); % * %; broadcast(%, axes=[1, 3])",
  ],
  [BEFORE_RESHAPE, sub(reshape(x, [-1]), 2), "x - 2; reshape(%)"],
  [BEFORE_RESHAPE, where(greater(reshape(x, [-1]), 1), 3, reshape(y, [-1]))],
  [PRODUCT, einsum("abc,cab->cba", box, tensor("turned", 4, 2, 3))],
  [PRODUCT, einsum("abc,ca->bca", box, tensor("turned", 4, 2))],
  [PRODUCT, einsum("ab,c->cba", tensor("a", 2, 3), tensor("c", 4))],
  ["transpose(x) @ y: the labels move instead", einsum("cab,bd->acd", transpose(box, [2, 0, 1]), tensor("w", 3, 5))],
  ["transpose(x) @ y: the labels move instead", matmul(x, transpose(tensor("w", 5, 4)))],
  ["x + scatter(u) = addAt(x, u)", add(scattered(), p), "constant(values=[2, 0, 2]); addAt(p, u, %, axis=0)"],
  ["x - scatter(u) = addAt(x, -u)", sub(p, scattered()), "-u; constant(values=[2, 0, 2]); addAt(p, %, %, axis=0)"],
  ["c * scatter(u) = scatter(c * u)", mul(s, scattered())],
  ["c * scatter(u) = scatter(c * u)", mul(add(scattered(), scattered()), 3)],
  ["-scatter(u) = scatter(-u)", neg(add(scattered(), scattered()))],
  ["sum(sum(x)) = sum(x)", sum(sum(box, { axis: 1 }), { axis: 1 }), "sum(box, axes=[1, 2])"],
  ["sum(sum(x)) = sum(x)", prod(prod(box, { axis: 0 }), { axis: 1 }), "prod(box, axes=[0, 2])"],
  ["sum(transpose(x)) = transpose(sum(x))", sum(transpose(box, [2, 0, 1]), { axis: 0 }), "sum(box, axes=[2])"],
  ["sum(transpose(x)) = transpose(sum(x))", max(transpose(box, [2, 1, 0]), { axis: 1 })],
  ["sum(broadcast(x)) = size * sum(x)", sum(widened(tensor("a", 2, 4), 0, 2), { axis: [0, 1] })],
  ["sum(broadcast(x)) = size * sum(x)", min(widened(tensor("a", 2, 4), 0, 2), { axis: [1, 3] })],
  ["sum(broadcast(x)) = broadcast(sum(x))", max(widened(tensor("a", 2, 4), 0, 2), { axis: 2 })],
  ["sum(reshape(x)) = reshape(sum(x))", sum(expandDims(box, 1), { axis: 2 })],
  ["sum(x * c) = sum(x) * c", sum(mul(x, 2 ** 10), { axis: 1 })],
  ["sum(x * c) = sum(x) * c", sum(mul(2 ** -10, x), { axis: 1 })],
  ["(-a) * b = -(a * b)", mul(neg(x), y), "x * y; -%"],
  ["(-a) / b = -(a / b)", div(neg(x), y), "x / y; -%"],
  ["(x * c1) / c2 = x * (c1 / c2)", div(mul(3, x), 4), "x * 0.75"],
  [FACTORS, mul(mul(x, 1e18), 0.5), "x * 500000000000000000"],
  [FACTORS, mul(mul(x, 1e-18), 0.5), "x * 5e-19"],
  ["x * 1 = x", tanh(mul(1, x)), "tanh(x)"],
  ["a + (-b) = a - b", add(x, broadcast(neg(tensor("a", 4)), ["batch", 4])), "broadcast(a, axes=[1]); x - %"],
  ["c / (n * rows) = (c / n) / rows", div(6, makeSize(ORIGIN, dim(3, 2)) as Tensor), "2 / batch^2"],
  [
    LESS_PADDING,
    convolve(
      pad(image, [
        [0, 0],
        [0, 2],
        [0, 0],
      ] as never),
      kernel,
      { stride: 3 },
    ),
  ],
  [FEWER_WINDOWS, slice(convolve(image, kernel), [null, [2, 4]])],
  [FEWER_WINDOWS, slice(convolve(image, kernel, { stride: 2 }), [null, [1, 2]])],
];

/** Law, and what it must leave alone. */
const leaves: readonly (readonly [law: string, why: string, root: Node])[] = [
  [PARTS, "over the border", slice(concat([part, line]), [[1, 4]])],
  [PARTS, "in steps", slice(concat([part, line]), [[2, null, 2]])],
  [
    PARTS,
    "from before the end of the first",
    makeSlice(ORIGIN, concat([row, tensor("column", "b")]), {
      starts: [addAffine(offset(1, 1), offset(-1))],
      steps: [1],
      shape: [BATCH],
    }),
  ],
  [PADS, "of other values", pad(pad(line, [[1, 0]]), [[1, 0]], { value: 3 } as never)],
  [NEIGHBOURS, "with a gap", add(right(x, 5), left(y, 5))],
  [NEIGHBOURS, "that overlap", add(right(x, 3), left(y, 3))],
  [NEIGHBOURS, "in the same place", add(left(x, 4), left(y, 4))],
  [NEIGHBOURS, "with gaps inside", add(spaced(part, 4, 0, 2), spaced(tensor("q", 2), 4, 2, 1))],
  [
    NEIGHBOURS,
    "amid other values",
    add(pad(part, [[0, 2]], { value: 1 } as never), pad(tensor("q", 2), [[2, 0]], { value: 1 } as never)),
  ],
  ["slice(pad(x)) = x, where both mean the same part", "of another part", slice(pad(line, [[2, 2]]), [[1, 13]])],
  ["slice(pad(x)) = x, where both mean the same part", "of another size", slice(pad(line, [[2, 2]]), [[2, 13]])],
  ["slice(pad(x)) = x, where both mean the same part", "backwards", slice(spaced(part, 3, 1, 1), [[2, 0, -1]])],
  ["transpose in order = x", "turned", transpose(tensor("square", 4, 4))],
  [THIN, "turned", transpose(box, [1, 0, 2])],
  ["broadcast(x, its shape) = x", "repeated", tanh(broadcast(row, ["batch", "batch"]))],
  ["sum(x * c) = sum(x) * c", "too large", sum(mul(x, 2 ** 11), { axis: 1 })],
  ["sum(x * c) = sum(x) * c", "too small", sum(mul(x, 2 ** -11), { axis: 1 })],
  ["sum(sum(x)) = sum(x)", "of a largest", sum(max(box, { axis: 1 }), { axis: 1 })],
  ["sum(broadcast(x)) = size * sum(x)", "of a product", prod(widened(tensor("a", 2), 0), { axis: 1 })],
  ["c / (n * rows) = (c / n) / rows", "of the rows alone", div(6, makeSize(ORIGIN, dim(1, 1)) as Tensor)],
  [
    "concat(concat(x, y), z) = concat(x, y, z)",
    "along another axis",
    concat([concat([x, y]), concat([y, x])], { axis: 1 }),
  ],
  [
    LESS_PADDING,
    "that is read",
    convolve(
      pad(image, [
        [0, 0],
        [1, 1],
        [0, 0],
      ] as never),
      kernel,
    ),
  ],
  [FEWER_WINDOWS, "in steps", slice(convolve(image, kernel), [null, [0, null, 2]])],
  [FEWER_WINDOWS, "of filters", slice(convolve(image, kernel), [null, null, [0, 1]])],
  ["where(true, a, b) = a", "of a condition that varies", where(greater(x, 1), x, y)],
  [
    "a view of one number is that number",
    "of several",
    tanh(reshape(constant([1, 2, 3, 4], { shape: [4] }) as Tensor, [2, 2])),
  ],
];

function expectSame(root: Node, simple: Node): void {
  const [before, after] = run([root, simple], valuesOf(root), ROWS);
  expect(after!.length).toBe(before!.length);
  before!.forEach((value, i) =>
    expect(Math.abs(after![i]! - value)).toBeLessThan(1e-11 * Math.max(1, Math.abs(value))),
  );
}

describe("a law fires", () => {
  test.each(fires.map(([name, root, prints]) => ({ name, root, prints })))("$name", ({ name, root, prints }) => {
    const { simple, fired } = simplified(root);
    expect(fired).toContain(name);
    if (prints !== undefined) expect(outline(simple)).toBe(prints);
    expectSame(root, simple);
  });
});

describe("a law does not fire", () => {
  test.each(leaves)("%s: %s", (name, _, root) => {
    const { simple, fired } = simplified(root);
    expect(fired).not.toContain(name);
    expectSame(root, simple);
  });
});

test("where(true, a, b) = a, either way", () => {
  const is = (value: number): Tensor => greater(constant(value), 0) as Tensor;
  expect(simplified(tanh(where(is(1), x, y))).simple.inputs[0]).toBe(x);
  expect(simplified(tanh(where(is(-1), x, y))).simple.inputs[0]).toBe(y);
});
