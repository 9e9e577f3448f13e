// Gradients as values: what is differentiated twice, and once more by the test.

import {
  batchNorm,
  binaryCrossEntropy,
  conv2d,
  crossEntropy,
  cumsum,
  div,
  elu,
  embedding,
  exp,
  gelu,
  gradient,
  layerNorm,
  log,
  logSoftmax,
  logSumExp,
  matmul,
  max,
  maximum,
  maxPool,
  mean,
  mish,
  mul,
  norm,
  pow,
  prod,
  rmsNorm,
  scaledDotProductAttention,
  add,
  scan,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  sort,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  variance,
} from "../../../src/index.js";
import type { Tensor } from "../../../src/graph/tensor.js";
import type { Builders } from "../builder.js";

const slope = (y: Tensor, x: Tensor): Tensor => gradient(sum(y), x);
const last = { axis: 1 };
const theirs = { layout: "channelsFirst", weightLayout: "pytorch" } as const;

export const derivatives: Builders = {
  "twice: powers and roots": ({ x }) => slope(slope(add(mul(pow(x, 3), sqrt(x)), log(x)) as Tensor, x), x),
  "of a slope: tanh": ({ x, y }) => slope(mul(tanh(x), y), x),
  "of a slope: sigmoid and exp": ({ x }) => slope(mul(sigmoid(x), exp(x)), x),
  "of a slope: gelu": ({ x }) => slope(square(gelu(x)), x),
  "of a slope: silu and softplus": ({ x }) => slope(mul(silu(x), softplus(x)), x),
  "of a slope: mish": ({ x }) => slope(square(mish(x)), x),
  "of a slope: elu and selu": ({ x }) => slope(mul(elu(x), selu(x)), x),
  "of a slope: maximum": ({ x, y }) => slope(pow(maximum(x, y), 3), x),
  "of a slope: a quotient": ({ x, y }) => slope(div(x, add(square(x), y)), x),
  "of a slope: matmul": ({ x, w }) => slope(pow(matmul(x, w), 3), x),
  "of a slope: softmax": ({ x }) => slope(square(softmax(x)), x),
  "of a slope: logSoftmax": ({ x }) => slope(square(logSoftmax(x)), x),
  "of a slope: logSumExp": ({ x }) => slope(square(logSumExp(x, last)), x),
  "of a slope: max": ({ x }) => slope(pow(max(x, last), 3), x),
  "of a slope: prod": ({ x }) => slope(square(prod(x, last)), x),
  "of a slope: variance": ({ x }) => slope(square(variance(x, last)), x),
  "of a slope: norm": ({ x }) => slope(pow(norm(x, last), 3), x),
  "of a slope: layerNorm": ({ x, w, b }) => slope(square(layerNorm(x, { parameters: { weight: w, bias: b } })), x),
  "of a slope: batchNorm": ({ x, w }) => slope(pow(batchNorm(x, { parameters: { weight: w }, center: false }), 3), x),
  "of a slope: rmsNorm": ({ x, w }) => slope(square(rmsNorm(x, { parameters: { weight: w } })), x),
  "of a slope: conv2d": ({ x, w }) =>
    slope(conv2d(x, 1, 2, { padding: 1, parameters: { weight: w }, bias: false, activation: tanh, ...theirs }), x),
  "of a slope: maxPool": ({ x }) => slope(pow(maxPool(x, 2, { layout: "channelsFirst" }), 3), x),
  "of a slope: crossEntropy": ({ x, t }) => slope(crossEntropy(x, t), x),
  "of a slope: binaryCrossEntropy": ({ x, t }) => slope(binaryCrossEntropy(x, t, { from: "logits" }), x),
  "of a slope: lookups": ({ i, w }) => slope(pow(embedding(i, 3, 2, { parameters: { weight: w } }), 3), w),
  "of a slope: sort and cumsum": ({ x }) => slope(pow(cumsum(sort(x)), 3), x),
  "of a slope: a moving average": ({ x, s, h }) => {
    const { outputs } = scan(
      ([before], [now]) => {
        const next = add(mul(before!, sub(1, s)), mul(now!, s)) as Tensor;
        return { carries: [next], outputs: [next] };
      },
      [h],
      [x],
      { axis: 1 },
    );
    return slope(tanh(outputs[0]!), x);
  },
  "of a slope: attention": ({ q, k, v }) => slope(scaledDotProductAttention(q, k, v), q),
  "a gradient penalty": ({ x, w, u }) => {
    const slopes = slope(matmul(tanh(matmul(x, w)), u), x);
    return mean(square(sub(sqrt(sum(square(slopes), last)), 1)));
  },
};
