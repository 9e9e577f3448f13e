// Each law by itself: it fires on its case, the value stays, and the result reads as expected. The unsafe ones do not
// exist.

import { describe, expect, test } from "vitest";
import { simplify } from "../../compiler/2-simplify/index.js";
import { laws } from "../../compiler/2-simplify/laws.js";
import { createNode, type Node } from "../../src/graph/node.js";
import { printGraph } from "../../src/graph/print.js";
import { dim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { add, div, exp, log, mul, neg, pow, sqrt, square, sub, tanh } from "../../src/ops/pointwise/arithmetic.js";
import { broadcast } from "../../src/ops/view/broadcast.js";
import { concat } from "../../src/ops/view/concat.js";
import { matmul } from "../../src/ops/contract/contract.js";
import { convolve } from "../../src/ops/window/convolution.js";
import { makeScatterAdd } from "../../src/ops/adjoint-pairs.js";
import { constant, makeSize, size } from "../../src/ops/leaf/leaves.js";
import { greater, logicalNot, where } from "../../src/ops/pointwise/logic.js";
import { stopGradient } from "../../src/ops/marker/markers.js";
import { max, sum } from "../../src/ops/reduce/reduce.js";
import { pad } from "../../src/ops/view/pad.js";
import { slice } from "../../src/ops/view/slicing.js";
import { expandDims, reshape, reshapeDef, transpose, transposeDef } from "../../src/ops/view/views.js";
import { everyNode } from "../../src/graph/walk.js";
import { ORIGIN, run } from "../differentiate/check.js";
import { outline, ROWS, tensor, valuesOf } from "./law-cases.js";
import { onFiring } from "./firings.js";

const x = tensor("x", "b", 4);
const y = tensor("y", "b", 4);
const w = tensor("w", 4, 5);
const row = tensor("row", "b");
const column = tensor("column", 4);
const tall = tensor("tall", "b", 1);
const s = tensor("s");
const t = tensor("t");
const s1 = tensor("s1", 1);
const rows = size(x, 0) as Tensor;
const over = (axis: number | readonly number[]) => ({ axis });
const wide = (a: Tensor): Tensor => broadcast(a, ["batch", 4]);
const rowWide = (): Tensor => broadcast(expandDims(row, 1), ["batch", 4]);

const places = constant([2, 0, 2], { shape: [3], dtype: "int32" });
const updates = tensor("u", 3, 5);
const sums = (): Tensor => makeScatterAdd(ORIGIN, updates, places, { axis: 0, shape: [dim(4), dim(5)] }) as Tensor;

const line = tensor("line", "b", 6, 1);
const kernel = tensor("kernel", 3, 1, 2);

/** Law, what it is tried on, and what is left: how the result prints, leaves aside. */
const cases: readonly (readonly [string, Node, string])[] = [
  [
    "slice(convolve(x, w)): fewer windows",
    slice(convolve(line, kernel), [null, [1, 3]]),
    "convolve(line, kernel, sizes=[batch, 2, 3, 1, 2], left=[i0, i1 + i2 + 1, i3], right=[2, 3, 4], output=[0, 1, 4])",
  ],
  [
    "convolve(pad(x), w): less padding, where no window reaches it",
    convolve(
      pad(line, [
        [0, 0],
        [2, 0],
        [0, 0],
      ]),
      kernel,
      { stride: 3, padding: [[0, 2]] },
    ),
    "pad(line, starts=[[], [2], []], steps=[1, 1, 1], value=0); convolve(%, kernel, sizes=[batch, 3, 3, 1, 2], left=[i0, 3*i1 + i2, i3], right=[2, 3, 4], output=[0, 1, 4])",
  ],
  ["a marker is its value", tanh(stopGradient(x)), "tanh(x)"],
  ["constants fold", add(x, tanh(constant(0.5))), `x + ${Math.tanh(0.5)}`],
  ["x + 0 = x", tanh(add(0, x)), "tanh(x)"],
  ["x - 0 = x", tanh(sub(x, 0)), "tanh(x)"],
  ["0 - x = -x", sub(0, x), "-x"],
  ["x + x = x * 2", add(x, x), "x * 2"],
  ["x * 1 = x", tanh(mul(x, 1)), "tanh(x)"],
  ["x / 1 = x", tanh(div(x, 1)), "tanh(x)"],
  ["x * -1 = -x", mul(-1, x), "-x"],
  ["x / -1 = -x", div(x, -1), "-x"],
  ["x ^ 1 = x", tanh(pow(x, 1)), "tanh(x)"],
  ["x ^ 2 = square(x)", pow(x, 2), "square(x)"],
  ["-(-x) = x", tanh(neg(neg(x))), "tanh(x)"],
  ["a + (-b) = a - b", add(neg(x), y), "y - x"],
  ["a - (-b) = a + b", sub(x, neg(y)), "x + y"],
  ["-(a - b) = b - a", neg(sub(x, y)), "y - x"],
  ["(-a) * b = -(a * b)", mul(x, neg(y)), "x * y; -%"],
  ["(-a) / b = -(a / b)", div(x, neg(y)), "x / y; -%"],
  ["-(x * c) = x * -c", neg(mul(x, 3)), "x * (-3)"],
  ["-(c / x) = -c / x", neg(div(3, x)), "-3 / x"],
  ["a + x * -c = a - x * c", add(mul(x, -3), y), "x * 3; y - %"],
  ["a - x * -c = a + x * c", sub(y, mul(x, -3)), "x * 3; y + %"],
  ["(x * c1) * c2 = x * (c1 * c2)", mul(mul(x, 2), mul(s, 3)), "s * 6; broadcast(%, axes=[]); x * %"],
  ["(a * c) * b = (a * b) * c", mul(mul(x, 3), y), "x * y; % * 3"],
  ["(x / c1) / c2 = x / (c1 * c2)", div(div(x, 3), 5), "x / 15"],
  [
    "(broadcast(a) * x) * c = broadcast(a * c) * x",
    mul(mul(rowWide(), x), 3),
    "row * 3; broadcast(%, axes=[0]); % * x",
  ],
  ["(x * c1) / c2 = x * (c1 / c2)", div(mul(x, 3), 4), "x * 0.75"],
  ["(x / c1) * c2 = x * (c2 / c1)", mul(div(x, 3), 6), "x * 2"],
  ["(c1 / x) * c2 = (c1 * c2) / x", mul(div(3, x), 2), "6 / x"],
  ["x * (1 / y) = x / y", mul(x, div(1, y)), "x / y"],
  ["a size without the batch is a number", mul(x, size(w)), "x * 20"],
  ["size * size = size", mul(s, mul(rows, makeSize(ORIGIN, dim(2, 1)) as Tensor)), "s * (2*batch^2)"],
  ["c / (n * rows) = (c / n) / rows", div(6, makeSize(ORIGIN, dim(3, 1)) as Tensor), "2 / batch"],
  ["x / size * size = x", tanh(mul(div(s, rows), rows)), "tanh(s)"],
  ["x * size / size = x", tanh(div(mul(s, rows), rows)), "tanh(s)"],
  ["where(c, a, a) = a", tanh(where(greater(x, 0), y, y)), "tanh(y)"],
  ["where(true, a, b) = a", tanh(where(greater(constant(1), 0), x, y)), "tanh(x)"],
  ["where(not c, a, b) = where(c, b, a)", where(logicalNot(greater(x, y)), x, y), "x > y; where(%, y, x)"],
  ["not not c = c", where(logicalNot(logicalNot(greater(x, y))), x, y), "x > y; where(%, x, y)"],

  ["a view of one number is that number", add(x, broadcast(constant(2), ["batch", 4])), "x + 2"],
  ["reshape(x, its shape) = x", tanh(createNode(reshapeDef, [x], { shape: x.shape }, ORIGIN) as Tensor), "tanh(x)"],
  ["reshape(reshape(x)) = reshape(x)", tanh(reshape(reshape(x, ["batch", 2, 2]), ["batch", 4])), "tanh(x)"],
  [
    "reshape(broadcast(x)) = broadcast(x), for axes of size 1",
    add(reshape(broadcast(column, ["batch", 1, 4]), ["batch", 4]), x),
    "broadcast(column, axes=[1]); % + x",
  ],
  ["transpose in order = x", tanh(createNode(transposeDef, [x], { permutation: [0, 1] }, ORIGIN) as Tensor), "tanh(x)"],
  ["transpose(transpose(x)) = transpose(x)", tanh(transpose(transpose(x))), "tanh(x)"],
  ["a transpose that moves axes of size 1 is a reshape", tanh(transpose(tall)), "tanh(tall); reshape(%)"],
  [
    "transpose(broadcast(x)) = broadcast(transpose(x))",
    add(transpose(broadcast(column, ["batch", 4])), transpose(x)),
    "broadcast(column, axes=[0]); transpose(x, permutation=[1, 0]); % + %",
  ],
  [
    "transpose(reshape(x)) = reshape(transpose(x)), for axes of size 1",
    transpose(expandDims(x, 1), [2, 1, 0]),
    "transpose(x, permutation=[1, 0]); reshape(%)",
  ],
  ["broadcast(x, its shape) = x", tanh(broadcastNode(x, x, [0, 1])), "tanh(x)"],
  [
    "broadcast(broadcast(x)) = broadcast(x)",
    mul(broadcast(wide(column), [2, "batch", 4]), tensor("z", 2, "b", 4)),
    "broadcast(column, axes=[2]); % * z",
  ],
  ["a broadcast that inserts axes of size 1 is a reshape", broadcast(x, [1, "batch", 4]), "reshape(x)"],
  [
    "broadcast(x) = broadcast(reshape(x)), without axes of size 1",
    add(wide(tall), x),
    "reshape(tall); broadcast(%, axes=[0]); % + x",
  ],
  ["f(broadcast(a), broadcast(b)) = broadcast(f(a, b))", mul(wide(s), wide(t)), "s * t; broadcast(%, axes=[])"],
  ["f(reshape(a), reshape(b)) = reshape(f(a, b))", mul(reshape(x, [-1]), reshape(y, [-1])), "x * y; reshape(%)"],

  ["slice(pad(x)) = x, where both mean the same part", tanh(slice(pad(column, [[2, 1]]), [[2, 6]])), "tanh(column)"],
  [
    "slice(slice(x)) = slice(x)",
    slice(slice(column, [[1, null]]), [[1, null]]),
    "slice(column, starts=[[2]], steps=[1])",
  ],
  ["pad(pad(x)) = pad(x)", pad(pad(column, [[1, 0]]), [[2, 3]]), "pad(column, starts=[[3]], steps=[1], value=0)"],
  [
    "slice(concat(x, ...)) = slice(x), within one part",
    tanh(slice(concat([column, tanh(column)]), [[0, 4]])),
    "tanh(column)",
  ],

  [
    "pad(x) + pad(y) = pad(concat(x, y)), for neighbours",
    add(
      pad(x, [
        [0, 0],
        [4, 0],
      ]),
      pad(y, [
        [0, 0],
        [0, 4],
      ]),
    ),
    "concat(y, x, axis=1)",
  ],
  [
    "concat(concat(x, y), z) = concat(x, y, z)",
    concat([column, concat([s1, column])]),
    "concat(column, s1, column, axis=0)",
  ],
  ["a reduction over axes of size 1 is a reshape", sum(tall, over(1)), "reshape(tall)"],
  ["sum(sum(x)) = sum(x)", sum(sum(x, over(1)), over(0)), "sum(x, axes=[0, 1])"],
  ["c * scatter(u) = scatter(c * u)", mul(sums(), 3), "3 * u; constant(values=[2, 0, 2]); scatterAdd(%, %, axis=0)"],
  ["-scatter(u) = scatter(-u)", neg(sums()), "-u; constant(values=[2, 0, 2]); scatterAdd(%, %, axis=0)"],
  [
    "x + scatter(u) = addAt(x, u)",
    add(tensor("p", 4, 5), sums()),
    "constant(values=[2, 0, 2]); addAt(p, u, %, axis=0)",
  ],
  [
    "x - scatter(u) = addAt(x, -u)",
    sub(tensor("p", 4, 5), add(sums(), sums())),
    "u * (-2); constant(values=[2, 0, 2]); addAt(p, %, %, axis=0)",
  ],
  ["sum(-x) = -sum(x)", sum(neg(x), over(1)), "sum(x, axes=[1]); -%"],
  ["sum(x * c) = sum(x) * c", sum(mul(x, 3), over(1)), "sum(x, axes=[1]); % * 3"],
  ["sum(c) = size * c", sum(wide(constant(3) as Tensor)), "3 * (4*batch)"],
  ["sum(broadcast(x)) = size * sum(x)", sum(wide(column)), "sum(column, axes=[0]); % * batch"],
  [
    "sum(broadcast(x)) = broadcast(sum(x))",
    sum(broadcast(x, [2, "batch", 4]), over(2)),
    "sum(x, axes=[1]); broadcast(%, axes=[1])",
  ],
  ["sum(transpose(x)) = transpose(sum(x))", sum(transpose(x), over(1)), "sum(x, axes=[0])"],
  ["sum(reshape(x)) = reshape(sum(x))", max(reshape(x, [-1]), over(0)), "max(x, axes=[0, 1])"],

  [
    "transpose(x) @ y: the labels move instead",
    matmul(transpose(x), y),
    "contract(x, y, left=[-2, -1], right=[-2, -3], output=[-1, -3])",
  ],
  [
    "transpose(x @ y): the labels move instead",
    transpose(matmul(x, w)),
    "contract(x, w, left=[-1, -2], right=[-2, -3], output=[-3, -1])",
  ],
  ["(-x) @ y = -(x @ y)", matmul(x, neg(w)), "contract(x, w, left=[-1, -2], right=[-2, -3], output=[-1, -3]); -%"],
  [
    "a contraction that sums nothing is a product",
    matmul(expandDims(row, 1), expandDims(column, 0)),
    "broadcast(row, axes=[0]); broadcast(column, axes=[1]); % * %",
  ],
  [
    "broadcast(x) @ y = broadcast(x @ sum(y))",
    matmul(rowWide(), w),
    "broadcast(row, axes=[0]); sum(w, axes=[0]); broadcast(%, axes=[1]); % * %",
  ],
  [
    "sum(x @ y): the labels are summed instead",
    sum(matmul(x, w)),
    "sum(x, axes=[0]); sum(w, axes=[1]); contract(%, %, left=[-2], right=[-2], output=[])",
  ],
];

function broadcastNode(a: Tensor, like: Node, axes: readonly number[]): Tensor {
  const whole = wide(column);
  return createNode(whole.def, [a], { shape: like.shape, axes }, ORIGIN) as Tensor;
}

describe("each law", () => {
  test("has a case", () => {
    const named = new Set(cases.map(([name]) => name));
    expect(laws.map((law) => law.statement).filter((name) => !named.has(name))).toEqual([]);
    expect(new Set(laws.map((law) => law.statement)).size).toBe(laws.length);
  });

  test.each(cases)("%s", (name, root, expected) => {
    const fired: string[] = [];
    const [simple] = simplify([root], {
      record: onFiring((firing) => {
        fired.push(firing.law.statement);
        expect(firing.nodesBefore).toBeGreaterThan(0);
        expect(firing.nodesAfter).toBeGreaterThan(0);
      }),
    });
    expect(fired).toContain(name);
    expect(outline(simple!)).toBe(expected);
    const values = valuesOf(root);
    const [before, after] = run([root, simple!], values, ROWS);
    before!.forEach((value, i) => expect(after![i]).toBeCloseTo(value, 12));
  });
});

describe("no unsafe law", () => {
  test.each([
    ["x * 0", mul(x, 0)],
    ["x - x", sub(x, x)],
    ["x / x", div(x, x)],
    ["x ^ 0", pow(x, 0)],
    ["exp(log(x))", exp(log(x))],
    ["sqrt(x ^ 2)", sqrt(square(x))],
    ["0 / x", div(0, x)],
    ["(x / s) * s", mul(div(x, wide(s)), wide(s))],
    ["a factor that would leave the range", mul(mul(x, 1e30), 1e30)],
  ] as const)("%s stays", (_, root) => {
    const views = laws.filter((each) => each.statement === "a view of one number is that number");
    const [[expected], [simple]] = [simplify([root], { laws: views }), simplify([root])];
    expect(printGraph([simple!])).toBe(printGraph([expected!]));
  });
});

describe("sharing", () => {
  test("equal nodes become one, operands of a sum in either order", () => {
    const [simple] = simplify([mul(tanh(add(x, y)), tanh(add(y, x)))]);
    expect(simple!.inputs[0]).toBe(simple!.inputs[1]);
  });

  test("leaves with equal attributes stay apart", () => {
    const [a, b] = [tensor("a", 4), tensor("a", 4)];
    const [simple] = simplify([mul(tanh(a), tanh(b))]);
    expect(simple!.inputs[0]).not.toBe(simple!.inputs[1]);
  });

  test("a product that is used elsewhere is not computed again for its transpose or its sum", () => {
    const product = matmul(x, w);
    for (const other of [transpose(product), sum(product, over(0))]) {
      const count = (roots: readonly Node[]): number =>
        everyNode(simplify(roots)).filter((node) => node.def.name === "contract").length;
      expect(count([other, tanh(product)])).toBe(1);
      // Equal products count as one, wherever they come from.
      expect(count([other, tanh(matmul(x, w))])).toBe(1);
    }
  });

  test("nothing to do gives the same objects", () => {
    const root = tanh(matmul(x, w));
    expect(simplify([root])[0]).toBe(root);
  });
});
