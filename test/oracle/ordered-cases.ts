// Order and running sums along an axis, entries by index along it (NumPy's sort, argsort, take_along_axis; ONNX' TopK and
// CumSum), and einsum with everything that NumPy allows in its equation.

import type { PublicDim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as ops from "../ops/api.js";
import { one, total, type Case } from "./cases.js";
import { alongAxis, get, indices, make, type Plain } from "./plain.js";

/** The positions of a line in order. Of equal values the first comes first. */
const order = (line: readonly number[], descending: boolean): number[] =>
  line.map((_, i) => i).sort((i, j) => (descending ? line[j]! - line[i]! : line[i]! - line[j]!) || i - j);

/** The first `count` elements along an axis. */
const first = (x: Plain, axis: number, count: number): Plain =>
  make(x.shape.with(axis, count), (index) => get(x, index));

const LINES = [
  [[1], 0],
  [[6], -1],
  [[2, 5], 1],
  [[5, 2], 0],
  [[2, 4, 3], 1],
  [["batch", 6], -1],
  [["batch", 3], 0],
] as const satisfies readonly (readonly [readonly PublicDim[], number])[];

/** Floats, and ints of which many are equal. */
const operands = LINES.flatMap(([shape, axis]) =>
  [undefined, 3].map((below) => ({ shape, axis, below, at: axis < 0 ? axis + shape.length : axis })),
);

export const sorts: Case[] = operands.flatMap(({ shape, axis, below, at }) =>
  [false, true].flatMap((descending): Case[] => {
    const call = `of [${shape.join(", ")}] along ${axis}${descending ? ", descending" : ""}${below ? ", with ties" : ""}`;
    const given = { shapes: [shape], below: [below] };
    return [
      {
        ...given,
        name: `sort ${call}`,
        build: (x) => ops.sort(x, { axis, descending }),
        expected: (x) => alongAxis(x, at, (line, i) => line[order(line, descending)[i]!]!),
      },
      {
        ...given,
        name: `argSort ${call}`,
        build: (x) => ops.argSort(x, { axis, descending }),
        expected: (x) => alongAxis(x, at, (line, i) => order(line, descending)[i]!),
      },
    ];
  }),
);

// The first five are found by sweeps of the axis, the last by rank.
const TOPS = [
  [[7], 0, 1],
  [[7], 0, 3],
  [[2, 20], 1, 8],
  [[9, 2], 0, 2],
  [["batch", 9], -1, 4],
  [["batch", 12], -1, 10],
] as const satisfies readonly (readonly [readonly PublicDim[], number, number])[];

export const tops: Case[] = TOPS.flatMap(([shape, axis, k]) =>
  [undefined, 3].flatMap((below) =>
    [true, false].flatMap((largest): Case[] => {
      const at = axis < 0 ? axis + shape.length : axis;
      const call = `topK(${k}) of [${shape.join(", ")}] along ${axis}${largest ? "" : ", smallest"}${below ? ", ties" : ""}`;
      const given = { shapes: [shape], below: [below] };
      const positions = (x: Plain): Plain => alongAxis(x, at, (line, i) => order(line, largest)[i]!);
      const values = (x: Plain): Plain => alongAxis(x, at, (line, i) => line[order(line, largest)[i]!]!);
      return [
        {
          ...given,
          name: `values of ${call}`,
          build: (x) => ops.topK(x, k, { axis, largest }).values,
          expected: (x) => first(values(x), at, k),
        },
        {
          ...given,
          name: `indices of ${call}`,
          build: (x) => ops.topK(x, k, { axis, largest }).indices,
          expected: (x) => first(positions(x), at, k),
        },
      ];
    }),
  ),
);

export const running: Case[] = LINES.flatMap(([shape, axis]) =>
  [false, true].flatMap((exclusive) =>
    [false, true].map((reverse) =>
      one(
        `cumsum of [${shape.join(", ")}] along ${axis}${exclusive ? ", exclusive" : ""}${reverse ? ", reverse" : ""}`,
        shape,
        (x) => ops.cumsum(x, { axis, exclusive, reverse }),
        (x) =>
          alongAxis(x, axis < 0 ? axis + shape.length : axis, (line, i) =>
            total(line.filter((_, j) => (reverse ? j > i : j < i) || (j === i && !exclusive))),
          ),
      ),
    ),
  ),
);

export const along: Case[] = [
  {
    name: "takeAlong the last axis",
    shapes: [
      ["batch", 4],
      ["batch", 6],
    ],
    below: [undefined, 4],
    build: (x, i) => ops.takeAlong(x, i),
    expected: (x, i) => make(i.shape, (index) => get(x, index.with(1, get(i, index)))),
  },
  {
    name: "takeAlong the first axis",
    shapes: [
      [4, 3, 2],
      [1, 3, 2],
    ],
    below: [undefined, 4],
    build: (x, i) => ops.takeAlong(x, i, { axis: 0 }),
    expected: (x, i) => make(i.shape, (index) => get(x, index.with(0, get(i, index)))),
  },
  one(
    "argMin of [batch, 5]",
    ["batch", 5],
    (x) => ops.argMin(x),
    (x) =>
      make(
        [x.shape[0]!],
        ([r]) =>
          order(
            Array.from({ length: 5 }, (_, c) => get(x, [r!, c])),
            false,
          )[0]!,
      ),
  ),
  {
    name: "argMin and argMax of ties, kept",
    shapes: [[6, 3]],
    below: [2],
    build: (x) =>
      ops.concat([ops.argMin(x, { axis: 0, keepAxes: true }), ops.argMax(x, { axis: 0, keepAxes: true })], { axis: 0 }),
    expected: (x) =>
      make(
        [2, 3],
        ([most, c]) =>
          order(
            Array.from({ length: 6 }, (_, r) => get(x, [r, c!])),
            most === 1,
          )[0]!,
      ),
  },
];

const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);

/** The element of an operand where its labels have the given positions. */
const elementAt = (x: Plain, labels: readonly string[], at: ReadonlyMap<string, number>): number =>
  get(
    x,
    labels.map((label, i) => (x.shape[i] === 1 ? 0 : at.get(label)!)),
  );

/** Einstein's sum over every assignment of the labels, from lists of a label for each axis. An axis of size 1 stretches. */
function einsumOf(terms: readonly string[], result: string, operandsOf: readonly Plain[]): Plain {
  const sizes = new Map<string, number>();
  terms.forEach((term, t) => {
    [...term].forEach((label, i) => sizes.set(label, Math.max(sizes.get(label) ?? 1, operandsOf[t]!.shape[i]!)));
  });
  const summed = [...sizes.keys()].filter((label) => !result.includes(label));
  const all = [...result, ...summed];
  const assigned = indices(summed.map((label) => sizes.get(label)!));
  return make(
    [...result].map((label) => sizes.get(label)!),
    (outer) =>
      total(
        assigned.map((inner) => {
          const at = new Map(all.map((label, i) => [label, [...outer, ...inner][i]!]));
          return product(terms.map((term, t) => elementAt(operandsOf[t]!, term.split(""), at)));
        }),
      ),
  );
}

type Shapes = readonly (readonly PublicDim[])[];

/** The equation, the shapes, and the same equation with a letter for each axis. */
const EQUATIONS: readonly (readonly [equation: string, shapes: Shapes, terms: readonly string[], result: string])[] = [
  ["ii->i", [[3, 3]], ["ii"], "i"],
  ["ii", [[3, 3]], ["ii"], ""],
  ["iji->ji", [[3, 2, 3]], ["iji"], "ji"],
  ["iii->i", [[2, 2, 2]], ["iii"], "i"],
  ["bii->b", [["batch", 3, 3]], ["bii"], "b"],
  [
    "ii,ij->j",
    [
      [3, 3],
      [3, 2],
    ],
    ["ii", "ij"],
    "j",
  ],
  [
    "ij,jk",
    [
      [2, 3],
      [3, 4],
    ],
    ["ij", "jk"],
    "ik",
  ],
  ["ba", [[2, 3]], ["ba"], "ab"],
  ["i,j", [[2], [3]], ["i", "j"], "ij"],
  ["i,i", [[3], [3]], ["i", "i"], ""],
  [
    "ij,kl->il",
    [
      [2, 3],
      [4, 2],
    ],
    ["ij", "kl"],
    "il",
  ],
  [
    "...ij,...jk->...ik",
    [
      [2, 1, 3, 2],
      [4, 2, 3],
    ],
    ["abij", "bjk"],
    "abik",
  ],
  [
    "...ij,jk",
    [
      ["batch", 2, 3],
      [3, 2],
    ],
    ["aij", "jk"],
    "aik",
  ],
  [
    "i...,i...->...",
    [
      [2, 3],
      [2, 1],
    ],
    ["ia", "ia"],
    "a",
  ],
  ["...->...", [[2, 3]], ["ab"], "ab"],
  ["...i->i", [[2, 3, 2]], ["abi"], "i"],
  ["...,...", [[3], []], ["a", ""], "a"],
  [
    "ij,ij->ij",
    [
      [1, 3],
      [2, 3],
    ],
    ["ij", "ij"],
    "ij",
  ],
  ["ij,j->i", [[2, 1], [3]], ["ij", "j"], "i"],
  [
    "bi,bj,bk->ijk",
    [
      ["batch", 2],
      ["batch", 2],
      ["batch", 3],
    ],
    ["bi", "bj", "bk"],
    "ijk",
  ],
  [
    "Ab,bA->A",
    [
      [2, 3],
      [3, 2],
    ],
    ["Ab", "bA"],
    "A",
  ],
  [",i->i", [[], [3]], ["", "i"], "i"],
];

export const equations: Case[] = EQUATIONS.map(([equation, shapes, terms, result]): Case => ({
  name: `einsum ${equation}`,
  shapes,
  build: (...nodes) => ops.einsum(equation, ...(nodes.slice(0, shapes.length) as Tensor[])),
  expected: (...plain) => einsumOf(terms, result, plain.slice(0, shapes.length)),
}));
