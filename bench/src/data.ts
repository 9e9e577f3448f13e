// Tasks on real data.

import { mnist } from "../../examples/data/mnist.js";
import type { Network } from "./networks.js";
import { initialParameters, pointBatches, type Batch, type Task } from "./task.js";

/** Real digits for the networks that read images, else points in the plane; `count` different batches. */
export function makeTask(network: Network, rows: number, count: number): Task {
  const batches = network.sizes[0] === 784 ? digitBatches(rows, count) : pointBatches(rows, count);
  return { network, rows, parameters: initialParameters(network), batches };
}

function digitBatches(rows: number, count: number): Batch[] {
  const { train } = mnist({ rows: rows * count });
  return Array.from({ length: count }, (_, i) => {
    const classes = train.digits.slice(i * rows, (i + 1) * rows);
    const targets = new Float32Array(rows * 10);
    classes.forEach((digit, row) => (targets[row * 10 + digit] = 1));
    return { inputs: train.images.slice(i * rows * 784, (i + 1) * rows * 784), targets, classes };
  });
}
