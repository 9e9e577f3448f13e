// What is touched, by hand-made statements.

import { expect, test } from "vitest";
import { accessesOf } from "../../compiler/ir/accesses.js";
import type { KernelExpr, Statement } from "../../compiler/ir/kernel.js";
import { ONE } from "../../src/graph/shape.js";

const index = (times: number): KernelExpr => ({ kind: "index", affine: [{ times, power: 0 }] });
const size = { times: 9, power: 0 };
const local: KernelExpr = { kind: "local", local: 0 };
const bind = (value: KernelExpr): Statement => ({ kind: "let", local: 0, value });
const store: Statement = {
  kind: "store",
  slot: 0,
  at: { affine: [], loaded: [{ stride: ONE, value: local, below: size }] },
  value: index(1),
  mode: "set",
};

test("a local that is bound anew in a block of its own is read as it was bound there", () => {
  const forms = accessesOf([bind(index(3)), store, bind(index(5)), store]).map(({ form }) => form.constant);
  expect(forms).toEqual([[3], [5]]);
  const again = accessesOf([bind(index(3)), store, bind(index(5)), store]);
  expect([...again].reverse().map(({ form }) => form.constant)).toEqual([[5], [3]]);
});
