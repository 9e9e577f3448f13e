// What a page of each peer trains: the digits network at batch 32 on made-up images, so that the page is the peer's code.

import { digits } from "../networks.js";
import type { Peer } from "../peer.js";
import { initialParameters, uniform, type Task } from "../task.js";

const ROWS = 32;

/** One training step, from nothing. */
export async function start(peer: Peer): Promise<void> {
  const session = await peer.open(task());
  session.enter?.();
  console.log(session.step());
}

function task(): Task {
  const random = uniform(3);
  const inputs = Float32Array.from({ length: ROWS * 784 }, random);
  const classes = Int32Array.from({ length: ROWS }, (_, row) => row % 10);
  const targets = new Float32Array(ROWS * 10);
  classes.forEach((digit, row) => (targets[row * 10 + digit] = 1));
  return {
    network: digits,
    mode: "training",
    rows: ROWS,
    parameters: initialParameters(digits),
    batches: [{ inputs, targets, classes }],
  };
}
