// ConvNetJS: one example at a time, gradients summed until the batch is full.

import convnetjs from "convnetjs";
import type { Task } from "../task.js";
import type { Peer, Session } from "../peer.js";

export const convnet: Peer = { name: "convnetjs", open };

function open({ network, rows, parameters, batches }: Task): Session {
  const { sizes, hidden, optimizer } = network;
  const layers: convnetjs.Definition[] = [{ type: "input", out_sx: 1, out_sy: 1, out_depth: sizes[0]! }];
  for (const size of sizes.slice(1, -1)) layers.push({ type: "fc", num_neurons: size, activation: hidden });
  layers.push({ type: "softmax", num_classes: sizes.at(-1)! });
  const net = new convnetjs.Net();
  net.makeLayers(layers);
  net.layers
    .filter((layer) => layer.layer_type === "fc")
    .forEach((layer, l) => {
      const { weight, bias } = parameters[l]!;
      layer.filters!.forEach((filter, j) => {
        for (let k = 0; k < filter.w.length; k++) filter.w[k] = weight[k * bias.length + j]!;
      });
      layer.biases!.w.set(bias);
    });
  const trainer = new convnetjs.SGDTrainer(net, {
    method: "sgd",
    learning_rate: optimizer.rate,
    momentum: 0,
    batch_size: rows,
  });
  const queue = batches.map(({ inputs, classes }) =>
    Array.from(classes, (label, row) => {
      const x = new convnetjs.Vol(1, 1, sizes[0]!, 0);
      x.w.set(inputs.subarray(row * sizes[0]!, (row + 1) * sizes[0]!));
      return { x, label };
    }),
  );
  let next = 0;
  const step = (): number => {
    const examples = queue[next]!;
    next = (next + 1) % queue.length;
    let loss = 0;
    for (const { x, label } of examples) loss += trainer.train(x, label).cost_loss;
    return loss / rows;
  };
  return {
    run: (steps) => {
      for (let i = 0; i < steps; i++) step();
    },
    step,
  };
}
