// TensorFlow.js on one of its backends, used as its documentation says: variables, a loss function, `minimize`.

import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import * as tf from "@tensorflow/tfjs-core";
import { inputShape, targetShape, type Head, type Optimizer } from "../../networks.js";
import { inTurn, type Session } from "../../peer.js";
import { crossEntropyOf, type Batch, type Task } from "../../task.js";
import { forward, type Variables } from "./forward.js";

/** The backend must be registered; all sessions of a process share the one engine. */
export async function openOn(backend: string, task: Task): Promise<Session> {
  await tf.setBackend(backend);
  await tf.ready();
  const { network, rows, batches, mode } = task;
  const variables: Variables = Object.fromEntries(
    task.parameters.map(({ name, shape, values }) => [name, tf.variable(tf.tensor(values, [...shape]))]),
  );
  const next = inTurn(
    batches.map((batch) => ({
      batch,
      x: tf.tensor(batch.inputs, [rows, ...inputShape(network)]),
      y: tf.tensor(batch.targets, [rows, ...targetShape(network)]),
    })),
  );
  // The engine's backends were initialised before, so that this takes effect at once.
  const enter = (): void => void tf.setBackend(backend);
  if (mode === "inference") {
    const predict = (): readonly [Batch, ArrayLike<number>] => {
      const { batch, x } = next();
      const result = tf.tidy(() => tf.softmax(forward(network, variables, x)));
      const values = result.dataSync();
      result.dispose();
      return [batch, values];
    };
    return {
      enter,
      run: (steps) => {
        for (let i = 0; i < steps; i++) predict();
      },
      step: () => {
        const [batch, values] = predict();
        return crossEntropyOf(values, batch);
      },
    };
  }
  const optimizer = optimizerOf(network.optimizer);
  const minimize = (returnCost: boolean): tf.Scalar | null => {
    const { x, y } = next();
    const loss = (): tf.Scalar => losses[network.head](y, forward(network, variables, x));
    return optimizer.minimize(loss, returnCost, Object.values(variables));
  };
  return {
    enter,
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

const losses: Readonly<Record<Head, (y: tf.Tensor, sums: tf.Tensor) => tf.Scalar>> = {
  "softmax cross-entropy": (y, sums) => tf.losses.softmaxCrossEntropy(y, sums),
  "sigmoid cross-entropy": (y, sums) => tf.losses.sigmoidCrossEntropy(y, sums),
  "sigmoid squared error": (y, sums) => tf.losses.meanSquaredError(y, tf.sigmoid(sums)),
  "squared error": (y, sums) => tf.losses.meanSquaredError(y, sums),
};
