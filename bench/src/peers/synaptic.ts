// synaptic: a network of neurons that it turns into straight-line JavaScript when it first runs.

import library from "synaptic";
import { inTurn, type Peer, type Session } from "../peer.js";
import { layersOf, type Task } from "../task.js";

const { Layer, Network, Neuron } = library;

export const synaptic: Peer = {
  differs:
    "float64; moves after each example; sends the error back through output weights that it has already moved; computes no loss",
  open,
};

function open(task: Task): Session {
  const { network, rows, batches } = task;
  if (network.kind !== "dense" || network.sizes.length > 3) throw new Error("synaptic is set up for one hidden layer");
  const layers = network.sizes.map((size) => new Layer(size));
  const [input, output] = [layers[0]!, layers.at(-1)!];
  layers.slice(1).forEach((layer, i) => layers[i]!.project(layer));
  const hidden = layers.slice(1, -1);
  for (const layer of hidden) layer.set({ squash: Neuron.squash.RELU! });
  const net = new Network({ input, hidden, output });
  const values = layersOf(task);
  layers.slice(1).forEach((layer, l) => {
    layer.list.forEach((neuron, j) => {
      const { weight, bias } = values[l]!;
      neuron.bias = bias[j]!;
      Object.values(neuron.connections.inputs).forEach(
        (connection, k) => (connection.weight = weight[k * bias.length + j]!),
      );
    });
  });
  const [inputs, outputs] = [network.sizes[0]!, network.sizes.at(-1)!];
  const next = inTurn(
    batches.map((batch) =>
      Array.from({ length: rows }, (_, row) => ({
        x: Array.from(batch.inputs.subarray(row * inputs, (row + 1) * inputs)),
        y: Array.from(batch.targets.subarray(row * outputs, (row + 1) * outputs)),
      })),
    ),
  );
  const { rate } = network.optimizer;
  return {
    run: (steps) => {
      for (let i = 0; i < steps; i++) {
        for (const { x, y } of next()) {
          net.activate(x);
          net.propagate(rate, y);
        }
      }
    },
    step: () => {
      let loss = 0;
      for (const { x, y } of next()) {
        const [p] = net.activate(x);
        net.propagate(rate, y);
        loss -= Math.log(y[0] === 1 ? p! : 1 - p!);
      }
      return loss / rows;
    },
  };
}
