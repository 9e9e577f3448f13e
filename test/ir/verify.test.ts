// The verifiers of kernels and plans: they accept what the compiler makes and refuse each broken thing.

import { expect, test } from "vitest";
import { OF_SUM } from "../../compiler/3-fuse/position.js";
import { PARALLEL, type Kernel, type Statement } from "../../compiler/ir/kernel.js";
import type { Plan } from "../../compiler/ir/layout.js";
import type { Buffer, Program, ProgramItem } from "../../compiler/ir/program.js";
import { distinctNames } from "../../compiler/ir/distinct.js";
import { verifyPlan, verifyProgram } from "../../compiler/ir/verify/index.js";
import { verifyScope } from "../../compiler/ir/verify/scope.js";
import { callsOf } from "../../compiler/ir/walk.js";
import { axis, type Affine } from "../../src/graph/affine.js";
import { dim } from "../../src/graph/shape.js";

const buffer = (name: string): Buffer => ({ name, segment: "workspace", dtype: "float32", shape: [dim(4)] });

const at = { affine: axis(0), loaded: [] };

const sound: Kernel = {
  name: "copy",
  computes: [],
  slots: [
    { name: "x", dtype: "float32", access: "read" },
    { name: "y", dtype: "float32", access: "write" },
  ],
  body: [
    {
      kind: "loop",
      variable: 0,
      size: dim(4),
      run: PARALLEL,
      body: [{ kind: "store", slot: 1, at, value: { kind: "load", slot: 0, at }, mode: "set" }],
    },
  ],
};

const given = (name: string): Buffer => ({ ...buffer(name), segment: "input" });

const programOf = (kernel: Kernel): Program => ({
  entry: "step",
  items: [{ kind: "call", kernel, uses: kernel.slots.map((slot) => ({ buffer: given(slot.name), advance: [] })) }],
  notes: [],
});

test("a sound kernel passes", () => {
  expect(() => verifyProgram(programOf(sound), "a pass")).not.toThrow();
});

const store = (value: object): Kernel => ({
  ...sound,
  body: [
    {
      kind: "loop",
      variable: 0,
      size: dim(4),
      run: PARALLEL,
      body: [{ kind: "store", slot: 1, at, value, mode: "set" } as never],
    },
  ],
});

test.each([
  ["a local is bound before it is used", store({ kind: "local", local: 3 })],
  ["an accumulator is read when it is done", store({ kind: "accumulator", accumulator: 0 })],
  ["an index counts loops around it", store({ kind: "index", affine: axis(2) })],
  ["a position counts loops around it", store({ kind: "load", slot: 0, at: { affine: axis(1), loaded: [] } })],
  ["a load reads a slot of the kernel", store({ kind: "load", slot: 7, at })],
  [
    "is stored to exactly if its access says so",
    { ...sound, slots: sound.slots.map((s) => ({ ...s, access: "read" as const })) },
  ],
])("%s", (sentence, kernel) => {
  expect(() => verifyProgram(programOf(kernel), "a pass")).toThrow(sentence);
});

test("no two kernels of an entry are called the same; one kernel may be called twice", () => {
  const call = (kernel: Kernel) => programOf(kernel).items[0]!;
  const other = { ...sound };
  expect(() => verifyProgram({ items: [call(sound), call(sound)] }, "a pass")).not.toThrow();
  expect(() => verifyProgram({ items: [call(sound), call(other)] }, "a pass")).toThrow(
    "after a pass, no two kernels of an entry are called copy",
  );
});

test("kernels of one name are numbered, in loops too, and the first keeps it", () => {
  const call = (name: string) => programOf({ ...sound, name }).items[0]!;
  const items = (...names: string[]) => names.map(call);
  const loop = (body: readonly ProgramItem[]): ProgramItem => ({
    kind: "repeat",
    loop: { name: "loop" },
    count: dim(2),
    reverse: false,
    body,
  });
  const namesOf = (list: readonly ProgramItem[]) => callsOf(list).map(({ kernel }) => kernel.name);
  expect(namesOf(distinctNames([...items("a", "b", "a"), loop(items("a", "b"))]))).toEqual([
    "a",
    "b",
    "a2",
    "a3",
    "b2",
  ]);
  expect(namesOf(distinctNames(items("a", "a2", "a", "a2")))).toEqual(["a", "a2", "a3", "a2_2"]);
  const distinct = items("a", "b");
  expect(distinctNames(distinct)).toBe(distinct);
  const twice = [distinct[0]!, distinct[0]!];
  expect(distinctNames(twice)).toBe(twice);
});

test("the workspace is written before it is read", () => {
  const [from, to] = [given("x"), buffer("y")];
  const copy = (a: Buffer, b: Buffer) =>
    ({ kind: "call", kernel: sound, uses: [a, b].map((one) => ({ buffer: one, advance: [] })) }) as const;
  const late = buffer("z");
  expect(() => verifyProgram({ items: [copy(from, to), copy(to, late)] }, "a pass")).not.toThrow();
  expect(() => verifyProgram({ items: [copy(to, late), copy(from, to)] }, "a pass")).toThrow(
    "after a pass, copy reads y, which an earlier call has written",
  );
});

test("a sum's position counts no loop that it was moved out of", () => {
  const summed = (at: Affine): readonly Statement[] => [
    {
      kind: "reduction",
      loops: [{ variable: OF_SUM, size: dim(4) }],
      lets: [],
      accumulators: [
        { accumulator: 0, combiner: "sum", value: { kind: "load", slot: 0, at: { affine: at, loaded: [] } } },
      ],
    },
    {
      kind: "store",
      slot: 1,
      at: { affine: [], loaded: [] },
      value: { kind: "accumulator", accumulator: 0 },
      mode: "set",
    },
  ];
  const kernelOf = (body: readonly Statement[]): Kernel => ({ ...sound, body });
  expect(() => verifyScope(kernelOf(summed(axis(OF_SUM))))).not.toThrow();
  expect(() => verifyScope(kernelOf(summed(axis(0))))).toThrow("a position counts loops around it");
});

test("as many buffers as slots", () => {
  const [call] = programOf(sound).items;
  const short = { ...programOf(sound), items: [{ ...call!, uses: [] } as never] };
  expect(() => verifyProgram(short, "a pass")).toThrow("a buffer for each slot");
});

type Row = readonly [offset: number, bytes: number, first: number, last: number];

/** Of a program that copies the first buffer to the second again and again. */
function planOf(rows: readonly Row[], kernel: Kernel = sound): Plan {
  const workspace = rows.map(([offset, bytes, first, last], i) => ({
    buffer: buffer(`b${i}`),
    offset,
    bytes,
    first,
    last,
  }));
  const uses = workspace.slice(0, 2).map((place) => ({ buffer: place.buffer, advance: [] }));
  const items = Array.from({ length: 6 }, () => ({ kind: "call", kernel, uses }) as const);
  const program: Program = { entry: "step", items, notes: [] };
  const entry = { program, workspace, peak: 0, holders: [] };
  return {
    capacity: 1,
    float: "float32",
    persistent: [],
    entries: [entry],
    workspaceOffset: 64,
    workspaceBytes: 256,
    arenaBytes: 320,
    placeOf: () => workspace[0]!,
  };
}

test.each<[string, Row[]]>([
  [
    "side by side",
    [
      [64, 64, 0, 5],
      [128, 64, 0, 5],
    ],
  ],
  [
    "one after the other",
    [
      [64, 128, 0, 1],
      [64, 64, 2, 3],
      [128, 64, 2, 3],
    ],
  ],
  [
    "taking over in the last reader",
    [
      [64, 64, 0, 2],
      [64, 64, 2, 3],
    ],
  ],
])("memory %s is sound", (_, rows) => {
  expect(() => verifyPlan(planOf(rows))).not.toThrow();
});

test.each<[string, Row[]]>([
  [
    "from above",
    [
      [128, 64, 0, 5],
      [64, 128, 3, 5],
    ],
  ],
  [
    "from below",
    [
      [64, 128, 0, 5],
      [128, 64, 3, 5],
    ],
  ],
  [
    "wholly",
    [
      [64, 256, 0, 5],
      [128, 64, 1, 2],
    ],
  ],
  [
    "in part, in the very call",
    [
      [64, 128, 0, 2],
      [128, 64, 2, 3],
    ],
  ],
])("memory that overlaps %s is refused", (_, rows) => {
  expect(() => verifyPlan(planOf(rows))).toThrow("do not share memory");
});

test("memory outside of the workspace is refused", () => {
  expect(() => verifyPlan(planOf([[0, 64, 0, 1]]))).toThrow("lies in the workspace");
  expect(() => verifyPlan(planOf([[320, 64, 0, 1]]))).toThrow("lies in the workspace");
});
