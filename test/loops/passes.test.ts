// What each pass over loops makes of kernels, and that what it makes is refused where it is wrong.

import { describe, expect, test } from "vitest";
import { LOOP_PASSES, type LoopPass } from "../../compiler/4-loops/index.js";
import { marked, withBody, withRun, withSumRun } from "../../compiler/4-loops/marks.js";
import { printKernel } from "../../compiler/ir/print.js";
import { SERIAL, type Kernel, type Statement } from "../../compiler/ir/kernel.js";
import { addAffine, axis, offset } from "../../src/graph/affine.js";
import { BATCH, dim } from "../../src/graph/shape.js";
import { after, callOf, contextFor, load, loop, product, store } from "./kernels.js";

const passNamed = (name: string): LoopPass => LOOP_PASSES.find((pass) => pass.name === name)!;

describe("a product", () => {
  test("on vectors with threads: shared, tiled, packed", () => {
    const kernel = after(LOOP_PASSES, callOf([product]), contextFor("wasm"));
    expect(printKernel(kernel)[1]).toBe("  for i0 < batch (parallel, shared, tile 4 x 8, packed):");
    expect(kernel.fused).toEqual([product]);
  });

  test("on scalars: a tile of sixteen sums, one thread", () => {
    const kernel = after(LOOP_PASSES, callOf([product]), contextFor("typescript"));
    expect(printKernel(kernel)[1]).toBe("  for i0 < batch (parallel, tile 4 x 4):");
  });

  test("in doubles it is left to threads alone", () => {
    const kernel = after(LOOP_PASSES, callOf([product]), {
      ...contextFor("wasm"),
      machine: { name: "wasm", memory: contextFor("wasm").machine.memory },
    });
    expect(printKernel(kernel)[1]).toBe("  for i0 < batch (parallel):");
    const body = after([passNamed("divide")], callOf([product]), contextFor("wasm")).body;
    expect(body[0]).toMatchObject({ run: { order: "parallel", shared: { parts: 1 } } });
  });
});

describe("sums and elements", () => {
  const sum = (terms: number): Statement => ({
    kind: "reduction",
    loops: [{ variable: 1, size: dim(terms) }],
    lets: [],
    accumulators: [{ accumulator: 0, combiner: "sum", value: load(0, axis(1)) }],
  });

  test("a loop over neighbours runs in lanes", () => {
    const copy = loop(0, BATCH, [
      loop(1, dim(24), [store(2, addAffine(axis(0, 24), axis(1)), load(0, addAffine(axis(0, 40), axis(1))))]),
    ]);
    const kernel = after(LOOP_PASSES, callOf([copy]), contextFor("wasm"));
    expect(printKernel(kernel).slice(1, 3)).toEqual([
      "  for i0 < batch (parallel, shared):",
      "    for i1 < 24 (parallel, 4 lanes):",
    ]);
  });

  test("a long sum runs in lanes, in parts", () => {
    const { vectors } = contextFor("wasm").machine;
    const kernel: Kernel = {
      ...callOf([]).kernel,
      body: [sum(8192), store(2, offset(0), { kind: "accumulator", accumulator: 0 })],
    };
    const run = ["vectorize", "partial-sums"].reduce((k, name) => passNamed(name).run(k, contextFor("wasm")), kernel);
    expect(run.body[0]).toMatchObject({
      run: { lanes: { variable: 1, count: vectors!.lanes }, parts: vectors!.part * vectors!.lanes },
    });
    const short: Kernel = { ...kernel, body: [sum(64), kernel.body[1]!] };
    expect(
      passNamed("partial-sums").run(passNamed("vectorize").run(short, contextFor("wasm")), contextFor("wasm")).body[0],
    ).not.toHaveProperty("run.parts");
  });
});

/** A pass that does what a right one does, and then something else. */
const spoiled = (name: string, spoil: (kernel: Kernel) => Kernel): LoopPass => {
  const pass = passNamed(name);
  return { ...pass, run: (kernel, context) => spoil(pass.run(kernel, context)) };
};

describe("negative controls: what is wrong after a pass is named", () => {
  const copy = (from: number): Statement =>
    loop(0, BATCH, [
      loop(1, dim(24), [
        store(2, addAffine(axis(0, 24), axis(1)), load(0, addAffine(axis(0, 40), axis(1), offset(from)))),
      ]),
    ]);
  const refused = (pass: LoopPass, statement: Statement = product, target: "typescript" | "wasm" = "wasm"): string => {
    try {
      after([pass], callOf([statement]), contextFor(target));
    } catch (error) {
      return (error as Error).message;
    }
    return "nothing";
  };
  const everyLoop = (kernel: Kernel, change: Parameters<typeof withRun>[1]): Kernel =>
    withBody(
      kernel,
      marked(kernel.body, (s) => (s.kind === "loop" ? withRun(s, change) : undefined)),
    );

  test("divide: a serial loop is not shared", () => {
    const serial = loop(0, BATCH, (product as { body: readonly Statement[] }).body, SERIAL);
    const pass = spoiled("divide", (kernel) => everyLoop(kernel, { shared: { parts: 1, fromRows: 1 } }));
    expect(refused(pass, serial)).toMatch(/after divide, in kernel product, threads share a kernel's one outer loop/);
  });

  test("collapse, unroll: an element that lies elsewhere", () => {
    const shift = (kernel: Kernel): Kernel => withBody(kernel, [copy(20)]);
    expect(refused(spoiled("collapse", shift), copy(0))).toMatch(
      /after collapse, in kernel product, a load lies in its buffer/,
    );
    expect(refused(spoiled("unroll", shift), copy(0), "typescript")).toMatch(
      /after unroll, .* a load lies in its buffer/,
    );
  });

  test("a name that nothing binds", () => {
    const stray = (kernel: Kernel): Kernel =>
      withBody(kernel, [loop(0, BATCH, [store(2, axis(0, 24), { kind: "local", local: 7 })])]);
    expect(refused(spoiled("collapse", stray))).toMatch(/a local is bound before it is used/);
  });

  test("tile: a loop that is no nest, a tile of another nest, a tile that no machine has", () => {
    const tileOf = (kernel: Kernel) => passNamed("tile").run(kernel, contextFor("wasm")).body[0]!;
    const { run } = tileOf(callOf([product]).kernel) as {
      run: { tile: NonNullable<Parameters<typeof withRun>[1]["tile"]> };
    };
    const always = (tile: typeof run.tile) =>
      spoiled("tile", (kernel) =>
        withBody(
          kernel,
          kernel.body.map((s) => (s.kind === "loop" ? withRun(s, { tile }) : s)),
        ),
      );
    expect(refused(always(run.tile), copy(0))).toMatch(/after tile, .* what is tiled is a nest: i0/);
    expect(refused(always({ ...run.tile, nest: { ...run.tile.nest, rows: 5 } }))).toMatch(
      /chosen for the nest that it cuts/,
    );
    expect(refused(always({ ...run.tile, tile: { ...run.tile.tile, columns: 6 } }))).toMatch(
      /the machine can run a tile: columns/,
    );
    const { stage: _, ...bare } = run.tile;
    expect(refused(always(bare))).toMatch(/operands are copied where the tile says so/);
  });

  test("vectorize: lanes that see one another, loops in lanes", () => {
    const pass = spoiled("vectorize", (kernel) => everyLoop(kernel, { lanes: 4 }));
    expect(refused(pass, copy(0))).toMatch(/a loop that runs in lanes has no loop in it: i0/);
    const chain = loop(1, dim(23), [store(2, addAffine(axis(1), offset(1)), load(2, axis(1)))], SERIAL);
    const call = callOf([chain]);
    const kernel: Kernel = {
      ...call.kernel,
      slots: call.kernel.slots.map((slot, n) => (n === 2 ? { ...slot, access: "update" } : slot)),
    };
    expect(passNamed("vectorize").verify(everyLoop(kernel, { lanes: 4 }), contextFor("wasm"))).toMatch(
      /no lane reads what another one stores/,
    );
    expect(passNamed("vectorize").run(kernel, contextFor("wasm"))).toBe(kernel);
  });

  test("partial-sums: what is not added up, parts that are none", () => {
    const parts = (combiner: "max" | "sum", length: number): string | undefined =>
      passNamed("partial-sums").verify(
        {
          ...callOf([]).kernel,
          body: [
            withSumRun(
              {
                kind: "reduction",
                loops: [{ variable: 1, size: dim(4096) }],
                lets: [],
                accumulators: [{ accumulator: 0, combiner, value: load(0, axis(1)) }],
              },
              { parts: length },
            ),
          ],
        },
        contextFor("wasm"),
      );
    expect(parts("max", 512)).toMatch(/taken in parts is added up/);
    expect(parts("sum", 3)).toMatch(/as long as the machine says/);
    expect(parts("sum", 512)).toBeUndefined();
  });

  test("a pass leaves name and slots alone", () => {
    const pass = spoiled("divide", (kernel) => ({ ...kernel, name: "other" }));
    expect(refused(pass)).toMatch(/after divide, kernel product is called as it was/);
  });
});
