// affineReshape(from, to): the axes of `from` by those of `to`, for two shapes of one row-major list.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { affineReshape } from "../../compiler/3-fuse/lowered.js";
import type { Affine } from "../../src/graph/affine.js";
import { BATCH, dim, evaluateShape, type Shape } from "../../src/graph/shape.js";

const SEED = 20_260_102;
const ROWS = 3;
const b = BATCH;
const shape = (...sizes: (number | { times: number; power: number })[]): Shape =>
  sizes.map((s) => (typeof s === "number" ? dim(s) : s));

const valueOf = (affine: Affine, index: readonly number[]): number =>
  affine.reduce((sum, t) => sum + t.times * ROWS ** t.power * (t.axis === undefined ? 1 : index[t.axis]!), 0);

function* indices(sizes: readonly number[]): Generator<number[]> {
  const index = sizes.map(() => 0);
  const count = sizes.reduce((product, size) => product * size, 1);
  for (let n = 0; n < count; n++) {
    yield [...index];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < sizes[axis]!) break;
      index[axis] = 0;
    }
  }
}

const flat = (sizes: readonly number[], index: readonly number[]): number =>
  sizes.reduce((at, size, k) => at * size + index[k]!, 0);

/** Every index of `to` and the index of `from` that it stands for are at one place of the list. */
function expectSamePlaces(from: Shape, to: Shape, map: readonly Affine[]): void {
  const [source, target] = [evaluateShape(from, ROWS), evaluateShape(to, ROWS)];
  expect(map).toHaveLength(from.length);
  for (const index of indices(target)) {
    const other = map.map((affine) => valueOf(affine, index));
    other.forEach((i, k) => expect(i).toBeLessThan(source[k]!));
    expect(flat(source, other)).toBe(flat(target, index));
  }
}

describe("affineReshape", () => {
  test.each([
    ["the same", shape(b, 4), shape(b, 4)],
    ["batch and sequence from rows", shape(dim(5, 1), 4), shape(b, 5, 4)],
    ["all into one from its parts", shape(24), shape(2, 3, 4)],
    ["ones anywhere", shape(1, b, 1, 4), shape(b, 1, 1, 4, 1)],
    ["a scalar", shape(), shape(1, 1)],
    ["batch by batch", shape(dim(1, 2)), shape(b, b)],
  ])("%s", (_, from, to) => {
    const map = affineReshape(from, to);
    expect(map).toBeDefined();
    expectSamePlaces(from, to, map!);
  });

  test.each([
    ["two axes from one", shape(2, 3), shape(6)],
    ["batch from rows", shape(b, 5), shape(dim(5, 1))],
    ["borders that cross", shape(4, 6), shape(6, 4)],
    ["sizes that do not divide", shape(4, 3), shape(2, 6)],
  ])("is not affine: %s", (_, from, to) => {
    expect(affineReshape(from, to)).toBeUndefined();
  });

  test(`joining axes is always affine, and right (seed ${SEED})`, () => {
    const axis = fc.oneof(
      fc.integer({ min: 1, max: 4 }).map((n) => dim(n)),
      fc.constant(b),
    );
    const parts = fc.array(fc.array(axis, { maxLength: 3 }), { maxLength: 3 });
    fc.assert(
      fc.property(parts, (groups) => {
        const to = groups.flat();
        const from = groups.map((group) =>
          group.reduce((product, d) => dim(product.times * d.times, product.power + d.power), dim(1)),
        );
        const map = affineReshape(from, to);
        expect(map).toBeDefined();
        expectSamePlaces(from, to, map!);
      }),
      { seed: SEED, numRuns: 150 },
    );
  });

  test("control: a wrong map is found", () => {
    const [from, to] = [shape(24), shape(2, 3, 4)];
    const wrong = [
      [
        { times: 12, power: 0, axis: 0 },
        { times: 3, power: 0, axis: 1 },
        { times: 1, power: 0, axis: 2 },
      ],
    ];
    expect(() => expectSamePlaces(from, to, wrong)).toThrow();
  });
});
