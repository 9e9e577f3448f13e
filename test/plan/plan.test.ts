// The memory plan's own promises, on random programs: running a program on its planned arena gives what running it on
// memory that is never shared gives, and no two live buffers overlap.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { intervalsOf } from "../../compiler/4-plan/liveness.js";
import { plan } from "../../compiler/4-plan/plan.js";
import { memoryTable } from "../../compiler/4-plan/table.js";
import type { KernelExpr, Loop, Store } from "../../compiler/ir/kernel.js";
import { ARRAY_BUFFER, type Plan } from "../../compiler/ir/layout.js";
import type { Buffer, Call, Program, ProgramItem } from "../../compiler/ir/program.js";
import { callsOf } from "../../compiler/ir/walk.js";
import { evaluateDim } from "../../src/graph/shape.js";
import { bufferOf, callOf, CAPACITY, programs } from "./random-program.js";

const SEED = 20_260_101;
const parameters = { seed: SEED, numRuns: 150 };

const planned = (program: Program, kept: readonly Buffer[] = []): Plan =>
  plan([program], kept, { capacity: CAPACITY, float: "float32", memory: ARRAY_BUFFER });

/** Calls in the order in which they run, loops unrolled. */
function trace(items: readonly ProgramItem[]): Call[] {
  return items.flatMap((item) =>
    item.kind === "call" ? [item] : Array.from({ length: item.count.times }, () => trace(item.body)).flat(),
  );
}

/** Runs the program; `cell` says which memory an element of a buffer is. Returns what each call wrote. */
function run(program: Program, cell: (buffer: Buffer, index: number) => string): number[][] {
  const memory = new Map<string, number>();
  return trace(program.items).map((call, time) => {
    const [to, ...from] = call.uses.map((use) => use.buffer);
    const store = (call.kernel.body[0] as Loop).body[0] as Store;
    const stride = strideOf(store.value);
    const count = evaluateDim(to!.shape[0]!, CAPACITY);
    return Array.from({ length: count }, (_, i) => {
      const sum = from.reduce((s, buffer) => s + (memory.get(cell(buffer, (i * stride) % sizeOf(buffer))) ?? 0), time);
      memory.set(cell(to!, i), sum);
      return sum;
    });
  });
}

const sizeOf = (buffer: Buffer): number => evaluateDim(buffer.shape[0]!, CAPACITY);

function strideOf(value: KernelExpr): number {
  if ("args" in value) return Math.max(...value.args.map((arg) => strideOf(arg as KernelExpr)));
  return value.kind === "load" ? value.at.affine[0]!.times : 1;
}

const sharedMemory = (program: Program, layout: Plan) => {
  return (buffer: Buffer, index: number): string => String(layout.placeOf(buffer, program).offset + 4 * index);
};

const ids = new Map<Buffer, number>();
const ownMemory = (buffer: Buffer, index: number): string => {
  if (!ids.has(buffer)) ids.set(buffer, ids.size);
  return `${ids.get(buffer)}:${index}`;
};

describe("a workspace", () => {
  test(`gives the same numbers as memory that nothing shares (seed ${SEED})`, () => {
    fc.assert(
      fc.property(programs, (program) => {
        const layout = planned(program);
        expect(run(program, sharedMemory(program, layout))).toEqual(run(program, ownMemory));
      }),
      parameters,
    );
  });

  test(`has no two live buffers that overlap, but where one takes over the other's memory (seed ${SEED})`, () => {
    fc.assert(
      fc.property(programs, (program) => {
        expectNoOverlap(program, planned(program));
      }),
      parameters,
    );
  });

  test("control: buffers in one place are found by both checks", () => {
    const [a, b, c] = [bufferOf("a", 8), bufferOf("b", 8), bufferOf("c", 8)];
    const items = [callOf("1", a, []), callOf("2", b, []), callOf("3", c, [a, b])];
    const program: Program = { entry: "step", items, notes: [] };
    const layout = planned(program);
    expectNoOverlap(program, layout);
    const place = layout.placeOf(a, program);
    const entry = layout.entries[0]!;
    const broken: Plan = {
      ...layout,
      placeOf: (buffer) => ({ ...place, buffer }),
      entries: [{ ...entry, workspace: entry.workspace.map((p) => ({ ...p, offset: place.offset })) }],
    };
    expect(() => expectNoOverlap(program, broken)).toThrow(/a and b/);
    expect(run(program, sharedMemory(program, broken))).not.toEqual(run(program, ownMemory));
  });

  test("what ends makes room: a chain of equal buffers needs two of them at most", () => {
    const buffers = Array.from({ length: 12 }, (_, i) => bufferOf(`b${i}`, 16));
    const chain = (shifted: boolean): Program => ({
      entry: "step",
      items: buffers.map((buffer, i) => callOf(`k${i}`, buffer, i === 0 ? [] : [buffers[i - 1]!], shifted)),
      notes: [],
    });
    expect(planned(chain(true)).workspaceBytes).toBe(128);
    // Element for element the next takes over the last one's memory.
    expect(planned(chain(false)).workspaceBytes).toBe(64);
  });

  test("stretches that become free side by side are one", () => {
    const [a, b, big, end] = [bufferOf("a", 16), bufferOf("b", 16), bufferOf("big", 32), bufferOf("end", 1)];
    const items = [callOf("1", a, []), callOf("2", b, [a], true), callOf("3", end, [a, b], true), callOf("4", big, [])];
    const program: Program = {
      entry: "step",
      items: [...items, callOf("5", bufferOf("last", 1), [big, end], true)],
      notes: [],
    };
    expect(planned(program).placeOf(big, program).offset).toBe(0);
  });

  test("what a loop reads stays until its end, and what it carries lives throughout", () => {
    const [before, inside, carried, after] = ["before", "inside", "carried", "after"].map((name) => bufferOf(name, 16));
    const loop: ProgramItem = {
      kind: "repeat",
      loop: { name: "time" },
      count: { times: 4, power: 0 },
      reverse: false,
      body: [callOf("a", inside!, [before!], true), callOf("b", carried!, [inside!], true)],
    };
    const items: ProgramItem[] = [callOf("first", before!, []), loop, callOf("last", after!, [carried!], true)];
    const intervals = new Map(
      intervalsOf({ entry: "step", items, notes: [] }).map((i) => [i.buffer.name, [i.first, i.last]]),
    );
    expect(Object.fromEntries(intervals)).toEqual({ before: [0, 2], inside: [1, 2], carried: [1, 3], after: [3, 3] });
  });
});

describe("an arena", () => {
  const persistent = [bufferOf("x", 3, "input"), bufferOf("w", 5, "parameter"), bufferOf("y", 2, "output", 1)];
  const work = bufferOf("h", 9);
  const program: Program = {
    entry: "predict",
    items: [callOf("k", work, persistent.slice(0, 2)), callOf("l", persistent[2]!, [work])],
    notes: [],
  };

  test("begins with persistent buffers, on borders of 64 bytes, and ends with the workspace", () => {
    const layout = planned(program, persistent);
    expect(layout.persistent.map(({ buffer, offset, bytes }) => [buffer.name, offset, bytes])).toEqual([
      ["x", 0, 12],
      ["w", 64, 20],
      ["y", 128, 56],
    ]);
    expect([layout.workspaceOffset, layout.workspaceBytes, layout.arenaBytes]).toEqual([192, 36, 256]);
  });

  test("shares the workspace between entries", () => {
    const other: Program = { entry: "other", items: [callOf("m", bufferOf("g", 10), [])], notes: [] };
    const layout = plan([program, other], persistent, { capacity: CAPACITY, float: "float64", memory: ARRAY_BUFFER });
    expect(layout.workspaceBytes).toBe(80);
    expect(memoryTable(layout).entries.map((entry) => entry.peak)).toEqual([128, 128]);
  });

  test("keeps what no entry touches, and refuses what is larger than the budget", () => {
    expect(planned(program, [...persistent, bufferOf("s", 4, "state")]).persistent.map((p) => p.buffer.name)).toContain(
      "s",
    );
    const huge = bufferOf("huge", 2 ** 30, "parameter");
    expect(() => planned(program, [huge])).toThrow(/bytes/);
  });
});

function expectNoOverlap(program: Program, layout: Plan): void {
  const order = callsOf(program.items);
  for (const entry of layout.entries) {
    entry.workspace.forEach((one, i) => {
      expect(one.offset % 64).toBe(0);
      expect(one.offset).toBeGreaterThanOrEqual(layout.workspaceOffset);
      expect(one.offset + one.bytes).toBeLessThanOrEqual(layout.arenaBytes);
      for (const other of entry.workspace.slice(i + 1)) {
        if (one.last < other.first || other.last < one.first) continue;
        if (one.offset + one.bytes <= other.offset || other.offset + other.bytes <= one.offset) continue;
        // One may end in the very call that begins the other, with which it agrees element for element.
        const [early, late] = one.first <= other.first ? [one, other] : [other, one];
        const call = order[late.first]!;
        const store = (call.kernel.body[0] as Loop).body[0] as Store;
        const takesOver =
          early.last === late.first &&
          early.offset === late.offset &&
          early.bytes === late.bytes &&
          strideOf(store.value) === 1;
        if (!takesOver) throw new Error(`${early.buffer.name} and ${late.buffer.name} overlap`);
      }
    });
  }
}
