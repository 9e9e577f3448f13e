// Weights by name: all or a part, with shapes and without, from one that trains into one that only predicts.

import { describe, expect, test } from "vitest";
import * as t from "../../src/index.js";
import { compile } from "../../compiler/compile.js";
import {
  load,
  predict,
  readSafetensors,
  save,
  tensorsOf,
  writeSafetensors,
  type Model,
  type StoredTensor,
} from "../../src/train/index.js";
import { bitsOf, BUILDS, create } from "./resuming.js";

const fresh = (seed: number) => create("everything", BUILDS[0], seed);
const all = (seed: number): Record<string, StoredTensor> =>
  readSafetensors(writeSafetensors(tensorsOf(fresh(seed)))).tensors as Record<string, StoredTensor>;
const names = Object.keys(fresh(1).parameters);

/** Which parameters of the model are those of that seed. */
const of = (model: Model, seed: number): string[] => {
  const [mine, theirs] = [bitsOf(model), bitsOf(fresh(seed))];
  return names.filter((name) => String(mine[`parameters.${name}`]) === String(theirs[`parameters.${name}`]));
};

describe("a part", () => {
  const weights = ["hidden.dense1.weight", "logits.weight"];
  // Biases and norms begin alike with every seed.
  const drawn = (found: string[]): string[] => found.filter((name) => weights.includes(name));

  test("both have the names", () => expect(names).toEqual(expect.arrayContaining(weights)));

  test.each<[string, object, string[]]>([
    ["all", {}, weights],
    ["by name", { only: "logits.weight" }, ["logits.weight"]],
    ["by the beginning", { only: "hidden.*" }, ["hidden.dense1.weight"]],
    ["by the end", { only: "*.weight" }, weights],
    ["by the middle", { only: "*dense1*" }, ["hidden.dense1.weight"]],
    ["by a list", { only: ["nothing", /^log/] }, ["logits.weight"]],
    ["by an expression that was used", { only: used(/logits/g) }, ["logits.weight"]],
    ["all but some", { except: "logits.*" }, ["hidden.dense1.weight"]],
    ["some but one", { only: "*", except: /hidden/ }, ["logits.weight"]],
  ])("%s", (_, options, wanted) => {
    const model = fresh(1);
    load(model, all(2), options);
    expect(drawn(of(model, 2)).sort()).toEqual(wanted);
    expect(drawn(of(model, 1)).sort()).toEqual(weights.filter((name) => !wanted.includes(name)));
  });

  function used(expression: RegExp): RegExp {
    expression.test("logits");
    return expression;
  }

  test("what is left out need not be there, nor be right", () => {
    const model = fresh(1);
    const { "logits.weight": weight, "logits.bias": bias } = all(2);
    load(
      model,
      { "logits.weight": weight!, "logits.bias": bias!, "hidden.dense1.weight": [1], "hidden.more": [2] },
      { only: "logits.*" },
    );
    expect(drawn(of(model, 2))).toEqual(["logits.weight"]);
    expect(() => load(model, { "logits.weight": weight! }, { only: "logits.*" })).toThrow(
      /^MISSING_DATA: parameter "logits.bias"/,
    );
    expect(() =>
      load(model, { "logits.weight": weight!, "logits.bias": bias!, "logits.scale": [1] }, { only: "logits.*" }),
    ).toThrow(/^UNKNOWN_NAME: .*"logits.scale"/);
  });

  test("patterns that choose nothing, and options that are none", () => {
    expect(() => load(fresh(1), all(2), { only: "head.*" })).toThrow(
      /^UNKNOWN_NAME: no parameter.*\n {2}hint: known: "hidden/,
    );
    expect(() => load(fresh(1), all(2), { only: 5 as never })).toThrow(/^BAD_OPTION: only must be a name/);
    expect(() => load(fresh(1), all(2), { onyl: "a" } as never)).toThrow(/^UNKNOWN_NAME.*"onyl"\n.*"only"/);
    expect(() => tensorsOf(fresh(1), { except: "*" })).toThrow(/^UNKNOWN_NAME/);
  });

  test("a pattern of many stars takes no time", () => {
    const before = performance.now();
    expect(() => load(fresh(1), { ["a".repeat(10 ** 5)]: [1] }, { only: `${"*a".repeat(50)}b*` })).toThrow(
      /^UNKNOWN_NAME/,
    );
    expect(performance.now() - before).toBeLessThan(500);
  });
});

describe("shapes", () => {
  const weight = (shape: number[]): Record<string, StoredTensor> => ({
    ...all(2),
    "hidden.dense1.weight": { ...all(2)["hidden.dense1.weight"]!, shape },
  });

  test("are compared where they are known", () => {
    const model = fresh(1);
    const before = bitsOf(model);
    expect(() => load(model, weight([6, 5]))).toThrow(
      /^BAD_SHAPE: parameters.hidden.dense1.weight has the shape \[6, 5\], but here it is \[5, 6\]\n {2}hint: its transpose fits/,
    );
    expect(() => load(model, weight([30]))).toThrow(/^BAD_SHAPE.*\[30\], but here it is \[5, 6\]$/);
    expect(bitsOf(model)).toEqual(before);
    load(model, weight([5, 6]));
    load(model, save(fresh(3)));
  });

  test("everything wrong is said at once, and nothing is written", () => {
    const model = fresh(1);
    const before = bitsOf(model);
    const { "logits.weight": _, ...rest } = weight([6, 5]);
    expect(() => load(model, { ...rest, "logits.bias": [NaN, 1, 2] })).toThrow(
      /MISSING_DATA[^]*BAD_SHAPE[^]*BAD_VALUE/,
    );
    expect(bitsOf(model)).toEqual(before);
  });

  test("integers of 64 bits are no column", () => {
    expect(() => load(fresh(1), { ...all(2), "logits.bias": new BigInt64Array(3) as never })).toThrow(/^NOT_NUMBERS/);
  });
});

describe("states", () => {
  test("are taken where they are given, and stay where they are not", () => {
    const [model, other] = [fresh(1), fresh(2)];
    (other.states["clock"] as Int32Array)[0] = 5;
    load(model, save(other));
    expect(model.states["clock"]![0]).toBe(0);
    load(model, tensorsOf(other));
    expect(bitsOf(model)).toEqual(bitsOf(other));
    expect(() => load(model, { ...tensorsOf(other), "states/clock": [0.5] })).toThrow(/^BAD_VALUE: states.clock/);
    load(model, { ...tensorsOf(other), "states/of another optimizer": [1] });
  });

  const x = t.input("x", ["batch", 4]);
  const y = t.dense(t.batchNorm(t.dense(x, 5)), 2);
  const net = t.network("n", {
    batch: 4,
    outputs: { y },
    loss: t.mean(t.square(y)),
    optimizer: t.adam({ rate: 0.1 }),
  });
  const compiled = compile(net);
  const inference = compile(net, { entries: ["predict"] });

  test("a module that only predicts takes running statistics from one that trains", () => {
    const trained = compiled.create({ seed: 1 });
    const data = { inputs: { x: Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)) } };
    (trained.inputs["x"] as Float32Array).set(data.inputs.x);
    for (let i = 0; i < 5; i++) trained.step(4);
    const wanted = predict(trained, data)["y"];
    const reader = inference.create({ seed: 9 });
    load(reader, readSafetensors(writeSafetensors(tensorsOf(trained))).tensors);
    expect(predict(reader, data)["y"]).toEqual(wanted);
    // The control: its parameters alone do not do.
    const without = inference.create({ seed: 9 });
    load(without, save(trained));
    expect(predict(without, data)["y"]).not.toEqual(wanted);
  });
});

test("another type is rounded", () => {
  const [double, single] = [create("everything", ["typescript", "float64"], 2), fresh(1)];
  load(single, tensorsOf(double));
  expect([...(single.parameters["logits.weight"] as Float32Array)]).toEqual(
    [...double.parameters["logits.weight"]!].map(Math.fround),
  );
});

test("tensors have the shapes of the definition, with the capacity for the batch", () => {
  const { "states/sum": sum } = tensorsOf(create("players", BUILDS[0]));
  expect(sum!.shape).toEqual([4, 3]);
  const { "hidden.dense1.weight": weight, "states/clock": clock } = tensorsOf(fresh(1));
  expect(weight).toMatchObject({ dtype: "float32", shape: [5, 6] });
  expect(clock).toMatchObject({ dtype: "int32", shape: [] });
  // A model by hand need not say them.
  const plain = {
    spec: { name: "n", capacity: 1, inputs: {}, targets: {}, outputs: {}, steps: [] },
    inputs: {},
    targets: {},
    parameters: { w: new Float64Array(6) },
  };
  expect(tensorsOf(plain)).toEqual({ w: { dtype: "float64", shape: [6], values: new Float64Array(6) } });
});
