// Convolutions, transposed convolutions and pools.

import {
  avgPool,
  clip,
  conv1d,
  conv2d,
  conv3d,
  convolve,
  convolveTranspose,
  convTranspose2d,
  globalAvgPool,
  globalMaxPool,
  maxPool,
  maxPoolWithIndices,
  maxUnpool,
  mul,
  relu,
  square,
  upsample,
} from "../../../src/index.js";
import type { Tensor } from "../../../src/graph/tensor.js";
import type { Builders } from "../builder.js";

/** PyTorch's layouts of images and weights. */
const theirs = { layout: "channelsFirst", weightLayout: "pytorch" } as const;
const first = { layout: "channelsFirst" } as const;

const both = ({ values, indices }: ReturnType<typeof maxPoolWithIndices>): readonly Tensor[] => [values, indices];

export const windows: Builders = {
  conv1d: ({ x, w, b }) => conv1d(x, 2, 3, { parameters: { weight: w, bias: b } }),
  "conv1d, stride 2, dilation 2, padding 2": ({ x, w, b }) =>
    conv1d(x, 1, 3, { stride: 2, dilation: 2, padding: 2, parameters: { weight: w, bias: b } }),
  "conv1d, same, an even window": ({ x, w, b }) =>
    conv1d(x, 3, 2, { padding: "same", parameters: { weight: w, bias: b } }),
  "conv1d, same, stride 2": ({ x, w, b }) =>
    conv1d(x, 2, 3, { padding: "same", stride: 2, parameters: { weight: w, bias: b } }),
  "conv1d, a window of 1": ({ x, w }) => conv1d(x, 2, 1, { parameters: { weight: w }, bias: false }),
  "conv1d, PyTorch's layouts": ({ x, w, b }) =>
    conv1d(x, 3, 3, { padding: 1, parameters: { weight: w, bias: b }, ...theirs }),
  "conv1d, two groups": ({ x, w, b }) => conv1d(x, 2, 2, { groups: 2, parameters: { weight: w, bias: b }, ...theirs }),
  "conv1d, causal": ({ x, w }) => conv1d(x, 1, 3, { padding: [[2, 0]], parameters: { weight: w }, bias: false }),
  conv2d: ({ x, w, b }) => conv2d(x, 2, 2, { parameters: { weight: w, bias: b } }),
  "conv2d, one filter of one channel": ({ x, w, b }) =>
    conv2d(x, 1, 3, { padding: 1, parameters: { weight: w, bias: b } }),
  "conv2d, strides 2 and 1, dilations 1 and 2": ({ x, w }) =>
    conv2d(x, 2, [3, 2], { stride: [2, 1], dilation: [1, 2], padding: [1, 2], parameters: { weight: w }, bias: false }),
  "conv2d, same, an even window": ({ x, w }) =>
    conv2d(x, 1, [2, 4], { padding: "same", parameters: { weight: w }, bias: false }),
  "conv2d, same, stride 2": ({ x, w, b }) =>
    conv2d(x, 2, 3, { padding: "same", stride: 2, parameters: { weight: w, bias: b } }),
  "conv2d, sameLower, stride 2": ({ x, w }) =>
    conv2d(x, 1, 3, { padding: "sameLower", stride: 2, parameters: { weight: w }, bias: false }),
  "conv2d, same, of clipped numbers": ({ x, w }) =>
    conv2d(clip(x, -1, 1), 1, 3, { padding: "same", parameters: { weight: w }, bias: false }),
  "conv2d, depthwise": ({ x, w, b }) => conv2d(x, 3, 2, { groups: 3, parameters: { weight: w, bias: b }, ...theirs }),
  "conv2d, two groups, channels last": ({ x, w }) =>
    conv2d(x, 2, 2, { groups: 2, parameters: { weight: w }, bias: false }),
  "conv2d of 1 x 1": ({ x, w, b }) => conv2d(x, 2, 1, { parameters: { weight: w, bias: b } }),
  "conv2d, relu, mean of all": ({ x, w, b }) =>
    globalAvgPool(
      conv2d(x, 2, 3, { padding: 1, activation: relu, parameters: { weight: w, bias: b }, ...theirs }),
      first,
    ),
  conv3d: ({ x, w, b }) => conv3d(x, 1, 2, { parameters: { weight: w, bias: b } }),
  "conv3d, strides, padding, two groups, PyTorch's layouts": ({ x, w, b }) =>
    conv3d(x, 4, [3, 2, 3], {
      stride: [1, 2, 2],
      padding: [1, 0, 1],
      groups: 2,
      parameters: { weight: w, bias: b },
      ...theirs,
    }),
  "maxPool with indices": ({ x }) => both(maxPoolWithIndices(x, 2, first)),
  "maxPool with indices, padding": ({ x }) =>
    both(maxPoolWithIndices(x, [3, 2], { stride: [2, 1], padding: 1, ...first })),
  "maxPool with indices, ties amid padding": ({ x }) =>
    both(maxPoolWithIndices(x, 3, { stride: 2, padding: 1, ...first })),
  maxUnpool: ({ x }) => {
    const { values, indices } = maxPoolWithIndices(x, 2, first);
    return mul(maxUnpool(values, indices, [4, 6], first), x);
  },
  "maxUnpool of a line, larger": ({ x, i }) => square(maxUnpool(x, i, 7)),
  "maxPool over three axes": ({ x }) => maxPool(x, 2, { stride: 1 }),
  "avgPool over three axes": ({ x }) => avgPool(x, [1, 2, 2]),
  "convolve over three axes": ({ x, w }) => convolve(x, w, { padding: [1, 0, 1] }),
  convTranspose2d: ({ x, w, b }) => convTranspose2d(x, 2, 2, { parameters: { weight: w, bias: b } }),
  "convTranspose2d, stride 2, padding 1, more after": ({ x, w, b }) =>
    convTranspose2d(x, 1, 3, { stride: 2, padding: 1, outputPadding: 1, parameters: { weight: w, bias: b } }),
  "convTranspose2d, dilation 2": ({ x, w }) =>
    convTranspose2d(x, 1, 2, { stride: [1, 2], dilation: [2, 1], parameters: { weight: w }, bias: false }),
  "convTranspose2d, two groups": ({ x, w, b }) =>
    convTranspose2d(x, 4, 2, { stride: 2, groups: 2, parameters: { weight: w, bias: b }, ...theirs }),
  "convTranspose2d of 1 x 1": ({ x, w }) =>
    convTranspose2d(x, 1, 2, { parameters: { weight: w }, bias: false, ...theirs }),
  "convTranspose2d, same": ({ x, w, b }) =>
    convTranspose2d(x, 2, 3, { stride: 2, padding: "same", parameters: { weight: w, bias: b }, ...theirs }),
  "convTranspose2d, sameLower": ({ x, w }) =>
    convTranspose2d(x, 1, 3, { stride: 2, padding: "sameLower", parameters: { weight: w }, bias: false, ...theirs }),
  "convolveTranspose over one axis": ({ x, w }) =>
    convolveTranspose(x, w, { stride: 3, padding: 1, outputPadding: 2, ...theirs }),
  maxPool: ({ x }) => maxPool(x, 2),
  "maxPool, ties": ({ x }) => maxPool(x, 2),
  "maxPool, padding, stride 1": ({ x }) => maxPool(x, 3, { stride: 1, padding: 1, ...first }),
  "maxPool, ceilMode, dilation": ({ x }) => maxPool(x, 2, { stride: 2, dilation: [1, 2], ceilMode: true, ...first }),
  "maxPool over one axis": ({ x }) => maxPool(x, 3, { stride: 2, padding: 1, ...first }),
  "maxPool, a window of 1": ({ x }) => maxPool(x, 1, { stride: 2, ...first }),
  avgPool: ({ x }) => avgPool(x, 2),
  "avgPool, padding counts": ({ x }) => avgPool(x, 3, { stride: 2, padding: 1, countIncludePad: true, ...first }),
  "avgPool, padding does not count": ({ x }) => avgPool(x, 3, { stride: 2, padding: 1, ...first }),
  "avgPool, ceilMode": ({ x }) => [
    avgPool(x, 2, { stride: 2, padding: 1, ceilMode: true, countIncludePad: true, ...first }),
    avgPool(x, 2, { stride: 2, padding: 1, ceilMode: true, ...first }),
  ],
  "avgPool over one axis": ({ x }) => avgPool(x, 2, { stride: 1, ...first }),
  "global pools": ({ x }) => [globalMaxPool(x), globalAvgPool(x)],
  "global pools of 1 x 1": ({ x }) => [globalMaxPool(x, first), globalAvgPool(x, first)],
  upsample: ({ x }) => upsample(x, [2, 3]),
  "convolution, relu, pool": ({ x, w, b }) =>
    maxPool(relu(conv2d(x, 1, 2, { parameters: { weight: w, bias: b }, ...theirs })), 2, first),
};
