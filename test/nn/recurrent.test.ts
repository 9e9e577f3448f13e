// The recurrent layers: values against plain loops, gradients against differences, emitted modules against the interpreter,
// and what is refused.

import { describe, expect, test } from "vitest";
import {
  bidirectional,
  crossEntropy,
  dense,
  gru,
  hardSigmoid,
  input,
  labels,
  lstm,
  network,
  parameter,
  relu,
  rnn,
  sgd,
  sigmoid,
  slice,
  softsign,
  tanh,
  type LstmOptions,
  type Tensor,
} from "tapeless";
import { compile } from "tapeless/compiler";
import type { SampleInput } from "../../src/graph/op.js";
import { pairOf } from "../emitted/harness.js";
import { expectGradient, type Build } from "../oracle/gradcheck.js";
import { floatLeaf, floats, intLeaf, leaf, randomNumbers, shape, valueOf } from "../oracle/leaves.js";
import { GATES, plainRun, type Given, type Kind } from "./recurrent-loops.js";
import { expectSteps, mask, nets, state, trained } from "./recurrent-networks.js";

const KINDS: readonly Kind[] = ["rnn", "relu", "lstm", "peephole", "gru", "gruBefore"];

interface Shared {
  readonly weight: Tensor;
  readonly recurrent: Tensor;
  readonly bias: Tensor;
  readonly recurrentBias: Tensor;
  readonly h?: Tensor;
  readonly c?: Tensor;
}

/** The layer of a kind, with given parameters and state: its sequence and its last state. */
function layer(kind: Kind, x: Tensor, units: number, given: Shared, more: object = {}): readonly Tensor[] {
  const { recurrentBias, h, c, weight, recurrent, bias } = given;
  const parameters = { weight, recurrent, bias };
  const common = { parameters, returnSequences: true, returnState: true, ...more } as const;
  const state = h === undefined ? {} : { initialState: h };
  if (kind === "lstm") return lstm(x, units, { ...common, ...(h && c ? { initialState: [h, c] } : {}) });
  if (kind === "peephole") {
    const peephole = slice(recurrentBias, [[0, 3 * units]]);
    const own = h && c ? { initialState: [h, c] } : {};
    return lstm(x, units, {
      ...common,
      ...own,
      peepholes: true,
      parameters: { ...parameters, peephole },
    } as LstmOptions & {
      returnState: true;
    });
  }
  if (kind === "gru") return gru(x, units, { ...common, ...state, parameters: { ...parameters, recurrentBias } });
  if (kind === "gruBefore") return gru(x, units, { ...common, ...state, resetAfter: false });
  return rnn(x, units, { ...common, ...state, activation: kind === "relu" ? "relu" : "tanh" });
}

const sizes = [
  { time: 4, features: 3, units: 2, rows: 3 },
  { time: 1, features: 1, units: 1, rows: 1 },
  { time: 5, features: 2, units: 3, rows: 2 },
];

function drawn(kind: Kind, size: (typeof sizes)[number], seed: number) {
  const random = randomNumbers(seed);
  const { time, features, units, rows } = size;
  const width = GATES[kind] * units;
  const draw = (count: number): Float64Array => floats(count, random).map((v) => v / 2);
  return {
    ...size,
    x: draw(rows * time * features),
    weight: draw(features * width),
    recurrent: draw(units * width),
    bias: draw(width),
    recurrentBias: draw(width),
    h: draw(rows * units),
    c: draw(rows * units),
  };
}

describe.each(KINDS)("%s: values are those of the plain loop", (kind) => {
  const width = (units: number): number => GATES[kind] * units;

  function expectLoop(
    size: (typeof sizes)[number],
    options: { reverse?: boolean; padding?: "mask" | "lengths"; zeroed?: boolean; started?: boolean; scale?: number },
  ): void {
    const { reverse = false, padding, zeroed = false, started = true, scale = 1 } = options;
    const { time, features, units, rows } = size;
    const given = drawn(kind, size, 7);
    const x = floatLeaf("x", "batch", time, features);
    const shared = {
      weight: floatLeaf("weight", features, width(units)),
      recurrent: floatLeaf("recurrent", units, width(units)),
      bias: floatLeaf("bias", width(units)),
      recurrentBias: floatLeaf("recurrentBias", width(units)),
      h: floatLeaf("h", "batch", units),
      c: floatLeaf("c", "batch", units),
    };
    const mask = leaf("mask", { shape: shape("batch", time), dtype: "bool" });
    const lengths = intLeaf("lengths", time + 1, "batch");
    const long = Array.from({ length: rows }, (_, row) => (row === 0 ? 0 : 1 + (row % time)));
    const holes = Array.from({ length: rows * time }, (_, i) => (i % 3 === 1 ? 0 : 1));
    const more = {
      reverse,
      zeroOutputForMask: zeroed,
      ...(padding === "mask" ? { mask } : padding === "lengths" ? { lengths } : {}),
    };
    const { h, c, ...unstarted } = shared;
    const results = layer(kind, x, units, started ? shared : unstarted, more);
    const values = new Map([
      [x, given.x],
      [shared.weight, given.weight],
      [shared.recurrent, given.recurrent],
      [shared.bias, given.bias],
      [shared.recurrentBias, given.recurrentBias],
      [h, given.h],
      [c, given.c],
      [mask, holes],
      [lengths, long],
    ] as [Tensor, ArrayLike<number>][]);
    const none = new Float64Array(rows * units);
    const loop: Given = {
      ...given,
      ...(started ? {} : { h: none, c: none }),
      recurrent: given.recurrent.map((v) => v * scale),
      reverse,
      zeroed,
      padding: (row, t) =>
        padding === "mask" ? holes[row * time + t] === 0 : padding === "lengths" && t >= long[row]!,
    };
    const wanted = plainRun(kind, loop);
    const expected = [wanted.sequence, wanted.h, ...(results.length > 2 ? [wanted.c] : [])];
    expect(results.length).toBe(expected.length);
    results.forEach((result, k) => {
      valueOf(result, values, rows).forEach((v, i) => {
        if (Math.abs(v - expected[k]![i]!) > 1e-12) throw new Error(`result ${k}[${i}]: ${v}, not ${expected[k]![i]}`);
      });
    });
  }

  test.each(sizes)("time $time, features $features, units $units, rows $rows", (size) => {
    for (const reverse of [false, true]) {
      for (const started of [false, true]) expectLoop(size, { reverse, started });
      for (const padding of ["mask", "lengths"] as const) {
        for (const zeroed of [false, true]) expectLoop(size, { reverse, padding, zeroed });
      }
    }
  });

  test("control: other recurrent weights are seen", () => {
    expect(() => expectLoop(sizes[0]!, { scale: 1 + 1e-6 })).toThrow(/not/);
  });
});

describe.each(KINDS)("%s: gradients are the differences", (kind) => {
  const [time, features, units] = [3, 2, 2];
  const width = GATES[kind] * units;
  const float = (...axes: (number | "batch")[]): SampleInput => ({
    shape: shape(...axes),
    dtype: "float32",
    range: [-0.9, 0.9],
  });
  const inputs: SampleInput[] = [
    float("batch", time, features),
    float(features, width),
    float(units, width),
    float(width),
    float(width),
    float("batch", units),
    float("batch", units),
    { shape: shape("batch"), dtype: "int32", range: [0, 4], below: 4 },
  ];
  const build =
    (reverse: boolean, padded: boolean, pick: number): Build =>
    ([x, weight, recurrent, bias, recurrentBias, h, c, lengths]) =>
      layer(kind, x as Tensor, units, { weight, recurrent, bias, recurrentBias, h, c } as unknown as Shared, {
        reverse,
        ...(padded ? { lengths } : {}),
      })[pick]!;

  test.each([
    ["sequence", false, false, 0],
    ["sequence, backwards and padded", true, true, 0],
    ["last state, padded", false, true, 1],
  ] as const)("%s", (_, reverse, padded, pick) => {
    for (const rows of [1, 2]) {
      const largest = expectGradient({ inputs, build: build(reverse, padded, pick), rows, seed: 5, order: 1 });
      if (!padded) expect(Math.min(...largest.slice(0, 4), largest[5]!)).toBeGreaterThan(1e-3);
    }
  });

  // A kinked recurrence has no second derivative to speak of.
  test.runIf(kind !== "relu")("twice", () => {
    expectGradient({ inputs, build: build(false, false, 0), rows: 1, seed: 6, order: 2 });
  });

  test("control: the derivative of the other direction is seen", () => {
    const check = { inputs, build: build(false, false, 0), rows: 2, seed: 5, order: 1 } as const;
    expect(() => expectGradient({ ...check, differentiated: build(true, false, 0) })).toThrow(/differences/);
  });
});

describe("both directions", () => {
  const x = (): Tensor => input("x", ["batch", 4, 3]) as Tensor;

  test("the halves are the two layers", () => {
    const leafX = floatLeaf("x", "batch", 4, 3);
    const values = randomNumbers(4);
    const data = floats(2 * 4 * 3, values);
    const parameters = { weight: floatLeaf("w", 3, 2), recurrent: floatLeaf("u", 2, 2) };
    const forward = { parameters, bias: false } as const;
    const given = new Map<Tensor, ArrayLike<number>>([
      [leafX, data],
      [parameters.weight, floats(6, values)],
      [parameters.recurrent, floats(4, values)],
    ]);
    for (const returnSequences of [false, true]) {
      const both = (merge: "concat" | "sum" | "mul" | "average"): number[] =>
        valueOf(bidirectional(rnn, leafX, 2, { ...forward, returnSequences, merge }), given, 2);
      const [ahead, back] = [false, true].map((reverse) =>
        valueOf(rnn(leafX, 2, { ...forward, returnSequences, reverse }), given, 2),
      ) as [number[], number[]];
      const joined = ahead.flatMap((_, i) =>
        i % 2 === 1 ? [...ahead.slice(i - 1, i + 1), ...back.slice(i - 1, i + 1)] : [],
      );
      expect(both("concat")).toEqual(joined);
      expect(both("sum")).toEqual(ahead.map((v, i) => v + back[i]!));
      expect(both("mul")).toEqual(ahead.map((v, i) => v * back[i]!));
      expect(both("average")).toEqual(ahead.map((v, i) => (v + back[i]!) / 2));
      expect(ahead).not.toEqual(back);
    }
  });

  test("states, options of one direction, a layer of one's own", () => {
    const [h, c] = [input("h", ["batch", 2]), input("c", ["batch", 2])] as Tensor[];
    const all = bidirectional(lstm, x(), 2, { returnState: true, backward: { initialState: [h!, c!] } });
    expect(all.map((node) => node.shape.map((d) => d.times))).toEqual([
      [1, 4],
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    const apart = bidirectional(gru, x(), 2, { merge: "none" });
    expect(apart.length).toBe(2);
    const stacked = bidirectional(
      (of: Tensor, units: number, options: object) =>
        lstm(lstm(of, units, { ...options, returnSequences: true }) as Tensor, units, options) as Tensor,
      x(),
      2,
    );
    expect(stacked.shape.map((d) => d.times)).toEqual([1, 4]);
  });
});

describe.each(Object.entries(nets))("emitted = interpreted: %s", (_, make) => {
  test.each(["float64", "float32"] as const)("%s", (dtype) =>
    expectSteps(pairOf(trained(make), { dtype, seed: 3 }), [4, 1, 3]),
  );
});

// Addresses have more digits where sequences are longer, which is seen where there is little else.
test.each(["typescript", "wasm"] as const)("the code does not grow with the number of steps: %s", (target) => {
  const bytes = (time: number): number => {
    const x = input("x", ["batch", time, 16]);
    const loss = crossEntropy(dense(lstm(x, 32), 4), labels("y", ["batch"], 4));
    return compile(network("long", { batch: 16, loss, optimizer: sgd({ rate: 0.1 }) }), { target }).source.length;
  };
  expect(Math.abs(bytes(512) / bytes(32) - 1)).toBeLessThan(0.01);
});

describe("parameters", () => {
  const names = (make: (x: Tensor) => Tensor): string[] =>
    Object.keys(compile(trained(make)).create().parameters).filter((name) => !name.startsWith("head"));

  test("are called after the layer", () => {
    expect(names(nets["an rnn"]!).sort()).toEqual(["a.bias", "a.recurrent", "a.weight"]);
    expect(names((x) => gru(x, 2, { name: "a" })).sort()).toEqual([
      "a.bias",
      "a.recurrent",
      "a.recurrentBias",
      "a.weight",
    ]);
    expect(names((x) => bidirectional(rnn, x, 2, { name: "a", bias: false })).sort()).toEqual([
      "a.backward.recurrent",
      "a.backward.weight",
      "a.forward.recurrent",
      "a.forward.weight",
    ]);
  });

  test("the forget gate starts open, by as much as is said", () => {
    const bias = (options: object): number[] =>
      Array.from(compile(trained((x) => lstm(x, 2, { name: "a", ...options }))).create().parameters["a.bias"]!);
    expect(bias({})).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
    expect(bias({ forgetBias: 0 })).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(bias({ forgetBias: 2, biasInitializer: 0.5 })).toEqual([0.5, 0.5, 2.5, 2.5, 0.5, 0.5, 0.5, 0.5]);
  });

  test("recurrent weights are orthogonal, input weights within Glorot's limit", () => {
    const { parameters } = compile(trained((x) => gru(x, 2, { name: "a" }))).create({ seed: 2 });
    const rows = [0, 1].map((k) => Array.from(parameters["a.recurrent"]!.slice(k * 6, k * 6 + 6)));
    const product = (a: number[], b: number[]): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
    expect(product(rows[0]!, rows[0]!)).toBeCloseTo(1, 5);
    expect(product(rows[0]!, rows[1]!)).toBeCloseTo(0, 5);
    expect(Math.max(...parameters["a.weight"]!.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / (3 + 6)));
  });

  test("frozen ones are not trained", () => {
    const grads = compile(trained((x) => lstm(x, 2, { name: "a", trainable: false }))).create().grads;
    expect(Object.keys(grads).sort()).toEqual(["head.bias", "head.weight"]);
  });
});

describe("other activations", () => {
  const x = floatLeaf("x", "batch", 1, 1);
  const own = { weight: floatLeaf("w", 1, 4), recurrent: floatLeaf("u", 1, 4) };
  const weights = { parameters: own, bias: false } as const;
  const given = new Map<Tensor, ArrayLike<number>>([
    [x, [0.7]],
    [own.weight, [0.5, -0.4, 0.9, 0.3]],
    [own.recurrent, [0, 0, 0, 0]],
  ]);

  test("of an lstm: one step from zeros", () => {
    const hard = (v: number): number => Math.min(1, Math.max(0, v / 6 + 0.5));
    const made = lstm(x, 1, { ...weights, activation: softsign, recurrentActivation: hardSigmoid });
    const soft = (v: number): number => v / (1 + Math.abs(v));
    const c = hard(0.35) * soft(0.63);
    expect(valueOf(made, given, 1)[0]).toBeCloseTo(hard(0.21) * soft(c), 12);
    const usual = lstm(x, 1, { ...weights, activation: tanh, recurrentActivation: sigmoid });
    expect(valueOf(usual, given, 1)).toEqual(valueOf(lstm(x, 1, weights), given, 1));
  });

  test("of an rnn and a gru", () => {
    const w = { weight: floatLeaf("w1", 1, 1), recurrent: floatLeaf("u1", 1, 1) };
    const values = new Map([...given, [w.weight, [2]], [w.recurrent, [0]]] as [Tensor, number[]][]);
    expect(valueOf(rnn(x, 1, { bias: false, parameters: w, activation: softsign }), values, 1)[0]).toBeCloseTo(
      1.4 / 2.4,
      12,
    );
    const g = { weight: floatLeaf("w3", 1, 3), recurrent: floatLeaf("u3", 1, 3) };
    const more = new Map([...given, [g.weight, [1, 0, 2]], [g.recurrent, [0, 0, 0]]] as [Tensor, number[]][]);
    // z is a half.
    expect(valueOf(gru(x, 1, { bias: false, parameters: g, activation: relu }), more, 1)[0]).toBeCloseTo(0.7, 12);
  });

  test("refused: what is no function, or changes the shape", () => {
    expect(() => lstm(x, 1, { activation: "relu" as never })).toThrow(/BAD_ARGUMENT.*activation.*"relu"/);
    expect(() => gru(x, 1, { recurrentActivation: () => x })).toThrow(/BAD_ARGUMENT.*recurrentActivation/);
  });
});

describe("refused, with place and both shapes", () => {
  const x = input("x", ["batch", 5, 3]);
  const refused: [string, () => unknown, RegExp][] = [
    ["rank", () => lstm(input("a", ["batch", 3]) as Tensor, 2), /WRONG_RANK.*\[batch, time, features\].*\[batch, 3\]/],
    ["features", () => rnn(input("a", [2, 3, "batch"]) as Tensor, 2), /WRONG_RANK/],
    ["units", () => gru(x, 0), /BAD_ARGUMENT.*units/],
    [
      "mask",
      () => lstm(x, 2, { mask: input("m", ["batch", 4], { dtype: "bool" }) }),
      /SHAPE_MISMATCH.*\[batch, 5\] and \[batch, 4\]: mask/,
    ],
    ["mask's dtype", () => lstm(x, 2, { mask: input("m", ["batch", 5]) }), /WRONG_DTYPE.*mask.*bool.*float32/],
    [
      "lengths",
      () => gru(x, 2, { lengths: input("n", [5], { dtype: "int32" }) }),
      /SHAPE_MISMATCH.*\[batch\] and \[5\]/,
    ],
    [
      "mask and lengths",
      () => gru(x, 2, { lengths: input("n", ["batch"], { dtype: "int32" }), mask: mask() }),
      /BAD_ARGUMENT.*lengths.*mask/,
    ],
    [
      "state",
      () => rnn(x, 2, { initialState: input("h", ["batch", 3]) }),
      /SHAPE_MISMATCH.*\[batch, 2\] and \[batch, 3\]: the initial state/,
    ],
    ["c", () => lstm(x, 3, { initialState: [state("h"), input("c", [3])] }), /SHAPE_MISMATCH.*the initial c/],
    [
      "one state of two",
      () => lstm(x, 3, { initialState: [state("h")] as never }),
      /BAD_ARGUMENT.*initialState.*h and c/,
    ],
    ["a tensor for two", () => lstm(x, 3, { initialState: state("h") as never }), /BAD_ARGUMENT.*initialState/],
    [
      "weight",
      () => gru(x, 2, { parameters: { weight: parameter([3, 5], 0) } }),
      /SHAPE_MISMATCH.*\[batch, 5, 3\] and \[3, 5\].*\[3, 6\]/,
    ],
    ["activation", () => rnn(x, 2, { activation: "selu" as never }), /BAD_ARGUMENT.*activation.*"selu"/],
    ["merge", () => bidirectional(rnn, x, 2, { merge: "join" as never }), /BAD_ARGUMENT.*merge.*"join"/],
    ["layer", () => bidirectional("lstm" as never, x, 2), /BAD_ARGUMENT.*layer/],
    [
      "directions",
      () => bidirectional(rnn, x, 2, { merge: "sum", backward: { returnSequences: true } }),
      /SHAPE_MISMATCH.*\[batch, 2\] and \[batch, 5, 2\]/,
    ],
  ];
  test.each(refused)("%s", (_, call, message) => {
    expect(call).toThrow(message);
    expect(call).toThrow(/recurrent\.test\.ts:\d+:\d+/);
  });
});
