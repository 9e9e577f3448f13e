// Calls of public functions with what they should give, computed by loops over plain arrays: reductions, softmax, matrix
// products, views, joins.

import type { PublicDim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as ops from "../ops/api.js";
import { alongAxis, get, getBroadcast, make, reduce, zip, type Plain } from "./plain.js";

export interface Case {
  readonly name: string;
  /** The operands' axes. */
  readonly shapes: readonly (readonly PublicDim[])[];
  /** Operands with a bound are ints below it. */
  readonly below?: readonly (number | undefined)[];
  readonly build: (...operands: [Tensor, Tensor, Tensor]) => Tensor;
  readonly expected: (...operands: [Plain, Plain, Plain]) => Plain;
}

export const one = (
  name: string,
  shape: readonly PublicDim[],
  build: (x: Tensor) => Tensor,
  expected: (x: Plain) => Plain,
): Case => ({ name, shapes: [shape], build, expected });

export const total = (list: number[]): number => list.reduce((a, b) => a + b, 0);
const average = (list: number[]): number => total(list) / list.length;
const spreadOf = (list: number[], correction: number): number =>
  total(list.map((x) => (x - average(list)) ** 2)) / (list.length - correction);

const SHAPES: readonly (readonly PublicDim[])[] = [[], [1], [4], [2, 3], [1, 3], ["batch", 3], [2, "batch", 4]];

/** Every set of axes of a rank. */
const subsets = (rank: number): number[][] =>
  Array.from({ length: 2 ** rank }, (_, bits) =>
    Array.from({ length: rank }, (_, i) => i).filter((i) => bits & (1 << i)),
  );

const REDUCTIONS: readonly [string, (x: Tensor, o: object) => Tensor, (list: number[]) => number][] = [
  ["sum", (x, o) => ops.sum(x, o), total],
  ["mean", (x, o) => ops.mean(x, o), average],
  ["prod", (x, o) => ops.prod(x, o), (list) => list.reduce((a, b) => a * b, 1)],
  ["max", (x, o) => ops.max(x, o), (list) => Math.max(...list)],
  ["min", (x, o) => ops.min(x, o), (list) => Math.min(...list)],
  ["logSumExp", (x, o) => ops.logSumExp(x, o), (list) => Math.log(total(list.map(Math.exp)))],
  ["variance", (x, o) => ops.variance(x, o), (list) => spreadOf(list, 0)],
  ["norm", (x, o) => ops.norm(x, o), (list) => Math.hypot(...list)],
];

export const reductions: readonly Case[] = REDUCTIONS.flatMap(([name, build, f]) =>
  SHAPES.flatMap((shape) =>
    subsets(shape.length).flatMap((axes) =>
      [false, true].map((keepAxes) =>
        one(
          `${name} of [${shape.join(", ")}] over [${axes.join(", ")}]${keepAxes ? ", kept" : ""}`,
          shape,
          (x) => build(x, { axis: axes, keepAxes }),
          (x) => reduce(x, axes, keepAxes, f),
        ),
      ),
    ),
  ),
);

export const softmaxOf = (line: number[], i: number): number => {
  const top = Math.max(...line);
  return Math.exp(line[i]! - top) / total(line.map((x) => Math.exp(x - top)));
};

const rowwise = [
  [[1], 0],
  [[4], 0],
  [[2, 3], 0],
  [[2, 3], 1],
  [["batch", 3], 1],
  [["batch", 3], 0],
  [[2, "batch", 4], 1],
] as const;

export const axisCases: readonly Case[] = rowwise.flatMap(([shape, axis]) => [
  one(
    `softmax of [${shape.join(", ")}] along ${axis}`,
    shape,
    (x) => ops.softmax(x, { axis }),
    (x) => alongAxis(x, axis, softmaxOf),
  ),
  one(
    `logSoftmax of [${shape.join(", ")}] along ${axis}`,
    shape,
    (x) => ops.logSoftmax(x, { axis }),
    (x) => alongAxis(x, axis, (line, i) => Math.log(softmaxOf(line, i))),
  ),
  one(
    `argMax of [${shape.join(", ")}] along ${axis}`,
    shape,
    (x) => ops.argMax(x, { axis }),
    (x) => reduce(x, [axis], false, (list) => list.indexOf(Math.max(...list))),
  ),
]);

/** NumPy's matmul by a triple loop, leading axes broadcast. */
export function matmulOf(a: Plain, b: Plain): Plain {
  const [x, y] = [
    a.shape.length === 1 ? { ...a, shape: [1, ...a.shape] } : a,
    b.shape.length === 1 ? { ...b, shape: [...b.shape, 1] } : b,
  ];
  const lead = zip(
    { shape: x.shape.slice(0, -2), data: make(x.shape.slice(0, -2), () => 0).data },
    { shape: y.shape.slice(0, -2), data: make(y.shape.slice(0, -2), () => 0).data },
    () => 0,
  ).shape;
  const [m, k, n] = [x.shape.at(-2)!, x.shape.at(-1)!, y.shape.at(-1)!];
  const full = make([...lead, m, n], (index) => {
    const outer = index.slice(0, -2);
    let sum = 0;
    const at = (z: Plain, i: number, j: number): number => {
      const own = outer.slice(outer.length - (z.shape.length - 2)).map((v, d) => (z.shape[d] === 1 ? 0 : v));
      return get(z, [...own, i, j]);
    };
    for (let q = 0; q < k; q++) sum += at(x, index.at(-2)!, q) * at(y, q, index.at(-1)!);
    return sum;
  });
  const shape = [...lead, ...(a.shape.length === 1 ? [] : [m]), ...(b.shape.length === 1 ? [] : [n])];
  return { shape, data: full.data };
}

export const matmuls: Case[] = (
  [
    [[3], [3]],
    [[2, 3], [3]],
    [[3], [3, 2]],
    [
      [2, 3],
      [3, 4],
    ],
    [
      [1, 1],
      [1, 1],
    ],
    [
      ["batch", 3],
      [3, 2],
    ],
    [
      [2, 3, 4],
      [2, 4, 2],
    ],
    [
      [2, 3, 4],
      [4, 2],
    ],
    [
      [3, 4],
      [2, 4, 2],
    ],
    [
      [2, 1, 3, 4],
      [5, 4, 2],
    ],
    [
      [1, 3, 4],
      [2, 4, 2],
    ],
    [
      ["batch", 3, 4],
      [4, 2],
    ],
    [
      ["batch", 3, 4],
      ["batch", 4, 2],
    ],
    [[3], [2, 3, 2]],
    [[2, 3, 4], [4]],
  ] as const
).map(([a, b]) => ({
  name: `matmul of [${a.join(", ")}] and [${b.join(", ")}]`,
  shapes: [a, b],
  build: (x, y) => ops.matmul(x, y as never),
  expected: matmulOf,
}));

export const views: Case[] = [
  one(
    "reshape",
    [2, 6],
    (x) => ops.reshape(x, [3, 4]),
    (x) => ({ ...x, shape: [3, 4] }),
  ),
  one(
    "reshape with -1",
    ["batch", 2, 3],
    (x) => ops.reshape(x, [-1, 3]),
    (x) => ({ ...x, shape: [x.shape[0]! * 2, 3] }),
  ),
  one(
    "transpose",
    [2, 3, 4],
    (x) => ops.transpose(x, [2, 0, 1]),
    (x) => make([4, 2, 3], ([i, j, k]) => get(x, [j!, k!, i!])),
  ),
  one(
    "transpose reversed",
    ["batch", 3],
    (x) => ops.transpose(x),
    (x) => make([3, x.shape[0]!], ([i, j]) => get(x, [j!, i!])),
  ),
  one(
    "expandDims",
    [2, 3],
    (x) => ops.expandDims(x, 1),
    (x) => ({ ...x, shape: [2, 1, 3] }),
  ),
  one(
    "squeeze",
    [1, 3, 1],
    (x) => ops.squeeze(x),
    (x) => ({ ...x, shape: [3] }),
  ),
  one(
    "flatten",
    ["batch", 2, 3],
    (x) => ops.flatten(x, 1),
    (x) => ({ ...x, shape: [x.shape[0]!, 6] }),
  ),
  one(
    "broadcast",
    [2, 1],
    (x) => ops.broadcast(x, [4, 2, 3]),
    (x) => make([4, 2, 3], (index) => getBroadcast(x, index)),
  ),
  one(
    "broadcast to the batch",
    [3],
    (x) => ops.broadcast(x, [3, 3]),
    (x) => make([3, 3], (index) => getBroadcast(x, index)),
  ),
  one(
    "slice with steps, from the end, backwards",
    [5, 7, 3],
    (x) =>
      ops.slice(x, [
        [1, -1],
        [null, null, -2],
        [2, null],
      ]),
    (x) => make([3, 4, 1], ([i, j, k]) => get(x, [i! + 1, 6 - 2 * j!, k! + 2])),
  ),
  one(
    "slice of the batch",
    ["batch", 4],
    (x) =>
      ops.slice(x, [
        [-1, null],
        [0, 4, 3],
      ]),
    (x) => make([1, 2], ([, j]) => get(x, [x.shape[0]! - 1, 3 * j!])),
  ),
  one(
    "flip",
    [2, 3],
    (x) => ops.flip(x, 1),
    (x) => make([2, 3], ([i, j]) => get(x, [i!, 2 - j!])),
  ),
  one(
    "flip of all",
    ["batch", 3],
    (x) => ops.flip(x),
    (x) => make(x.shape, ([i, j]) => get(x, [x.shape[0]! - 1 - i!, 2 - j!])),
  ),
  one(
    "pad",
    [2, 3],
    (x) =>
      ops.pad(
        x,
        [
          [1, 2],
          [0, 1],
        ],
        { value: 9 },
      ),
    (x) => make([5, 4], ([i, j]) => (i! >= 1 && i! < 3 && j! < 3 ? get(x, [i! - 1, j!]) : 9)),
  ),
  one(
    "tile",
    [2, 3],
    (x) => ops.tile(x, [2, 3]),
    (x) => make([4, 9], ([i, j]) => get(x, [i! % 2, j! % 3])),
  ),
  one(
    "tile of the batch",
    ["batch", 2],
    (x) => ops.tile(x, [1, 2]),
    (x) => make([x.shape[0]!, 4], ([i, j]) => get(x, [i!, j! % 2])),
  ),
  one(
    "split, second of three",
    [6, 2],
    (x) => ops.split(x, 3)[1]!,
    (x) => make([2, 2], ([i, j]) => get(x, [i! + 2, j!])),
  ),
  one(
    "split by sizes",
    [2, 6],
    (x) => ops.split(x, [1, 2, 3], { axis: 1 })[2]!,
    (x) => make([2, 3], ([i, j]) => get(x, [i!, j! + 3])),
  ),
];

export const joins: Case[] = [
  {
    name: "concat of three",
    shapes: [
      [2, 1],
      [2, 3],
      [2, 2],
    ],
    build: (...xs) => ops.concat(xs, { axis: 1 }),
    expected: (a, b, c) =>
      make([2, 6], ([i, j]) => (j! < 1 ? get(a, [i!, j!]) : j! < 4 ? get(b, [i!, j! - 1]) : get(c, [i!, j! - 4]))),
  },
  {
    name: "concat of two batches",
    shapes: [
      ["batch", 2],
      ["batch", 2],
    ],
    build: (a, b) => ops.concat([a, b]),
    expected: (a, b) => ({ shape: [2 * a.shape[0]!, 2], data: [...a.data, ...b.data] }),
  },
  {
    name: "stack in the middle",
    shapes: [
      ["batch", 3],
      ["batch", 3],
    ],
    build: (a, b) => ops.stack([a, b], { axis: 1 }),
    expected: (a, b) => make([a.shape[0]!, 2, 3], ([i, k, j]) => get(k === 0 ? a : b, [i!, j!])),
  },
];
