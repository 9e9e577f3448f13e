// Values of the structural ops and of what is composed of them, against loops over plain arrays.

import { describe, expect, test } from "vitest";
import { printShape, evaluateShape } from "../../src/graph/shape.js";
import type { Node } from "../../src/graph/node.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as ops from "../ops/api.js";
import { borders } from "./border-cases.js";
import { one, reductions, total, type Case } from "./cases.js";
import { composed } from "./composed-cases.js";
import { positions } from "./indexed-cases.js";
import { evaluator, floatLeaf, floats, intLeaf, randomNumbers } from "./leaves.js";
import { along, equations, running, sorts, tops } from "./ordered-cases.js";
import { segments } from "./segment-cases.js";
import { make, reduce, sizes, type Plain } from "./plain.js";

const SEED = 7;

/** Fails with the first difference. */
function expectValue({ shapes, below, build, expected }: Case, rows: number): void {
  const random = randomNumbers(SEED + rows);
  const leaves = shapes.map((s, i) => {
    const bound = below?.[i];
    return bound === undefined ? floatLeaf(`x${i}`, ...s) : intLeaf(`x${i}`, bound, ...s);
  });
  const plain = shapes.map((s, i): Plain => {
    const shape = sizes(s, rows);
    const count = shape.reduce((a, b) => a * b, 1);
    const bound = below?.[i];
    const data =
      bound === undefined ? floats(count, random) : Array.from({ length: count }, () => Math.floor(random() * bound));
    return { shape, data: Array.from(data) };
  });
  const node = build(...(leaves as [Tensor, Tensor, Tensor]));
  const value = evaluator(
    [node],
    rows,
  )(new Map<Node, readonly number[]>(leaves.map((x, i) => [x, plain[i]!.data])))[0]!;
  const wanted = expected(...(plain as [Plain, Plain, Plain]));
  expect(evaluateShape(node.shape, rows), printShape(node.shape)).toEqual(wanted.shape);
  expect(value.length).toBe(wanted.data.length);
  wanted.data.forEach((x, i) => {
    if (!(Math.abs(value[i]! - x) <= 1e-12 * Math.max(1, Math.abs(x)))) {
      throw new Error(`element ${i} is ${value[i]}, not ${x} (seed ${SEED})`);
    }
  });
}

describe.each([1, 3])("rows %i", (rows) => {
  const cases = [...reductions, ...composed, ...positions, ...sorts, ...tops, ...running, ...along, ...equations];
  test.each(cases.map((c) => [c.name, c] as const))("%s", (_, c) => expectValue(c, rows));
});

describe("negative controls", () => {
  test("a segment that nothing names", () => {
    const wrong = segments.find(({ name }) => name === "segmentMax of [1, 2] by [1] along 0")!;
    const build: Case["build"] = (x, ids) => ops.segmentMax(x, ids, 2, { empty: -1.25 });
    expect(() => expectValue({ ...wrong, build }, 1)).toThrow(/element \d is -1.25/);
  });
  test("a border by another mode", () => {
    const wrong = borders.find(({ name }) => name === "pad of [4] by [[3,2]], reflect")!;
    const build: Case["build"] = (x) => ops.pad(x, [[3, 2]], { mode: "wrap" });
    expect(() => expectValue({ ...wrong, build }, 1)).toThrow(/element 0/);
  });
  test("another value", () => {
    const wrong = one(
      "",
      [2, 3],
      (x) => ops.sum(x, { axis: 1 }),
      (x) => reduce(x, [1], false, (list) => total(list) + 1e-9),
    );
    expect(() => expectValue(wrong, 1)).toThrow(/element 0/);
  });
  test("another order", () => {
    const wrong = one(
      "",
      [2, 2],
      (x) => ops.transpose(x),
      (x) => x,
    );
    expect(() => expectValue(wrong, 1)).toThrow(/element 1/);
  });
  test("equal values in another order", () => {
    const wrong = sorts.find(({ name }) => name === "argSort of [6] along -1, descending, with ties")!;
    const last = (x: Plain): Plain => make(x.shape, ([i]) => 5 - wrong.expected(x, x, x).data[i!]!);
    expect(() => expectValue({ ...wrong, expected: last }, 1)).toThrow(/element \d/);
  });
  test("a sum that leaves one out", () => {
    const wrong = running.find(({ name }) => name === "cumsum of [6] along -1")!;
    expect(() => expectValue({ ...wrong, build: (x) => ops.cumsum(x, { exclusive: true }) }, 1)).toThrow(/element 0/);
  });
  test("another equation", () => {
    const wrong = equations.find(({ name }) => name === "einsum ij,jk")!;
    const build: Case["build"] = (a, b) => ops.einsum("ij,jk->ki", a, b);
    expect(() => expectValue({ ...wrong, build }, 1)).toThrow();
  });
  test("another shape", () => {
    const wrong = one(
      "",
      [2, 3],
      (x) => ops.sum(x, { axis: 1, keepAxes: true }),
      (x) => reduce(x, [1], false, total),
    );
    expect(() => expectValue(wrong, 1)).toThrow();
  });
});
