// Several threads compute the same bits as one, on networks of every kind of kernel; workers end with their model.

import { afterEach, describe, expect, test, vi } from "vitest";
import { compile, type Compilation, type Model, type ModelOptions } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as tapeless from "../../src/index.js";
import { bitsAfterCalls } from "./bits.js";
import { networks as small } from "./networks.js";

const {
  adam,
  conv2d,
  crossEntropy,
  dense,
  dropout,
  embedding,
  flatten,
  input,
  labels,
  layerNorm,
  lstm,
  maxPool,
  network,
  relu,
  sgd,
  softmax,
} = tapeless;

const BATCH = 21;

const wide = (): Network => {
  const x = input("x", ["batch", 37]);
  const h = dropout(relu(dense(x, 65)), 0.3);
  const logits = dense(layerNorm(dense(h as never, 33) as never) as never, 10) as Tensor<
    readonly ["batch", 10],
    "float32"
  >;
  const outputs = { probability: softmax(logits as never) };
  return network("wide", {
    batch: BATCH,
    outputs,
    loss: crossEntropy(logits, labels("y", ["batch"], 10)),
    optimizer: adam({ rate: 0.01 }),
  });
};

/** Its products are large enough for threads to take them part by part, and what others have left. */
const large = (): Network => {
  const x = input("x", ["batch", 500]);
  const logits = dense(relu(dense(x, 410)), 10);
  return network("large", {
    batch: BATCH,
    loss: crossEntropy(logits, labels("y", ["batch"], 10)),
    optimizer: sgd({ rate: 0.1 }),
  });
};

/** Weights of so few rows that some parts of their gradients' kernels are empty. */
const images = (): Network => {
  const image = input("image", ["batch", 20, 20, 1]) as Tensor;
  const h = maxPool(conv2d(image, 8, 5, { activation: relu }) as Tensor, 2) as Tensor;
  const logits = dense(flatten(conv2d(h, 16, 5, { activation: relu }) as Tensor) as Tensor, 10);
  return network("images", {
    batch: BATCH,
    loss: crossEntropy(logits as Tensor<readonly ["batch", 10], "float32">, labels("y", ["batch"], 10)),
    optimizer: sgd({ rate: 0.1 }),
  });
};

const words = (): Network => {
  const id = input("id", ["batch", 6], { dtype: "int32", below: 40 });
  const h = lstm(embedding(id as never, 40, 12) as never, 17) as unknown as Tensor;
  const logits = dense(h as never, 5) as Tensor<readonly ["batch", 5], "float32">;
  return network("words", {
    batch: BATCH,
    loss: crossEntropy(logits, labels("y", ["batch"], 5)),
    optimizer: sgd({ rate: 0.1 }),
  });
};

const cases: Readonly<Record<string, () => Network>> = {
  wide,
  large,
  images,
  words,
  ...Object.fromEntries(Object.entries(small).filter((_, n) => n % 4 === 0)),
};

const open: Model[] = [];
afterEach(() => open.splice(0).forEach((model) => model.dispose()));

function trained(create: (options: ModelOptions) => Model, threads: number, spoil = 0): number[] {
  const model = create({ seed: 2, threads });
  open.push(model);
  const bits = bitsAfterCalls(model);
  bits[bits.length - 1]! += spoil;
  return bits;
}

describe("the same bits for every number of threads", () => {
  test.each(Object.entries(cases))("%s", (_, build) => {
    const { create } = compile(build(), { target: "wasm" });
    const one = trained(create, 1);
    expect(one.length).toBeGreaterThan(3);
    for (const threads of [2, 3]) expect(trained(create, threads)).toEqual(one);
  });

  test("large products are taken in many parts, small ones at once; after 200 steps the bits are still the same", () => {
    const compilation = compile(large(), { target: "wasm" });
    const isCut = (compiled: Compilation): boolean => compiled.print("wat").includes("(call $take");
    expect(isCut(compilation)).toBe(true);
    expect(isCut(compile(wide(), { target: "wasm" }))).toBe(false);
    const parameters = (threads: number): readonly number[] => {
      const model = compilation.create({ seed: 3, threads });
      open.push(model);
      const { x } = model.inputs;
      for (let n = 0; n < x!.length; n++) x![n] = Math.sin(n);
      for (let n = 0; n < BATCH; n++) model.targets.y![n] = n % 10;
      for (let turn = 0; turn < 200; turn++) model.step!(1 + (turn % BATCH));
      return Object.values(model.parameters).flatMap((values) => Array.from(values));
    };
    expect(parameters(3)).toEqual(parameters(1));
  });

  test("negative control: one number that differs is seen", () => {
    const { create } = compile(wide(), { target: "wasm" });
    expect(trained(create, 2, 2 ** -20)).not.toEqual(trained(create, 1));
  });
});

describe("workers", () => {
  test("end with their model", async () => {
    const { threads } = { threads: process.getBuiltinModule("node:worker_threads") };
    const exits: Promise<unknown>[] = [];
    const { Worker } = threads;
    const spy = vi.spyOn(threads, "Worker").mockImplementation(function (
      ...args: ConstructorParameters<typeof Worker>
    ) {
      const worker = new Worker(...args);
      exits.push(new Promise((done) => worker.once("exit", done)));
      return worker;
    } as never);
    const model = compile(wide(), { target: "wasm" }).create({ threads: 3 }) as Model & {
      threads: number;
    };
    spy.mockRestore();
    expect(model.threads).toBe(3);
    model.step!(BATCH);
    model.dispose();
    model.dispose();
    expect(exits).toHaveLength(2);
    await Promise.all(exits);
  });

  test("a number that is none is refused; where memory cannot be shared there is one thread and a warning", () => {
    const { create } = compile(wide(), { target: "wasm" });
    for (const threads of [0, 1.5, 65, NaN]) expect(() => create({ threads })).toThrow(/threads must be/);
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.stubGlobal("SharedArrayBuffer", undefined);
    const model = create({ threads: 4 }) as Model & { threads: number };
    vi.unstubAllGlobals();
    expect(model.threads).toBe(1);
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/one thread in place of 4: memory cannot be shared/));
    warn.mockRestore();
  });
});
