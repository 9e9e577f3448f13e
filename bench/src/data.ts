// Tasks on real data where there are some.

import { mnist } from "../../examples/data/mnist.js";
import type { Network } from "./networks.js";
import { initialParameters, oneHot, pointBatches, randomBatches, type Batch, type Mode, type Task } from "./task.js";

/** Real digits for the networks that read images, points in the plane, else random numbers; `count` different batches. */
export function makeTask(network: Network, mode: Mode, rows: number, count: number): Task {
  return { network, mode, rows, parameters: initialParameters(network), batches: batchesFor(network, rows, count) };
}

function batchesFor(network: Network, rows: number, count: number): Batch[] {
  if (network.kind === "lenet") return digitBatches(rows, count);
  if (network.kind !== "dense") return randomBatches(network, rows, count);
  return network.sizes[0] === 784 ? digitBatches(rows, count) : pointBatches(rows, count);
}

function digitBatches(rows: number, count: number): Batch[] {
  const { train } = mnist({ rows: rows * count });
  return Array.from({ length: count }, (_, i) => {
    const classes = train.digits.slice(i * rows, (i + 1) * rows);
    return {
      inputs: train.images.slice(i * rows * 784, (i + 1) * rows * 784),
      targets: oneHot(classes, 10),
      classes,
    };
  });
}
