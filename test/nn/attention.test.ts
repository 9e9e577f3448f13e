// Attention against loops: values, masks of every shape, rows that see nothing, gradients by differences, refused calls.

import { describe, expect, test } from "vitest";
import { compile, type Model } from "tapeless/compiler";
import {
  causalMask,
  gradient,
  input,
  mean,
  mul,
  multiHeadAttention,
  network,
  normal,
  parameter,
  scaledDotProductAttention,
  sgd,
  square,
  sum,
  TapelessError,
  type Tensor,
} from "tapeless";
import { multiHead, rowsOf, times, weightsOf, type Matrix } from "./attention-loops.js";
import { closeTo, numbers } from "./norm-loops.js";

const run = (
  outputs: Readonly<Record<string, Tensor>>,
  inputs: Readonly<Record<string, readonly number[]>>,
  rows = 2,
): Model => {
  const net = network("attention", { batch: rows + 2, outputs: outputs as never });
  const model = compile(net, { dtype: "float64" }).create({ seed: 4 });
  for (const [name, values] of Object.entries(inputs)) model.inputs[name]?.set(values);
  model.predict(rows);
  return model;
};

const flat = (matrices: readonly Matrix[]): number[] => matrices.flat(2);

/** Parts of equal length. */
const parts = (values: readonly number[], length: number): number[][] =>
  Array.from({ length: values.length / length }, (_, i) => values.slice(i * length, (i + 1) * length));

const bools = (length: number): number[] => numbers(length, 5).map((value) => (value > -0.7 ? 1 : 0));

describe("scaledDotProductAttention", () => {
  const [L, S, E, N] = [3, 4, 2, 5];
  const q = input("q", ["batch", L, E]);
  const k = input("k", ["batch", S, E]);
  const v = input("v", ["batch", S, N]);
  const values = { q: numbers(2 * L * E, 1), k: numbers(2 * S * E, 2), v: numbers(2 * S * N, 3) };
  const reference = (
    scale: number,
    allowed?: (row: number) => (i: number, j: number) => boolean,
    added?: (i: number, j: number) => number,
    cap?: (score: number) => number,
  ): number[] =>
    flat(
      [0, 1].map((row) => {
        const [a, b, c] = [
          rowsOf(parts(values.q, L * E)[row]!, E),
          rowsOf(parts(values.k, S * E)[row]!, E),
          rowsOf(parts(values.v, S * N)[row]!, N),
        ];
        return times(weightsOf(a, b, scale, allowed?.(row), added, cap), c);
      }),
    );
  const usual = 1 / Math.sqrt(E);

  test("plain, with a scale, causal", () => {
    const plain = scaledDotProductAttention(q, k, v);
    const scaled = scaledDotProductAttention(q, k, v, { scale: 0.3 });
    const causal = scaledDotProductAttention(q, k, v, { causal: true });
    const masked = scaledDotProductAttention(q, k, v, { mask: causalMask(L, S) });
    const { outputs } = run({ plain, scaled, causal, masked }, values);
    closeTo(outputs["plain"]!, reference(usual));
    closeTo(outputs["scaled"]!, reference(0.3));
    closeTo(
      outputs["causal"]!,
      reference(usual, () => (i, j) => j <= i),
    );
    expect(outputs["masked"]!.slice(0, 2 * L * N)).toEqual(outputs["causal"]!.slice(0, 2 * L * N));
  });

  test("scores that are capped before they are masked", () => {
    const capped = scaledDotProductAttention(q, k, v, { softcap: 0.5, causal: true });
    const { outputs } = run({ capped }, values);
    const cap = (score: number): number => 0.5 * Math.tanh(score / 0.5);
    closeTo(
      outputs["capped"]!,
      reference(usual, () => (i, j) => j <= i, undefined, cap),
    );
  });

  test("bool masks and added masks", () => {
    const mask = input("mask", ["batch", 1, S], { dtype: "bool" });
    const bias = input("bias", [L, S]);
    const seen = [1, 0, 1, 1, 0, 0, 0, 1];
    const extra = numbers(L * S, 7).map((value, i) => (i % 5 === 2 ? -Infinity : value));
    const outputs = {
      bool: scaledDotProductAttention(q, k, v, { mask }),
      float: scaledDotProductAttention(q, k, v, { mask: bias, causal: true }),
    };
    const model = run(outputs, { ...values, mask: seen, bias: extra });
    closeTo(
      model.outputs["bool"]!,
      reference(usual, (row) => (_, j) => seen[S * row + j] === 1),
    );
    const allowed = (i: number, j: number): boolean => j <= i && extra[S * i + j]! > -Infinity;
    closeTo(
      model.outputs["float"]!,
      reference(
        usual,
        () => allowed,
        (i, j) => (allowed(i, j) ? extra[S * i + j]! : 0),
      ),
    );
  });

  test("a row that sees nothing: zeros, and gradients without NaN", () => {
    const mask = input("mask", ["batch", L, S], { dtype: "bool" });
    const y = scaledDotProductAttention(q, k, v, { mask });
    const loss = sum(square(y));
    const outputs = { y, dq: gradient(loss, q), dk: gradient(loss, k), dv: gradient(loss, v) } as Record<
      string,
      Tensor
    >;
    const seen = Array.from({ length: 2 * L * S }, (_, i) => (i < S || i >= 2 * L * S - S ? 0 : 1));
    const model = run(outputs, { ...values, mask: seen });
    expect(Array.from(model.outputs["y"]!.slice(0, N))).toEqual([0, 0, 0, 0, 0]);
    expect(model.outputs["y"]!.slice(N, 2 * L * N - N).every((value) => value !== 0)).toBe(true);
    expect(Array.from(model.outputs["dq"]!.slice(0, E))).toEqual([0, 0]);
    for (const name of ["y", "dq", "dk", "dv"]) expect(model.outputs[name]!.every(Number.isFinite), name).toBe(true);
  });

  test("heads of queries share fewer heads of keys", () => {
    const many = input("many", ["batch", 4, L, E]);
    const few = input("few", ["batch", 2, S, E]);
    const own = input("own", ["batch", 2, S, N]);
    const given = { many: numbers(2 * 4 * L * E, 1), few: numbers(2 * 2 * S * E, 2), own: numbers(2 * 2 * S * N, 3) };
    const model = run({ y: scaledDotProductAttention(many, few, own, { causal: true }) as Tensor }, given);
    const wanted = Array.from({ length: 8 }, (_, at) => {
      const [row, head] = [Math.floor(at / 4), at % 4];
      const shared = 2 * row + Math.floor(head / 2);
      const weights = weightsOf(
        rowsOf(parts(given.many, L * E)[at]!, E),
        rowsOf(parts(given.few, S * E)[shared]!, E),
        usual,
        (i, j) => j <= i,
      );
      return times(weights, rowsOf(parts(given.own, S * N)[shared]!, N));
    });
    closeTo(model.outputs["y"]!, flat(wanted));
  });
});

const D = 6;
const settings = { weightInitializer: normal(0, 0.6), biasInitializer: normal(0, 0.5), name: "a" };

describe("multiHeadAttention", () => {
  const [L, S] = [3, 4];
  const x = input("x", ["batch", L, D]);
  const memory = input("memory", ["batch", S, 5]);
  const source = input("source", ["batch", S, 4]);
  const given = { x: numbers(2 * L * D, 1), memory: numbers(2 * S * 5, 2), source: numbers(2 * S * 4, 3) };
  const rows = (values: readonly number[], positions: number, row: number): Matrix =>
    rowsOf(parts(values, values.length / 2)[row]!, values.length / 2 / positions);

  const check = (
    y: Tensor,
    heads: number,
    of: (row: number) => readonly [Matrix, Matrix, Matrix],
    allowed: (row: number) => (i: number, j: number, head: number) => boolean = () => () => true,
    more: Readonly<Record<string, readonly number[]>> = {},
  ): Model => {
    const model = run({ y }, { ...given, ...more });
    const wanted = [0, 1].map((row) => multiHead(of(row), model.parameters, "a.", { heads, allowed: allowed(row) }));
    closeTo(model.outputs["y"]!, flat(wanted));
    return model;
  };
  const own = (row: number) => [rows(given.x, L, row), rows(given.x, L, row), rows(given.x, L, row)] as const;

  test.each([1, 2, 3, 6])("self-attention in %i heads", (heads) => {
    const model = check(multiHeadAttention(x, heads, settings), heads, own);
    const names = ["query", "key", "value", "output"].flatMap((part) => [`a.${part}.weight`, `a.${part}.bias`]);
    expect(Object.keys(model.parameters).sort()).toEqual(names.sort());
  });

  test("causal, without bias", () => {
    const y = multiHeadAttention(x, 2, { ...settings, causal: true, bias: false });
    const model = check(y, 2, own, () => (i, j) => j <= i);
    expect(Object.keys(model.parameters)).toHaveLength(4);
  });

  test("cross-attention with sizes of its own", () => {
    const options = { ...settings, keys: memory, values: source, keySize: 2, valueSize: 3, units: 7 } as const;
    const y = multiHeadAttention(x, 4, options);
    const sides = (row: number) =>
      [rows(given.x, L, row), rows(given.memory, S, row), rows(given.source, S, row)] as const;
    const model = check(y, 4, sides);
    expect(model.parameters["a.query.weight"]).toHaveLength(D * 8);
    expect(model.parameters["a.value.weight"]).toHaveLength(4 * 12);
    expect(model.parameters["a.output.weight"]).toHaveLength(12 * 7);
  });

  test.each([
    ["[queries, keys]", [L, L], (i: number, j: number) => i * L + j],
    ["[batch, keys]", ["batch", L], (_i: number, j: number, _h: number, row: number) => row * L + j],
    [
      "[batch, queries, keys]",
      ["batch", L, L],
      (i: number, j: number, _h: number, row: number) => (row * L + i) * L + j,
    ],
    ["[batch, 1, 1, keys]", ["batch", 1, 1, L], (_i: number, j: number, _h: number, row: number) => row * L + j],
    [
      "[batch, heads, queries, keys]",
      ["batch", 2, L, L],
      (i: number, j: number, h: number, row: number) => ((row * 2 + h) * L + i) * L + j,
    ],
  ] as const)("a mask %s", (_, shape, at) => {
    const mask = input("mask", shape as readonly (number | "batch")[], { dtype: "bool" });
    const count = shape.reduce<number>((all, size) => all * (size === "batch" ? 2 : size), 1);
    const bits = bools(count);
    expect(bits).toContain(0);
    const y = multiHeadAttention(x, 2, { ...settings, mask });
    check(y, 2, own, (row) => (i, j, h) => bits[at(i, j, h, row)] === 1, { mask: bits });
  });

  test("a padding mask and the future", () => {
    const paddingMask = input("pad", ["batch", L], { dtype: "bool" });
    const y = multiHeadAttention(x, 2, { ...settings, paddingMask, causal: true });
    const bits = [1, 1, 0, 0, 1, 1];
    check(y, 2, own, (row) => (i, j) => j <= i && bits[L * row + j] === 1, { pad: bits });
  });

  test("weights are returned, and add up to 1", () => {
    const [y, weights] = multiHeadAttention(x, 2, { ...settings, returnWeights: true });
    const model = run({ y, weights }, given);
    for (const row of parts(Array.from(model.outputs["weights"]!.slice(0, 2 * 2 * L * L)), L)) {
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    }
  });

  test("shared parameters", () => {
    const weight = parameter([D, D], 0.2, { name: "shared" });
    const first = multiHeadAttention(x, 2, {
      ...settings,
      parameters: { "query.weight": weight, "key.weight": weight },
    });
    const model = run({ first }, given);
    expect(Object.keys(model.parameters)).toContain("shared");
    expect(Object.keys(model.parameters)).not.toContain("a.query.weight");
  });

  test("what comes later changes no bit", () => {
    const y = multiHeadAttention(x, 3, { ...settings, causal: true });
    const before = run({ y }, given).outputs["y"]!.slice();
    const changed = given.x.map((value, i) => (Math.floor(i / D) % L === L - 1 ? value + 10 : value));
    const after = run({ y }, { ...given, x: changed }).outputs["y"]!;
    const [open] = [multiHeadAttention(x, 3, settings)];
    const seen = run({ open }, given).outputs["open"]!.slice();
    const seenAfter = run({ open }, { ...given, x: changed }).outputs["open"]!;
    for (let i = 0; i < 2 * L * D; i++) {
      const last = Math.floor(i / D) % L === L - 1;
      expect(after[i] === before[i], `element ${i}`).toBe(!last);
      // The control: without the mask every position sees the change.
      expect(seenAfter[i] === seen[i]).toBe(false);
    }
  });

  test("gradients by differences", () => {
    const paddingMask = input("pad", ["batch", S], { dtype: "bool" });
    const y = multiHeadAttention(x, 2, { ...settings, keys: memory, paddingMask });
    const loss = mean(mul(square(y), y));
    const net = network("differences", { batch: 4, loss, optimizer: sgd({ rate: 0.1 }) });
    const model = compile(net, { dtype: "float64" }).create({ seed: 2 });
    model.inputs["x"]!.set(given.x);
    model.inputs["memory"]!.set(given.memory);
    // The second row sees nothing: its outputs are the bias.
    model.inputs["pad"]!.set([1, 0, 1, 1, 0, 0, 0, 0]);
    model.gradients(2);
    for (const [name, values] of Object.entries(model.parameters)) {
      for (let i = 0; i < values.length; i += 5) {
        const at = values[i]!;
        const shifted = (by: number): number => ((values[i] = at + by), model.loss(2));
        const slope = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
        values[i] = at;
        expect(model.grads[name]![i], `${name}[${i}]`).toBeCloseTo(slope, 8);
      }
    }
  });
});

describe("refused", () => {
  const x = input("x", ["batch", 3, 6]);
  const other = input("other", ["batch", 4, 6]);
  const bool = (...shape: readonly (number | "batch")[]): Tensor => input("mask", shape, { dtype: "bool" });
  const cases: readonly (readonly [what: string, call: () => unknown, code: string, sentence: RegExp])[] = [
    ["heads that do not divide", () => multiHeadAttention(x, 4), "BAD_HEADS", /6 features of \[batch, 3, 6\] among 4/],
    ["no heads", () => multiHeadAttention(x, 0), "BAD_ARGUMENT", /heads must be a positive integer/],
    ["two axes", () => multiHeadAttention(input("x", ["batch", 6]), 2), "WRONG_RANK", /\[batch, 6\]/],
    [
      "a mask of the wrong shape",
      () => multiHeadAttention(x, 2, { mask: bool(3, 4) }),
      "SHAPE_MISMATCH",
      /\[batch, 2, 3, 3\] and \[3, 4\].*\[3, 3\], \[batch, 3\], \[batch, 3, 3\] or \[batch, 2, 3, 3\]/,
    ],
    [
      "a padding mask for the queries in place of the keys",
      () => multiHeadAttention(x, 2, { keys: other, paddingMask: bool("batch", 3) }),
      "SHAPE_MISMATCH",
      /\[batch, 4\] and \[batch, 3\]/,
    ],
    [
      "a padding mask of floats",
      () => multiHeadAttention(x, 2, { paddingMask: input("m", ["batch", 3]) }),
      "WRONG_DTYPE",
      /bool/,
    ],
    [
      "a mask of ints",
      () => multiHeadAttention(x, 2, { mask: input("m", [3, 3], { dtype: "int32" }) }),
      "WRONG_DTYPE",
      /int32/,
    ],
    [
      "values of other positions than the keys",
      () => multiHeadAttention(x, 2, { keys: other, values: x }),
      "SHAPE_MISMATCH",
      /\[batch, 4, 6\] and \[batch, 3, 6\]/,
    ],
    [
      "a dropout of 1",
      () => multiHeadAttention(x, 2, { dropout: 1 }),
      "BAD_ARGUMENT",
      /dropout must be from 0 to below 1/,
    ],
    [
      "a shared parameter of another shape",
      () => multiHeadAttention(x, 2, { parameters: { "query.weight": parameter([6, 5], 0) } }),
      "SHAPE_MISMATCH",
      /query.weight must be float32 \[6, 6\]/,
    ],
    [
      "a shared parameter that does not exist",
      () => multiHeadAttention(x, 2, { parameters: { "querry.weight": parameter([6, 6], 0) } }),
      "BAD_ARGUMENT",
      /did you mean query.weight/,
    ],
    [
      "queries and keys of unequal size",
      () => scaledDotProductAttention(x, input("k", ["batch", 3, 5]), x),
      "SHAPE_MISMATCH",
      /\[batch, 3, 6\] and \[batch, 3, 5\]/,
    ],
    ["keys without values", () => scaledDotProductAttention(x, other, x), "SHAPE_MISMATCH", /one value for each key/],
    [
      "a mask that does not broadcast",
      () => scaledDotProductAttention(x, x, x, { mask: bool("batch", 3, 2) }),
      "SHAPE_MISMATCH",
      /\[batch, 3, 3\] and \[batch, 3, 2\]/,
    ],
    [
      "heads of keys that do not divide",
      () =>
        scaledDotProductAttention(
          input("q", ["batch", 4, 3, 6]),
          input("k", ["batch", 3, 3, 6]),
          input("v", ["batch", 3, 3, 6]),
        ),
      "SHAPE_MISMATCH",
      /3 heads of keys cannot serve 4/,
    ],
    ["a cap of nothing", () => scaledDotProductAttention(x, x, x, { softcap: 0 }), "BAD_ARGUMENT", /softcap/],
    ["a scale that is no number", () => scaledDotProductAttention(x, x, x, { scale: NaN }), "BAD_ARGUMENT", /scale/],
  ];
  test.each(cases)("%s", (_, call, code, sentence) => {
    expect(call).toThrow(TapelessError);
    try {
      call();
    } catch (error) {
      expect((error as TapelessError).code).toBe(code);
      expect((error as TapelessError).message).toMatch(sentence);
      expect((error as TapelessError).at?.file).toMatch(/attention\.test\.ts$/);
    }
  });
});
