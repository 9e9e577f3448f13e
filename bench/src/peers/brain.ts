// brain.js: one example at a time, by its own rule.

import library from "brain.js";
import { inTurn, type Peer, type Session } from "../peer.js";
import type { Batch, Task } from "../task.js";

export const brain: Peer = {
  differs: "moves after each example, by half the squared error over sigmoid outputs, from its own random weights",
  open,
};

function open({ network, rows, batches }: Task): Session {
  if (network.kind !== "dense") throw new Error("brain.js is set up for dense layers");
  const [inputs, outputs] = [network.sizes[0]!, network.sizes.at(-1)!];
  const net = new library.NeuralNetwork({
    // It needs a hidden layer where the network has none.
    hiddenLayers: network.sizes.length > 2 ? network.sizes.slice(1, -1) : [1],
    activation: network.hidden,
    learningRate: network.optimizer.rate,
  });
  const slices = (values: Float32Array, size: number, row: number): number[] =>
    Array.from(values.subarray(row * size, (row + 1) * size));
  const examplesOf = (batch: Batch): library.Example[] =>
    Array.from({ length: rows }, (_, row) => ({
      input: slices(batch.inputs, inputs, row),
      output: slices(batch.targets, outputs, row),
    }));
  const queue = batches.map(examplesOf);
  // Builds the layers.
  net.train(queue[0]!, { iterations: 1 });
  const next = inTurn(queue);
  const step = (wanted: boolean): number => {
    let error = 0;
    for (const example of next()) error += Number(net.trainPattern(example, wanted));
    return error / rows;
  };
  return {
    run: (steps) => {
      for (let i = 0; i < steps; i++) step(false);
    },
    step: () => step(true),
  };
}
