// synaptic: a network of neurons that it turns into straight-line JavaScript when it first runs.

import library from "synaptic";
import type { Task } from "../task.js";
import type { Peer, Session } from "../peer.js";

const { Layer, Network, Neuron } = library;

export const synaptic: Peer = {
  name: "synaptic",
  differs: "float64; sends the error back through output weights that it has already moved; computes no loss",
  open,
};

function open({ network, rows, parameters, batches }: Task): Session {
  if (network.sizes.length !== 3 || rows !== 1)
    throw new Error("synaptic is set up for one hidden layer and single examples");
  const [input, hidden, output] = network.sizes.map((size) => new Layer(size)) as [
    library.Layer,
    library.Layer,
    library.Layer,
  ];
  input.project(hidden);
  hidden.project(output);
  hidden.set({ squash: Neuron.squash.RELU! });
  const net = new Network({ input, hidden: [hidden], output });
  [hidden, output].forEach((layer, l) => {
    layer.list.forEach((neuron, j) => {
      const { weight, bias } = parameters[l]!;
      neuron.bias = bias[j]!;
      Object.values(neuron.connections.inputs).forEach(
        (connection, k) => (connection.weight = weight[k * bias.length + j]!),
      );
    });
  });
  const queue = batches.map(({ inputs, targets }) => ({ x: Array.from(inputs), y: Array.from(targets) }));
  const { rate } = network.optimizer;
  let next = 0;
  const step = (): number => {
    const { x, y } = queue[next]!;
    next = next + 1 === queue.length ? 0 : next + 1;
    const [p] = net.activate(x);
    net.propagate(rate, y);
    return p!;
  };
  return {
    run: (steps) => {
      for (let i = 0; i < steps; i++) step();
    },
    step: () => {
      const y = queue[next]!.y[0]!;
      const p = step();
      return -Math.log(y === 1 ? p : 1 - p);
    },
  };
}
