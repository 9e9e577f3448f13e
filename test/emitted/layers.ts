// Networks of the layers and losses that no other network here has: recurrences in both directions, attention by itself, losses
// by their margins, penalties, metrics.

import type { Network } from "../../src/graph/network.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as t from "../../src/index.js";

const CAPACITY = 4;
const optimizer = t.momentum({ rate: 0.1 });

const sequence = (features: number): Tensor => t.input("x", ["batch", 3, features]) as Tensor;

const total = (parts: readonly Tensor[]): Tensor<readonly []> =>
  parts.reduce((a, b) => t.add(a, b as never) as never) as never;

export const layers: Readonly<Record<string, () => Network>> = {
  "recurrences in both directions, masked": () => {
    const x = sequence(2);
    const mask = t.greater(t.squeeze(t.slice(x, [null, null, [0, 1]]), 2), -0.5) as Tensor;
    const hidden = t.bidirectional(t.rnn, x, 3, { mask, returnSequences: true, name: "elman" }) as Tensor;
    const last = t.bidirectional(t.gru, hidden, 2, { merge: "sum", name: "gru" }) as Tensor;
    const plain = t.rnn(x, 2, { name: "plain", reverse: true }) as Tensor;
    const y = t.mul(last, plain as never) as Tensor;
    const loss = t.meanAbsoluteError(y, t.target("t", ["batch", 2]) as never);
    return t.network("directions", { batch: CAPACITY, outputs: { y }, loss, optimizer });
  },
  "cells in loops, a layer applied twice": () => {
    const tower = t.layer((x: Tensor) => t.tanh(t.dense(x, 3)) as Tensor, { name: "tower" });
    const start = tower(t.input("start", ["batch", 2]) as Tensor);
    const other = tower(t.input("other", ["batch", 2]) as Tensor);
    const step = ([a, b, c, d]: readonly Tensor[], [x]: readonly Tensor[]) => {
      const [h, cell] = t.lstmCell(x!, [a!, b!], { name: "long" });
      const gated = t.gruCell(h, c!, { name: "gated" }) as Tensor;
      return { carries: [h, cell, gated, t.rnnCell(gated, d!, { name: "plain" })], outputs: [] };
    };
    const initial = [start, other, t.sub(start, other as never), t.mul(start, other as never)];
    const { carries } = t.scan(step as never, initial as never, [sequence(2)], { axis: 1 });
    const y = carries[3] as Tensor;
    const loss = t.meanSquaredError(y, t.target("t", ["batch", 3]) as never);
    return t.network("cells", { batch: CAPACITY, outputs: { y }, loss, optimizer });
  },
  "attention by itself and across": () => {
    const x = sequence(4);
    const seen = t.multiHeadAttention(x, 2, { causal: true, name: "self" }) as Tensor;
    const other = t.tanh(t.dense(x, 4, { name: "other" })) as Tensor;
    const across = t.scaledDotProductAttention(seen, other, t.neg(x) as Tensor, { mask: t.causalMask(3) }) as Tensor;
    const [first, rest] = t.split(across, [1, 2], { axis: 1 }) as unknown as [Tensor, Tensor];
    const y = t.stack([t.squeeze(first, 1), t.mean(rest, { axis: 1 })] as never, { axis: 1 }) as Tensor;
    const loss = t.huber(y, t.target("t", ["batch", 2, 4]) as never, { delta: 0.5 });
    return t.network("attention", { batch: CAPACITY, outputs: { y }, loss, optimizer });
  },
  "a transposed convolution of a given weight": () => {
    const x = t.reshape(sequence(4), ["batch", 3, 2, 2]) as Tensor;
    const w = t.parameter([2, 3, 3, 2], 0.1, { name: "w" }) as Tensor;
    const y = t.tanh(t.convolveTranspose(x, w, { stride: [2, 1], padding: [1, 0] })) as Tensor;
    return t.network("transposed", { batch: CAPACITY, outputs: { y }, loss: t.mean(t.square(y)), optimizer });
  },
  "losses by margins and by likelihood, with penalties": () => {
    const x = t.input("x", ["batch", 4]) as Tensor;
    const kind = t.labels("kind", ["batch"], 3);
    const wanted = t.target("t", ["batch", 3]) as Tensor;
    const w = t.parameter([4, 3], 0.2, { name: "w" }) as Tensor;
    const logits = t.matmul(x, w as never) as Tensor;
    const moved = t.dense(x, 3, { name: "moved" }) as Tensor;
    const loss = total([
      t.hinge(logits, kind, { margin: 0.7 }),
      t.hinge(moved, t.where(t.greater(wanted, 0), 1, -1 as never) as Tensor, { squared: true }),
      t.tripletLoss(logits, moved, wanted, { margin: 2 }),
      t.cosineSimilarityLoss(moved, wanted),
      t.klDivergence(logits, t.softmax(wanted) as never, { from: "logits" }),
      t.focalLoss(moved, kind, { gamma: 1.5 }),
      t.negativeLogLikelihood(t.logSoftmax(logits), kind) as Tensor,
      t.l1(0.01, w),
      t.elasticNet(0.02, 0.03, w),
    ]);
    const near = t.cosineSimilarity(logits, moved);
    return t.network("margins", { batch: CAPACITY, outputs: { near, worst: t.argMin(logits) }, loss, optimizer });
  },
  "rolls, borders and reductions by segment": () => {
    const x = t.input("x", ["batch", 4]) as Tensor;
    const kind = t.input("kind", ["batch"], { dtype: "int32", below: 3 });
    const h = t.tanh(t.dense(x, 4, { name: "layer" })) as Tensor;
    const around = t.pad(t.roll(h, -1, { axis: 1 }), [[0, 0], [2, 1]], { mode: "reflect" }); // prettier-ignore
    const shares = t.segmentSoftmax(around, kind, 3);
    const parts = [
      t.segmentSum(t.mul(shares, around) as Tensor, kind, 3),
      t.segmentMean(around, kind, 3),
      t.segmentMax(around, kind, 3, { empty: -1 }),
      t.segmentMin(around, kind, 3, { empty: 1 }),
    ];
    const y = t.concat(parts as Tensor[], { axis: 1 });
    return t.network("segments", { batch: CAPACITY, outputs: { y }, loss: t.mean(t.square(y)), optimizer });
  },
  "metrics of classes": () => {
    const x = t.input("x", ["batch", 4]) as Tensor;
    const kind = t.labels("kind", ["batch"], 3);
    const logits = t.dense(x, 3, { name: "layer" }) as Tensor;
    const metrics = {
      precision: t.precision(logits, kind, { average: "macro" }),
      recall: t.recall(logits, kind, { average: "macro" }),
      size: t.metric({ statistics: { squares: t.sum(t.square(logits)) }, totals: { all: "squares" }, result: "all" }),
    };
    const loss = t.crossEntropy(logits, kind);
    return t.network("measured", { batch: CAPACITY, outputs: { logits }, loss, metrics, optimizer });
  },
};
