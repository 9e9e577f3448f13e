// Sorting, lookups, sums into places, cumulative sums.

import {
  addAt,
  argSort,
  conv1d,
  cumsum,
  embedding,
  mean,
  oneHot,
  pick,
  scatterAdd,
  segmentMax,
  segmentMean,
  segmentMin,
  segmentSoftmax,
  segmentSum,
  sort,
  square,
  take,
  takeAlong,
  topK,
} from "../../../src/index.js";
import type { Tensor } from "../../../src/graph/tensor.js";
import type { Builders } from "../builder.js";

const both = ({ values, indices }: ReturnType<typeof topK>): readonly Tensor[] => [values, indices];

export const order: Builders = {
  sort: ({ x }) => sort(x),
  "sort, descending, the first axis, ties": ({ x }) => sort(x, { axis: 0, descending: true }),
  "sort of an axis of 1": ({ x }) => sort(x, { axis: 1 }),
  "argSort, ties": ({ x }) => [argSort(x), argSort(x, { descending: true })],
  topK: ({ x }) => both(topK(x, 2)),
  "topK, the smallest of the first axis": ({ x }) => both(topK(x, 3, { axis: 0, largest: false })),
  "topK of one": ({ x }) => both(topK(x, 1, { axis: 1 })),
  "topK of many": ({ x }) => both(topK(x, 9)),
  takeAlong: ({ x, i }) => takeAlong(x, i),
  "takeAlong, the first axis, of 1": ({ x, i }) => takeAlong(x, i, { axis: 0 }),
  take: ({ x, i }) => take(x, i),
  "take along the last axis": ({ x, i }) => take(x, i, { axis: -1 }),
  "take from one": ({ x, i }) => take(x, i),
  pick: ({ x, i }) => pick(x, i),
  "pick of one, squared": ({ x, i }) => square(pick(x, i)),
  "scatterAdd, repeated": ({ x, i }) => scatterAdd(x, i, 4),
  "scatterAdd of rows to one": ({ x, i }) => square(scatterAdd(x, i, 1)),
  addAt: ({ x, i, y }) => square(addAt(x, i, y)),
  "addAt along the last axis": ({ x, i, y }) => addAt(x, i, y, { axis: 1 }),
  embedding: ({ i, w }) => embedding(i, 4, 2, { parameters: { weight: w } }),
  "embedding, padding": ({ i, w }) => embedding(i, 4, 2, { parameters: { weight: w }, paddingIndex: 1 }),
  "embedding, padding from the end, of size 1": ({ i, w }) =>
    embedding(i, 3, 1, { parameters: { weight: w }, paddingIndex: -1 }),
  "a bag of embeddings": ({ i, w }) => mean(embedding(i, 4, 2, { parameters: { weight: w } }), { axis: 1 }),
  "embedding and convolution": ({ i, w, u }) =>
    conv1d(embedding(i, 5, 2, { parameters: { weight: w } }) as Tensor, 2, 3, {
      padding: "same",
      parameters: { weight: u },
      bias: false,
    }),
  segmentSum: ({ x, i }) => square(segmentSum(x, i, 4)),
  "segmentSum, the last axis": ({ x, i }) => square(segmentSum(x, i, 3, { axis: 1 })),
  segmentMean: ({ x, i }) => square(segmentMean(x, i, 4)),
  segmentMax: ({ x, i }) => square(segmentMax(x, i, 4, { empty: -1.5 })),
  "segmentMax, ties": ({ x, i }) => square(segmentMax(x, i, 4, { empty: -1.5 })),
  segmentMin: ({ x, i }) => square(segmentMin(x, i, 4, { axis: 1, empty: 0.5 })),
  segmentSoftmax: ({ x, i }) => square(segmentSoftmax(x, i, 3)),
  cumsum: ({ x }) => cumsum(x),
  "cumsum, reversed, the first axis": ({ x }) => cumsum(x, { axis: 0, reverse: true }),
  "cumsum, exclusive": ({ x }) => cumsum(x, { exclusive: true }),
  "cumsum of an axis of 1": ({ x }) => square(cumsum(x)),
  "cumsum of a long axis": ({ x }) => cumsum(x),
  oneHot: ({ i }) => oneHot(i, 4),
};
