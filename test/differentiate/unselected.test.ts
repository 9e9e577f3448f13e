// A branch that is not selected puts no NaN into a gradient through pointwise chains and views.

import { describe, expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { simplify } from "../../compiler/2-simplify/index.js";
import type { Node } from "../../src/graph/node.js";
import { dim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { clip, relu } from "../../src/ops/pointwise/activations.js";
import { abs, add, div, log, maximum, mul, neg, sqrt, square, tanh } from "../../src/ops/pointwise/arithmetic.js";
import { greater, less, where } from "../../src/ops/pointwise/logic.js";
import { gradientAt } from "../../src/ops/marker/markers.js";
import { dropout } from "../../src/ops/pointwise/noise.js";
import { sum } from "../../src/ops/reduce/reduce.js";
import { pad } from "../../src/ops/view/pad.js";
import { slice } from "../../src/ops/view/slicing.js";
import { expandDims, reshape, transpose } from "../../src/ops/view/views.js";
import { leaf, ORIGIN, run } from "./check.js";

const x = leaf("x", [dim(2), dim(2)]) as Tensor;
const AT = [-1, 0, 1, 4];
const positive = greater(x, 0);

/** The gradient of the sum at AT, as it is and simplified. */
function gradients(y: Node): number[][] {
  const roots = differentiate([gradientAt(ORIGIN, sum(y as Tensor), x)]);
  return [roots, simplify(roots)].map((r) => [...run(r, new Map([[x as Node, AT]]), 1)[0]!]);
}

const cases: readonly (readonly [string, Node, readonly number[]])[] = [
  ["where(x > 0, log(x), 0)", where(positive, log(x), 0), [0, 0, 1, 0.25]],
  ["where(x > 0, x log(x), 0)", where(positive, mul(x, log(x)), 0), [0, 0, 1, 1 + Math.log(4)]],
  ["where(x > 0, tanh(log(x)), 0)", where(positive, tanh(log(x)), 0), [0, 0, 1, 0.25 / Math.cosh(Math.log(4)) ** 2]],
  ["where(x > 0, sqrt(x), x)", where(positive, sqrt(x), x), [1, 1, 0.5, 0.25]],
  ["where(x > 0, 1 / x, -x)", where(positive, div(1, x), neg(x)), [-1, -1, -1, -1 / 16]],
  [
    "where(x < 0, 0, sqrt(x)) at 0 is selected",
    where(less(x, -0.5), 0, sqrt(add(x, 1))),
    [0, 0.5, Math.SQRT1_2 / 2, 0.5 / Math.sqrt(5)],
  ],
  ["relu(log(x))", relu(log(x)), [0, 0, 0, 0.25]],
  ["max(log(x), -1)", maximum(log(x), -1), [NaN, 0, 1, 0.25]],
  ["clip(1 / x, -10, 10)", clip(div(1, x), -10, 10), [-1, 0, -1, -1 / 16]],
  [
    "two branches of different conditions",
    add(where(positive, log(sqrt(x)), 0), where(greater(x, 2), sqrt(sqrt(x)), 0)),
    [0, 0, 0.5, 0.125 + 0.25 * 4 ** -0.75],
  ],
  ["two branches behind one chain", sqrt(where(positive, sqrt(x), 1)), [0, 0, 0.25, 0.25 * 4 ** -0.75]],
  ["a view between", where(greater(transpose(x), 0), transpose(log(x)), 0), [0, 0, 1, 0.25]],
  ["a reshape between", where(greater(reshape(x, [4]), 0), reshape(log(x), [4]), 0), [0, 0, 1, 0.25]],
  [
    "a slice and a pad between",
    where(
      greater(
        pad(slice(x, [[1, 2]]), [
          [1, 0],
          [0, 0],
        ]),
        0,
      ),
      pad(slice(log(x), [[1, 2]]), [
        [1, 0],
        [0, 0],
      ]),
      0,
    ),
    [0, 0, 1, 0.25],
  ],
  ["an inserted axis", where(expandDims(positive, 0), expandDims(log(x), 0), 0), [0, 0, 1, 0.25]],
];

describe("the gradient at [-1, 0, 1, 4]", () => {
  test.each(cases)("%s", (_, y, expected) => {
    for (const found of gradients(y)) {
      found.forEach((value, i) => {
        if (Number.isNaN(expected[i])) return;
        expect(value).toBeCloseTo(expected[i]!, 12);
      });
    }
  });

  test("a guard is exactly zero even where the adjoint is infinite", () => {
    // The square root's slope at relu(x) = 0 is infinite; relu's slope there is structurally zero.
    expect(gradients(sqrt(relu(x)))[0]!.slice(0, 2)).toEqual([0, 0]);
    expect(gradients(sqrt(abs(x)))[0]![1]).toBeNaN();
  });

  test("negative control: a reduction between does give NaN", () => {
    const total = sum(log(x), { axis: 1 });
    const [found] = gradients(where(greater(sum(x, { axis: 1 }), 0), total, 0));
    expect(found!.some(Number.isNaN) || found!.some((v) => !Number.isFinite(v))).toBe(true);
  });

  test("dropout's mask guards too", () => {
    const y = dropout(log(add(square(x), 0.5)) as Tensor<readonly [2, 2]>, 0.5, { stream: "s" });
    for (const found of gradients(y)) expect(found.every(Number.isFinite)).toBe(true);
  });
});
