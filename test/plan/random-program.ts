// Random programs over workspace buffers: calls and nested loops whose kernels write one buffer and read others.

import fc from "fast-check";
import { PARALLEL, type Kernel, type KernelExpr, type Statement } from "../../compiler/ir/kernel.js";
import type { Buffer, Call, Program, ProgramItem } from "../../compiler/ir/program.js";
import { axis } from "../../src/graph/affine.js";
import { dim } from "../../src/graph/shape.js";
import { applyScalar } from "../../src/scalar/expression.js";

export const CAPACITY = 7;

export const bufferOf = (
  name: string,
  elements: number,
  segment: Buffer["segment"] = "workspace",
  power = 0,
): Buffer => ({
  name,
  segment,
  dtype: "float32",
  shape: [dim(elements, power)],
});

/** An element for element kernel: `to[i] = sum of from[i]`; `shifted` reads of its own elements' neighbours. */
export function callOf(name: string, to: Buffer, from: readonly Buffer[], shifted = false): Call {
  const at = { affine: axis(0), loaded: [] };
  const loads = from.map((_, i): KernelExpr => ({
    kind: "load",
    slot: i + 1,
    at: shifted ? { ...at, affine: axis(0, 2) } : at,
  }));
  const value = loads.reduce<KernelExpr>((sum, load) => applyScalar("add", sum, load), { kind: "constant", value: 1 });
  const body: Statement[] = [
    {
      kind: "loop",
      variable: 0,
      size: to.shape[0]!,
      run: PARALLEL,
      body: [{ kind: "store", slot: 0, at, value, mode: "set" }],
    },
  ];
  const slots = [to, ...from].map(
    (buffer, i) => ({ name: buffer.name, dtype: buffer.dtype, access: i === 0 ? "write" : "read" }) as const,
  );
  const kernel: Kernel = { name, slots, body, computes: [] };
  return { kind: "call", kernel, uses: [to, ...from].map((buffer) => ({ buffer, advance: [] })) };
}

interface Shape {
  readonly elements: number;
  readonly power: number;
  readonly reads: readonly number[];
  readonly shifted: boolean;
  /** Where a loop around the last calls begins: how many of them it holds; 0: none. */
  readonly loop: number;
}

const shapes = fc.array(
  fc.record({
    elements: fc.integer({ min: 1, max: 60 }),
    power: fc.constantFrom(0, 0, 1),
    reads: fc.array(fc.nat({ max: 30 }), { maxLength: 3 }),
    shifted: fc.boolean(),
    loop: fc.constantFrom(0, 0, 0, 2, 3),
  }),
  { minLength: 1, maxLength: 25 },
);

/** Each call writes a buffer of its own and reads earlier ones; some are wrapped in loops. */
export const programs: fc.Arbitrary<Program> = shapes.map((list) => {
  const buffers: Buffer[] = [];
  let items: ProgramItem[] = [];
  list.forEach((shape: Shape, i) => {
    const from = [
      ...new Set(shape.reads.filter((n) => n < buffers.length).map((n) => buffers[buffers.length - 1 - n]!)),
    ];
    const to = bufferOf(`b${i}`, shape.elements, "workspace", shape.power);
    buffers.push(to);
    items.push(callOf(`k${i}`, to, from, shape.shifted));
    if (shape.loop > 0 && items.length >= shape.loop) {
      const body = items.slice(-shape.loop);
      items = [
        ...items.slice(0, -shape.loop),
        { kind: "repeat", loop: { name: `l${i}` }, count: dim(3), reverse: false, body },
      ];
    }
  });
  return { entry: "step", items, notes: [] };
});
