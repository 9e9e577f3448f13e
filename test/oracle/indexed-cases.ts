// More of the same: gathers, cross-entropies, recurrences, einsum, positions.

import type { Tensor } from "../../src/graph/tensor.js";
import * as ops from "../ops/api.js";
import { matmulOf, one, softmaxOf, total, type Case } from "./cases.js";
import { get, make, type Plain } from "./plain.js";

export const gathers: Case[] = [
  {
    name: "take of rows",
    shapes: [
      [5, 3],
      ["batch", 2],
    ],
    below: [undefined, 5],
    build: (x, i) => ops.take(x, i),
    expected: (x, i) => make([...i.shape, 3], ([r, c, j]) => get(x, [get(i, [r!, c!]), j!])),
  },
  {
    name: "take along the last axis",
    shapes: [[2, 4], [3]],
    below: [undefined, 4],
    build: (x, i) => ops.take(x, i, { axis: 1 }),
    expected: (x, i) => make([2, 3], ([r, c]) => get(x, [r!, get(i, [c!])])),
  },
  {
    name: "pick",
    shapes: [["batch", 4], ["batch"]],
    below: [undefined, 4],
    build: (x, i) => ops.pick(x, i),
    expected: (x, i) => make(i.shape, ([r]) => get(x, [r!, get(i, [r!])])),
  },
  {
    name: "scatterAdd",
    shapes: [["batch", 2], ["batch"]],
    below: [undefined, 2],
    build: (x, i) => ops.scatterAdd(x, i, 3),
    expected: (x, i) => make([3, 2], ([k, j]) => total(i.data.map((at, r) => (at === k ? get(x, [r, j!]) : 0)))),
  },
  {
    name: "oneHot",
    shapes: [["batch", 2]],
    below: [4],
    build: (i) => ops.oneHot(i, 4),
    expected: (i) => make([...i.shape, 4], ([r, c, k]) => (get(i, [r!, c!]) === k ? 1 : 0)),
  },
  {
    name: "softmaxCrossEntropy with classes",
    shapes: [["batch", 4], ["batch"]],
    below: [undefined, 4],
    build: (x, i) => ops.softmaxCrossEntropy(x, i),
    expected: (x, i) => make(i.shape, ([r]) => -Math.log(softmaxOf(rowOf(x, r!), get(i, [r!])))),
  },
  {
    name: "softmaxCrossEntropy with targets",
    shapes: [
      ["batch", 4],
      ["batch", 4],
    ],
    build: (x, t) => ops.softmaxCrossEntropy(x, t),
    expected: (x, t) =>
      make([x.shape[0]!], ([r]) => -total(rowOf(t, r!).map((p, k) => p * Math.log(softmaxOf(rowOf(x, r!), k))))),
  },
];

const rowOf = (x: Plain, r: number): number[] => Array.from({ length: x.shape[1]! }, (_, k) => get(x, [r, k]));

/** h' = tanh(h w + x), y = h' x: by a loop. */
function recurrence(h0: Plain, xs: Plain, w: Plain, reverse: boolean): { last: Plain; all: Plain } {
  let h = h0;
  const outputs: Plain[] = [];
  for (let n = 0; n < xs.shape[0]!; n++) {
    const t = reverse ? xs.shape[0]! - 1 - n : n;
    const x = make(h.shape, ([i, j]) => get(xs, [t, i!, j!]));
    const product = matmulOf(h, w);
    h = make(h.shape, ([i, j]) => Math.tanh(get(product, [i!, j!]) + get(x, [i!, j!])));
    const now = h;
    outputs[t] = make(h.shape, ([i, j]) => get(now, [i!, j!]) * get(x, [i!, j!]));
  }
  return { last: h, all: make(xs.shape, ([t, i, j]) => get(outputs[t!]!, [i!, j!])) };
}

const step =
  (w: Tensor) =>
  ([h]: readonly Tensor[], [x]: readonly Tensor[]) => {
    const next = ops.tanh(ops.add(ops.matmul(h!, w as never), x! as never)) as Tensor;
    return { carries: [next], outputs: [ops.mul(next, x! as never) as Tensor] };
  };

export const scans: Case[] = [false, true].flatMap((reverse) => [
  {
    name: `scan's last carry${reverse ? ", reversed" : ""}`,
    shapes: [
      ["batch", 3],
      [4, "batch", 3],
      [3, 3],
    ],
    build: (h0, xs, w) => ops.scan(step(w), [h0], [xs], { reverse }).carries[0]!,
    expected: (h0, xs, w) => recurrence(h0, xs, w, reverse).last,
  },
  {
    name: `scan's outputs${reverse ? ", reversed" : ""}`,
    shapes: [
      ["batch", 3],
      [4, "batch", 3],
      [3, 3],
    ],
    build: (h0, xs, w) => ops.scan(step(w), [h0], [xs], { reverse }).outputs[0]!,
    expected: (h0, xs, w) => recurrence(h0, xs, w, reverse).all,
  },
]);

export const sums: Case[] = [
  {
    name: "einsum of attention scores",
    shapes: [
      ["batch", 2, 3],
      ["batch", 4, 3],
    ],
    build: (q, k) => ops.einsum("bqd,bkd->bqk", q, k),
    expected: (q, k) =>
      make([q.shape[0]!, 2, 4], ([b, i, j]) => total([0, 1, 2].map((d) => get(q, [b!, i!, d]) * get(k, [b!, j!, d])))),
  },
  {
    name: "einsum that sums what nobody names, and transposes",
    shapes: [
      [2, 3],
      [3, 4],
    ],
    build: (a, b) => ops.einsum("ij,jk->k", a, b),
    expected: (a, b) =>
      make([4], ([k]) => total([0, 1].flatMap((i) => [0, 1, 2].map((j) => get(a, [i, j]) * get(b, [j, k!]))))),
  },
  {
    name: "einsum of three",
    shapes: [
      [2, 3],
      [3, 2],
      [2, 2],
    ],
    build: (a, b, c) => ops.einsum("ij,jk,kl->li", a, b, c),
    expected: (a, b, c) => {
      const all = matmulOf(matmulOf(a, b), c);
      return make([2, 2], ([l, i]) => get(all, [i!, l!]));
    },
  },
];

export const positions: Case[] = [
  one(
    "range of the batch",
    ["batch"],
    () => ops.range("batch") as Tensor,
    (x) => make(x.shape, ([i]) => i!),
  ),
  one(
    "size of the batch times three",
    ["batch", 3],
    (x) => ops.size(x),
    (x) => ({ shape: [], data: [x.data.length] }),
  ),
];
