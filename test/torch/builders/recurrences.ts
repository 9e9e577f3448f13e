// Recurrent layers in both directions, and loops of one's own.

import { add, bidirectional, gru, lstm, matmul, mul, rnn, scan, sin, sub, tanh } from "../../../src/index.js";
import type { Tensor } from "../../../src/graph/tensor.js";
import type { Builders, Given } from "../builder.js";

const shared = ({ w, u, b }: Given) => ({ parameters: { weight: w, recurrent: u, bias: b } });
const sharedGru = (g: Given) => ({ parameters: { ...shared(g).parameters, recurrentBias: g.r } });

/** Shared parameters of the two directions. */
const sides = ({ w1, u1, b1, w2, u2, b2 }: Given) => ({
  forward: { parameters: { weight: w1, recurrent: u1, bias: b1 } },
  backward: { parameters: { weight: w2, recurrent: u2, bias: b2 } },
});
const gruSides = (g: Given) => ({
  forward: { parameters: { ...sides(g).forward.parameters, recurrentBias: g.r1 } },
  backward: { parameters: { ...sides(g).backward.parameters, recurrentBias: g.r2 } },
});

const every = { returnSequences: true } as const;
const all = { returnSequences: true, returnState: true } as const;

export const recurrences: Builders = {
  "rnn, the last state": (g) => rnn(g.x, 2, shared(g)),
  "rnn, sequences and an initial state": (g) => rnn(g.x, 2, { ...shared(g), ...all, initialState: g.h }),
  "rnn, relu, one unit": (g) => rnn(g.x, 1, { ...shared(g), ...every, activation: "relu" }),
  "rnn of one position": (g) => rnn(g.x, 2, { ...shared(g), ...every, initialState: g.h }),
  "rnn, reversed": (g) => rnn(g.x, 2, { ...shared(g), ...every, reverse: true }),
  "lstm, the last state": (g) => lstm(g.x, 2, shared(g)),
  "lstm, sequences and states": (g) => lstm(g.x, 2, { ...shared(g), ...all, initialState: [g.h, g.c] }),
  "lstm of one unit": (g) => lstm(g.x, 1, { ...shared(g), ...every }),
  "lstm, one row of one feature, reversed": (g) => lstm(g.x, 1, { ...shared(g), ...every, reverse: true }),
  "lstm, lengths": (g) => lstm(g.x, 2, { ...shared(g), ...all, lengths: g.i, zeroOutputForMask: true }),
  "gru, the last state": (g) => gru(g.x, 2, sharedGru(g)),
  "gru, sequences and an initial state": (g) => gru(g.x, 2, { ...sharedGru(g), ...all, initialState: g.h }),
  "gru of one unit": (g) => gru(g.x, 1, { ...sharedGru(g), ...every }),
  "gru, a mask": (g) => gru(g.x, 1, { ...sharedGru(g), ...all, mask: g.m, zeroOutputForMask: true }),
  "bidirectional rnn, sequences": (g) => bidirectional(rnn, g.x, 2, { ...sides(g), ...every }),
  "bidirectional lstm of one unit, sequences": (g) => bidirectional(lstm, g.x, 1, { ...sides(g), ...every }),
  "bidirectional gru, last states": (g) => bidirectional(gru, g.x, 2, gruSides(g)),
  "bidirectional gru of one unit, summed": (g) =>
    bidirectional(gru, g.x, 1, { ...gruSides(g), ...every, merge: "sum" }),
  "two layers": ({ x, w1, u1, b1, w2, u2, b2, r2 }) =>
    gru(lstm(x, 2, { parameters: { weight: w1, recurrent: u1, bias: b1 }, ...every }) as Tensor, 1, {
      parameters: { weight: w2, recurrent: u2, bias: b2, recurrentBias: r2 },
    }),
  "scan, a moving average": ({ x, s, h }) => {
    const { carries, outputs } = scan(
      ([before], [now]) => {
        const next = add(mul(before!, sub(1, s)), mul(now!, s)) as Tensor;
        return { carries: [next], outputs: [next] };
      },
      [h],
      [x],
      { axis: 1 },
    );
    return [outputs[0]!, carries[0]!];
  },
  "scan, against time, two carries": ({ x, w, h, c }) => {
    const { carries, outputs } = scan(
      ([a, b], [now]) => {
        const next = [tanh(add(matmul(w, b!), now!)), mul(sin(a!), b!)] as [Tensor, Tensor];
        return { carries: next, outputs: [mul(...next)] };
      },
      [h, c],
      [x],
      { reverse: true },
    );
    return [outputs[0]!, ...carries];
  },
};
