// The checked build: networks in which it finds no fault, and planted faults of which it finds each.

import { describe, expect, test } from "vitest";
import { emission } from "../../compiler/emission.js";
import { checkedCalls } from "../../compiler/5-emit/checked/calls.js";
import { emitWasm, writeWasm, type WrittenWasm } from "../../compiler/5-emit/wasm/target.js";
import { factoryOf, type Model } from "../../compiler/instantiate.js";
import type { Kernel, Statement } from "../../compiler/ir/kernel.js";
import type { Place, Plan } from "../../compiler/ir/layout.js";
import type { ModuleSpec } from "../../compiler/ir/module.js";
import type { Call, Program, ProgramItem } from "../../compiler/ir/program.js";
import { renamed } from "../../compiler/ir/rename.js";
import { planned } from "../../compiler/pipeline.js";
import { addAffine, offset } from "../../src/graph/affine.js";
import type { Network } from "../../src/graph/network.js";
import {
  dense,
  input,
  matmul,
  mean,
  network,
  parameter,
  sgd,
  softmax,
  square,
  tanh,
  type Tensor,
} from "../../src/index.js";
import { count, some } from "../extent.js";
import { BUILDS, expectNone, faultOf, runAll, type Build } from "./checked.js";
import { calls } from "./calls.js";
import { layers } from "./layers.js";
import { powersOf, productsOf } from "./neighbours.js";
import { CAPACITY, networks } from "./networks.js";
import { unsampled } from "./unsampled.js";

describe.each(BUILDS)("$target, $dtype: no access is at fault", (build) => {
  test.each(some(calls, 10))("%s", (name, { network, ranges }) => expectNone(name, faultOf(network, build, ranges)));

  test.each(some(Object.entries({ ...unsampled, ...networks, ...layers }), 7))("%s", (name, make) =>
    expectNone(name, faultOf(make(CAPACITY), build)),
  );
});

describe.each(BUILDS)("$target, neighbours", ({ target }) => {
  test.each(["float32", "float64"] as const)("%s: sums of products, and powers of the batch", (dtype) => {
    for (let seed = 1; seed <= count(2, 8); seed++) {
      expectNone(`products ${seed}`, faultOf(productsOf(seed), { target, dtype }));
      expectNone(`powers ${seed}`, faultOf(powersOf(seed), { target, dtype }));
    }
  });
});

test.each(["networks", "products"] as const)("two threads: %s", (what) => {
  const list =
    what === "products"
      ? [2, 3, 5, 8].map((n) => productsOf(n))
      : Object.values(networks)
          .slice(0, 2)
          .map((make) => make());
  for (const declared of list) {
    expect(faultOf(declared, { target: "wasm", dtype: "float32", threads: 2 })).toBeUndefined();
  }
});

describe("numbers", () => {
  const declared = productsOf(3);
  test.each(BUILDS)("$target: a checked build computes the bits of another", ({ target, dtype }) => {
    const bits = ([true, false] as const).map((checked) => {
      const { spec, layout } = planned(declared, { dtype, target });
      const model = factoryOf(emission(spec, layout, { checked }).source(), spec.name)({});
      runAll(model, [declared.capacity, 1]);
      return Object.values(model.parameters).map((view) => Array.from(view));
    });
    expect(bits[0]).toEqual(bits[1]);
  });
});

// ---- planted faults

const BATCH = 6;

/** A hidden layer, a softmax and a product of parameters, whose sizes are known. */
function declared(): Network {
  const hidden = tanh(dense(input("x", ["batch", 20]), 12, { name: "hidden" }) as Tensor) as Tensor;
  const p = softmax(dense(hidden, 40, { name: "head" }) as Tensor) as Tensor;
  const joint = matmul(parameter([10, 16], 0.1, { name: "a" }), parameter([16, 12], 0.2, { name: "b" })) as Tensor;
  const loss = mean(square(p)) as Tensor<[]>;
  return network("planted", { batch: BATCH, outputs: { p, joint }, loss, optimizer: sgd({ rate: 0.1 }) });
}

interface Planted {
  readonly items?: (items: readonly ProgramItem[]) => readonly ProgramItem[];
  readonly placeOf?: (place: Place, program: Program) => Place;
  /** A change of WebAssembly text. */
  readonly text?: (text: string) => string;
}

const withText = (written: WrittenWasm, change: (text: string) => string): WrittenWasm => ({
  ...written,
  code: { ...written.code, text: change(written.code.text) },
});

/** A model whose `predict` has a fault. */
function plantedModel({ target, dtype, threads = 1 }: Build, { items, placeOf, text }: Planted): Model {
  const { spec, layout } = planned(declared(), { dtype, target, constNames: "ordinals" });
  const originals = new Map<Program, Program>();
  const entries = spec.entries.map((entry) => {
    const changed = entry.name === "predict" && items ? items(entry.program.items) : entry.program.items;
    const program = { ...entry.program, items: changed };
    originals.set(program, entry.program);
    return { ...entry, program };
  });
  const plan: Plan = {
    ...layout,
    placeOf(buffer, program) {
      const place = layout.placeOf(buffer, originals.get(program)!);
      return program.entry === "predict" && placeOf ? placeOf(place, program) : place;
    },
  };
  const changed: ModuleSpec = { ...spec, entries };
  if (text && target === "wasm") {
    const written = writeWasm(changed, plan, checkedCalls(changed, plan));
    const source = emitWasm(changed, plan, withText(written, text), undefined, true).source;
    return factoryOf(source, "planted")({ threads });
  }
  const { source } = emission(changed, plan, { checked: true });
  return factoryOf(text ? text(source()) : source(), "planted")(target === "wasm" ? { threads } : {});
}

const everyCall =
  (change: (call: Call) => Call) =>
  (items: readonly ProgramItem[]): readonly ProgramItem[] =>
    items.map((item) => (item.kind === "call" ? change(item) : { ...item, body: everyCall(change)(item.body) }));

const inKernel = (
  name: string,
  change: (body: readonly Statement[], kernel: Kernel) => readonly Statement[],
): Planted => ({
  items: everyCall((call) =>
    call.kernel.name === name
      ? { ...call, kernel: { ...call.kernel, body: change(call.kernel.body, call.kernel) } }
      : call,
  ),
});

const slotOf = (kernel: Kernel, name: string): number => kernel.slots.findIndex((slot) => slot.name === name);

/** Every access of a slot moved on by so many elements. */
const shifted = (kernel: string, name: string, by: number): Planted =>
  inKernel(kernel, (body, all) =>
    renamed(body, { affine: (affine, slot) => (slot === slotOf(all, name) ? addAffine(affine, offset(by)) : affine) }),
  );

/** The outermost loops run once more. */
const longer = (kernel: string): Planted =>
  inKernel(kernel, (body) =>
    body.map((s) => (s.kind === "loop" ? { ...s, size: { ...s.size, times: s.size.times + 1 } } : s)),
  );

const readsItself = (statements: readonly Statement[]): readonly Statement[] =>
  statements.map((s): Statement => {
    if (s.kind === "loop") return { ...s, body: readsItself(s.body) };
    return s.kind === "store" ? { ...s, value: { kind: "load", slot: s.slot, at: s.at } } : s;
  });

describe.each(BUILDS)("negative controls, $target", (build) => {
  const refused = (planted: Planted, rows = BATCH): string => {
    const model = plantedModel(build, planted);
    try {
      runAll({ ...model, spec: model.spec, predict: model.predict } as Model, [rows]);
    } catch (error) {
      return (error as Error).message;
    }
    return "nothing";
  };

  test("without a fault nothing is refused", () => expect(refused({})).toBe("nothing"));

  test("a read that is shifted by one", () => {
    expect(refused(shifted("tanh1", "x", 1))).toMatch(
      /kernel tanh1 reads x\[120\], outside of its 120 elements at 6 rows/,
    );
    expect(refused(shifted("tanh1", "x", 1), 4)).toMatch(/reads x\[80\], outside of its 80 elements at 4 rows/);
  });

  test("a write that is shifted by one", () => {
    expect(refused(shifted("joint", "joint", -1))).toMatch(/kernel joint writes joint\[-1\], outside/);
  });

  test("a tile that runs a row too far", () => {
    expect(refused(longer("joint"))).toMatch(
      /kernel joint (reads a\[\d+\]|writes joint\[\d+\]), outside of its \d+ elements/,
    );
  });

  test("a load before its store in one kernel", () => {
    expect(refused(inKernel("joint", readsItself))).toMatch(/kernel joint reads joint\[0\], which nothing has written/);
  });

  test("a kernel before the one that it reads from", () => {
    expect(refused({ items: (items) => items.toReversed() })).toMatch(/which nothing has written in this call/);
  });

  test("a workspace that is not written", () => {
    const items = (all: readonly ProgramItem[]): readonly ProgramItem[] =>
      all.filter((item) => item.kind !== "call" || item.kernel.name !== "tanh1");
    expect(refused({ items })).toMatch(/which nothing has written in this call/);
  });

  test("two buffers in one place", () => {
    const { layout } = planned(declared(), { constNames: "ordinals" });
    const p = layout.persistent.find(({ buffer }) => buffer.name === "p")!;
    const placeOf = (place: Place): Place =>
      place.buffer.segment === "workspace" ? { ...place, offset: p.offset } : place;
    expect(refused({ placeOf })).toMatch(/has written over/);
  });
});

describe("negative controls, WebAssembly's own memory", () => {
  const wide = (text: (all: string) => string): string => {
    const { spec, layout } = planned(packs(), { target: "wasm" });
    const written = writeWasm(spec, layout, checkedCalls(spec, layout));
    const source = emitWasm(spec, layout, withText(written, text), undefined, true).source;
    const model = factoryOf(source, "packs")({});
    try {
      runAll(model, [64]);
    } catch (error) {
      return (error as Error).message;
    }
    return "nothing";
  };

  /** A product whose second operand is packed. */
  const packs = (): Network => {
    const y = dense(input("x", ["batch", 40]), 48, { name: "wide" }) as Tensor;
    return network("packs", {
      batch: 64,
      outputs: { y },
      loss: mean(square(y)) as Tensor<[]>,
      optimizer: sgd({ rate: 0.1 }),
    });
  };

  const STORE = /\(v128\.store \(call \$check\.storeScratch \(i32\.const 0\)/;

  test("a panel that is read where nothing was packed", () => {
    expect(wide((text) => text)).toBe("nothing");
    expect(wide((text) => text.replace(STORE, "(v128.store (call $check.loadScratch (i32.const 0)"))).toMatch(
      /in its scratch memory at byte \d+, where it has prepared nothing/,
    );
  });

  test("a panel that is read beyond its end", () => {
    const beyond = (text: string): string =>
      text
        .replace(
          /\(call \$check\.loadScratch \(i32\.const 0\) \(local\.get/,
          "(call $check.loadScratch (i32.const 0) (i32.add (i32.const 65536000) (local.get",
        )
        .replace(/(\(i32\.add \(i32\.const 65536000\) \(local\.get [^)]*\))/, "$1)");
    expect(wide(beyond)).toMatch(/outside of what it took/);
  });
});

test("a fault in a thread is reported, and no thread is waited for in vain", () => {
  const model = plantedModel({ target: "wasm", dtype: "float32", threads: 2 }, shifted("tanh1", "x", 1));
  expect(() => model.predict(BATCH)).toThrow(/kernel tanh1 reads x\[\d+\]/);
  expect(() => model.predict(BATCH)).toThrow(/kernel tanh1 reads x\[\d+\]/);
  model.dispose();
});
