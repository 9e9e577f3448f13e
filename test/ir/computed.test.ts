// Computed indices: which are looked at where they are bound, and in which order calls run that have some.

import { describe, expect, test } from "vitest";
import { computedFirst, computedIn, hasComputed } from "../../compiler/ir/computed.js";
import {
  PARALLEL,
  type Gathered,
  type Kernel,
  type KernelExpr,
  type SlotAccess,
  type Statement,
} from "../../compiler/ir/kernel.js";
import type { Buffer, Call, Segment } from "../../compiler/ir/program.js";
import { axis } from "../../src/graph/affine.js";
import { BATCH, dim } from "../../src/graph/shape.js";
import { applyScalar, constant } from "../../src/scalar/expression.js";

const index: KernelExpr = { kind: "local", local: 0 };
const entry = (below: number): Gathered => ({ stride: dim(1), value: index, below: dim(below), computed: "take" });
const read = (...loaded: readonly Gathered[]): KernelExpr => ({ kind: "load", slot: 0, at: { affine: [], loaded } });
const store = (value: KernelExpr): Statement => ({
  kind: "store",
  slot: 1,
  at: { affine: axis(0), loaded: [] },
  value,
  mode: "set",
});
const loop = (...body: readonly Statement[]): Statement => ({
  kind: "loop",
  variable: 0,
  size: BATCH,
  run: PARALLEL,
  body,
});

describe("a local is looked at where it is bound", () => {
  const bounds = (...statements: readonly Statement[]): number[] =>
    computedIn(0, statements).map(({ below }) => below.times);

  test("if each run uses it, in whatever loop, once for each axis", () => {
    expect(bounds(loop(store(read(entry(5)))), store(read(entry(5), entry(7))))).toEqual([5, 7]);
  });

  test("not if a condition decides", () => {
    const condition = applyScalar("lt", { kind: "index", affine: axis(0) }, constant(2)) as KernelExpr;
    const guarded = applyScalar("select", condition, read(entry(5)), constant(0)) as KernelExpr;
    expect(bounds(loop(store(guarded)))).toEqual([]);
  });
});

const kernel = (name: string, accesses: readonly SlotAccess[], body: readonly Statement[]): Kernel => ({
  name,
  slots: accesses.map((access, n) => ({ name: `s${n}`, dtype: "float32", access })),
  body,
  computes: [],
});
const buffer = (name: string, segment: Segment): Buffer => ({ name, segment, dtype: "float32", shape: [BATCH] });
const call = (made: Kernel, ...buffers: readonly Buffer[]): Call => ({
  kind: "call",
  kernel: made,
  uses: buffers.map((one) => ({ buffer: one, advance: [] })),
});

describe("calls that look at indices", () => {
  const [table, other, out] = [buffer("table", "parameter"), buffer("other", "parameter"), buffer("out", "output")];
  const updates = (name: string): Kernel => kernel(name, ["update"], [loop(store(constant(1)))]);
  const takes = kernel("take", ["read", "write"], [loop(store(read(entry(5))))]);
  const plain = kernel("copy", ["read", "write"], [loop(store(read()))]);
  const order = (...calls: readonly Call[]): string[] =>
    computedFirst(calls).map((item) => (item.kind === "call" ? item.kernel.name : ""));

  test("are told", () => expect([takes, plain].map(hasComputed)).toEqual([true, false]));

  test("come before parameters change", () => {
    expect(order(call(updates("first"), other), call(takes, table, out))).toEqual(["take", "first"]);
  });

  test("stay behind what they read from", () => {
    expect(order(call(updates("first"), table), call(takes, table, out))).toEqual(["first", "take"]);
  });

  test("without any, nothing moves", () => {
    expect(order(call(updates("first"), other), call(plain, table, out))).toEqual(["first", "copy"]);
  });
});
