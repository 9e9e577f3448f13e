// Weights of other frameworks: the layer that is given them computes what the framework's own formula says, written here gate
// by gate from its documentation.

import { describe, expect, test } from "vitest";
import { compile } from "tapeless/compiler";
import { gru, input, lstm, network, rnn, type Tensor } from "tapeless";
import { recurrentWeights, type RecurrentKind } from "../../src/train/index.js";
import { floats, randomNumbers } from "../oracle/leaves.js";

const [T, F, U] = [3, 2, 3];
const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
const units = [0, 1, 2];

/** Where each framework keeps a gate: its order, and element (gate, unit, feature) of a matrix of so many columns. */
const frameworks = {
  pytorch: { orders: { rnn: "h", lstm: "ifgo", gru: "rzn", gruResetBefore: "rzn" }, byOutput: true },
  keras: { orders: { rnn: "h", lstm: "ifgo", gru: "zrn", gruResetBefore: "zrn" }, byOutput: false },
  onnx: { orders: { rnn: "h", lstm: "iofg", gru: "zrn", gruResetBefore: "zrn" }, byOutput: true },
} as const;

type Framework = keyof typeof frameworks;

function drawn(kind: RecurrentKind, framework: Framework, seed: number) {
  const random = randomNumbers(seed);
  const { orders, byOutput } = frameworks[framework];
  const order = orders[kind];
  const width = order.length * U;
  const [W, R, first, second] = [F * width, U * width, width, width].map((count) => floats(count, random));
  const at = (values: Float64Array, rows: number) => (gate: string, unit: number, k: number) => {
    const column = order.indexOf(gate) * U + unit;
    return values[byOutput ? column * rows + k : k * width + column]!;
  };
  const bias = (values: Float64Array) => (gate: string, unit: number) => values[order.indexOf(gate) * U + unit]!;
  return {
    W: W!,
    R: R!,
    first: first!,
    second: second!,
    w: at(W!, F),
    r: at(R!, U),
    b: bias(first!),
    rb: bias(second!),
  };
}

type Drawn = ReturnType<typeof drawn>;

/** The last state of one row, from zeros. */
function plain(kind: RecurrentKind, x: ArrayLike<number>, { w, r, b, rb }: Drawn, hasSecond: boolean): number[] {
  let h = units.map(() => 0);
  let c = units.map(() => 0);
  const second = (gate: string, j: number): number => (hasSecond ? rb(gate, j) : 0);
  for (let t = 0; t < T; t++) {
    const own = (gate: string, j: number): number =>
      [0, 1].reduce((sum, k) => sum + x[t * F + k]! * w(gate, j, k), b(gate, j));
    const product = (gate: string, j: number, of: readonly number[]): number =>
      of.reduce((sum, v, k) => sum + v * r(gate, j, k), 0);
    const all = (gate: string, j: number): number => own(gate, j) + product(gate, j, h) + second(gate, j);
    const now = h;
    if (kind === "rnn") h = units.map((j) => Math.tanh(all("h", j)));
    else if (kind === "lstm") {
      const before = c;
      c = units.map((j) => sigmoid(all("f", j)) * before[j]! + sigmoid(all("i", j)) * Math.tanh(all("g", j)));
      h = units.map((j) => sigmoid(all("o", j)) * Math.tanh(c[j]!));
    } else {
      const reset = units.map((j) => sigmoid(all("r", j)));
      const gated = now.map((v, j) => v * reset[j]!);
      const fresh = units.map((j) =>
        kind === "gru"
          ? Math.tanh(own("n", j) + reset[j]! * (product("n", j, now) + second("n", j)))
          : Math.tanh(own("n", j) + product("n", j, gated) + second("n", j)),
      );
      h = units.map((j) => (1 - sigmoid(all("z", j))) * fresh[j]! + sigmoid(all("z", j)) * now[j]!);
    }
  }
  return h;
}

function layer(kind: RecurrentKind, x: Tensor): Tensor {
  if (kind === "rnn") return rnn(x, U, { name: "cell" });
  if (kind === "lstm") return lstm(x, U, { name: "cell" });
  return gru(x, U, { name: "cell", resetAfter: kind === "gru" });
}

const given = (framework: Framework, kind: RecurrentKind, { W, R, first, second }: Drawn) => {
  if (framework === "pytorch") return { weightIh: W, weightHh: R, biasIh: first, biasHh: second };
  if (framework === "onnx") return { W, R, B: [...first, ...second] };
  return { kernel: W, recurrentKernel: R, bias: kind === "gru" ? [...first, ...second] : first };
};

const kinds = ["rnn", "lstm", "gru", "gruResetBefore"] as const;

describe.each(Object.keys(frameworks) as Framework[])("%s", (framework) => {
  test.each(kinds)("%s", (kind) => {
    // PyTorch has no unit that resets before.
    if (framework === "pytorch" && kind === "gruResetBefore") return;
    const values = drawn(kind, framework, 3);
    const net = network("given", { batch: 1, outputs: { h: layer(kind, input("x", ["batch", T, F]) as Tensor) } });
    const model = compile(net, { dtype: "float64" }).create();
    const weights = recurrentWeights(kind, given(framework, kind, values));
    for (const [role, list] of Object.entries(weights)) model.parameters[`cell.${role}`]!.set(list as Float64Array);
    const x = floats(T * F, randomNumbers(4));
    model.inputs["x"]!.set(x);
    model.predict(1);
    const hasSecond = framework !== "keras" || kind === "gru";
    const wanted = plain(kind, x, values, hasSecond);
    wanted.forEach((v, j) => expect(model.outputs["h"]![j]).toBeCloseTo(v, 12));
    const otherwise = plain(kind, x, { ...values, w: (gate, j, k) => values.w(gate, j, 1 - k) }, hasSecond);
    expect(Math.abs(model.outputs["h"]![0]! - otherwise[0]!)).toBeGreaterThan(1e-6);
  });
});

test("without biases there are none", () => {
  expect(Object.keys(recurrentWeights("lstm", { W: floats(8 * 4, Math.random), R: floats(16, Math.random) }))).toEqual([
    "weight",
    "recurrent",
  ]);
});

test("ONNX orders peepholes i, o, f; ours are i, f, o", () => {
  const given = { W: floats(8 * 4, Math.random), R: floats(16, Math.random), P: [1, 2, 3, 4, 5, 6] };
  expect(Array.from(recurrentWeights("lstm", given).peephole!)).toEqual([1, 2, 5, 6, 3, 4]);
  expect(() => recurrentWeights("lstm", { ...given, P: [1] })).toThrow(/BAD_RECURRENT_WEIGHTS.*32, 16, 1/);
});

test("refused: arrays that are not one layer's", () => {
  const numbers = (n: number): Float64Array => new Float64Array(n);
  expect(() => recurrentWeights("lstm", { weightIh: numbers(24), weightHh: numbers(35) })).toThrow(
    /BAD_RECURRENT_WEIGHTS: arrays of 24, 35 numbers are not the pytorch weights of one lstm layer/,
  );
  expect(() => recurrentWeights("gru", { W: numbers(18), R: numbers(27), B: numbers(9) })).toThrow(
    /18, 27, 4\.5|18, 27/,
  );
  expect(() => recurrentWeights("rnn", {} as never)).toThrow(/needs weightIh and weightHh/);
  expect(() => recurrentWeights("rnn", null as never)).toThrow(/BAD_RECURRENT_WEIGHTS/);
});
