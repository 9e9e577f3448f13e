// Where the largest elements of windows stand: against a loop over the positions of x alone, and back again.

import { expect, test } from "vitest";
import type { Node } from "../../src/graph/node.js";
import { evaluateShape } from "../../src/graph/shape.js";
import * as t from "../../src/index.js";
import { evaluator, floatLeaf, randomNumbers } from "../oracle/leaves.js";
import { get, make, type Plain } from "../oracle/plain.js";

const SEED = 23;
const DRAWS = 60;

const random = randomNumbers(SEED);
const from = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));

const evaluate = (node: t.Tensor, x: Node, data: readonly number[], rows: number): Plain => ({
  shape: evaluateShape(node.shape, rows),
  data: Array.from(evaluator([node], rows)(new Map([[x, data]]))[0]!),
});

interface Drawn {
  readonly x: Plain;
  readonly window: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Few values, so that many are equal; some are -Infinity, as padding is. */
function drawn(): Drawn {
  const spatial = from(1, 3);
  const each = (low: number, high: number): number[] => Array.from({ length: spatial }, () => from(low, high));
  const x = make([from(1, 3), ...each(1, 5), from(1, 2)], () => (random() < 0.1 ? -Infinity : from(-2, 2)));
  const [window, dilation] = [each(1, 3), each(1, 2)];
  const missing = window.map((w, i) => Math.max(0, dilation[i]! * (w - 1) + 1 - x.shape[i + 1]!));
  // Each window reaches into x.
  const before = window.map((_, i) => from(0, 1) * Math.min(1, window[i]! - 1) + Math.floor(missing[i]! / 2));
  const after = window.map((_, i) => missing[i]! - Math.floor(missing[i]! / 2));
  return { x, window, stride: each(1, 3), dilation, before, after };
}

const options = ({ stride, dilation, before, after }: Drawn): t.PoolOptions => ({
  stride,
  dilation,
  padding: before.map((n, i) => [n, after[i]!] as const),
});

/** The largest element of each window and the first position of x that has it; -1 for a window without one. */
function expected({ x, window, stride, dilation, before, after }: Drawn): { values: Plain; indices: Plain } {
  const sizes = x.shape.slice(1, -1);
  const counts = sizes.map((n, i) =>
    Math.floor((n + before[i]! + after[i]! - (dilation[i]! * (window[i]! - 1) + 1)) / stride[i]! + 1),
  );
  const shape = [x.shape[0]!, ...counts, x.shape.at(-1)!];
  const found = (index: number[]): readonly [number, number] => {
    const places = make(window, () => 0).data.map((_, k) => {
      let rest = k;
      const inside = [...window].reverse().map((w) => [rest % w, (rest = Math.floor(rest / w))][0]!);
      return inside.reverse().map((j, i) => index[i + 1]! * stride[i]! + j * dilation[i]! - before[i]!);
    });
    const own = places.filter((place) => place.every((n, i) => n >= 0 && n < sizes[i]!));
    const values = own.map((place) => get(x, [index[0]!, ...place, index.at(-1)!]));
    const best = Math.max(...values);
    const place = own[values.indexOf(best)];
    return [best, place ? place.reduce((sum, n, i) => sum * sizes[i]! + n, 0) : -1];
  };
  return { values: make(shape, (index) => found(index)[0]), indices: make(shape, (index) => found(index)[1]) };
}

test(`values and indices of ${DRAWS} drawn pools`, () => {
  for (let n = 0; n < DRAWS; n++) {
    const one = drawn();
    const rows = one.x.shape[0]!;
    const x = floatLeaf("x", "batch", ...one.x.shape.slice(1));
    const { values, indices } = t.maxPoolWithIndices(x as t.Tensor, one.window, options(one));
    const wanted = expected(one);
    const what = `draw ${n}, seed ${SEED}: ${JSON.stringify({ ...one, x: one.x.shape })}`;
    expect(evaluate(values, x, one.x.data, rows), what).toEqual(wanted.values);
    const actual = evaluate(indices, x, one.x.data, rows);
    expect(actual.shape, what).toEqual(wanted.indices.shape);
    const positions = one.x.shape.slice(1, -1).reduce((a, b) => a * b, 1);
    wanted.indices.data.forEach((place, i) => {
      if (place >= 0) expect(actual.data[i], what).toBe(place);
      expect(actual.data[i]! >= 0 && actual.data[i]! < positions, what).toBe(true);
    });
  }
});

test("put back, the largest stand where they were", () => {
  const data = [3, 1, 2, 5, 4, 0, 7, 6];
  const x = floatLeaf("x", "batch", 4, 2, 1);
  const { values, indices } = t.maxPoolWithIndices(x as t.Tensor, 2);
  expect(evaluate(indices, x, data, 1).data).toEqual([3, 6]);
  expect(evaluate(t.maxUnpool(values, indices, [4, 2]), x, data, 1).data).toEqual([0, 0, 0, 5, 0, 0, 7, 0]);
});

test("what names one place adds up", () => {
  const x = floatLeaf("x", "batch", 3, 1);
  const places = t.constant([1, 0, 1], { shape: [1, 3, 1], dtype: "int32" });
  const put = t.maxUnpool(t.slice(x as t.Tensor, [[0, 1]]), places, 4);
  expect(evaluate(put, x, [2, 3, 4], 1).data).toEqual([3, 6, 0, 0]);
});

test("a window of NaN, and one of padding alone, have a position of x", () => {
  const x = floatLeaf("x", "batch", 3, 1);
  const { values, indices } = t.maxPoolWithIndices(x as t.Tensor, 2, { stride: 2, padding: [[3, 0]] });
  expect(evaluate(values, x, [NaN, 1, 2], 1).data).toEqual([-Infinity, NaN, 2]);
  expect(evaluate(indices, x, [NaN, 1, 2], 1).data).toEqual([0, 0, 2]);
});
