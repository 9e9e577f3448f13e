// jax-js on its WebAssembly backend: one jitted function from parameters and a batch to new parameters and the loss.

import { init, jit, nn, numpy as np, valueAndGrad, defaultDevice } from "@jax-js/jax";
import type { Task } from "../task.js";
import type { Network } from "../networks.js";
import type { Peer, Session } from "../peer.js";

export const jaxWasm: Peer = { name: "jax-js wasm", open };

/** weight, bias, weight, bias, ... */
type Values = np.Array[];

async function open({ network, rows, parameters, batches }: Task): Promise<Session> {
  await init("wasm");
  defaultDevice("wasm");
  const { optimizer } = network;
  if (optimizer.kind !== "sgd") throw new Error("only SGD is written for jax-js");
  let values: Values = parameters.flatMap(({ weight, bias }) => [
    np.array(weight).reshape([bias.length === 0 ? 0 : weight.length / bias.length, bias.length]),
    np.array(bias),
  ]);
  const queue = batches.map((batch) => ({
    x: np.array(batch.inputs).reshape([rows, network.sizes[0]!]),
    y: np.array(batch.targets).reshape([rows, network.sizes.at(-1)!]),
  }));
  const differentiated = valueAndGrad((current: Values, x: np.Array, y: np.Array) => lossOf(network, current, x, y));
  const update = jit((current: Values, x: np.Array, y: np.Array): [Values, np.Array] => {
    const kept = current.map((value) => value.ref);
    const [loss, gradients] = differentiated(current, x, y) as unknown as [np.Array, Values];
    return [kept.map((value, i) => value.sub(gradients[i]!.mul(optimizer.rate))), loss];
  });
  let next = 0;
  const advance = (): np.Array => {
    const { x, y } = queue[next]!;
    next = (next + 1) % queue.length;
    const [moved, loss] = update(values, x.ref, y.ref) as unknown as [Values, np.Array];
    values = moved;
    return loss;
  };
  return {
    run: (steps) => {
      for (let i = 0; i < steps; i++) advance().dispose();
      // Waits for what is still pending.
      for (const value of values) value.ref.dataSync();
    },
    step: () => (advance().dataSync() as Float32Array)[0]!,
  };
}

function lossOf({ hidden, head }: Network, values: Values, x: np.Array, y: np.Array): np.Array {
  let value = x;
  for (let i = 0; i < values.length; i += 2) {
    value = np.matmul(value, values[i]!).add(values[i + 1]!);
    if (i + 2 < values.length) value = hidden === "relu" ? nn.relu(value) : nn.sigmoid(value);
  }
  if (head === "softmax cross-entropy") return y.mul(nn.logSoftmax(value)).sum(-1).mean().neg();
  if (head === "sigmoid squared error") return np.square(nn.sigmoid(value).sub(y)).mean();
  // log(1 + exp(z)) - z y
  return nn.softplus(value.ref).sub(value.mul(y)).mean();
}
