// ConvNetJS: one example at a time, gradients summed until the batch is full.

import convnetjs from "convnetjs";
import { sizeOf, inputShape, type Network } from "../networks.js";
import { inTurn, session, type Peer, type Session } from "../peer.js";
import { crossEntropyOf, layersOf, type Task } from "../task.js";

export const convnet: Peer = { open };

function open(task: Task): Session {
  const { network, rows, batches, mode } = task;
  const net = new convnetjs.Net();
  net.makeLayers(definitionsOf(network));
  const layers = layersOf(task);
  net.layers
    .filter((layer) => layer.filters)
    .forEach((layer, l) => {
      const { weight, bias } = layers[l]!;
      layer.filters!.forEach((filter, j) => {
        for (let k = 0; k < filter.w.length; k++) filter.w[k] = weight[k * layer.filters!.length + j]!;
      });
      layer.biases!.w.set(bias);
    });
  const size = sizeOf(inputShape(network));
  const [width, depth] = network.kind === "lenet" ? [28, 1] : [1, size];
  const next = inTurn(
    batches.map((batch) => ({
      batch,
      examples: Array.from(batch.classes, (label, row) => {
        const x = new convnetjs.Vol(width, width, depth, 0);
        x.w.set(batch.inputs.subarray(row * size, (row + 1) * size));
        return { x, label };
      }),
    })),
  );
  if (mode === "inference") {
    const predict = (): number => {
      const { batch, examples } = next();
      const probabilities = examples.map(({ x }) => net.forward(x).w.slice());
      return crossEntropyOf(Float64Array.from(probabilities.flatMap((each) => Array.from(each))), batch);
    };
    return {
      run: (steps) => {
        for (let i = 0; i < steps; i++) for (const { x } of next().examples) net.forward(x);
      },
      step: predict,
    };
  }
  const trainer = new convnetjs.SGDTrainer(net, {
    method: "sgd",
    learning_rate: network.optimizer.rate,
    momentum: 0,
    batch_size: rows,
  });
  return session(() => {
    let loss = 0;
    for (const { x, label } of next().examples) loss += trainer.train(x, label).cost_loss;
    return loss / rows;
  });
}

function definitionsOf(network: Network): readonly convnetjs.Definition[] {
  if (network.kind === "lenet") {
    return [
      { type: "input", out_sx: 28, out_sy: 28, out_depth: 1 },
      { type: "conv", sx: 5, filters: 6, stride: 1, pad: 2, activation: "relu" },
      { type: "pool", sx: 2, stride: 2 },
      { type: "conv", sx: 5, filters: 16, stride: 1, pad: 0, activation: "relu" },
      { type: "pool", sx: 2, stride: 2 },
      { type: "fc", num_neurons: 120, activation: "relu" },
      { type: "fc", num_neurons: 84, activation: "relu" },
      { type: "softmax", num_classes: 10 },
    ];
  }
  if (network.kind !== "dense" || network.head !== "softmax cross-entropy") {
    throw new Error(`convnetjs cannot train ${network.name}`);
  }
  const { sizes, hidden } = network;
  return [
    { type: "input", out_sx: 1, out_sy: 1, out_depth: sizes[0]! },
    ...sizes.slice(1, -1).map((size) => ({ type: "fc", num_neurons: size, activation: hidden })),
    { type: "softmax", num_classes: sizes.at(-1)! },
  ];
}
