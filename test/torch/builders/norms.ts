// Normalisation layers.

import {
  batchNorm,
  div,
  groupNorm,
  instanceNorm,
  layerNorm,
  add,
  maximum,
  norm,
  rmsNorm,
  standardize,
} from "../../../src/index.js";
import type { Builders, Given } from "../builder.js";

/** A layer's parameters, shared. */
const affine = ({ w, b }: Given) => ({ parameters: { weight: w, bias: b } });
const none = { scale: false, center: false };

export const norms: Builders = {
  "batchNorm in training": (g) => batchNorm(g.x, affine(g)),
  "batchNorm in training, images": (g) => batchNorm(g.x, { ...affine(g), epsilon: 1e-3 }),
  "batchNorm in training, channels first": (g) => batchNorm(g.x, { ...affine(g), axis: 1 }),
  "batchNorm in training, one row of one channel": (g) => batchNorm(g.x, { ...affine(g), axis: 1 }),
  "batchNorm in training, no parameters": ({ x }) => batchNorm(x, none),
  layerNorm: (g) => layerNorm(g.x, affine(g)),
  "layerNorm of two axes": (g) => layerNorm(g.x, { ...affine(g), axis: [-2, -1], epsilon: 0.01 }),
  "layerNorm of one feature": (g) => add(layerNorm(g.x, affine(g)), g.x),
  "layerNorm, no bias": ({ x, w }) => layerNorm(x, { parameters: { weight: w }, center: false }),
  "layerNorm of nearly equal numbers": (g) => layerNorm(g.x, affine(g)),
  rmsNorm: ({ x, w }) => rmsNorm(x, { parameters: { weight: w } }),
  "rmsNorm of two axes": ({ x, w }) => rmsNorm(x, { parameters: { weight: w }, axis: [1, 2], epsilon: 1e-3 }),
  "rmsNorm of one feature": ({ x, w }) => rmsNorm(x, { parameters: { weight: w } }),
  groupNorm: (g) => groupNorm(g.x, 2, { ...affine(g), axis: 1 }),
  "groupNorm, channels last": (g) => groupNorm(g.x, 2, { ...affine(g), epsilon: 1e-3 }),
  "groupNorm of one group": (g) => groupNorm(g.x, 1, affine(g)),
  "groupNorm of one channel each": (g) => groupNorm(g.x, 3, { ...affine(g), axis: 1 }),
  "groupNorm without positions": (g) => groupNorm(g.x, 2, affine(g)),
  instanceNorm: (g) => instanceNorm(g.x, { ...affine(g), axis: 1 }),
  "instanceNorm, images, channels last": (g) => instanceNorm(g.x, { ...affine(g), epsilon: 1e-3 }),
  "instanceNorm of one channel, no parameters": ({ x }) => instanceNorm(x, none),
  standardize: ({ x }) => standardize(x),
  "standardize the batch": ({ x }) => standardize(x, { axis: 0, epsilon: 0.1 }),
  "normalised by its length": ({ x }) => div(x, maximum(norm(x, { axis: 1, keepAxes: true }), 1e-12)),
};
