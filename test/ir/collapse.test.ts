// Loops become one exactly where every access allows it.

import { expect, test } from "vitest";
import { collapse } from "../../compiler/4-loops/collapse.js";
import { SCALAR } from "../../compiler/4-loops/machines/scalar.js";
import { PARALLEL, type Kernel, type Loop, type SlotLoad, type Statement } from "../../compiler/ir/kernel.js";
import { printProgram } from "../../compiler/ir/print.js";
import { addAffine, axis, type Affine } from "../../src/graph/affine.js";
import { BATCH, dim, type Dim } from "../../src/graph/shape.js";
import { applyScalar } from "../../src/scalar/expression.js";

const load = (slot: number, affine: Affine): SlotLoad => ({ kind: "load", slot, at: { affine, loaded: [] } });
const loop = (variable: number, size: Dim, body: readonly Statement[]): Loop => ({
  kind: "loop",
  variable,
  size,
  run: PARALLEL,
  body,
});
const store = (affine: Affine, value: SlotLoad): Statement => ({
  kind: "store",
  slot: 1,
  at: { affine, loaded: [] },
  value: applyScalar("neg", value),
  mode: "set",
});

const shown = (body: readonly Statement[]): string => {
  const slots = ["x", "y", "z"].map((name) => ({ name, dtype: "float32", access: "read" }) as const);
  const context = { machine: SCALAR, float: "float32", capacity: 4, schedule: undefined } as const;
  const kernel: Kernel = collapse.run({ name: "k", slots, body, computes: [] }, context);
  return printProgram({ entry: "e", items: [{ kind: "call", kernel, uses: [] }], notes: [] });
};

const at = (a: number, b: number): Affine => addAffine(axis(0, a), axis(1, b));

test("row after row is one row", () => {
  const nest = (from: Affine, to: Affine): Statement[] => [
    loop(0, BATCH, [loop(1, dim(6), [store(to, load(0, from))])]),
  ];
  expect(shown(nest(at(6, 1), at(6, 1)))).toMatchInlineSnapshot(`
    "entry e
      kernel k (read x, read y, read z)
        for i0 < 6*batch (parallel):
          y[i0] = -x[i0]"
  `);
  expect(shown(nest(at(12, 2), at(6, 1)))).toMatchInlineSnapshot(`
    "entry e
      kernel k (read x, read y, read z)
        for i0 < 6*batch (parallel):
          y[i0] = -x[2*i0]"
  `);
  // Rows with something between them, and a value for each column.
  expect(shown(nest(at(7, 1), at(6, 1)))).toMatch(/i1 < 6/);
  expect(shown(nest(axis(1), at(6, 1)))).toMatch(/i1 < 6/);
});

test("of three summed loops the two that follow each other", () => {
  const left = addAffine(axis(0, 40), axis(1, 6), axis(2, 1));
  const right = addAffine(axis(0, 30), axis(1, 6), axis(2, 1));
  const loops = [5, 5, 6].map((size, variable) => ({ variable, size: dim(size) }));
  const value = applyScalar("mul", load(0, left), load(2, right));
  const sums: Statement = {
    kind: "reduction",
    loops,
    lets: [],
    accumulators: [{ accumulator: 0, combiner: "sum", value }],
  };
  const total: Statement = { ...store([], load(0, [])), value: { kind: "accumulator", accumulator: 0 } } as Statement;
  expect(shown([sums, total])).toMatchInlineSnapshot(`
    "entry e
      kernel k (read x, read y, read z)
        a0 = sum over i0 < 5, i1 < 30 of x[40*i0 + i1] * z[30*i0 + i1]
        y[0] = a0"
  `);
});

test("a statement between two loops keeps them apart", () => {
  const inner = loop(1, dim(6), [store(at(6, 1), load(0, at(6, 1)))]);
  expect(shown([loop(0, BATCH, [{ kind: "let", local: 0, value: load(2, axis(0)) }, inner])])).toMatch(/i1 < 6/);
});
