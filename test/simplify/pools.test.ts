// Activations move behind pools before anything is derived: the same values and gradients, on fewer elements.

import { describe, expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { stabilize } from "../../compiler/2-simplify/index.js";
import { poolLaws } from "../../compiler/2-simplify/laws/pools.js";
import { createNode, type Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import { BATCH, dim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { relu } from "../../src/ops/pointwise/activations.js";
import { neg, square } from "../../src/ops/pointwise/arithmetic.js";
import { gradient } from "../../src/ops/marker/markers.js";
import { maxPool } from "../../src/ops/window/pooling.js";
import { sum } from "../../src/ops/reduce/reduce.js";
import { registry } from "../../src/ops/registry.js";
import { leaf, ORIGIN, run } from "../differentiate/check.js";
import { onFiring } from "./firings.js";

const ROWS = 2;
const x = leaf("x", [BATCH, dim(4), dim(6), dim(2)]) as Tensor;
// Windows with and without a positive element, and with equal ones.
const values = new Map<Node, number[]>([[x, Array.from({ length: ROWS * 48 }, (_, i) => ((i * 5) % 13) - 9)]]);
const pool = (of: Tensor): Tensor => maxPool(of as never, 2) as Tensor;

function firedOn(roots: readonly Node[]): { readonly fired: readonly string[]; readonly roots: readonly Node[] } {
  const fired: string[] = [];
  const stable = stabilize(roots, { record: onFiring(({ law }) => fired.push(law.statement)) });
  return { fired, roots: stable };
}

describe("maxPool(f(x)) = f(maxPool(x))", () => {
  const [law] = poolLaws.map(({ statement }) => statement);
  const activated = relu(x);
  const y = pool(activated);
  const scalar = sum(square(y)) as Tensor;

  test("values and gradients stay, to the bit", () => {
    const roots = [y, gradient(scalar, x)];
    const after = firedOn(roots);
    expect(after.fired).toEqual([law]);
    const [before, moved] = [roots, after.roots].map((all) => run(differentiate(all), values, ROWS));
    expect(moved).toEqual(before);
    expect(moved![1]!.some((value) => value !== 0)).toBe(true);
  });

  test("not where something else reads the activation", () => {
    expect(firedOn([y, sum(activated)]).fired).toEqual([]);
    expect(firedOn([y, gradient(scalar, activated)]).fired).toEqual([]);
  });

  test("not for a function that falls", () => expect(firedOn([pool(neg(x))]).fired).toEqual([]));
});

/** Does it rise, or stay, from each number to the next? */
function rises(def: OpDef): boolean {
  const count = 4000;
  const points = Array.from({ length: count }, (_, i) => Math.fround((i - count / 2) / 250));
  const at = leaf("at", [dim(count)]);
  const [found] = run([createNode(def, [at], {}, ORIGIN)], new Map([[at, points]]), 1);
  return found!.every((value, i) => i === 0 || Math.fround(value) >= Math.fround(found![i - 1]!));
}

const increasing = registry.filter((def) => def.increasing);

test.each(increasing.map((def) => [def.name, def] as const))("%s never falls", (_, def) => {
  expect(rises(def)).toBe(true);
});

test("negative control: there are such ops, and one that falls is seen", () => {
  expect(increasing.length).toBeGreaterThan(0);
  expect(rises(neg.def)).toBe(false);
});
