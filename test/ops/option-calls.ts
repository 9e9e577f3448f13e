// A call of each public function that takes options, with options of the test's.

import * as t from "tapeless";

export type Call = (options: never) => unknown;

export const m = t.input("m", [2, 3]) as t.Tensor;
export const x = t.input("x", ["batch", 3]) as t.Tensor;
export const y = t.target("y", ["batch", 3]) as t.Tensor;
export const line = t.input("line", ["batch", 6, 4]) as t.Tensor;
export const image = t.input("image", ["batch", 6, 6, 4]) as t.Tensor;
const volume = t.input("volume", ["batch", 4, 4, 4, 2]) as t.Tensor;
export const ids = t.input("ids", ["batch"], { dtype: "int32", below: 3 }) as t.Tensor;
const among = t.input("among", [2, 3], { dtype: "int32", below: 2 }) as t.Tensor;
const digit = t.labels("digit", ["batch"], 3) as t.Tensor;
export const rows = t.input("rows", ["batch"]) as t.Tensor;
export const weight = t.parameter([3, 3], 0.5) as t.Tensor;
export const loss = t.mean(t.square(weight));
const keep = ([h]: readonly t.Tensor[]) => ({ carries: [h!], outputs: [] });
export const square = (a: t.Tensor): t.Tensor => t.square(a);

/** By the function's name. */
export const calls: Readonly<Record<string, Call>> = {
  input: (o) => t.input("a", [2], o),
  target: (o) => t.target("a", [2], o),
  parameter: (o) => t.parameter([2], 0, o),
  constant: (o) => t.constant(0, o),
  state: (o) => t.state("a", [2], 0, o),
  formula: (o) => t.formula("twice", "2 * a", o),
  customGradient: (o) => t.customGradient(square, (g) => [g], o),
  gelu: (o) => t.gelu(x, o),
  sum: (o) => t.sum(x, o),
  prod: (o) => t.prod(x, o),
  mean: (o) => t.mean(x, o),
  logSumExp: (o) => t.logSumExp(x, o),
  max: (o) => t.max(x, o),
  min: (o) => t.min(x, o),
  variance: (o) => t.variance(x, o),
  norm: (o) => t.norm(x, o),
  addAt: (o) => t.addAt(weight, ids, x, o),
  average: (o) => t.average(x, o),
  concat: (o) => t.concat([m, m], o),
  labels: (o) => t.labels("a", ["batch"], 3, o),
  logSoftmax: (o) => t.logSoftmax(x, o),
  maxNorm: (o) => t.maxNorm(1, o),
  roll: (o) => t.roll(m, 1, o),
  rootMeanSquaredError: (o) => t.rootMeanSquaredError(x, y, o),
  rSquared: (o) => t.rSquared(x, y, o),
  segmentMean: (o) => t.segmentMean(x, ids, 3, o),
  segmentSoftmax: (o) => t.segmentSoftmax(x, ids, 3, o),
  segmentSum: (o) => t.segmentSum(x, ids, 3, o),
  softmax: (o) => t.softmax(x, o),
  split: (o) => t.split(m, 2, o),
  stack: (o) => t.stack([m, m], o),
  stepDecay: (o) => t.stepDecay(10, o),
  take: (o) => t.take(weight, ids, o),
  sequenceCrossEntropy: (o) => t.sequenceCrossEntropy(x, digit, o),
  takeAlong: (o) => t.takeAlong(m, among, o),
  carry: (o) => t.carry("a", [2], o),
  setAt: (o) => t.setAt(weight, ids, x, o),
  attentionCache: (o) => t.attentionCache("a", 6, 4, o),
  pick: (o) => t.pick(x, ids, o),
  scatterAdd: (o) => t.scatterAdd(x, ids, 3, o),
  argMax: (o) => t.argMax(x, o),
  argMin: (o) => t.argMin(x, o),
  standardize: (o) => t.standardize(x, o),
  convolve: (o) => t.convolve(line, t.parameter([3, 4, 2], 0), o),
  convolveTranspose: (o) => t.convolveTranspose(line, t.parameter([3, 2, 4], 0), o),
  maxPool: (o) => t.maxPool(image, 2, o),
  maxPoolWithIndices: (o) => t.maxPoolWithIndices(image, 2, o),
  maxUnpool: (o) => t.maxUnpool(image, t.cast(image, "int32") as t.Tensor, 12, o),
  avgPool: (o) => t.avgPool(image, 2, o),
  globalMaxPool: (o) => t.globalMaxPool(image, o),
  globalAvgPool: (o) => t.globalAvgPool(image, o),
  upsample: (o) => t.upsample(image, 2, o),
  pad: (o) => t.pad(m, [[1, 1], [0, 0]], o), // prettier-ignore
  segmentMax: (o) => t.segmentMax(x, ids, 3, o),
  segmentMin: (o) => t.segmentMin(x, ids, 3, o),
  argSort: (o) => t.argSort(m, o),
  sort: (o) => t.sort(m, o),
  topK: (o) => t.topK(m, 2, o),
  cumsum: (o) => t.cumsum(m, o),
  randomUniform: (o) => t.randomUniform([2], o),
  randomNormal: (o) => t.randomNormal([2], o),
  bernoulli: (o) => t.bernoulli([2], 0.5, o),
  dropout: (o) => t.dropout(x, 0.5, o),
  lstmCell: (o) => t.lstmCell(x, [x, x], o),
  gruCell: (o) => t.gruCell(x, x, o),
  rnnCell: (o) => t.rnnCell(x, x, o),
  layer: (o) => t.layer((a) => t.dense(a, 2), o),
  gaussianNoise: (o) => t.gaussianNoise(x, 0.5, o),
  scan: (o) => t.scan(keep, [rows], [m], o),

  dense: (o) => t.dense(x, 4, o),
  conv1d: (o) => t.conv1d(line, 2, 3, o),
  conv2d: (o) => t.conv2d(image, 2, 3, o),
  conv3d: (o) => t.conv3d(volume, 2, 3, o),
  convTranspose2d: (o) => t.convTranspose2d(image, 2, 3, o),
  rnn: (o) => t.rnn(line, 2, o),
  gru: (o) => t.gru(line, 2, o),
  lstm: (o) => t.lstm(line, 2, o),
  bidirectional: (o) => t.bidirectional(t.lstm, line, 2, o),
  scaledDotProductAttention: (o) => t.scaledDotProductAttention(line, line, line, o),
  multiHeadAttention: (o) => t.multiHeadAttention(line, 2, o),
  transformerEncoder: (o) => t.transformerEncoder(line, 2, o),
  transformerDecoder: (o) => t.transformerDecoder(line, line, 2, o),
  learnedEncoding: (o) => t.learnedEncoding(6, 4, o),
  embedding: (o) => t.embedding(ids, 3, 2, o),
  batchNorm: (o) => t.batchNorm(x, o),
  groupNorm: (o) => t.groupNorm(image, 2, o),
  instanceNorm: (o) => t.instanceNorm(image, o),
  layerNorm: (o) => t.layerNorm(x, o),
  rmsNorm: (o) => t.rmsNorm(x, o),

  meanSquaredError: (o) => t.meanSquaredError(x, y, o),
  meanAbsoluteError: (o) => t.meanAbsoluteError(x, y, o),
  huber: (o) => t.huber(x, y, o),
  binaryCrossEntropy: (o) => t.binaryCrossEntropy(x, y, o),
  negativeSampling: (o) => t.negativeSampling(rows, x, o),
  crossEntropy: (o) => t.crossEntropy(x, digit, o),
  negativeLogLikelihood: (o) => t.negativeLogLikelihood(x, digit, o),
  focalLoss: (o) => t.focalLoss(x, digit, o),
  klDivergence: (o) => t.klDivergence(x, y, o),
  hinge: (o) => t.hinge(x, digit, o),
  tripletLoss: (o) => t.tripletLoss(x, y, x, o),
  cosineSimilarity: (o) => t.cosineSimilarity(x, y, o),
  cosineSimilarityLoss: (o) => t.cosineSimilarityLoss(x, y, o),

  accuracy: (o) => t.accuracy(x, digit, o),
  topKAccuracy: (o) => t.topKAccuracy(x, digit, o),
  precision: (o) => t.precision(x, digit, o),
  recall: (o) => t.recall(x, digit, o),
  f1: (o) => t.f1(x, digit, o),
  confusionMatrix: (o) => t.confusionMatrix(x, digit, o),
  auc: (o) => t.auc(x, y, o),
  perplexity: (o) => t.perplexity(x, digit, o),
  metric: (o) => t.metric(o),

  network: (o) => t.network("n", o),
  adadelta: (o) => t.adadelta(o),
  adagrad: (o) => t.adagrad(o),
  adam: (o) => t.adam(o),
  adamax: (o) => t.adamax(o),
  adamw: (o) => t.adamw(o),
  amsgrad: (o) => t.amsgrad(o),
  lion: (o) => t.lion(o),
  momentum: (o) => t.momentum(o),
  nesterov: (o) => t.nesterov(o),
  rmsprop: (o) => t.rmsprop(o),
  sgd: (o) => t.sgd(o),
  movingAverage: (o) => t.movingAverage(t.adam(), o),
  cosineDecay: (o) => t.cosineDecay(10, o),
  exponentialDecay: (o) => t.exponentialDecay(0.9, o),
  linearDecay: (o) => t.linearDecay(10, o),
  oneCycle: (o) => t.oneCycle(10, o),
  warmUp: (o) => t.warmUp(10, o),
};

/** What cannot be left out. */
export const needed: Readonly<Record<string, object>> = {
  metric: { statistics: { sum: t.sum(x) }, result: "sum" },
  network: { batch: 2, loss, optimizer: t.adam() },
};
