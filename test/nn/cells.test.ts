// One step of a recurrent layer, in a loop, is the layer.

import { describe, expect, test } from "vitest";
import {
  concat,
  dense,
  expandDims,
  gru,
  gruCell,
  input,
  layer,
  lstm,
  lstmCell,
  mean,
  meanSquaredError,
  mul,
  network,
  parameter,
  rnn,
  rnnCell,
  scan,
  sgd,
  softmax,
  square,
  squeeze,
  sum,
  target,
  type Network,
  type Tensor,
} from "tapeless";
import { compile, interpret } from "tapeless/compiler";
import { expectEverywhere } from "../right/everywhere.js";

const batch = 3;
const optimizer = sgd({ rate: 0.125 });
const UNITS = 3;

/** Every state of a recurrence over [batch, 4, 2], the loss, and what is the same in each form. */
function over(states: (x: Tensor, h: Tensor, c: Tensor) => Tensor): Network {
  const [h, c] = [input("h", ["batch", UNITS]), input("c", ["batch", UNITS])];
  const y = states(input("x", ["batch", 4, 2]), h, c);
  const loss = meanSquaredError(y, target("t", ["batch", 4, UNITS]));
  return network("recurrence", { batch, outputs: { y }, loss, optimizer });
}

const looped = (
  x: Tensor,
  initial: readonly Tensor[],
  step: (x: Tensor, state: readonly Tensor[]) => readonly Tensor[],
) =>
  scan(
    (state, [now]) => {
      const next = step(now!, state);
      return { carries: next, outputs: [next[0]!] };
    },
    initial,
    [x],
    { axis: 1 },
  ).outputs[0]!;

const name = "r";
const all = { returnSequences: true, name } as const;

const pairs: readonly [string, Network, Network][] = [
  [
    "rnn",
    over((x, h) => rnn(x, UNITS, { ...all, initialState: h })),
    over((x, h) => looped(x, [h], (now, [state]) => [rnnCell(now, state!, { name })])),
  ],
  [
    "rnn, relu and no bias",
    over((x, h) => rnn(x, UNITS, { ...all, initialState: h, activation: "relu", bias: false })),
    over((x, h) => looped(x, [h], (now, [state]) => [rnnCell(now, state!, { name, activation: "relu", bias: false })])),
  ],
  [
    "gru",
    over((x, h) => gru(x, UNITS, { ...all, initialState: h })),
    over((x, h) => looped(x, [h], (now, [state]) => [gruCell(now, state!, { name })])),
  ],
  [
    "gru, reset before the product",
    over((x, h) => gru(x, UNITS, { ...all, initialState: h, resetAfter: false })),
    over((x, h) => looped(x, [h], (now, [state]) => [gruCell(now, state!, { name, resetAfter: false })])),
  ],
  [
    "lstm",
    over((x, h, c) => lstm(x, UNITS, { ...all, initialState: [h, c] })),
    over((x, h, c) => looped(x, [h, c], (now, [a, b]) => lstmCell(now, [a!, b!], { name }))),
  ],
  [
    "lstm with peepholes",
    over((x, h, c) => lstm(x, UNITS, { ...all, initialState: [h, c], peepholes: true, forgetBias: 0 })),
    over((x, h, c) =>
      looped(x, [h, c], (now, [a, b]) => lstmCell(now, [a!, b!], { name, peepholes: true, forgetBias: 0 })),
    ),
  ],
];

const numbers = (count: number, from: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + from));

describe("in a loop it is the layer", () => {
  test.each(pairs)("%s", (_, whole, steps) => {
    const model = compile(whole, { dtype: "float64" }).create({ seed: 5 });
    const own = compile(steps, { dtype: "float64" }).create({ seed: 5 });
    // The same names, and so the same first values.
    expect(own.parameters).toEqual(model.parameters);
    const parameters = Object.fromEntries(
      Object.entries(model.parameters).map(([key, value], k) => [key, numbers(value.length, k)]),
    );
    const inputs = { x: numbers(16, 1), h: numbers(6, 2), ...("c" in model.inputs && { c: numbers(6, 3) }) };
    const given = { inputs, targets: { t: numbers(24, 4) }, parameters };
    const [a, b] = [interpret(whole, given), interpret(steps, given)];
    expect(b.losses["step"]).toBeCloseTo(a.losses["step"]!, 12);
    for (const [key, gradient] of Object.entries(a.gradients)) {
      gradient.forEach((value, i) => expect(b.gradients[key]![i]).toBeCloseTo(value, 10));
    }
    // Control: other numbers give another loss.
    const other = { ...parameters, "r.weight": numbers(parameters["r.weight"]!.length, 9) };
    expect(interpret(steps, { ...given, parameters: other }).losses["step"]).not.toBeCloseTo(a.losses["step"]!, 6);
  });
});

/** Each step looks at the encoder's states, by what it has come to. */
function decoder(): Network {
  const seen = lstm(input("source", ["batch", 4, 2]), UNITS, { returnSequences: true });
  const start = mean(seen, { axis: 1 });
  const attend = layer((h: Tensor) => {
    const scores = sum(mul(dense(seen, UNITS, { bias: false }), expandDims(h, 1)), { axis: 2 });
    return sum(mul(seen, expandDims(softmax(scores), 2)), { axis: 1 });
  });
  const { outputs } = scan(
    ([h, c], [word]) => {
      const next = lstmCell(concat([word!, attend(h!)], { axis: 1 }), [h!, c!]);
      return { carries: next, outputs: [dense(concat([next[0], attend(next[0])], { axis: 1 }), 2)] };
    },
    [start, start],
    [input("words", ["batch", 3, 2])],
    { axis: 1 },
  );
  return network("decoder", {
    batch,
    outputs: { said: outputs[0]! },
    loss: meanSquaredError(outputs[0]!, target("said", ["batch", 3, 2])),
    optimizer,
  });
}

test("a decoder with attention, everywhere", () => expectEverywhere(decoder()), 120_000);

test.each(pairs.filter(([name]) => !name.includes(",")).map(([name, , steps]) => [name, steps] as const))(
  "%s, everywhere",
  (_, steps) => expectEverywhere(steps),
  120_000,
);

describe("refused", () => {
  const [x, h] = [input("x", ["batch", 2]), input("h", ["batch", 3])];
  test.each<[string, () => unknown, RegExp]>([
    ["a sequence", () => rnnCell(input("s", ["batch", 4, 2]), h), /^WRONG_RANK: rnnCell.*\[batch, features\]/],
    ["a state of other rows", () => gruCell(x, parameter([4, 3], 0)), /^SHAPE_MISMATCH: gruCell.*\[batch, units\]/],
    ["a state without units", () => gruCell(x, input("v", ["batch"])), /^SHAPE_MISMATCH: gruCell/],
    ["states of two sizes", () => lstmCell(x, [h, x]), /^SHAPE_MISMATCH: lstmCell/],
    ["one state of two", () => lstmCell(x, h as never), /lstmCell: state must be a list of two tensors, h and c/],
    ["no tensor", () => rnnCell(x, 1 as never), /rnnCell.*the state must be a tensor/],
    ["an option of sequences", () => gruCell(x, h, { reverse: true } as never), /no option "reverse"/],
    ["an activation", () => rnnCell(x, h, { activation: "elu" as never }), /^BAD_ARGUMENT: rnnCell: activation/],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });

  test("control: two steps by hand", () => {
    const step = layer((now: Tensor, state: Tensor) => gruCell(now, state));
    const y = step(x, step(x, h));
    expect(() => network("n", { batch, loss: mean(square(squeeze(expandDims(y, 1), 1))), optimizer })).not.toThrow();
  });
});
