// jax-js on its WebAssembly backend: one jitted function from parameters and a batch to new parameters and the loss.
// An array is used up by what takes it; `.ref` keeps it for one use more.

import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { inputShape, targetShape, type Head, type Optimizer } from "../../networks.js";
import { inTurn, type Peer, type Session } from "../../peer.js";
import { crossEntropyOf, type Batch, type Task } from "../../task.js";
import { forward, type Values } from "./forward.js";

export const jaxWasm: Peer = { open };

type Arrays = np.Array[];

interface Item {
  readonly batch: Batch;
  readonly x: np.Array;
  readonly y: np.Array;
}

async function open(task: Task): Promise<Session> {
  await init("wasm");
  defaultDevice("wasm");
  const { network, rows, batches, mode } = task;
  const names = task.parameters.map(({ name }) => name);
  const values = task.parameters.map(({ shape, values }) => np.array(values).reshape([...shape]));
  const named = (arrays: Arrays): Values => new Map(names.map((name, i) => [name, arrays[i]!]));
  const next = inTurn(
    batches.map((batch): Item => ({
      batch,
      x: np.array(batch.inputs).reshape([rows, ...inputShape(network)]),
      y: np.array(batch.targets).reshape([rows, ...targetShape(network)]),
    })),
  );
  if (mode === "inference") {
    const predicted = jit((current: Arrays, x: np.Array) => nn.softmax(forward(network, named(current), x), -1));
    return prediction(() => {
      const { batch, x } = next();
      const result = predicted(
        values.map((value) => value.ref),
        x.ref,
      ) as unknown as np.Array;
      return [batch, result.dataSync() as Float32Array];
    });
  }
  const loss = (current: Arrays, x: np.Array, y: np.Array): np.Array =>
    losses[network.head](y, forward(network, named(current), x));
  return training(loss, network.optimizer, values, next);
}

function prediction(predict: () => readonly [Batch, Float32Array]): Session {
  return {
    run: (steps) => {
      for (let i = 0; i < steps; i++) predict();
    },
    step: () => {
      const [batch, probabilities] = predict();
      return crossEntropyOf(probabilities, batch);
    },
  };
}

function training(
  lossOf: (values: Arrays, x: np.Array, y: np.Array) => np.Array,
  optimizer: Optimizer,
  initial: Arrays,
  next: () => Item,
): Session {
  const differentiated = valueAndGrad(lossOf);
  const moments = optimizer.kind === "adam" ? [0, 1].flatMap(() => initial.map(({ shape }) => np.zeros(shape))) : [];
  let state = [...initial, ...moments];
  let count = 0;
  // `rate` carries Adam's corrections, which change from step to step.
  const update = jit((current: Arrays, x: np.Array, y: np.Array, corrections: np.Array): [Arrays, np.Array] => {
    const parameters = current.slice(0, initial.length);
    const kept = parameters.map((value) => value.ref);
    const [loss, gradients] = differentiated(parameters, x, y) as unknown as [np.Array, Arrays];
    if (optimizer.kind === "sgd") {
      corrections.dispose();
      return [kept.map((value, i) => value.sub(gradients[i]!.mul(optimizer.rate))), loss];
    }
    return [adam(optimizer, kept, gradients, current.slice(initial.length), corrections), loss];
  });
  const advance = (): np.Array => {
    const { x, y } = next();
    count++;
    const corrections =
      optimizer.kind === "adam" ? [1 - optimizer.beta1 ** count, 1 - optimizer.beta2 ** count] : [1, 1];
    const [moved, loss] = update(state, x.ref, y.ref, np.array(corrections)) as unknown as [Arrays, np.Array];
    state = moved;
    return loss;
  };
  return {
    run: (steps) => {
      for (let i = 0; i < steps; i++) advance().dispose();
      // Waits for what is still pending.
      for (const value of state) value.ref.dataSync();
    },
    step: () => (advance().dataSync() as Float32Array)[0]!,
  };
}

/** New parameters, then new first and second moments. */
function adam(
  { rate, beta1, beta2, epsilon }: Optimizer & { readonly kind: "adam" },
  parameters: Arrays,
  gradients: Arrays,
  moments: Arrays,
  corrections: np.Array,
): Arrays {
  const [correct1, correct2] = [corrections.ref.slice(0), corrections.slice(1)];
  const first = gradients.map((gradient, i) => moments[i]!.mul(beta1).add(gradient.ref.mul(1 - beta1)));
  const second = gradients.map((gradient, i) =>
    moments[parameters.length + i]!.mul(beta2).add(np.square(gradient).mul(1 - beta2)),
  );
  const moved = parameters.map((value, i) => {
    const size = np.sqrt(second[i]!.ref.div(correct2.ref)).add(epsilon);
    return value.sub(first[i]!.ref.div(correct1.ref).mul(rate).div(size));
  });
  correct1.dispose();
  correct2.dispose();
  return [...moved, ...first, ...second];
}

const losses: Readonly<Record<Head, (y: np.Array, sums: np.Array) => np.Array>> = {
  "softmax cross-entropy": (y, sums) => y.mul(nn.logSoftmax(sums)).sum(-1).mean().neg(),
  // log(1 + exp(z)) - z y
  "sigmoid cross-entropy": (y, sums) => nn.softplus(sums.ref).sub(sums.mul(y)).mean(),
  "sigmoid squared error": (y, sums) => np.square(nn.sigmoid(sums).sub(y)).mean(),
  "squared error": (y, sums) => np.square(sums.sub(y)).mean(),
};
