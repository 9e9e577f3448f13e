// Stable forms: what overflows or loses digits as written does not after recognition, and neither do its gradients.

import { describe, expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { stabilize } from "../../compiler/2-simplify/index.js";
import { stableForms } from "../../compiler/2-simplify/laws/stable.js";
import type { Node } from "../../src/graph/node.js";
import { dim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { everyNode } from "../../src/graph/walk.js";
import { add, div, exp, log, log1p, mul, neg, sigmoid, sub, tanh } from "../../src/ops/pointwise/arithmetic.js";
import { probabilityCrossEntropy } from "../../src/ops/pointwise/entropy.js";
import { pick } from "../../src/ops/gather/pick.js";
import { gradient } from "../../src/ops/marker/markers.js";
import { sum } from "../../src/ops/reduce/reduce.js";
import { logSumExp } from "../../src/ops/composite/log-sum-exp.js";
import { softmax } from "../../src/ops/composite/softmax.js";
import { broadcast } from "../../src/ops/view/broadcast.js";
import { expandDims } from "../../src/ops/view/views.js";
import { labels } from "../../src/ops/leaf/leaves.js";
import { leaf, run } from "../differentiate/check.js";
import { onFiring } from "./firings.js";

const z = leaf("z", [dim(4)]) as Tensor;
const rows = leaf("rows", [dim(2), dim(2)]) as Tensor;
const t = leaf("t", [dim(4)]) as Tensor;
const classes = labels("classes", [2], 2);
const p = sigmoid(z);
const powers = exp(rows);

/** Law, the form as written, its value and gradient at z = [-1000, -40, 40, 1000] (rows: the same as [2, 2]). */
const cases: readonly (readonly [string, Node, Tensor, readonly number[], readonly number[]])[] = [
  ["log(softmax(x)) = logSoftmax(x)", log(softmax(rows)), rows, [-960, 0, -960, 0], [1, -1, 1, -1]],
  ["log(sigmoid(x)) = logSigmoid(x)", log(p), z, [-1000, -40, -Math.exp(-40), 0], [1, 1, Math.exp(-40), 0]],
  [
    "log(1 - sigmoid(x)) = -softplus(x)",
    log(sub(1, p)),
    z,
    [0, -Math.exp(-40), -40, -1000],
    [0, -Math.exp(-40), -1, -1],
  ],
  ["log(sum(exp(x))) = logSumExp(x)", log(sum(powers, { axis: 1 })), rows, [-40, 1000], [0, 1, 0, 1]],
  ["log(1 + exp(x)) = softplus(x)", log(add(1, exp(z))), z, [0, Math.exp(-40), 40, 1000], [0, Math.exp(-40), 1, 1]],
  [
    "log(1 + x) = log1p(x)",
    log(add(mul(z, 1e-30), 1)),
    z,
    [-1e-27, -4e-29, 4e-29, 1e-27],
    [1e-30, 1e-30, 1e-30, 1e-30],
  ],
  [
    "log(1 - x) = log1p(-x)",
    log(sub(1, mul(z, 1e-30))),
    z,
    [1e-27, 4e-29, -4e-29, -1e-27],
    [-1e-30, -1e-30, -1e-30, -1e-30],
  ],
  ["log1p(exp(x)) = softplus(x)", log1p(exp(z)), z, [0, Math.exp(-40), 40, 1000], [0, Math.exp(-40), 1, 1]],
  [
    "exp(x) - 1 = expm1(x)",
    sub(exp(mul(z, 1e-30)), 1),
    z,
    [-1e-27, -4e-29, 4e-29, 1e-27],
    [1e-30, 1e-30, 1e-30, 1e-30],
  ],
  [
    "exp(x) / sum(exp(x)) = softmax(x)",
    div(powers, broadcast(expandDims(sum(powers, { axis: 1 }), 1), [2, 2])),
    rows,
    [0, 1, 0, 1],
    [0, 0, 0, 0],
  ],
  [
    "x - logSumExp(x) = logSoftmax(x)",
    sub(rows, logSumExp(rows, { axis: 1, keepAxes: true }) as never),
    rows,
    [-960, 0, -960, 0],
    [1, -1, 1, -1],
  ],
  [
    "logSumExp(x) - pick(x, class) = softmaxCrossEntropy(x, class)",
    sub(logSumExp(rows, { axis: 1 }), pick(rows, classes) as never),
    rows,
    [960, 0],
    [-1, 1, 0, 0],
  ],
  [
    "-pick(logSoftmax(x), class) = softmaxCrossEntropy(x, class)",
    neg(pick(log(softmax(rows)), classes)),
    rows,
    [960, 0],
    [-1, 1, 0, 0],
  ],
  [
    "-sum(t * logSoftmax(x)) = softTargetCrossEntropy(x, t)",
    neg(sum(mul(rows, log(softmax(rows))), { axis: 1 })),
    rows,
    [-960000, 38400],
    [1960, -1000, 920, 40],
  ],
  [
    "probabilityCrossEntropy(sigmoid(x), t) = sigmoidCrossEntropy(x, t)",
    probabilityCrossEntropy(p, t),
    z,
    [0, 40, Math.exp(-40), 1000],
    [0, -1, 0, 1],
  ],
  [
    "-(t log(sigmoid(x)) + (1 - t) log(1 - sigmoid(x))) = sigmoidCrossEntropy(x, t)",
    neg(add(mul(t, log(p)), mul(sub(1, t), log(sub(1, p))))),
    z,
    [0, 40, Math.exp(-40), 1000],
    [0, -1, 0, 1],
  ],
];

const AT = [-1000, -40, 40, 1000];
const values = new Map<Node, number[]>([
  [z, AT],
  [rows, AT],
  [t, [0, 1, 1, 0]],
  [classes, [0, 1]],
]);

const close = (found: ArrayLike<number>, expected: readonly number[]): boolean =>
  expected.every(
    (value, i) => Math.abs(found[i]! - value) <= 1e-12 * Math.abs(value) + 1e-300 * (value === 0 ? 1e30 : 1),
  );

describe("stable forms", () => {
  test("each law has a case", () => {
    expect(cases.map(([name]) => name).sort()).toEqual(stableForms.map((law) => law.statement).sort());
  });

  test.each(cases)("%s", (name, form, x, value, slope) => {
    const fired: string[] = [];
    const roots = [form, gradient(sum(form as Tensor), x)];
    const stable = stabilize(roots, { record: onFiring(({ law }) => fired.push(law.statement)) });
    expect(fired).toContain(name);
    const [found, derived] = run(differentiate(stable), values, 1);
    expect(close(found!, value), `value ${[...found!].join()}`).toBe(true);
    expect(close(derived!, slope), `gradient ${[...derived!].join()}`).toBe(true);
  });

  test("the likelihood of a yes or no is known in every order of its products and its sum", () => {
    const swap = (isSwapped: boolean, a: Tensor, b: Tensor): [Tensor, Tensor] => (isSwapped ? [b, a] : [a, b]);
    for (const order of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const yes = mul(...swap((order & 1) > 0, t, log(p) as Tensor)) as Tensor;
      const no = mul(...swap((order & 2) > 0, sub(1, t) as Tensor, log(sub(1, p)) as Tensor)) as Tensor;
      const form = neg(add(...swap((order & 4) > 0, yes, no)));
      const stable = stabilize([form, gradient(sum(form as Tensor), z)]);
      const [found, slope] = run(differentiate(stable), values, 1);
      expect(close(found!, [0, 40, Math.exp(-40), 1000]), `order ${order}: ${[...found!].join()}`).toBe(true);
      expect(close(slope!, [0, -1, 0, 1]), `order ${order}: ${[...slope!].join()}`).toBe(true);
    }
  });

  test("negative control: as written most of them overflow or lose all digits", () => {
    const lost = cases.filter(([, form, x, value, slope]) => {
      const [found, derived] = run(differentiate([form, gradient(sum(form as Tensor), x)]), values, 1);
      return !close(found!, value) || !close(derived!, slope);
    });
    expect(lost.length).toBeGreaterThanOrEqual(11);
  });

  test("what a gradient is taken of stays in the graph", () => {
    const q = sigmoid(z);
    const loss = sum(log(q));
    const [found] = run(differentiate(stabilize([gradient(loss, q)])), new Map([[z as Node, [0, 1, 2, 3]]]), 1);
    [0, 1, 2, 3].forEach((v, i) => expect(found![i]).toBeCloseTo(1 + Math.exp(-v), 12));
  });

  test("equal nodes are not merged before differentiation", () => {
    const [a, b] = [tanh(z), tanh(z)];
    const [found] = run(
      differentiate(stabilize([gradient(sum(mul(a, b)), a)])),
      new Map([[z as Node, [1, 1, 1, 1]]]),
      1,
    );
    expect(found![0]).toBeCloseTo(Math.tanh(1), 12);
  });

  test("a sum over other axes is not taken for a softmax", () => {
    const other = div(powers, broadcast(sum(powers, { axis: 1 }), [2, 2]));
    const names = everyNode(stabilize([other])).map((node) => node.def.name);
    expect(names).not.toContain("softmax");
  });
});
