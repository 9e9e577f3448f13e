// How kernels and programs read.

import { describe, expect, test } from "vitest";
import { PARALLEL, type Kernel, type KernelExpr, type Position } from "../../compiler/ir/kernel.js";
import { printProgram } from "../../compiler/ir/print.js";
import { callsOf, forEachLeaf, storesOf } from "../../compiler/ir/walk.js";
import { addAffine, axis, offset, type Affine } from "../../src/graph/affine.js";
import { BATCH, dim } from "../../src/graph/shape.js";
import { applyScalar } from "../../src/scalar/expression.js";

const load = (slot: number, affine: Affine): KernelExpr => ({ kind: "load", slot, at: { affine, loaded: [] } });

const printed = (made: Kernel): string =>
  printProgram({ entry: "e", items: [{ kind: "call", kernel: made, uses: [] }], notes: [] });

const kernel: Kernel = {
  name: "rows",
  computes: [],
  slots: [
    { name: "x", dtype: "float32", access: "read" },
    { name: "id", dtype: "int32", access: "read" },
    { name: "y", dtype: "float32", access: "accumulate" },
  ],
  body: [
    {
      kind: "let",
      local: 0,
      value: applyScalar("div", { kind: "constant", value: 1 }, { kind: "size", dim: dim(2, 1) }),
    },
    {
      kind: "loop",
      variable: 0,
      size: BATCH,
      run: PARALLEL,
      body: [
        {
          kind: "reduction",
          loops: [{ variable: 1, size: dim(4) }],
          lets: [{ kind: "let", local: 1, value: load(0, addAffine(axis(0, 4), axis(1))) }],
          accumulators: [
            {
              accumulator: 0,
              combiner: "sum",
              value: applyScalar("mul", { kind: "local", local: 1 }, { kind: "local", local: 1 }),
            },
            { accumulator: 1, combiner: "max", value: { kind: "local", local: 1 } },
          ],
        },
        {
          kind: "store",
          slot: 2,
          at: { affine: [], loaded: [{ stride: dim(3), value: load(1, axis(0)), below: dim(4) }] },
          value: applyScalar(
            "add",
            { kind: "accumulator", accumulator: 0 },
            { kind: "index", affine: addAffine(axis(0, 2), offset(1)) },
          ),
          mode: "add",
        },
      ],
    },
  ],
};

describe("printing", () => {
  test("a kernel", () => {
    expect(printed(kernel)).toMatchInlineSnapshot(`
      "entry e
        kernel rows (read x, read id, accumulate y)
          t0 = 1 / (2*batch)
          for i0 < batch (parallel):
            over i1 < 4:
              t1 = x[4*i0 + i1]
            a0 = sum over i1 < 4 of t1 * t1
            a1 = max over i1 < 4 of t1
            y[3*(id[i0])] += a0 + (2*i0 + 1)"
    `);
  });

  test("a program, with its loops and its notes", () => {
    const call = { kind: "call", kernel: { ...kernel, body: [] }, uses: [] } as const;
    const loop = { name: "time" };
    const inner = { kind: "repeat", loop, count: dim(1, 1), reverse: false, body: [call] } as const;
    const outer = { kind: "repeat", loop, count: dim(5), reverse: true, body: [call, inner] } as const;
    const program = { entry: "step", items: [call, outer], notes: ["w waits"] };
    expect(printProgram(program)).toMatchInlineSnapshot(`
      "entry step
        note: w waits
        kernel rows (read x, read id, accumulate y)
        repeat 5 times, last first:
          kernel rows (read x, read id, accumulate y)
          repeat batch times:
            kernel rows (read x, read id, accumulate y)"
    `);
    expect(callsOf(program.items)).toHaveLength(3);
  });

  test.each([
    [[], "0"],
    [addAffine(axis(1), axis(0, 784)), "784*i0 + i1"],
    [addAffine(axis(0, 3), offset(-1)), "3*i0 - 1"],
    [addAffine(axis(0, -1), offset(9)), "-i0 + 9"],
    [addAffine(axis(0, 2, 1), offset(1, 1)), "2*batch*i0 + batch"],
  ])("position %#", (affine, text) => {
    const here: Position = { affine, loaded: [] };
    const store = { kind: "store", slot: 2, at: here, value: { kind: "index", affine: axis(0) }, mode: "set" } as const;
    expect(printed({ ...kernel, body: [store] })).toContain(`y[${text}] = i0`);
  });
});

describe("walking", () => {
  test("visits each leaf once, those in gathered positions too", () => {
    const gathered: KernelExpr = {
      kind: "load",
      slot: 0,
      at: { affine: [], loaded: [{ stride: dim(3), value: load(1, axis(0)), below: dim(4) }] },
    };
    const seen: string[] = [];
    forEachLeaf(applyScalar("mul", gathered, applyScalar("add", gathered, { kind: "constant", value: 2 })), (leaf) =>
      seen.push(leaf.kind === "load" ? kernel.slots[leaf.slot]!.name : leaf.kind),
    );
    expect(seen).toEqual(["x", "id"]);
  });

  test("finds stores in loops", () => {
    expect(storesOf(kernel.body).map((store) => store.mode)).toEqual(["add"]);
  });
});
