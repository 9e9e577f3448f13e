// A logistic regression on two features that someone wrote by hand for just that: one loop, no array but the data.

import { session, type Peer, type Session } from "../peer.js";
import { layersOf, type Task } from "../task.js";

export const specialised: Peer = { open };

function open(task: Task): Session {
  const { network, rows, batches } = task;
  const { inputs, targets } = batches[0]!;
  const { rate } = network.optimizer;
  const { weight, bias } = layersOf(task)[0]!;
  let w0 = weight[0]!;
  let w1 = weight[1]!;
  let b = bias[0]!;
  return session(() => {
    let loss = 0;
    let g0 = 0;
    let g1 = 0;
    let gb = 0;
    for (let i = 0; i < rows; i++) {
      const x0 = inputs[2 * i]!;
      const x1 = inputs[2 * i + 1]!;
      const y = targets[i]!;
      const z = x0 * w0 + x1 * w1 + b;
      const e = Math.exp(-Math.abs(z));
      const d = (z >= 0 ? 1 : e) / (1 + e) - y;
      loss += Math.max(z, 0) - z * y + Math.log1p(e);
      g0 += d * x0;
      g1 += d * x1;
      gb += d;
    }
    const scale = rate / rows;
    w0 -= scale * g0;
    w1 -= scale * g1;
    b -= scale * gb;
    return loss / rows;
  });
}
