// The interpreter on records made here: each kind of lowering, guards, data-dependent indices, regions, depth and speed.

import { describe, expect, test } from "vitest";
import { addAffine, axis, offset } from "../../src/graph/affine.js";
import { evaluate, interpreterOf } from "../../src/graph/interpret.js";
import { load, type BodyLeaf, type Lowering } from "../../src/graph/lowering.js";
import { createNode, type Node, type TensorType } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import { callSite, originOf } from "../../src/graph/origin.js";
import { BATCH, dim, type PublicDim } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { applyScalar, argument, constant, type Scalar } from "../../src/scalar/expression.js";
import * as ops from "../ops/api.js";
import { elements, floatLeaf, intLeaf, leaf, shape, valueOf } from "./leaves.js";

const origin = originOf(callSite("test"));

const base = {
  doc: "Made for a test.",
  operands: ["x..."],
  differentiable: true,
  samples: () => [],
} as const;

/** A call of an op that means `lowering`. */
function lowered(type: TensorType, lowering: Lowering, inputs: readonly Node[]): Node {
  const def: OpDef = { ...base, name: "made", family: "view", infer: () => type, lower: () => lowering };
  return createNode(def, inputs, {}, origin);
}

const float = (...axes: readonly PublicDim[]): TensorType => ({ shape: shape(...axes), dtype: "float32" });

describe("map", () => {
  const x = floatLeaf("x", 3);
  const given = new Map<Node, number[]>([[x, [1, 2, 3]]]);
  const around = addAffine(axis(0), offset(-1));

  test("a guard that fails reads nothing", () => {
    const body = load(0, [around], [{ index: around, size: dim(3) }], 7);
    expect(valueOf(lowered(float(5), { kind: "map", body }, [x]), given)).toEqual([7, 1, 2, 3, 7]);
  });

  test("an access outside without a guard is our bug", () => {
    const node = lowered(float(5), { kind: "map", body: load(0, [around]) }, [x]);
    expect(() => valueOf(node, given)).toThrow(/invariant/);
  });

  test("the branch that is not selected is not read", () => {
    const first = applyScalar<BodyLeaf>("lt", { kind: "index", affine: axis(0) }, constant(1));
    const body = applyScalar<BodyLeaf>("select", first, constant(9), load(0, [around]));
    expect(valueOf(lowered(float(4), { kind: "map", body }, [x]), given)).toEqual([9, 1, 2, 3]);
  });

  test("coefficients may hold rows", () => {
    const rows = leaf("x", float("batch"));
    const back = addAffine(offset(1, 1), offset(-1), axis(0, -1));
    const size = { kind: "size", dim: dim(2, 1) } as const;
    const body = applyScalar<BodyLeaf>("add", load(0, [back]), size);
    const node = lowered(float("batch"), { kind: "map", body }, [rows]);
    expect(valueOf(node, new Map([[rows as Node, [1, 2, 3, 4]]]), 4)).toEqual([12, 11, 10, 9]);
  });
});

describe("reduce and scatter", () => {
  test("a sum runs in index order", () => {
    const x = floatLeaf("x", 3);
    const body = load(0, [axis(0)]);
    const node = lowered(float(), { kind: "reduce", combiner: "sum", axes: [dim(3)], body }, [x]);
    expect(valueOf(node, new Map([[x as Node, [1e16, 1, -1e16]]]))).toEqual([0]);
    expect(valueOf(node, new Map([[x as Node, [1e16, -1e16, 1]]]))).toEqual([1]);
  });

  test("the short way for contractions gives the bits of the long one", () => {
    const [a, b] = [floatLeaf("a", 3, 4, 5), floatLeaf("b", 5, 4, 2)];
    const [left, right] = [load(0, [axis(0), axis(2), axis(3)]), load(1, [axis(3), axis(2), axis(1)])];
    const sum = (body: Parameters<typeof applyScalar<BodyLeaf>>[1]) =>
      lowered(float(3, 2), { kind: "reduce", combiner: "sum", axes: [dim(4), dim(5)], body }, [a, b]);
    const product = applyScalar<BodyLeaf>("mul", left, right);
    const given = new Map<Node, Float64Array>(
      [a, b].map((x) => [x, Float64Array.from({ length: 60 }, (_, i) => Math.sin(i))]),
    );
    const long = applyScalar<BodyLeaf>("add", product, constant(0));
    expect(valueOf(sum(product), given)).toEqual(valueOf(sum(long), given));
  });

  test.each([
    ["prod", 24],
    ["max", 4],
    ["min", 1],
  ] as const)("%s", (combiner, wanted) => {
    const x = floatLeaf("x", 4);
    const node = lowered(float(), { kind: "reduce", combiner, axes: [dim(4)], body: load(0, [axis(0)]) }, [x]);
    expect(valueOf(node, new Map([[x as Node, [2, 3, 1, 4]]]))).toEqual([wanted]);
  });

  test("scatter adds up where positions repeat", () => {
    const [x, i] = [floatLeaf("x", "batch"), intLeaf("i", 3, "batch")];
    const at = [{ affine: offset(0), loaded: load(1, [axis(0)]) }];
    const node = lowered(float(3), { kind: "scatter", domain: [BATCH], at, body: load(0, [axis(0)]) }, [x, i]);
    const run = (positions: number[]) =>
      valueOf(
        node,
        new Map<Node, number[]>([
          [x, [1, 2, 4]],
          [i, positions],
        ]),
      );
    expect(run([2, 0, 2])).toEqual([2, 0, 5]);
    expect(() => run([0, 3, 0])).toThrow(/INDEX_OUT_OF_RANGE.*index 3 of axis 0, which has 3 entries/);
    expect(() => run([0, -1, 0])).toThrow(/INDEX_OUT_OF_RANGE/);
    expect(() => run([0, 0.5, 0])).toThrow(/INDEX_OUT_OF_RANGE/);
  });

  test("an index that data names is checked", () => {
    const [x, i] = [floatLeaf("x", 4, 2), intLeaf("i", 4, "batch")];
    const rows = ops.take(x, i);
    const given = (n: number) =>
      new Map<Node, number[]>([
        [x, [0, 1, 2, 3, 4, 5, 6, 7]],
        [i, [n]],
      ]);
    expect(valueOf(rows, given(3), 1)).toEqual([6, 7]);
    expect(() => valueOf(rows, given(4), 1)).toThrow(/INDEX_OUT_OF_RANGE: take reads index 4/);
  });
});

describe("nodes", () => {
  test("each is evaluated once, and composites from their expansion", () => {
    let calls = 0;
    const counted: OpDef = {
      ...base,
      name: "counted",
      family: "composite",
      infer: ({ inputs: [x] }) => x!,
      expand: ({ inputs: [x] }) => {
        calls++;
        return ops.add(x as Tensor, 1) as Node;
      },
    };
    let node: Node = floatLeaf("x");
    const x = node;
    for (let i = 0; i < 60; i++) {
      const once = createNode(counted, [node], {}, origin);
      node = ops.add(once as Tensor, once as Tensor);
    }
    expect(valueOf(node, new Map([[x, [1]]]))).toEqual([2 ** 60 + 2 * (2 ** 60 - 1)]);
    expect(calls).toBe(60);
  });

  test("scalars come from scalarOf", () => {
    const triple: OpDef = { ...base, name: "triple", family: "pointwise", infer: ({ inputs: [x] }) => x! };
    const x = floatLeaf("x", 2);
    const node = createNode(triple, [x], {}, origin);
    const scalarOf = (): Scalar => applyScalar("mul", argument(0), constant(3));
    const values = evaluate([node], { rows: 1, leaf: () => [1, 2], scalarOf });
    expect(Array.from(values.get(node)!)).toEqual([3, 6]);
    expect(Array.from(values.get(x)!)).toEqual([1, 2]);
  });

  test("a prepared graph takes other values each time", () => {
    const x = floatLeaf("x", "batch");
    const y = ops.sum(ops.square(x));
    const run = interpreterOf([y], { rows: 2, scalarOf: () => applyScalar("mul", argument(0), argument(0)) });
    expect(run(() => [1, 2]).get(y)).toEqual(Float64Array.of(5));
    expect(run(() => [3, 4]).get(y)).toEqual(Float64Array.of(25));
  });

  test("a leaf without enough values is noticed, and gradient markers are", () => {
    const x = floatLeaf("x", 3);
    expect(() => valueOf(ops.exp(x), new Map([[x as Node, [1, 2]]]))).toThrow(/has 3 values/);
    expect(() => valueOf(ops.gradient(ops.sum(x), x), new Map([[x as Node, [1, 2, 3]]]))).toThrow(/gradient/);
  });

  test("what was read does not change with the caller's memory", () => {
    const memory = Float64Array.of(1);
    const x = floatLeaf("x");
    const value = evaluate([x], { rows: 1, leaf: () => memory, scalarOf: () => constant(0) }).get(x)!;
    memory[0] = 2;
    expect(value[0]).toBe(1);
  });
});

describe("random numbers", () => {
  const draw = (seed: number, clock: number, stream: string): number[] =>
    valueOf(
      ops.randomUniform(["batch", 50], { stream }),
      new Map<Node, number[]>([
        [ops.SEED, [seed]],
        [ops.CLOCK, [clock]],
      ]),
      4,
    );
  test("depend on seed, clock, stream and position, and on nothing else", () => {
    const first = draw(1, 0, "a");
    expect(draw(1, 0, "a")).toEqual(first);
    expect(new Set(first).size).toBe(200);
    for (const other of [draw(2, 0, "a"), draw(1, 1, "a"), draw(1, 0, "b")]) expect(other).not.toEqual(first);
    expect(first.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(first.reduce((a, b) => a + b) / 200).toBeCloseTo(0.5, 0.9);
  });
  test("normal ones have mean 0 and deviation 1", () => {
    const x = valueOf(
      ops.randomNormal([5000], { stream: "n" }),
      new Map<Node, number[]>([
        [ops.SEED, [1]],
        [ops.CLOCK, [0]],
      ]),
    );
    const mean = x.reduce((a, b) => a + b) / x.length;
    expect(Math.abs(mean)).toBeLessThan(0.06);
    expect(x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length).toBeCloseTo(1, 1);
  });
});

describe("size", () => {
  test("a chain of 20,000 nodes", () => {
    const step = ops.constant([1, 2, 3]) as Node;
    let y: Node = floatLeaf("y", 3);
    const start = y;
    for (let i = 0; i < 20_000; i++) y = ops.add.at(origin, y, step);
    expect(valueOf(y, new Map([[start, [0, 0, 0]]]))).toEqual([20_000, 40_000, 60_000]);
  });

  test("a contraction of 32 x 784 x 256 takes well under a second", () => {
    const [a, b] = [floatLeaf("a", 32, 784), floatLeaf("b", 784, 256)];
    const product = ops.matmul(a, b as never);
    const given = new Map<Node, Float64Array>([a, b].map((x) => [x, new Float64Array(elements(x, 1)).fill(0.5)]));
    const start = performance.now();
    const value = valueOf(product, given);
    expect(performance.now() - start).toBeLessThan(1500);
    expect(value.every((x) => x === 196)).toBe(true);
  });
});
