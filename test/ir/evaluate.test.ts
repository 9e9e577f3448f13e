// What programs mean: loops, sums, looked-up positions, advancing buffers, and accesses that no kernel should make.

import { describe, expect, test } from "vitest";
import { runProgram, type Elements, type WrongAccess } from "../../compiler/ir/evaluate.js";
import {
  PARALLEL,
  type Kernel,
  type KernelExpr,
  type KernelLeaf,
  type Position,
  type SlotLoad,
  type Statement,
} from "../../compiler/ir/kernel.js";
import type { Buffer, BufferUse, ProgramItem } from "../../compiler/ir/program.js";
import { addAffine, axis, offset, type Affine } from "../../src/graph/affine.js";
import { BATCH, dim } from "../../src/graph/shape.js";
import { applyScalar } from "../../src/scalar/expression.js";

const at = (affine: Affine, ...loaded: Position["loaded"]): Position => ({ affine, loaded });
const load = (slot: number, affine: Affine, fresh?: true): SlotLoad => ({
  kind: "load",
  slot,
  at: at(affine),
  ...(fresh && { fresh }),
});
const loop = (variable: number, size: typeof BATCH, ...body: Statement[]): Statement => ({
  kind: "loop",
  variable,
  size,
  run: PARALLEL,
  body,
});
const store = (slot: number, affine: Affine, value: KernelExpr, mode: "set" | "add" = "set"): Statement => ({
  kind: "store",
  slot,
  at: at(affine),
  value,
  mode,
});

const buffer = (name: string, dtype: Buffer["dtype"] = "float32"): Buffer => ({
  name,
  segment: "workspace",
  dtype,
  shape: [],
});

interface Ran {
  readonly memory: readonly Elements[];
  readonly wrong: readonly WrongAccess[];
}

/** Runs one kernel over buffers of the given values, the first slot first. */
function run(
  body: readonly Statement[],
  values: readonly Elements[],
  around?: (call: ProgramItem, uses: BufferUse[]) => ProgramItem,
): Ran {
  const buffers = values.map((_, i) => buffer(`b${i}`));
  const kernel: Kernel = {
    name: "k",
    slots: buffers.map(({ name, dtype }) => ({ name, dtype, access: "update" })),
    body,
    computes: [],
  };
  const uses: BufferUse[] = buffers.map((one) => ({ buffer: one, advance: [] }));
  const call: ProgramItem = { kind: "call", kernel, uses };
  const wrong: WrongAccess[] = [];
  const memory = values.map((list) => list.slice());
  runProgram([around ? around(call, uses) : call], {
    rows: 3,
    memory: (one) => memory[buffers.indexOf(one)]!,
    wrong: (access) => void wrong.push(access),
  });
  return { memory, wrong };
}

const f = (...numbers: number[]): Float64Array => Float64Array.from(numbers);

test("loops of rows, sums over loops, locals and sizes", () => {
  const sum: Statement = {
    kind: "reduction",
    loops: [{ variable: 1, size: dim(2) }],
    lets: [{ kind: "let", local: 0, value: load(0, addAffine(axis(0, 2), axis(1))) }],
    accumulators: [
      {
        accumulator: 0,
        combiner: "sum",
        value: applyScalar("mul", { kind: "local", local: 0 }, { kind: "local", local: 0 }),
      },
    ],
  };
  const value = applyScalar("div", { kind: "accumulator", accumulator: 0 }, { kind: "size", dim: BATCH });
  const { memory, wrong } = run([loop(0, BATCH, sum, store(1, axis(0), value))], [f(1, 2, 3, 4, 5, 6), f(0, 0, 0)]);
  expect([...memory[1]!]).toEqual([5 / 3, 25 / 3, 61 / 3]);
  expect(wrong).toEqual([]);
});

test("positions that look integers up, and stores that add", () => {
  const gathered = at([], { stride: dim(1), value: load(1, axis(0)), below: dim(3) });
  const body = loop(0, dim(4), { kind: "store", slot: 0, at: gathered, value: load(2, axis(0)), mode: "add" });
  expect([...run([body], [f(0, 0, 0), Int32Array.of(2, 0, 2, 1), f(1, 2, 3, 4)]).memory[0]!]).toEqual([2, 4, 4]);
});

test.each([
  ["max", [2, 4, 3]],
  ["min", [0, 0, -1]],
] as const)("stores that keep the %s", (mode, wanted) => {
  const gathered = at([], { stride: dim(1), value: load(1, axis(0)), below: dim(3) });
  const body = loop(0, dim(4), { kind: "store", slot: 0, at: gathered, value: load(2, axis(0)), mode });
  expect([...run([body], [f(0, 0, 0), Int32Array.of(2, 0, 2, 1), f(-1, 2, 3, 4)]).memory[0]!]).toEqual(wanted);
});

test("buffers advance with the loop around the call, last first where it is reversed", () => {
  const identity = { name: "time" };
  const around = (call: ProgramItem, uses: BufferUse[]): ProgramItem => {
    const advance = [{ loop: identity, stride: dim(1) }];
    const moved = uses.map((use, i) => (i < 2 ? { ...use, advance } : use));
    return {
      kind: "repeat",
      loop: identity,
      count: dim(3),
      reverse: true,
      body: [{ ...(call as Extract<ProgramItem, { kind: "call" }>), uses: moved }],
    };
  };
  // A running sum from the end.
  const next = applyScalar("add", load(2, []), load(0, []));
  const body: Statement[] = [
    { kind: "let", local: 0, value: next },
    store(1, [], { kind: "local", local: 0 }),
    store(2, [], { kind: "local", local: 0 }),
  ];
  const { memory } = run(body, [f(1, 2, 4), f(0, 0, 0), f(0)], around);
  expect([...memory[1]!]).toEqual([7, 6, 4]);
});

describe("wrong accesses", () => {
  test("outside: a load is NaN, a store is lost", () => {
    const one = addAffine(axis(0), offset(1));
    const { memory, wrong } = run([loop(0, BATCH, store(1, one, load(0, one)))], [f(1, 2, 3), f(0, 0, 0)]);
    expect([...memory[1]!]).toEqual([0, 2, 3]);
    expect(wrong.map(({ kind, buffer: name, element }) => [kind, name, element])).toEqual([
      ["outside", "b0", 3],
      ["outside", "b1", 3],
    ]);
  });

  test("a branch that is not taken accesses nothing", () => {
    const index: KernelExpr = { kind: "index", affine: axis(0) };
    const value = applyScalar<KernelLeaf>(
      "select",
      applyScalar("lt", index, { kind: "constant", value: 2 }),
      load(0, addAffine(axis(0), offset(1))),
      { kind: "constant", value: 9 },
    );
    const { memory, wrong } = run([loop(0, BATCH, store(1, axis(0), value))], [f(1, 2, 3), f(0, 0, 0)]);
    expect([...memory[1]!]).toEqual([2, 3, 9]);
    expect(wrong).toEqual([]);
  });

  test("what the kernel has stored is seen by loads that say so alone", () => {
    const body = (fresh?: true): Statement[] => [
      store(0, [], { kind: "constant", value: 5 }),
      store(1, [], load(0, [], fresh)),
    ];
    expect(run(body(true), [f(1), f(0)])).toMatchObject({ wrong: [], memory: [f(5), f(5)] });
    expect(run(body(), [f(1), f(0)]).wrong.map(({ kind }) => kind)).toEqual(["overwritten"]);
  });
});
