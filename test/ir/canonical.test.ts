// Which kernels are one function: those that differ in names, numbers and random streams alone.

import { describe, expect, test } from "vitest";
import { canonicalOf } from "../../compiler/ir/canonical.js";
import { SERIAL, type Kernel, type KernelExpr, type Loop, type Statement } from "../../compiler/ir/kernel.js";
import { renamed } from "../../compiler/ir/rename.js";
import { axis } from "../../src/graph/affine.js";
import { dim } from "../../src/graph/shape.js";
import { applyScalar, constant } from "../../src/scalar/expression.js";
import { load, loop, product, store } from "../loops/kernels.js";

const kernelOf = (body: readonly Statement[], more: Partial<Kernel> = {}): Kernel => ({
  name: "kernel",
  computes: [],
  slots: ["x", "w", "y"].map((name) => ({ name, dtype: "float32", access: name === "y" ? "write" : "read" })),
  body,
  ...more,
});

const keyOf = (kernel: Kernel): string => canonicalOf(kernel).key;

/** `y[i] = op(x[i])` for five of them. */
const pointwise = (value: (x: KernelExpr) => KernelExpr, run?: Loop["run"]): Statement =>
  loop(0, dim(5), [store(2, axis(0), value(load(0, axis(0))))], run);

const random = (...streams: readonly number[]): Statement =>
  pointwise((x) =>
    streams.reduce<KernelExpr>(
      (sum, stream) =>
        applyScalar("add", sum, applyScalar("uniform", applyScalar("hash", constant(stream), load(1, axis(0))))),
      x,
    ),
  );

describe("the same function", () => {
  test("with other names, and what people read of it", () => {
    const other = kernelOf([product], { name: "other", fused: [] });
    const slots = other.slots.map((slot) => ({ ...slot, name: `${slot.name}.2` }));
    expect(keyOf({ ...other, slots })).toBe(keyOf(kernelOf([product])));
  });

  test("with other numbers of variables and accumulators", () => {
    const moved = renamed([product], {
      affine: (all) => all.map((term) => (term.axis === undefined ? term : { ...term, axis: 9 - term.axis })),
      variable: (n) => 9 - n,
      accumulator: (n) => n + 4,
    });
    expect(moved).not.toEqual([product]);
    expect(keyOf(kernelOf(moved))).toBe(keyOf(kernelOf([product])));
  });

  test("with a variable's number used again", () => {
    const twice = (second: number): readonly Statement[] => [
      pointwise((x) => applyScalar("neg", x)),
      loop(second, dim(5), [store(2, axis(second), applyScalar("exp", load(0, axis(second))))]),
    ];
    expect(keyOf(kernelOf(twice(0)))).toBe(keyOf(kernelOf(twice(1))));
  });

  test("whether or not equal expressions are one object", () => {
    const shared = pointwise((x) => applyScalar("mul", x, x));
    const apart = pointwise((x) => applyScalar("mul", x, load(0, axis(0))));
    expect(keyOf(kernelOf([shared]))).toBe(keyOf(kernelOf([apart])));
  });

  test("with other random streams, each of which it says once", () => {
    expect(keyOf(kernelOf([random(7, 8)]))).toBe(keyOf(kernelOf([random(1, 2)])));
    expect(canonicalOf(kernelOf([random(7, 8, 7)])).streams).toEqual([7, 8]);
  });
});

describe("another function", () => {
  const one = kernelOf([pointwise((x) => applyScalar("add", x, constant(1)))]);
  const others: Readonly<Record<string, Kernel>> = {
    "for another instruction": kernelOf([pointwise((x) => applyScalar("mul", x, constant(1)))]),
    "for another constant": kernelOf([pointwise((x) => applyScalar("add", x, constant(2)))]),
    "for operands the other way round": kernelOf([pointwise((x) => applyScalar("add", constant(1), x))]),
    "for another slot": kernelOf([
      loop(0, dim(5), [store(2, axis(0), applyScalar("add", load(1, axis(0)), constant(1)))]),
    ]),
    "for another position": kernelOf([
      loop(0, dim(5), [store(2, axis(0, 2), applyScalar("add", load(0, axis(0)), constant(1)))]),
    ]),
    "for another size": kernelOf([
      loop(0, dim(6), [store(2, axis(0), applyScalar("add", load(0, axis(0)), constant(1)))]),
    ]),
    "for another way to run": kernelOf([
      pointwise((x) => applyScalar("add", x, constant(1)), { order: "parallel", lanes: 4 }),
    ]),
    "for another order": kernelOf([pointwise((x) => applyScalar("add", x, constant(1)), SERIAL)]),
    "for another precision": { ...one, precision: "float64" },
    "for another type of a slot": { ...one, slots: one.slots.map((slot) => ({ ...slot, dtype: "int32" })) },
  };

  test.each(Object.keys(others))("%s", (name) => expect(keyOf(others[name]!)).not.toBe(keyOf(one)));

  test("for 0 and -0", () => {
    const plus = (value: number): Kernel => kernelOf([pointwise((x) => applyScalar("add", x, constant(value)))]);
    expect(keyOf(plus(0))).not.toBe(keyOf(plus(-0)));
  });

  test("where one stream is drawn from twice", () => {
    expect(keyOf(kernelOf([random(7, 7)]))).not.toBe(keyOf(kernelOf([random(1, 2)])));
  });

  test("a constant that is no stream is no hole", () => {
    const plus = (value: number): Kernel => kernelOf([pointwise((x) => applyScalar("add", x, constant(value)))]);
    expect(canonicalOf(plus(3)).streams).toEqual([]);
  });
});
