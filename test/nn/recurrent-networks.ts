// Networks of recurrent layers, as they are trained: masks, states, both directions, loops of one's own.

import {
  add,
  bidirectional,
  constant,
  crossEntropy,
  dense,
  dropout,
  gradient,
  gru,
  input,
  labels,
  lstm,
  matmul,
  network,
  parameter,
  rnn,
  scan,
  sgd,
  softmax,
  square,
  sum,
  tanh,
  type Network,
  type Tensor,
} from "tapeless";
import { expectEntry, expectState, fill, type Pair } from "../emitted/harness.js";

/** A network of one recurrent part over x [batch, 5, 3]. */
export const trained = (make: (x: Tensor) => Tensor, batch = 4): Network => {
  const hidden = make(input("x", ["batch", 5, 3]) as Tensor);
  const logits = dense(hidden, 4, { name: "head" }) as Tensor;
  const targets = labels("y", hidden.shape.length === 3 ? ["batch", 5] : ["batch"], 4);
  const loss = crossEntropy(logits as never, targets as never);
  return network("trained", { batch, outputs: { hidden }, loss, optimizer: sgd({ rate: 0.1 }) });
};

export const mask = (): Tensor => input("mask", ["batch", 5], { dtype: "bool" }) as Tensor;
export const state = (name: string): Tensor => input(name, ["batch", 3]) as Tensor;
const all = { returnSequences: true } as const;

export const nets: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  "an rnn": (x) => rnn(x, 3, { name: "a" }),
  "an lstm over a masked sequence, from a state": (x) =>
    lstm(x, 3, { name: "a", ...all, mask: mask(), initialState: [state("h"), state("c")] }),
  "two grus": (x) => gru(gru(x, 3, { name: "a", ...all }), 2, { name: "b", reverse: true }),
  "a gru that resets before": (x) =>
    gru(x, 3, {
      name: "a",
      ...all,
      resetAfter: false,
      initialState: state("h"),
      mask: mask(),
      zeroOutputForMask: true,
    }),
  "both directions of an lstm": (x) => bidirectional(lstm, x, 2, { name: "a", ...all, mask: mask() }),
  "a learned first state": (x) =>
    gru(x, 3, { name: "a", lengths: input("long", ["batch"], { dtype: "int32", below: 6 }), bias: false }),
  "the slope of an lstm": (x) => gradient(sum(square(lstm(x, 2, { name: "a" }))), x) as Tensor,
  "a loop of one's own, with dropout and softmax": (x) => {
    const weight = parameter([3, 3], 0.3, { name: "a" });
    const step = (h: Tensor, e: Tensor): Tensor =>
      tanh(add(softmax(matmul(dropout(h, 0.4), weight as Tensor)) as Tensor, e)) as Tensor;
    const { outputs } = scan(
      ([h], [e]) => {
        const next = step(h!, e!);
        return { carries: [next], outputs: [dropout(next, 0.3) as Tensor] };
      },
      [constant(0.1, { shape: ["batch", 3] }) as Tensor],
      [x],
      { axis: 1 },
    );
    return outputs[0]!;
  },
};

/** Every entry, at each of these numbers of rows. */
export function expectSteps(pair: Pair, counts: readonly number[]): void {
  for (const rows of counts) {
    fill(pair, rows, { parameters: true });
    for (const entry of ["predict", "loss", "gradients", "step"]) expectEntry(pair, entry, rows);
    expectState(pair);
  }
}
