// Losses and penalties.

import {
  binaryCrossEntropy,
  cosineSimilarity,
  cosineSimilarityLoss,
  crossEntropy,
  div,
  elasticNet,
  focalLoss,
  hinge,
  huber,
  klDivergence,
  l1,
  l2,
  logSoftmax,
  meanAbsoluteError,
  meanSquaredError,
  add,
  negativeLogLikelihood,
  negativeSampling,
  sequenceCrossEntropy,
  sigmoid,
  sigmoidCrossEntropy,
  softmax,
  softmaxCrossEntropy,
  sum,
  tripletLoss,
} from "../../../src/index.js";
import type { Builders } from "../builder.js";

export const losses: Builders = {
  meanSquaredError: ({ x, t }) => meanSquaredError(x, t),
  "meanSquaredError, one row, summed": ({ x, t }) => meanSquaredError(x, t, { reduction: "sum" }),
  "meanSquaredError, weights of rows": ({ x, t, w }) => meanSquaredError(x, t, { weights: w }),
  meanAbsoluteError: ({ x, t }) => meanAbsoluteError(x, t),
  "meanAbsoluteError, some exact": ({ x, t }) => meanAbsoluteError(x, t),
  huber: ({ x, t }) => huber(x, t),
  "huber, delta 0.5, summed": ({ x, t }) => huber(x, t, { delta: 0.5, reduction: "sum" }),
  "huber by delta is the smooth absolute error": ({ x, t }) => div(huber(x, t, { delta: 0.3 }), 0.3),
  "binaryCrossEntropy of probabilities": ({ x, t }) => binaryCrossEntropy(x, t),
  "binaryCrossEntropy, certain and right or wrong": ({ x, t }) => binaryCrossEntropy(x, t),
  "binaryCrossEntropy of logits": ({ x, t }) => binaryCrossEntropy(x, t, { from: "logits" }),
  "binaryCrossEntropy of logits, far, weighted": ({ x, t, w }) =>
    binaryCrossEntropy(x, t, { from: "logits", weights: w }),
  "binaryCrossEntropy after sigmoid": ({ x, t }) => binaryCrossEntropy(sigmoid(x), t),
  sigmoidCrossEntropy: ({ x, t }) => sigmoidCrossEntropy(x, t),
  "softmaxCrossEntropy of classes": ({ x, t }) => softmaxCrossEntropy(x, t),
  "softmaxCrossEntropy of probabilities": ({ x, t }) => softmaxCrossEntropy(x, t),
  crossEntropy: ({ x, t }) => crossEntropy(x, t),
  "crossEntropy, one row of one class": ({ x, t }) => add(crossEntropy(x, t), sum(x)),
  "crossEntropy, far": ({ x, t }) => crossEntropy(x, t),
  "crossEntropy, weights of classes": ({ x, t, w }) => crossEntropy(x, t, { classWeights: w }),
  "crossEntropy, an ignored class": ({ x, t }) => crossEntropy(x, t, { ignoreIndex: 1 }),
  "crossEntropy, an ignored index, weights": ({ x, t, w }) =>
    crossEntropy(x, t, { ignoreIndex: -100, classWeights: w }),
  "crossEntropy, smoothed": ({ x, t }) => crossEntropy(x, t, { labelSmoothing: 0.2 }),
  "crossEntropy, smoothed, weights, ignored": ({ x, t, w }) =>
    crossEntropy(x, t, { labelSmoothing: 0.1, classWeights: w, ignoreIndex: 0 }),
  "crossEntropy, smoothed, weights, summed": ({ x, t, w }) =>
    crossEntropy(x, t, { labelSmoothing: 0.1, classWeights: w, reduction: "sum" }),
  "crossEntropy, smoothed, weights, none": ({ x, t, w }) =>
    crossEntropy(x, t, { labelSmoothing: 0.1, classWeights: w, reduction: "none" }),
  "crossEntropy, classes in axis 1": ({ x, t }) => crossEntropy(x, t, { axis: 1 }),
  "crossEntropy, classes in axis 1, weights, ignored": ({ x, t, w }) =>
    crossEntropy(x, t, { axis: 1, classWeights: w, ignoreIndex: 2 }),
  "crossEntropy, probabilities": ({ x, t }) => crossEntropy(x, t),
  "crossEntropy, probabilities, weights, smoothed": ({ x, t, w }) =>
    crossEntropy(x, t, { classWeights: w, labelSmoothing: 0.3 }),
  sequenceCrossEntropy: ({ x, t }) => sequenceCrossEntropy(x, t),
  "sequenceCrossEntropy, ignored": ({ x, t }) => sequenceCrossEntropy(x, t, { ignoreIndex: 0 }),
  negativeLogLikelihood: ({ x, t }) => negativeLogLikelihood(logSoftmax(x), t),
  "negativeLogLikelihood, weights, ignored": ({ x, t, w }) =>
    negativeLogLikelihood(x, t, { classWeights: w, ignoreIndex: 2 }),
  "negativeLogLikelihood, classes in axis 1, summed": ({ x, t }) =>
    negativeLogLikelihood(x, t, { axis: 1, reduction: "sum" }),
  "klDivergence of log-probabilities": ({ x, t }) =>
    klDivergence(logSoftmax(x), softmax(t), { from: "logProbabilities" }),
  "klDivergence of probabilities": ({ x, t }) => klDivergence(softmax(x), softmax(t)),
  "klDivergence of logits": ({ x, t }) => klDivergence(x, t, { from: "logits" }),
  "klDivergence of logits, some targets 0": ({ x, t }) => klDivergence(x, t, { from: "logits" }),
  hinge: ({ x, t }) => hinge(x, t),
  "hinge of classes": ({ x, t }) => hinge(x, t),
  "hinge of classes, squared, margin 0.5": ({ x, t }) => hinge(x, t, { squared: true, margin: 0.5 }),
  tripletLoss: ({ x, y, z }) => tripletLoss(x, y, z),
  "tripletLoss, swapped, margin 2, summed": ({ x, y, z }) =>
    tripletLoss(x, y, z, { margin: 2, swap: true, reduction: "sum" }),
  "tripletLoss of one feature": ({ x, y, z }) => tripletLoss(x, y, z, { margin: 3 }),
  cosineSimilarity: ({ x, y }) => cosineSimilarity(x, y),
  "cosineSimilarity of the first axis": ({ x, y }) => cosineSimilarity(x, y, { axis: 0 }),
  cosineSimilarityLoss: ({ x, y }) => cosineSimilarityLoss(x, y),
  "cosineSimilarityLoss, pairs, margin 0.2": ({ x, y, p }) => cosineSimilarityLoss(x, y, { pairs: p, margin: 0.2 }),
  focalLoss: ({ x, t }) => focalLoss(x, t),
  "focalLoss, gamma 1.5, alpha 0.6": ({ x, t }) => focalLoss(x, t, { gamma: 1.5, alpha: 0.6 }),
  "focalLoss of classes": ({ x, t }) => focalLoss(x, t),
  negativeSampling: ({ x, y }) => negativeSampling(x, y),
  penalties: ({ x, y }) => [l2(0.1, x, y), l1(0.2, x), elasticNet(0.3, 0.4, x)],
};
