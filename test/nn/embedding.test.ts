// The embedding layer against loops: lookups, gradients that add up, the padding row, what a step of plain descent costs.

import { describe, expect, test } from "vitest";
import { compile } from "tapeless/compiler";
import {
  adagrad,
  embedding,
  input,
  mean,
  mul,
  network,
  parameter,
  reshape,
  sgd,
  slice,
  sum,
  TapelessError,
  target,
  transpose,
  type Optimizer,
  type Tensor,
} from "tapeless";

const ids = (below = 5) => input("ids", ["batch", 2], { dtype: "int32", below });

/** The mean of the looked-up rows, each weighted by a target; its gradient is the weights, summed by id. */
function lookup(paddingIndex?: number) {
  const y = embedding(ids(), 5, 3, { name: "table", ...(paddingIndex === undefined ? {} : { paddingIndex }) });
  const loss = sum(mul(y, target("weights", ["batch", 2, 3])));
  const net = network("lookup", { batch: 4, outputs: { y }, loss, optimizer: sgd({ rate: 0.5 }) });
  return compile(net, { dtype: "float64" }).create({ seed: 3 });
}

const WEIGHTS = Array.from({ length: 18 }, (_, i) => Math.sin(i + 1));
const IDS = [1, 3, 4, 1, 1, 0];

describe("values and gradients", () => {
  test.each([
    ["without padding", undefined, []],
    ["padding 1", 1, [1]],
    ["padding counted from the end", -1, [4]],
  ] as const)("%s", (_, paddingIndex, silent: readonly number[]) => {
    const model = lookup(paddingIndex);
    const table = model.parameters["table.weight"]!;
    const first = Array.from(table);
    for (let row = 0; row < 5; row++) {
      const zero = first.slice(3 * row, 3 * row + 3).every((value) => value === 0);
      expect(zero, `row ${row}`).toBe(silent.includes(row));
    }
    expect(first.every((value) => Math.abs(value) <= 0.05)).toBe(true);
    model.inputs["ids"]!.set(IDS);
    model.targets["weights"]!.set(WEIGHTS);
    // Three rows of a capacity of four.
    model.predict(3);
    IDS.forEach((id, i) => {
      for (let k = 0; k < 3; k++) expect(model.outputs["y"]![3 * i + k]).toBe(first[3 * id + k]);
    });
    const gradient = first.map((_, at) => {
      const [row, k] = [Math.floor(at / 3), at % 3];
      if (silent.includes(row)) return 0;
      return IDS.reduce((total, id, i) => total + (id === row ? WEIGHTS[3 * i + k]! : 0), 0);
    });
    model.gradients(3);
    gradient.forEach((value, at) => expect(model.grads["table.weight"]![at]).toBeCloseTo(value, 12));
    model.step(3);
    gradient.forEach((value, at) => expect(table[at]).toBeCloseTo(first[at]! - 0.5 * value, 12));
  });

  test("a shared table", () => {
    const weight = parameter([5, 3], 0.5, { name: "shared" });
    const net = network("shared", {
      batch: 4,
      outputs: { y: embedding(ids(), 5, 3, { parameters: { weight }, paddingIndex: 0 }) },
    });
    expect(Object.keys(compile(net).create().parameters)).toEqual(["shared"]);
  });
});

describe("a table of 50,000 rows", () => {
  const many = (name: string) => input(name, ["batch"], { dtype: "int32", below: 50_000 });
  const TABLE = 4 * 50_000 * 64;
  const planOf = (optimizer: Optimizer) => {
    const y = embedding(many("a"), 50_000, 64, { name: "table", paddingIndex: 0 });
    const net = network("large", { batch: 16, loss: mean(mul(y, y)), optimizer });
    const { memory } = compile(net, { entries: ["step"] });
    return { arena: memory.arenaBytes, ...memory.entries.find(({ entry }) => entry === "step")! };
  };

  test("a step has no dense gradient and does not sweep the table", () => {
    const { flops, bytesMoved, arena } = planOf(sgd({ rate: 0.1 }));
    expect(flops).toBeLessThan(50_000);
    expect(bytesMoved).toBeLessThan(100_000);
    expect(arena).toBeLessThan(TABLE + 100_000);
  });

  test("what keeps sums of squares has one dense gradient, and the plan shows the sweep", () => {
    const { bytesMoved, arena } = planOf(adagrad({ rate: 0.1 }));
    expect(bytesMoved).toBeGreaterThan(3 * TABLE);
    expect(arena).toBeLessThan(3 * TABLE + 100_000);
  });
});

describe("refused", () => {
  const plain = input("plain", ["batch", 2], { dtype: "int32" });
  const cases: readonly (readonly [what: string, call: () => unknown, code: string, sentence: RegExp])[] = [
    ["floats", () => embedding(input("x", ["batch"]), 5, 3), "WRONG_DTYPE", /embedding needs indices of dtype int32/],
    ["unbounded ids", () => embedding(plain, 5, 3), "BAD_ARGUMENT", /"below" of the indices "plain".*at most 5/],
    ["ids above the vocabulary", () => embedding(ids(6), 5, 3), "BAD_ARGUMENT", /at most 5.*but it is 6/],
    ["such ids turned", () => embedding(transpose(ids(6)), 5, 3), "BAD_ARGUMENT", /at most 5.*but it is 6/],
    [
      "such ids cut and reshaped",
      () => embedding(reshape(slice(plain, [null, [0, 1]]) as Tensor, ["batch"]), 5, 3),
      "BAD_ARGUMENT",
      /"plain"/,
    ],
    ["no vocabulary", () => embedding(ids(), 0, 3), "BAD_ARGUMENT", /vocabulary must be a positive integer/],
    ["half a size", () => embedding(ids(), 5, 1.5), "BAD_ARGUMENT", /size must be a positive integer/],
    ["padding beyond", () => embedding(ids(), 5, 3, { paddingIndex: 5 }), "BAD_ARGUMENT", /from -5 to 4, but it is 5/],
    [
      "a table of another shape",
      () => embedding(ids(), 5, 3, { parameters: { weight: parameter([5, 4], 0) as Tensor } }),
      "SHAPE_MISMATCH",
      /weight must be float32 \[5, 3\]/,
    ],
  ];
  test.each(cases)("%s", (_, call, code, sentence) => {
    expect(call).toThrow(TapelessError);
    try {
      call();
    } catch (error) {
      expect((error as TapelessError).code).toBe(code);
      expect((error as TapelessError).message).toMatch(sentence);
      expect((error as TapelessError).at?.file).toMatch(/embedding\.test\.ts$/);
    }
  });

  test("an id out of range, before anything runs", () => {
    const model = lookup();
    model.inputs["ids"]!.set([1, 5]);
    const before = Array.from(model.parameters["table.weight"]!);
    expect(() => model.step(1)).toThrow(/ids.*5|5.*ids/);
    expect(Array.from(model.parameters["table.weight"]!)).toEqual(before);
    expect(() => model.predict(1)).toThrow();
  });
});
