// TensorFlow.js on one of its backends, used as its documentation says: variables, a loss function, `minimize`.

import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import * as tf from "@tensorflow/tfjs-core";
import type { Task } from "../task.js";
import type { Head, Network, Optimizer } from "../networks.js";
import type { Session } from "../peer.js";

/** The backend must be registered; all sessions of a process share the one engine. */
export async function openOn(backend: string, task: Task): Promise<Session> {
  await tf.setBackend(backend);
  await tf.ready();
  const { network, rows, batches } = task;
  const layers = task.parameters.map(({ weight, bias }, i) => ({
    weight: tf.variable(tf.tensor2d(weight, [network.sizes[i]!, network.sizes[i + 1]!])),
    bias: tf.variable(tf.tensor1d(bias)),
  }));
  const variables = layers.flatMap(({ weight, bias }) => [weight, bias]);
  const queue = batches.map((batch) => ({
    x: tf.tensor2d(batch.inputs, [rows, network.sizes[0]!]),
    y: tf.tensor2d(batch.targets, [rows, network.sizes.at(-1)!]),
  }));
  const optimizer = optimizerOf(network.optimizer);
  let next = 0;
  const minimize = (returnCost: boolean): tf.Scalar | null => {
    const { x, y } = queue[next]!;
    next = (next + 1) % queue.length;
    return optimizer.minimize(() => lossOf(network, layers, x, y), returnCost, variables);
  };
  return {
    // The engine's backends were initialised before, so that this takes effect at once.
    enter: () => void tf.setBackend(backend),
    run: (steps) => {
      for (let i = 0; i < steps; i++) minimize(false);
    },
    step: () => {
      const loss = minimize(true)!;
      const [value] = loss.dataSync();
      loss.dispose();
      return value!;
    },
  };
}

const optimizerOf = (optimizer: Optimizer): tf.Optimizer =>
  optimizer.kind === "sgd"
    ? tf.train.sgd(optimizer.rate)
    : tf.train.adam(optimizer.rate, optimizer.beta1, optimizer.beta2, optimizer.epsilon);

function lossOf(
  { hidden, head }: Network,
  layers: readonly { readonly weight: tf.Variable; readonly bias: tf.Variable }[],
  x: tf.Tensor2D,
  y: tf.Tensor2D,
): tf.Scalar {
  let value: tf.Tensor = x;
  for (const [i, { weight, bias }] of layers.entries()) {
    value = tf.add(tf.matMul(value as tf.Tensor2D, weight as tf.Tensor as tf.Tensor2D), bias);
    if (i < layers.length - 1) value = hidden === "relu" ? tf.relu(value) : tf.sigmoid(value);
  }
  return losses[head](y, value);
}

const losses: Readonly<Record<Head, (y: tf.Tensor, sums: tf.Tensor) => tf.Scalar>> = {
  "softmax cross-entropy": (y, sums) => tf.losses.softmaxCrossEntropy(y, sums),
  "sigmoid cross-entropy": (y, sums) => tf.losses.sigmoidCrossEntropy(y, sums),
  "sigmoid squared error": (y, sums) => tf.losses.meanSquaredError(y, tf.sigmoid(sums)),
};
