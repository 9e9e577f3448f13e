// Linking: what is one function, which of its arguments are constants, and which calls are a loop.

import { describe, expect, test } from "vitest";
import { link, type Linked, type LinkedCall, type LinkPolicy } from "../../compiler/5-emit/link.js";
import type { BufferUse, Call, LoopIdentity, Program, ProgramItem } from "../../compiler/ir/program.js";
import type { EntrySpec } from "../../compiler/ir/module.js";
import type { Kernel } from "../../compiler/ir/kernel.js";
import { axis } from "../../src/graph/affine.js";
import { dim } from "../../src/graph/shape.js";
import { applyScalar, constant } from "../../src/scalar/expression.js";
import { load, loop, store } from "../loops/kernels.js";

/** `y = x + uniform(hash(stream, 1))`, or `y = -x`. */
const kernelOf = (name: string, stream?: number): Kernel => ({
  name,
  computes: [],
  slots: [
    { name: "x", dtype: "float32", access: "read" },
    { name: "y", dtype: "float32", access: "write" },
  ],
  body: [
    loop(0, dim(4), [
      store(
        1,
        axis(0),
        stream === undefined
          ? applyScalar("neg", load(0, axis(0)))
          : applyScalar(
              "add",
              load(0, axis(0)),
              applyScalar("uniform", applyScalar("hash", constant(stream), constant(1))),
            ),
      ),
    ]),
  ],
});

/** Buffers are called after the places where they lie. */
const useOf = (place: number, loop?: LoopIdentity): BufferUse => ({
  buffer: { name: String(place), segment: "workspace", dtype: "float32", shape: [dim(4)] },
  advance: loop ? [{ loop, stride: dim(4) }] : [],
});

const callOf = (kernel: Kernel, from: number, to: number, loop?: LoopIdentity): Call => ({
  kind: "call",
  kernel,
  uses: [useOf(from, loop), useOf(to)],
});

const programOf = (entry: string, ...items: readonly ProgramItem[]): Program => ({ entry, items, notes: [] });

function linked(placed: LinkPolicy["placed"], ...programs: readonly Program[]): Linked {
  const names: string[] = [];
  return link(
    { entries: programs.map((program) => ({ program }) as EntrySpec) },
    {
      unique: (name) => `${name}${names.push(name)}`,
      placeOf: ({ buffer }) => Number(buffer.name),
      placed,
    },
  );
}

describe("functions", () => {
  test("kernels that differ in names and streams are one, with the streams as arguments", () => {
    const program = programOf("a", callOf(kernelOf("a", 3), 0, 4), callOf(kernelOf("b", 5), 8, 4));
    const { functions, passagesOf } = linked("calls agree", program);
    expect(functions.map(({ name, hasOwnStreams }) => [name, hasOwnStreams])).toEqual([["a1", false]]);
    const [first, second] = passagesOf(program) as readonly LinkedCall[];
    expect(first!.streams[0]).toEqual({ base: 3, stride: 0 });
    expect(second!.streams[0]).toEqual({ base: 5, stride: 0 });
  });

  test("streams that all calls agree on are constants", () => {
    const { functions } = linked(
      "calls agree",
      programOf("a", callOf(kernelOf("a", 3), 0, 4), callOf(kernelOf("b", 3), 8, 4)),
    );
    expect(functions[0]).toMatchObject({ hasOwnStreams: true, streams: [3, 1] });
  });

  test("places are constants of a function with one call, or where all calls agree", () => {
    const kernel = kernelOf("a");
    const agree = [programOf("a", callOf(kernel, 0, 4)), programOf("b", callOf(kernel, 0, 4))];
    expect(linked("calls agree", ...agree).functions[0]!.places).toEqual([0, 4]);
    expect(linked("called once", ...agree).functions[0]!.places).toBeUndefined();
    expect(linked("called once", agree[0]!).functions[0]!.places).toEqual([0, 4]);
    expect(linked("calls agree", agree[0]!, programOf("b", callOf(kernel, 0, 8))).functions[0]!.places).toBeUndefined();
  });

  test("a buffer that advances with a loop has no place", () => {
    const time: LoopIdentity = { name: "time" };
    const body = [callOf(kernelOf("a"), 0, 4, time)];
    const program = programOf("a", { kind: "repeat", loop: time, count: dim(3), reverse: false, body });
    const { functions, passagesOf } = linked("called once", program);
    expect(functions[0]!.places).toBeUndefined();
    expect(passagesOf(program)).toMatchObject([{ kind: "repeat", body: [{ kind: "call" }] }]);
  });
});

describe("passages", () => {
  const kernels = [kernelOf("a", 1), kernelOf("b")] as const;

  test("equal stretches are a run, whose places are series", () => {
    const calls = Array.from({ length: 20 }, (_, turn) => callOf(kernels[turn % 2]!, 8 * turn, 4));
    const program = programOf("a", ...calls);
    const [run, ...others] = linked("calls agree", program).passagesOf(program);
    expect(others).toEqual([]);
    if (run?.kind !== "run") throw new Error("it is a run");
    expect(run).toMatchObject({ count: 10, calls: [{ turns: { length: 10 } }, { turns: { length: 10 } }] });
    expect(run.calls.map(({ places }) => places)).toEqual([
      [
        { base: 0, stride: 16 },
        { base: 4, stride: 0 },
      ],
      [
        { base: 8, stride: 16 },
        { base: 4, stride: 0 },
      ],
    ]);
    expect(run.calls.map(({ next }) => next)).toEqual([calls[1], undefined]);
  });

  test("numbers without a rule are listed", () => {
    const program = programOf("a", ...Array.from({ length: 14 }, (_, turn) => callOf(kernels[1], turn ** 2, 4)));
    const [run] = linked("calls agree", program).passagesOf(program);
    if (run?.kind !== "run") throw new Error("it is a run");
    expect(run.calls[0]!.places[0]).toEqual({ values: Array.from({ length: 14 }, (_, turn) => turn ** 2) });
  });

  test("a few calls stay calls, each of which knows the next", () => {
    const calls = [callOf(kernels[0], 0, 4), callOf(kernels[1], 4, 8)];
    const program = programOf("a", ...calls);
    const passages = linked("calls agree", program).passagesOf(program);
    expect(passages).toMatchObject([
      { kind: "call", next: calls[1] },
      { kind: "call", next: undefined },
    ]);
  });
});
