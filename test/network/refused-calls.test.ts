// What an emitted model refuses: before any kernel runs, with an error that names the field, and with nothing changed.

import { describe, expect, test } from "vitest";
import { compile, type Model } from "tapeless/compiler";
import {
  adam,
  add,
  cast,
  constant,
  crossEntropy,
  dense,
  dropout,
  input,
  labels,
  mean,
  mul,
  network,
  normal,
  parameter,
  relu,
  sgd,
  softmax,
  state,
  take,
  TapelessError,
  where,
  type Tensor,
} from "tapeless";

const CAPACITY = 4;

/** Ids into a table, a mask, labels: each kind of checked input. */
function words() {
  const ids = input("ids", ["batch", 3], { dtype: "int32", below: 5 });
  const mask = input("mask", ["batch", 3], { dtype: "bool" });
  const digit = labels("digit", ["batch"], 3);
  const table = parameter([5, 2], normal(0, 1), { name: "table" });
  const kept = where(mask, mean(take(table, ids, { axis: 0 }) as Tensor, { axis: 2 }) as never, 0) as Tensor;
  const logits = dense(dropout(relu(dense(kept, 6, { name: "h" })), 0.5), 3, { name: "out" });
  return network("words", {
    batch: CAPACITY,
    outputs: { p: softmax(logits) },
    loss: crossEntropy(logits, digit),
    optimizer: adam({ rate: 0.01 }),
  });
}

const declared = words();
const compilations = {
  typescript: compile(declared),
  wasm: compile(declared, { target: "wasm" }),
} as const;
const targets = ["typescript", "wasm"] as const;

function ready(target: (typeof targets)[number]): Model {
  const model = compilations[target].create({ seed: 3 });
  model.inputs["ids"]!.set([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]);
  model.inputs["mask"]!.fill(1);
  model.targets["digit"]!.set([0, 1, 2, 0]);
  model.step(CAPACITY);
  return model;
}

type Views = Readonly<Record<string, ArrayBufferView>>;

/** Every bit of what a model keeps. */
const bits = (model: Model): string =>
  [model.parameters, model.states, model.grads, model.outputs]
    .flatMap((group) => Object.entries(group as Views))
    .map(([name, { buffer, byteOffset, byteLength }]) => {
      return `${name} ${Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString("hex")}`;
    })
    .join("\n");

const rows = (value: unknown): readonly [string, (model: Model) => unknown, RegExp][] =>
  (["step", "loss", "gradients", "predict"] as const).map((entry) => [
    `${entry}(${String(value)})`,
    (model) => model[entry](value as number),
    /rows must be an integer from 1 to 4, but it is/,
  ]);

const wrong: readonly (readonly [string, (model: Model) => unknown, RegExp])[] = [
  ...[0, -1, CAPACITY + 1, 1.5, NaN, Infinity, "2", undefined, null].flatMap(rows),
  ...[3, -1, 2 ** 31 - 1].flatMap((label) =>
    (["step", "loss", "gradients"] as const).map(
      (entry) =>
        [
          `${entry} with label ${label}`,
          (model: Model) => {
            model.targets["digit"]![2] = label;
            return model[entry](3);
          },
          new RegExp(`digit\\[2\\] must be an integer from 0 to 2, but it is ${label}`),
        ] as const,
    ),
  ),
  ...[5, -1].flatMap((id) =>
    (["step", "predict"] as const).map(
      (entry) =>
        [
          `${entry} with id ${id}`,
          (model: Model) => {
            model.inputs["ids"]![4] = id;
            return model[entry](2);
          },
          new RegExp(`ids\\[4\\] must be an integer from 0 to 4, but it is ${id}`),
        ] as const,
    ),
  ),
  ...[NaN, Infinity, -Infinity, "1", undefined, -1, -1e-9, 1e39].map(
    (rate) =>
      [
        `rate = ${String(rate)}`,
        (model: Model) => (model["rate"] = rate),
        new RegExp(
          `rate must be a finite number of at least 0 in float32, but it is ${String(rate).replace("+", ".")}$`,
        ),
      ] as const,
  ),
  ...[1.5, NaN, "1", null, 2 ** 31, -(2 ** 31) - 1, Symbol("s")].map(
    (seed) =>
      [
        `reset(${String(seed)})`,
        (model: Model) => model.reset(seed as number),
        /seed must be an integer from -2147483648 to 2147483647, but it is/,
      ] as const,
  ),
];

describe.each(targets)("a refused call changes nothing, %s", (target) => {
  test.each(wrong)("%s", (_, call, message) => {
    const model = ready(target);
    const [before, rate] = [bits(model), model["rate"]];
    expect(() => call(model)).toThrow(message);
    expect(bits(model)).toBe(before);
    expect(model["rate"]).toBe(rate);
  });

  test("what is not refused does change parameters", () => {
    const model = ready(target);
    const before = bits(model);
    model.step(1);
    expect(bits(model)).not.toBe(before);
  });

  test("the model goes on as if nothing had happened", () => {
    const [one, other] = [ready(target), ready(target)];
    expect(() => one.step(0)).toThrow(RangeError);
    one.targets["digit"]![0] = 9;
    expect(() => one.step(4)).toThrow(RangeError);
    one.targets["digit"]![0] = 0;
    expect(one.step(4)).toBe(other.step(4));
    expect(bits(one)).toBe(bits(other));
  });

  test("rows that a run does not read are not looked at, nor are targets by predict", () => {
    const model = ready(target);
    model.targets["digit"]![3] = 99;
    model.inputs["ids"]![11] = -7;
    expect(Number.isFinite(model.step(3))).toBe(true);
    model.targets["digit"]!.fill(-1);
    model.predict(3);
    expect(Array.from(model.outputs["p"]!.slice(0, 9)).every(Number.isFinite)).toBe(true);
  });

  test("after dispose every call is refused", () => {
    const model = ready(target);
    model.dispose();
    for (const entry of ["step", "loss", "gradients", "predict", "reset"] as const) {
      expect(() => model[entry](1), entry).toThrow(/this words model was disposed of/);
    }
  });
});

describe("masks", () => {
  test("any number but 0 is true", () => {
    const mask = input("mask", ["batch"], { dtype: "bool" });
    const net = network("masked", { batch: 3, outputs: { y: add(cast(mask, "float32"), 0), z: where(mask, 5, -5) } });
    const model = compile(net).create();
    model.inputs["mask"]!.set([0, 1, 1]);
    model.predict(3);
    expect(Array.from(model.outputs["y"]!)).toEqual([0, 1, 1]);
    expect(Array.from(model.outputs["z"]!)).toEqual([-5, 5, 5]);
    model.inputs["mask"]!.set([2, 255, 0]);
    model.predict(3);
    expect(Array.from(model.outputs["z"]!)).toEqual([5, 5, -5]);
  });
});

describe("ids need a bound", () => {
  const table = parameter([5, 2], 0, { name: "table" });
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    ["take without below", () => take(table, input("i", ["batch"], { dtype: "int32" }), { axis: 0 }), "BAD_ARGUMENT"],
    [
      "take of too many",
      () => take(table, input("i", ["batch"], { dtype: "int32", below: 6 }), { axis: 0 }),
      "BAD_ARGUMENT",
    ],
    ["take by floats", () => take(table, input("i", ["batch"]) as never, { axis: 0 }), "WRONG_DTYPE"],
    ["below 0", () => input("i", ["batch"], { dtype: "int32", below: 0 }), "BAD_ARGUMENT"],
    ["below 2.5", () => input("i", ["batch"], { dtype: "int32", below: 2.5 }), "BAD_ARGUMENT"],
    ["below for floats", () => input("i", ["batch"], { below: 3 }), "BAD_ARGUMENT"],
    ["an int constant with a fraction", () => constant([1, 1.5], { shape: [2], dtype: "int32" }), "BAD_ARGUMENT"],
    ["an int constant beyond 32 bits", () => constant(2 ** 31, { shape: [], dtype: "int32" }), "BAD_ARGUMENT"],
    ["a bool constant of 2", () => constant(2, { shape: [], dtype: "bool" }), "BAD_ARGUMENT"],
    ["an int state with a float's first value", () => state("s", [1], normal(0, 1), { dtype: "int32" }), "WRONG_DTYPE"],
    ["no such dtype", () => input("i", ["batch"], { dtype: "float16" as never }), "BAD_ARGUMENT"],
  ];
  test.each(cases)("%s", (_, make, code) => {
    let caught: unknown;
    try {
      make();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(TapelessError);
    expect((caught as TapelessError).code).toBe(code);
    expect((caught as TapelessError).at?.file).toMatch(/refused-calls\.test\.ts$/);
  });
});

describe("parameters trained elsewhere", () => {
  const w = parameter([2], 1, { name: "w" });
  const b = parameter([1], 2, { name: "b" });
  const x = input("x", ["batch", 2]);
  const y = add(mean(mul(x, w)), mean(b)) as Tensor<[]>;
  const line = compile(network("line", { batch: 2, outputs: { y }, loss: y, optimizer: sgd({ rate: 0.1 }) }));

  test("are taken over, all of them", () => {
    const model = line.create({ parameters: { w: [3, 4], b: new Float64Array([5]) } });
    expect(Array.from(model.parameters["w"]!)).toEqual([3, 4]);
    expect(Array.from(model.parameters["b"]!)).toEqual([5]);
    model.parameters["w"]!.fill(9);
    expect(Array.from(line.create({ parameters: { w: [3, 4], b: [5] } }).parameters["w"]!)).toEqual([3, 4]);
  });

  test("one model's are another's", () => {
    const [one, other] = [compilations.typescript.create({ seed: 1 }), compilations.typescript.create({ seed: 2 })];
    const copy = compilations.typescript.create({ seed: 2, parameters: one.parameters });
    expect(copy.parameters).toEqual(one.parameters);
    expect(copy.parameters).not.toEqual(other.parameters);
  });

  const refused: readonly (readonly [string, object, RegExp])[] = [
    ["missing", { w: [1, 2] }, /parameter "b" is missing/],
    ["unknown", { w: [1, 2], b: [1], v: [1] }, /there is no parameter "v"; known: w, b/],
    ["inherited", Object.create({ w: [1, 2], b: [1] }) as object, /parameter "w" is missing/],
    ["too long", { w: [1, 2, 3], b: [1] }, /parameter "w" must have 2 values, but it has 3/],
    ["too short", { w: [1], b: [1] }, /parameter "w" must have 2 values, but it has 1/],
    ["NaN", { w: [1, 2], b: [NaN] }, /parameter "b"\[0\] must be a finite number in float32, but it is NaN/],
    [
      "infinite",
      { w: [1, -Infinity], b: [1] },
      /parameter "w"\[1\] must be a finite number in float32, but it is -Infinity/,
    ],
    ["with a hole", { w: [1, undefined], b: [1] }, /parameter "w"\[1\] must be a finite number/],
    ["nothing", { w: [1, 2], b: undefined }, /parameter "b" is missing/],
    ["null", { w: [1, 2], b: null }, /parameter "b"/],
    ["too large for float32", { w: [1, 1e39], b: [1] }, /parameter "w"\[1\] must be a finite number in float32/],
    ["no object", 5 as never, /parameters must be an object, but they are 5/],
    ["null itself", null as never, /parameters must be an object, but they are null/],
    ["texts", { w: ["1", "2"], b: [1] }, /parameter "w"\[0\] must be a finite number/],
  ];
  test.each(refused)("%s", (_, parameters, message) => {
    // All or nothing: memory that the caller owns is not even initialised.
    const buffer = new ArrayBuffer(line.memory.arenaBytes);
    line.create({ buffer, parameters: { w: [7, 8], b: [9] } });
    const before = Buffer.from(buffer).toString("hex");
    expect(() => line.create({ buffer, parameters: parameters as never })).toThrow(message);
    expect(Buffer.from(buffer).toString("hex")).toBe(before);
  });

  const made: readonly (readonly [string, (typeof targets)[number], object, RegExp])[] = [
    ["too small a buffer", "typescript", { buffer: new ArrayBuffer(8) }, /buffer holds 8 bytes; the model needs \d+/],
    [
      "a typed array",
      "typescript",
      { buffer: new Float32Array(4096) },
      /an ArrayBuffer, but it is of type Float32Array/,
    ],
    ["a number of bytes", "typescript", { buffer: 4096 }, /must be an ArrayBuffer, but it is of type Number/],
    ["a seed with a fraction", "typescript", { seed: 0.5 }, /seed must be an integer from .*, but it is 0.5/],
    ["too large a seed", "wasm", { seed: 2 ** 32 }, /seed must be an integer from .*, but it is 4294967296/],
    ["a misspelt option", "typescript", { sed: 1 }, /no option "sed"; known: seed, parameters, buffer$/],
    ["threads in TypeScript", "typescript", { threads: 2 }, /no option "threads"; known: seed, parameters, buffer$/],
    ["memory in TypeScript", "typescript", { memory: {} }, /no option "memory"/],
    [
      "a misspelt option",
      "wasm",
      { thread: 2 },
      /no option "thread"; known: seed, parameters, memory, threads, relaxed$/,
    ],
    ["a buffer", "wasm", { buffer: new ArrayBuffer(2 ** 20) }, /give memory, not buffer/],
    ["what is no memory", "wasm", { memory: { buffer: new ArrayBuffer(2 ** 20) } }, /must be a WebAssembly.Memory/],
    ["too small a memory", "wasm", { memory: new WebAssembly.Memory({ initial: 0 }) }, /memory holds 0 pages/],
    ["half a thread", "wasm", { threads: 1.5 }, /threads must be an integer/],
  ];
  test.each(made)("%s, %s", (_, target, options, message) => {
    expect(() => compilations[target].create(options)).toThrow(message);
  });

  test("an option that is undefined is as if it were absent", () => {
    expect(line.create({ seed: 1, threads: undefined } as never).seed).toBe(1);
    expect(() => line.create(7 as never)).toThrow(/options must be an object, but they are 7/);
  });
});

describe("a model that has lost its memory", () => {
  const lost = /this words model has lost its memory/;
  const refusesAll = (model: Model): void => {
    for (const entry of ["step", "loss", "gradients", "predict"] as const) {
      expect(() => model[entry](1), entry).toThrow(lost);
    }
    expect(() => model.reset()).toThrow(lost);
    expect(() => (model["rate"] = 0.5)).toThrow(lost);
    expect(() => model.dispose()).not.toThrow();
  };

  test("its buffer was detached", () => {
    const buffer = new ArrayBuffer(compilations.typescript.memory.arenaBytes);
    const model = compilations.typescript.create({ buffer });
    model.predict(1);
    structuredClone(buffer, { transfer: [buffer] });
    refusesAll(model);
  });

  test("or made smaller", () => {
    const bytes = compilations.typescript.memory.arenaBytes;
    const buffer = new (
      ArrayBuffer as never as new (
        bytes: number,
        options: object,
      ) => ArrayBuffer & {
        resize: (bytes: number) => void;
      }
    )(bytes, { maxByteLength: bytes });
    const model = compilations.typescript.create({ buffer });
    model.predict(1);
    buffer.resize(bytes - 8);
    refusesAll(model);
  });

  test("or its WebAssembly.Memory has grown", () => {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 64 });
    const model = compilations.wasm.create({ memory });
    model.predict(1);
    memory.grow(1);
    refusesAll(model);
  });
});

describe.each(targets)("nothing takes the place of a member, %s", (target) => {
  const model = ready(target);
  const views = ["inputs", "targets", "outputs", "parameters", "states", "grads"] as const;
  test.each(views)("%s", (group) => {
    const own = model[group] as Record<string, unknown>;
    const [name] = Object.keys(own);
    expect(() => (own[name!] = new Float32Array(1))).toThrow(TypeError);
    expect(() => (own["another"] = new Float32Array(1))).toThrow(TypeError);
    expect(() => ((model as Record<string, unknown>)[group] = {})).toThrow(TypeError);
  });

  test("entries, the seed, and what is misspelt", () => {
    for (const name of ["step", "seed", "spec", "rat", ...(target === "wasm" ? ["threads"] : [])]) {
      expect(() => ((model as Record<string, unknown>)[name] = 1), name).toThrow(TypeError);
    }
    model["rate"] = 0.25;
    expect(model["rate"]).toBe(0.25);
  });
});

describe("a byte budget", () => {
  test("of all parameters together, before anything is allocated", () => {
    const x = input("x", ["batch", 16_384]);
    let y: Tensor = x;
    for (let i = 0; i < 3; i++) y = dense(y, 16_384, { name: `layer${i}` });
    const net = network("large", { batch: 1, outputs: { y } });
    const before = process.memoryUsage().arrayBuffers;
    expect(() => compile(net)).toThrow(
      /TOO_LARGE: the network needs 3,\d+,\d+,\d+ bytes, more than the budget of 2,147,483,648/,
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });
});
