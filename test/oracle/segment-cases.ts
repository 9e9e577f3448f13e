// More of the same: reductions by segment, of entries that are named by ids of every kind, with segments that nothing names.

import type { PublicDim } from "../../src/graph/shape.js";
import type { SegmentExtremeOptions } from "../../src/ops/scatter/segments.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as ops from "../ops/api.js";
import { softmaxOf, total, type Case } from "./cases.js";
import { get, indices, make, type Plain } from "./plain.js";

/** For each place of a result with the axes of the ids as one of `count`: the entries that are named so, in order. */
function bySegment(x: Plain, ids: Plain, count: number, axis: number, f: (list: number[]) => number): Plain {
  const shape = x.shape.toSpliced(axis, ids.shape.length, count);
  return make(shape, (index) =>
    f(
      indices(ids.shape).flatMap((place) =>
        get(ids, place) === index[axis] ? [get(x, index.toSpliced(axis, 1, ...place))] : [],
      ),
    ),
  );
}

/** x with each entry replaced by what `f` makes of its segment and of its place in it. */
function within(x: Plain, ids: Plain, axis: number, f: (list: number[], i: number) => number): Plain {
  const rank = ids.shape.length;
  return make(x.shape, (index) => {
    const own = index.slice(axis, axis + rank);
    const named = indices(ids.shape).filter((place) => get(ids, place) === get(ids, own));
    const list = named.map((place) => get(x, index.toSpliced(axis, rank, ...place)));
    return f(
      list,
      named.findIndex((place) => place.every((n, i) => n === own[i])),
    );
  });
}

type Reduce = (x: Tensor, ids: Tensor, count: number, options: SegmentExtremeOptions) => Tensor;

const REDUCTIONS: readonly (readonly [name: string, call: Reduce, f: (list: number[]) => number, empty?: number])[] = [
  ["segmentSum", (x, ids, count, { axis = 0 }) => ops.segmentSum(x, ids, count, { axis }), total],
  [
    "segmentMean",
    (x, ids, count, { axis = 0 }) => ops.segmentMean(x, ids, count, { axis }),
    (list) => (list.length === 0 ? 0 : total(list) / list.length),
  ],
  ["segmentMax", ops.segmentMax, (list) => (list.length === 0 ? -1.5 : Math.max(...list)), -1.5],
  ["segmentMin", ops.segmentMin, (list) => (list.length === 0 ? 2.5 : Math.min(...list)), 2.5],
];

const SHAPES: readonly (readonly [x: readonly PublicDim[], ids: readonly PublicDim[], axis: number, count: number])[] =
  [
    [[5, 3], [5], 0, 4],
    [[6], [6], 0, 3],
    [[1, 2], [1], 0, 2],
    [[4, 1], [4], 0, 2],
    [[5, 2], [5], 0, 1],
    [["batch", 2], ["batch"], 0, 3],
    [["batch", 3, 2], ["batch", 3], 0, 4],
    [["batch", 5], [5], 1, 3],
    [["batch", 5, 2], [5], -2, 3],
    [[2, "batch"], ["batch"], 1, 2],
  ];

const fromStart = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

export const segments: readonly Case[] = SHAPES.flatMap(([x, ids, axis, count]): Case[] => {
  const at = fromStart(axis, x.length);
  const where = `of [${x.join(", ")}] by [${ids.join(", ")}] along ${axis}`;
  return [
    ...REDUCTIONS.map(([name, call, f, empty]): Case => ({
      name: `${name} ${where}`,
      shapes: [x, ids],
      below: [undefined, count],
      build: (a, i) => call(a, i, count, empty === undefined ? { axis } : { axis, empty }),
      expected: (a, i) => bySegment(a, i, count, at, f),
    })),
    {
      name: `segmentSoftmax ${where}`,
      shapes: [x, ids],
      below: [undefined, count],
      build: (a, i) => ops.segmentSoftmax(a, i, count, { axis }),
      expected: (a, i) => within(a, i, at, softmaxOf),
    },
    {
      name: `segmentMax of every segment that is named, ${where}`,
      shapes: [x, ids],
      below: [undefined, count],
      build: (a, i) => ops.take(ops.segmentMax(a, i, count, { axis }), i, { axis }),
      expected: (a, i) => within(a, i, at, (list) => Math.max(...list)),
    },
  ];
});
