// Loops made lighter: same values, no product that the loop before has made already, sums over time after the loop.

import { describe, expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { lightenLoops, simplify } from "../../compiler/2-simplify/index.js";
import { verifyGraph } from "../../compiler/verify.js";
import type { Node } from "../../src/graph/node.js";
import { everyNode } from "../../src/graph/walk.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as t from "../ops/api.js";
import { floatLeaf, floats, randomNumbers, valueOf } from "../oracle/leaves.js";

type Any = never;

const x = floatLeaf("x", 4, 2, 3);
const w = floatLeaf("w", 3, 3);
const b = floatLeaf("b", 3);
const h0 = floatLeaf("h0", 2, 3);
const random = randomNumbers(9);
const values = new Map<Node, ArrayLike<number>>([
  [x, floats(24, random)],
  [w, floats(9, random)],
  [b, floats(3, random)],
  [h0, floats(6, random)],
]);

type Step = (h: Tensor, e: Tensor) => Tensor;

const product = (a: Tensor, m: Tensor): Tensor => t.matmul(a as Any, m as Any) as Tensor;
const plus = (a: Tensor, c: Tensor): Tensor => t.add(a, c as Any) as Tensor;
const times = (a: Tensor, c: Tensor): Tensor => t.mul(a, c as Any) as Tensor;
const tanh = (a: Tensor): Tensor => t.tanh(a) as Tensor;

const loop = (step: Step, reverse: boolean): Tensor => {
  const { outputs } = t.scan(
    ([h], [e]) => {
      const next = step(h!, e!);
      return { carries: [next], outputs: [next] };
    },
    [h0],
    [x],
    { reverse },
  );
  return t.sum(t.square(outputs[0]!)) as Tensor;
};

const steps: Readonly<Record<string, Step>> = {
  plain: (h, e) => tanh(plus(plus(product(h, w), e), b)),
  "a product within a product": (h) => tanh(product(tanh(product(h, w)), t.transpose(w) as Tensor)),
  "parts of a weight": (h, e) =>
    plus(
      times(t.sigmoid(product(h, t.slice(w, [null, [0, 3]]) as Tensor)) as Tensor, h),
      tanh(plus(t.sum(product(e, t.slice(w, [null, [1, 3]]) as Tensor), { axis: 1, keepAxes: true }) as Tensor, e)),
    ),
  "a loop within": (h, e) => {
    const inner = t.scan(
      ([k], [row]) => ({ carries: [tanh(plus(product(k!, w), row!))], outputs: [] }),
      [t.slice(h, [[0, 1]]) as Tensor],
      [t.reshape(e, [2, 1, 3] as Any) as Tensor],
    );
    return plus(tanh(h), t.broadcast(inner.carries[0]!, [2, 3]) as Tensor);
  },
};

function gradients(of: Tensor): readonly Node[] {
  return simplify(differentiate([w, b, h0, x].map((leaf) => t.gradient(of, leaf as Any) as Tensor)));
}

const light = (roots: readonly Node[]): readonly Node[] => {
  const made = lightenLoops(roots);
  verifyGraph(made, "loops", "simple");
  return simplify(made);
};

/** How many nodes of an op the regions of loops hold. */
const inLoops = (roots: readonly Node[], op: string): number => {
  const within = everyNode(roots).flatMap((node) => node.regions.flatMap((region) => everyNode(region.results)));
  return new Set(within.filter((node) => node.def.name === op)).size;
};

const evaluated = (roots: readonly Node[]): number[][] => roots.map((root) => valueOf(root, values));

describe.each(Object.entries(steps))("%s", (_, step) => {
  test.each([false, true])("equal values, fewer products, reverse %s", (reverse) => {
    const before = gradients(loop(step, reverse));
    const after = light(before);
    const [wanted, actual] = [evaluated(before), evaluated(after)];
    wanted.forEach((list, k) => list.forEach((value, i) => expect(actual[k]![i]).toBeCloseTo(value, 11)));
    expect(inLoops(after, "contract")).toBeLessThan(inLoops(before, "contract"));
    expect(light(after)).toEqual(after);
  });

  test("second derivatives", () => {
    const first = t.sum(t.square(t.gradient(loop(step, false), h0 as Any) as Tensor)) as Tensor;
    const before = gradients(first);
    const [wanted, actual] = [evaluated(before), evaluated(light(before))];
    wanted.forEach((list, k) => {
      const size = Math.max(...list.map(Math.abs), 1);
      list.forEach((value, i) => expect(Math.abs(actual[k]![i]! - value) / size).toBeLessThan(1e-12));
    });
  });
});

test("the way back of a plain recurrence holds one product and no transcendental function", () => {
  const before = gradients(loop(steps["plain"]!, false));
  expect([inLoops(before, "contract"), inLoops(before, "tanh")]).toEqual([4, 2]);
  const after = light(before);
  // One product on the way there, one on the way back; tanh on the way there.
  expect([inLoops(after, "contract"), inLoops(after, "tanh")]).toEqual([2, 1]);
  expect(inLoops(after, "sum")).toBe(0);
});

describe("stays in the loop", () => {
  const sums = (step: (sum: Tensor, e: Tensor) => { next: Tensor; out: Tensor }): readonly Node[] => {
    const { carries, outputs } = t.scan(
      ([sum], [e]) => {
        const { next, out } = step(sum!, e!);
        return { carries: [next], outputs: [out] };
      },
      [t.constant(0.5, { shape: [3, 3] }) as Tensor],
      [x],
    );
    return simplify([carries[0]!, outputs[0]!]);
  };
  const squared = (e: Tensor): Tensor => product(t.transpose(e) as Tensor, e);
  const isLifted = (roots: readonly Node[]): boolean => {
    const after = light(roots);
    expect(
      evaluated(after)
        .flat()
        .map((v) => v.toFixed(9)),
    ).toEqual(
      evaluated(roots)
        .flat()
        .map((v) => v.toFixed(9)),
    );
    return inLoops(after, "contract") < inLoops(roots, "contract");
  };

  test("control: a sum that nothing else reads leaves it", () => {
    expect(isLifted(sums((sum, e) => ({ next: plus(sum, squared(e)), out: e })))).toBe(true);
    expect(isLifted(sums((sum, e) => ({ next: plus(plus(squared(e), sum), squared(e)), out: e })))).toBe(true);
  });

  test("a sum that an output shows", () => {
    expect(isLifted(sums((sum, e) => ({ next: plus(sum, squared(e)), out: sum })))).toBe(false);
  });

  test("a term that depends on the sum", () => {
    expect(isLifted(sums((sum, e) => ({ next: plus(sum, product(squared(e), sum)), out: e })))).toBe(false);
  });

  test("a sum that is counted twice, or scaled", () => {
    expect(isLifted(sums((sum, e) => ({ next: plus(plus(sum, sum), squared(e)), out: e })))).toBe(false);
    expect(isLifted(sums((sum, e) => ({ next: plus(t.mul(sum, 0.9) as Tensor, squared(e)), out: e })))).toBe(false);
  });

  test("what is added element by element", () => {
    const after = light(
      sums((sum, e) => ({ next: plus(sum, t.broadcast(t.slice(e, [[0, 1]]) as Tensor, [3, 3]) as Tensor), out: e })),
    );
    expect(everyNode(after).some((node) => node.regions.length > 0)).toBe(true);
  });
});
