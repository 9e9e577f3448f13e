// Networks for the ops that no single call can show: leaves, markers, randomness, recurrences. Each has an input, a
// parameter and a training step.

import type { Network } from "../../src/graph/network.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { network } from "../../src/network.js";
import { lstm } from "../../src/nn/lstm.js";
import { sgd } from "../../src/optimizers/sgd.js";
import * as ops from "../ops/api.js";
import { once } from "./once.js";
import { windows } from "./windows.js";

type Any = never;

/** A network of x `["batch", 4]` and w `[4, 3]`, whose loss is the weighted mean of what `y` makes of them. */
const of =
  (y: (x: Tensor, w: Tensor) => Tensor) =>
  (batch: number): Network => {
    const x = ops.input("x", ["batch", 4]) as Tensor;
    const w = ops.parameter([4, 3], 0.1, { name: "w" }) as Tensor;
    const value = y(x, w);
    const weights = ops.constant(0.3, { shape: value.shape as Any }) as Tensor;
    const loss = ops.mean(ops.mul(ops.sin(ops.add(value, weights as Any) as Tensor), weights as Any) as Tensor);
    return network("special", { batch, outputs: { value }, loss, optimizer: sgd({ rate: 0.1 }) });
  };

const product = (x: Tensor, w: Tensor): Tensor => ops.matmul(x, w as Any) as Tensor;

const recurrence = (reverse: boolean) =>
  of((x, w) => {
    const steps = ops.transpose(
      ops.reshape(ops.concat([x, x, x], { axis: 1 }) as Tensor, ["batch", 4, 3] as Any),
      [1, 0, 2],
    );
    const square = ops.slice(w, [[0, 3]]) as Tensor;
    const start = ops.mul(ops.slice(x, [null, [0, 3]]) as Tensor, 0.5) as Tensor;
    const { carries, outputs } = ops.scan(
      ([h], [e]) => {
        const next = ops.tanh(ops.add(product(h!, square), e! as Any) as Tensor) as Tensor;
        return { carries: [next], outputs: [ops.mul(next, e! as Any) as Tensor] };
      },
      [start],
      [steps as Tensor],
      { reverse },
    );
    return ops.add(ops.mean(outputs[0]!, { axis: 0 }), carries[0]! as Any) as Tensor;
  });

export const unsampled = once<(capacity: number) => Network>({
  "constants of several values": of(
    (x, w) => ops.add(product(x, w), ops.constant([0.25, -0.5, 1e-3]) as Any) as Tensor,
  ),
  "the number of rows as a number": of((x, w) => ops.div(product(x, w), ops.size(x) as Any) as Tensor),
  "a range": of((x, w) => ops.add(product(x, w), ops.cast(ops.range(3), "float32") as Any) as Tensor),
  "a running mean": of((x, w) => {
    const kept = ops.state("kept", [3], 0.5);
    const y = product(x, w);
    const now = ops.mean(y, { axis: 0 }) as Tensor;
    const next = ops.add(ops.mul(kept, 0.9), ops.mul(now, 0.1) as Any) as Tensor;
    return ops.sub(ops.updating(y, [[kept as Tensor, ops.stopGradient(next)]]), kept as Any) as Tensor;
  }),
  "dropout of a hidden layer": of((x, w) => ops.dropout(ops.tanh(product(x, w)) as Tensor, 0.4)),
  "normal and uniform noise, and a mask": of((x, w) => {
    const noisy = ops.add(product(x, w), ops.randomNormal(["batch", 3], { deviation: 0.1 }) as Any) as Tensor;
    const scaled = ops.mul(noisy, ops.randomUniform([3], { low: 0.5, high: 1.5 }) as Any) as Tensor;
    return ops.where(ops.bernoulli(["batch", 3], 0.7), scaled as Any, noisy as Any) as Tensor;
  }),
  "gaussian noise of a hidden layer": of((x, w) => ops.gaussianNoise(ops.tanh(product(x, w)) as Tensor, 0.3)),
  "a straight-through step": of((x, w) => {
    const y = product(x, w);
    return ops.add(ops.straightThrough(ops.round(ops.mul(y, 4)) as Tensor, y), ops.stopGradient(y) as Any) as Tensor;
  }),
  "a gradient of its own": of((x, w) => {
    const clipped = ops.customGradient(
      (a) => ops.tanh(a) as Tensor,
      (g, value, [a]) => [ops.mul(g, ops.add(value, ops.square(a!) as Any) as Any) as Tensor],
      { check: false },
    );
    return clipped(product(x, w));
  }),
  "a gradient penalty": of((x, w) => {
    const y = ops.sum(ops.tanh(product(x, w)));
    return ops.sub(ops.norm(ops.gradient(y, x), { axis: 1 }), 1) as Tensor;
  }),
  "a recurrence": recurrence(false),
  "a recurrence, backwards": recurrence(true),
  "a masked LSTM from the last position to the first": of((x, w) => {
    const steps = ops.reshape(x, ["batch", 2, 2] as Any) as Tensor;
    const start = ops.tanh(product(x, w)) as Tensor;
    const mask = ops.greater(ops.slice(x, [null, [1, 3]]), -0.5) as Tensor;
    return lstm(steps, 3, { name: "lstm", initialState: [start, start], mask, reverse: true }) as Tensor;
  }),
  "a recurrence inside a recurrence": of((x, w) => {
    const sequence = ops.transpose(x) as Tensor;
    const { carries } = ops.scan(
      ([h], [e]) => {
        const inner = ops.scan(
          ([k], [f]) => ({
            carries: [ops.tanh(ops.add(ops.mul(k!, 0.5), ops.mul(f!, e! as Any) as Any) as Tensor) as Tensor],
            outputs: [],
          }),
          [h!],
          [ops.slice(sequence, [[0, 2]]) as Tensor],
        );
        return { carries: inner.carries as Tensor[], outputs: [] };
      },
      [ops.squeeze(ops.slice(x, [null, [0, 1]]) as Tensor, 1) as Tensor],
      [sequence],
    );
    return ops.mul(carries[0]!, ops.sum(w) as Any) as Tensor;
  }),
  ...windows,
});
