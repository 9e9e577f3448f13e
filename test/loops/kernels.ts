// Kernels for tests of the passes over loops.

import { machineOf, type LoopContext, type LoopPass } from "../../compiler/4-loops/index.js";
import { runPass } from "../../compiler/4-loops/index.js";
import type { TargetName } from "../../compiler/ir/choices.js";
import {
  PARALLEL,
  type Kernel,
  type KernelExpr,
  type Loop,
  type Run,
  type Statement,
} from "../../compiler/ir/kernel.js";
import type { Buffer, Call, Program } from "../../compiler/ir/program.js";
import { verifyProgram } from "../../compiler/ir/verify/index.js";
import { callsOf } from "../../compiler/ir/walk.js";
import { addAffine, axis, type Affine } from "../../src/graph/affine.js";
import { BATCH, dim, type Dim, type Shape } from "../../src/graph/shape.js";
import { applyScalar } from "../../src/scalar/expression.js";

const CAPACITY = 32;

export const contextFor = (target: TargetName): LoopContext => ({
  machine: machineOf(target, "float32"),
  float: "float32",
  capacity: CAPACITY,
  schedule: undefined,
});

export const loop = (variable: number, size: Dim, body: readonly Statement[], run: Run = PARALLEL): Loop => ({
  kind: "loop",
  variable,
  size,
  run,
  body,
});

export const load = (slot: number, affine: Affine): KernelExpr => ({ kind: "load", slot, at: { affine, loaded: [] } });

export const store = (slot: number, affine: Affine, value: KernelExpr): Statement => ({
  kind: "store",
  slot,
  at: { affine, loaded: [] },
  value,
  mode: "set",
});

const [ROWS, COLUMNS, TERMS] = [BATCH, dim(24), dim(40)];

/** `y = x · w`: rows of the batch, 24 columns, 40 terms. */
export const product: Statement = loop(0, ROWS, [
  loop(1, COLUMNS, [
    {
      kind: "reduction",
      loops: [{ variable: 2, size: TERMS }],
      lets: [],
      accumulators: [
        {
          accumulator: 0,
          combiner: "sum",
          value: applyScalar("mul", load(0, addAffine(axis(0, 40), axis(2))), load(1, addAffine(axis(1), axis(2, 24)))),
        },
      ],
    },
    store(2, addAffine(axis(0, 24), axis(1)), { kind: "accumulator", accumulator: 0 }),
  ]),
]);

const buffer = (name: string, segment: Buffer["segment"], shape: Shape): Buffer => ({
  name,
  segment,
  dtype: "float32",
  shape,
});

/** Slots: x [batch, 40], w [40, 24], y [batch, 24]. */
export function callOf(body: readonly Statement[]): Call {
  const buffers = [
    buffer("x", "input", [ROWS, TERMS]),
    buffer("w", "parameter", [TERMS, COLUMNS]),
    buffer("y", "output", [ROWS, COLUMNS]),
  ];
  const kernel: Kernel = {
    name: "product",
    slots: buffers.map(({ name }, n) => ({ name, dtype: "float32", access: n === 2 ? "write" : "read" })),
    body,
    computes: [],
  };
  return { kind: "call", kernel, uses: buffers.map((one) => ({ buffer: one, advance: [] })) };
}

/** The kernel after the passes, each of which is verified. */
export function after(passes: readonly LoopPass[], call: Call, context: LoopContext): Kernel {
  verifyProgram({ items: [call] }, "fuse");
  const programs = passes.reduce<readonly Pick<Program, "items">[]>(
    (all, pass) => runPass(pass, all, context),
    [{ items: [call] }],
  );
  const { items } = programs[0]!;
  verifyProgram({ items }, "all passes");
  return callsOf(items)[0]!.kernel;
}
