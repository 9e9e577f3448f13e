// What is trained, and by which optimizer.

import {
  accumulate,
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  add,
  amsgrad,
  batchNorm,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  conv2d,
  cosineDecay,
  crossEntropy,
  dense,
  embedding,
  exponentialDecay,
  globalAvgPool,
  linearDecay,
  lstm,
  matmul,
  maxNorm,
  maxPool,
  mean,
  meanSquaredError,
  momentum,
  nesterov,
  oneCycle,
  relu,
  rmsprop,
  sgd,
  softmax,
  stepDecay,
  tanh,
  warmUp,
  type Optimizer,
} from "../../../src/index.js";
import type { Tensor } from "../../../src/graph/tensor.js";
import type { Given } from "../builder.js";

export interface Training {
  readonly loss: Tensor;
  readonly optimizer: Optimizer;
  /** What is looked at after the steps, in inference. */
  readonly predict?: Tensor;
}

export type TrainingBuilder = (given: Given) => Training;

/** A dense layer by each optimizer. */
const fitted =
  (optimizer: Optimizer | ((given: Given) => Optimizer)): TrainingBuilder =>
  (given) => {
    const { x, w, b, t } = given;
    const y = tanh(add(matmul(x, w), b)) as Tensor;
    return { loss: meanSquaredError(y, t), optimizer: typeof optimizer === "function" ? optimizer(given) : optimizer };
  };

const given = ({ u, v, b }: Given, weight: Tensor) => ({
  parameters: { weight, runningMean: u, runningVariance: v, bias: b },
});

/** A mean squared error of a value, which is looked at too. */
const compared = (predict: Tensor, target: Tensor, optimizer: Optimizer): Training => ({
  loss: meanSquaredError(predict, target),
  optimizer,
  predict,
});

export const training: Readonly<Record<string, TrainingBuilder>> = {
  sgd: fitted(sgd({ rate: 0.1 })),
  "sgd, weight decay": fitted(sgd({ rate: 0.1, weightDecay: 0.1 })),
  momentum: fitted(momentum({ rate: 0.1 })),
  "momentum, dampening, weight decay": fitted(sgd({ rate: 0.1, momentum: 0.8, dampening: 0.3, weightDecay: 0.1 })),
  nesterov: fitted(nesterov({ rate: 0.1 })),
  "nesterov, weight decay": fitted(nesterov({ rate: 0.1, momentum: 0.7, weightDecay: 0.2 })),
  "sgd, groups": fitted(({ b }) => sgd({ rate: 0.1, groups: [{ parameters: [b], rate: 0.02, weightDecay: 0.5 }] })),
  adam: fitted(adam({ rate: 0.1 })),
  "adam, other averages and epsilon": fitted(adam({ rate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 0.01 })),
  "adam, no average": fitted(adam({ rate: 0.1, beta1: 0, beta2: 0.9 })),
  "adam, decay in the gradient": fitted(adam({ rate: 0.1, weightDecay: 0.2, decoupled: false })),
  adamw: fitted(adamw({ rate: 0.1 })),
  "adamw, weight decay": fitted(adamw({ rate: 0.1, weightDecay: 0.3 })),
  amsgrad: fitted(amsgrad({ rate: 0.1, beta2: 0.5 })),
  "amsgrad, decoupled decay": fitted(adamw({ rate: 0.1, beta2: 0.5, amsgrad: true, weightDecay: 0.1 })),
  adagrad: fitted(adagrad({ rate: 0.1 })),
  "adagrad, falling rate, a first sum, decay": fitted(
    adagrad({ rate: 0.1, rateDecay: 0.2, initialSum: 0.1, epsilon: 0.001, weightDecay: 0.1 }),
  ),
  adadelta: fitted(adadelta()),
  "adadelta, rho 0.5, decay": fitted(adadelta({ rate: 0.5, rho: 0.5, epsilon: 0.001, weightDecay: 0.1 })),
  rmsprop: fitted(rmsprop({ rate: 0.05 })),
  "rmsprop, centered": fitted(rmsprop({ rate: 0.05, rho: 0.7, centered: true, epsilon: 0.01 })),
  "rmsprop, momentum, decay": fitted(rmsprop({ rate: 0.05, rho: 0.9, momentum: 0.8, weightDecay: 0.1 })),
  "rmsprop, centered, momentum": fitted(
    rmsprop({ rate: 0.05, rho: 0.8, centered: true, momentum: 0.5, epsilon: 0.01 }),
  ),
  adamax: fitted(adamax({ rate: 0.1 })),
  "adamax, other averages, decay": fitted(
    adamax({ rate: 0.1, beta1: 0.5, beta2: 0.8, epsilon: 0.01, weightDecay: 0.1 }),
  ),
  stepDecay: fitted(sgd({ rate: 0.1, schedule: stepDecay(2, { factor: 0.5 }) })),
  "stepDecay at steps": fitted(momentum({ rate: 0.1, momentum: 0.5, schedule: stepDecay([1, 3], { factor: 0.2 }) })),
  exponentialDecay: fitted(adam({ rate: 0.1, schedule: exponentialDecay(0.7) })),
  cosineDecay: fitted(sgd({ rate: 0.2, schedule: cosineDecay(5, { end: 0.1 }) })),
  linearDecay: fitted(sgd({ rate: 0.2, schedule: linearDecay(3, { end: 0.1 }) })),
  warmUp: fitted(sgd({ rate: 0.2, schedule: warmUp(3, { start: 0.25 }) })),
  oneCycle: fitted(sgd({ rate: 0.2, schedule: oneCycle(6) })),
  clipByValue: fitted(sgd({ rate: 0.2, clip: clipByValue(-0.05, 0.05) })),
  clipByNorm: fitted(momentum({ rate: 0.2, clip: clipByNorm(0.1) })),
  clipByGlobalNorm: fitted(adam({ rate: 0.2, clip: clipByGlobalNorm(0.1) })),
  maxNorm: fitted(sgd({ rate: 0.1, constraint: maxNorm(0.6) })),
  accumulate: fitted(accumulate(momentum({ rate: 0.2 }), 2)),
  "accumulate, adam, three calls": fitted(accumulate(adam({ rate: 0.2 }), 3)),
  batchNorm: (g) => compared(batchNorm(g.x, given(g, g.w)), g.t, sgd({ rate: 0.1 })),
  "batchNorm of images, momentum 0.4": (g) =>
    compared(batchNorm(g.x, { ...given(g, g.w), momentum: 0.4, epsilon: 1e-3 }), g.t, adam({ rate: 0.1 })),
  "batchNorm of one channel": (g) => {
    const y = batchNorm(matmul(g.x, g.w) as Tensor, given(g, g.g));
    return compared(y, g.t, momentum({ rate: 0.1 }));
  },
  "a classifier of two layers": ({ x, w, b, u, c, t }) => {
    const hidden = dense(x, 2, { activation: relu, parameters: { weight: w, bias: b } }) as Tensor;
    const logits = dense(hidden, 3, { parameters: { weight: u, bias: c } }) as Tensor;
    return { loss: crossEntropy(logits, t), optimizer: adamw({ rate: 0.05 }), predict: softmax(logits) };
  },
  "a table, some rows of it": ({ i, w, u, t }) => {
    const y = matmul(mean(embedding(i, 4, 2, { parameters: { weight: w } }), { axis: 1 }), u) as Tensor;
    return { loss: meanSquaredError(y, t), optimizer: adagrad({ rate: 0.1 }) };
  },
  "a table, plain descent, padding": ({ i, w, t }) => {
    const y = embedding(i, 3, 1, { parameters: { weight: w }, paddingIndex: 0 }) as Tensor;
    return { loss: meanSquaredError(y, t), optimizer: sgd({ rate: 0.3 }) };
  },
  "a recurrent unit": ({ x, w, u, b, h, t }) => {
    const y = matmul(lstm(x, 1, { parameters: { weight: w, recurrent: u, bias: b } }) as Tensor, h) as Tensor;
    return compared(y, t, rmsprop({ rate: 0.05 }));
  },
  "a convolution and a pool": ({ x, w, b, u, t }) => {
    const image = relu(maxPool(conv2d(x, 2, 3, { padding: 1, parameters: { weight: w, bias: b } }) as Tensor, 2));
    return { loss: crossEntropy(matmul(globalAvgPool(image), u) as Tensor, t), optimizer: adam({ rate: 0.05 }) };
  },
};
