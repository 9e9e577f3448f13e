// Everything a caller can get wrong: refused with a stable code and the field's name, before anything runs.

import { describe, expect, expectTypeOf, test } from "vitest";
import type { Model as CompiledModel } from "../../compiler/instantiate.js";
import { evaluate, fit, fitAsync, predict, TrainError, type Model } from "../../src/train/index.js";
import { echoModel, line, linearModel, withError } from "./fake-model.js";

const model = () => linearModel({ capacity: 4, features: 2, rate: 0.1 });
const good = { inputs: { x: [1, 2, 3, 4] }, targets: { y: [1, 2] } };

/** As a caller without types would call it. */
const fitAny = (data: unknown, options: unknown = {}) => {
  const net = model();
  try {
    fit(net as Model, data as never, options as never);
  } finally {
    expect(net.calls).toEqual([]);
    expect([...net.inputs.x, ...net.targets.y].every((value) => value === 0)).toBe(true);
  }
};

describe("data", () => {
  test("the data that the table changes is good", () => {
    expect(() => fit(model(), good)).not.toThrow();
  });

  test.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /^NOT_A_RECORD: data .*undefined/],
    [
      "an array for the inputs",
      { ...good, inputs: [1, 2] },
      /^NOT_A_RECORD: inputs must be an object.*\n.*inputs: \{ "x": \.\.\. \}/,
    ],
    ["a typed array", { ...good, inputs: new Float32Array(1e6) }, /^NOT_A_RECORD/],
    [
      "a misspelt name",
      { ...good, inputs: { X1: [1, 2] } },
      /UNKNOWN_NAME: there is no input named "X1"\n  hint: did you mean "x"[^]*MISSING_DATA: input "x" has no data/,
    ],
    ["no targets", { inputs: good.inputs }, /^MISSING_DATA: target "y"/],
    [
      "nested arrays",
      {
        ...good,
        inputs: {
          x: [
            [1, 2],
            [3, 4],
          ],
        },
      },
      /^NOT_NUMBERS: inputs.x .*\n.*flat\(Infinity\)/,
    ],
    ["a string", { ...good, inputs: { x: "1234" } }, /^NOT_NUMBERS: inputs.x .*"1234"/],
    ["a DataView", { ...good, inputs: { x: new DataView(new ArrayBuffer(8)) } }, /^NOT_NUMBERS/],
    ["bigints", { ...good, inputs: { x: new BigInt64Array(4) } }, /^NOT_NUMBERS/],
    [
      "a length that does not divide",
      { ...good, inputs: { x: [1, 2, 3] } },
      /^BAD_LENGTH: inputs.x has 3 numbers.* 2 numbers of one row \[batch, 2\]/,
    ],
    ["row counts that differ", { ...good, targets: { y: [1] } }, /^ROW_COUNTS: .*inputs.x 2, targets.y 1/],
    ["rows that differ", { ...good, rows: 3 }, /^ROW_COUNTS: .*rows 3/],
    ["rows of no sense", { ...good, rows: 1.5 }, /^BAD_OPTION: rows .*1.5/],
    ["no rows", { inputs: { x: [] }, targets: { y: [] } }, /^NO_ROWS/],
    [
      "NaN",
      { ...good, inputs: { x: Float32Array.of(1, 2, 3, NaN) } },
      /^BAD_VALUE: inputs.x at row 1, index 1 .*NaN\n.*rejectNaN: false/,
    ],
    ["NaN in a plain array", { ...good, targets: { y: [1, NaN] } }, /^BAD_VALUE: targets.y at row 1, index 0/],
    ["undefined among numbers", { ...good, targets: { y: [1, undefined] } }, /^BAD_VALUE: .*undefined/],
    ["a string among numbers", { ...good, targets: { y: [1, "2"] } }, /^BAD_VALUE: .*"2"/],
    ["a hostile name", { ...good, inputs: { ...good.inputs, ["__proto__"]: [1] } }, /^UNKNOWN_NAME: .*"__proto__"/],
    [
      "a name of Object.prototype",
      { ...good, inputs: { ...good.inputs, constructor: [1] } },
      /^UNKNOWN_NAME: .*"constructor"/,
    ],
  ])("%s", (_, data, message) => {
    expect(() => fitAny(data)).toThrow(TrainError);
    expect(() => fitAny(data)).toThrow(message);
  });

  test("several errors are thrown together, each with its code", () => {
    try {
      fitAny({ inputs: { z: [1] }, targets: { y: "no" } });
      expect.unreachable();
    } catch (error) {
      expect((error as TrainError).errors.map(({ code }) => code)).toEqual([
        "UNKNOWN_NAME",
        "MISSING_DATA",
        "NOT_NUMBERS",
      ]);
    }
  });

  test("validation data is checked before training begins", () => {
    expect(() => fitAny(good, { validationData: { ...good, targets: { y: [1] } } })).toThrow("ROW_COUNTS");
  });

  test("NaN passes where it is meant", () => {
    const net = model();
    fit(net, { ...good, inputs: { x: [1, NaN, 3, 4] } }, { rejectNaN: false });
    expect(net.calls).toHaveLength(1);
  });

  const ids = (dtype: string, below: number | undefined, wanted: ArrayLike<number>) => () => {
    const target = below === undefined ? { shape: ["batch"], dtype } : { shape: ["batch"], dtype, below };
    const net = echoModel({ capacity: 4, output: ["batch"], target });
    return evaluate(net, { inputs: { values: new Float32Array(wanted.length) }, targets: { wanted } });
  };
  test.each([
    ["int32", 10, [0, 9], undefined],
    ["int32", 10, [0, 10], /row 1, index 0 must be an integer in 0 \.\. 9, but it is 10/],
    ["int32", 10, Int32Array.of(3, -1), /0 \.\. 9, but it is -1/],
    ["int32", 10, Float32Array.of(3, 2.5), /but it is 2.5/],
    ["int32", 10, [0, NaN], /but it is NaN/],
    ["int32", undefined, [-5, 2 ** 31 - 1], undefined],
    ["int32", undefined, [2 ** 31], /32-bit integer/],
    ["bool", undefined, [0, 1, 1], undefined],
    ["bool", undefined, [0, 2], /0 or 1, but it is 2/],
  ])("%s below %s: %s", (dtype, below, wanted, message) => {
    if (message === undefined) expect(ids(dtype, below, wanted)).not.toThrow();
    else expect(ids(dtype, below, wanted)).toThrow(message);
  });
});

describe("axes", () => {
  const output = ["batch", 1];
  const target = { shape: ["batch"], dtype: "float32" };

  test("an input without a batch axis is given once", () => {
    const net = echoModel({ capacity: 2, output, target, more: { table: { shape: [3], dtype: "float32" } } });
    const seen: number[][] = [];
    const watched = { ...net, step: () => (seen.push([...(net.inputs as Record<string, Float32Array>)["table"]!]), 0) };
    const data = { inputs: { values: [1, 2, 3], table: [7, 8, 9] }, targets: { wanted: [1, 2, 3] } };
    fit(watched, data);
    expect(seen).toEqual([
      [7, 8, 9],
      [7, 8, 9],
    ]);
    const short = { ...data, inputs: { ...data.inputs, table: [7, 8] } };
    expect(() => fit(watched, short)).toThrow(/^BAD_LENGTH: inputs.table has 2 numbers, but \[3\] has 3/);
  });

  test("rows are needed where nothing has a batch axis", () => {
    const net = { ...linearModel({ capacity: 4, features: 1, rate: 0.1 }) };
    const free = { ...net, inputs: {}, spec: { ...net.spec, inputs: {} } };
    expect(() => predict(free, { inputs: {} })).toThrow(/NO_ROWS.*\n.*rows: 100/);
    expect(predict(free, { inputs: {}, rows: 9 })["prediction"]).toHaveLength(9);
  });

  test("a batch axis elsewhere is refused", () => {
    const strange = echoModel({
      capacity: 2,
      output,
      target,
      more: { pairs: { shape: ["batch", "batch"], dtype: "float32" } },
    });
    const data = { inputs: { values: [1], pairs: [1] }, targets: { wanted: [1] } };
    expect(() => evaluate(strange, data)).toThrow(/BATCH_AXIS: inputs.pairs of shape \[batch, batch\]/);
    const scalar = echoModel({ capacity: 2, output: [], target });
    const noRows = { ...scalar, spec: { ...scalar.spec, inputs: {} }, inputs: {} };
    expect(() => predict(noRows, { inputs: {}, rows: 1 })).toThrow(
      /BATCH_AXIS: outputs.values.*\n.*outputs: \[\.\.\.\]/,
    );
  });
});

describe("options", () => {
  test.each<[object, RegExp]>([
    [{ epoch: 3 }, /^UNKNOWN_NAME: there is no option named "epoch"\n  hint: did you mean "epochs"/],
    [{ epochs: 0 }, /^BAD_OPTION: epochs .*at least 1/],
    [{ epochs: 1.5 }, /^BAD_OPTION: epochs/],
    [{ epochs: "3" }, /^BAD_OPTION: epochs .*"3"/],
    [{ initialEpoch: -1 }, /^BAD_OPTION: initialEpoch/],
    [{ seed: 0.5 }, /^BAD_OPTION: seed must be an integer, but it is 0.5/],
    [{ batchSize: 0 }, /^BAD_OPTION: batchSize .*1 \.\. 4/],
    [{ batchSize: 5 }, /^BAD_OPTION: batchSize .*\n.*larger batch/],
    [{ validationSplit: 1 }, /^BAD_OPTION: validationSplit/],
    [{ validationSplit: -0.1 }, /^BAD_OPTION: validationSplit/],
    [{ validationSplit: NaN }, /^BAD_OPTION: validationSplit/],
    [{ validationSplit: 0.9 }, /^EMPTY_SPLIT: .*no row for training/],
    [{ batchEventInterval: -1 }, /^BAD_OPTION: batchEventInterval/],
    [{ earlyStopping: {} }, /^UNKNOWN_NAME: there is no monitored value named "val_loss"\n.*"loss"/],
    [{ earlyStopping: { monitor: "loss", patience: -1 } }, /^BAD_OPTION: earlyStopping.patience/],
    [{ earlyStopping: { monitor: "loss", mode: "best" } }, /^BAD_OPTION: earlyStopping.mode/],
    [
      { earlyStopping: { monitor: "loss", restoreBest: true } },
      /^UNKNOWN_NAME: .*"restoreBest"\n.*"restoreBestWeights"/,
    ],
    [{ metrics: [] }, /^UNKNOWN_NAME: there is no option named "metrics"/],
    [{ step: "stp" }, /^UNKNOWN_NAME: there is no step named "stp"\n.*"step"/],
  ])("%o", (options, message) => {
    expect(() => fitAny(good, options)).toThrow(TrainError);
    expect(() => fitAny(good, options)).toThrow(message);
  });

  test("a module generated without an entry says which", () => {
    const { predict: _, ...net } = model();
    expect(() => predict(net, good)).toThrow(/MISSING_ENTRY: the model "line" has no function predict\n.*"predict"/);
    const { loss: __, ...without } = model();
    expect(() => evaluate(without, good)).toThrow(/MISSING_ENTRY.*loss/);
    expect(() => fit(without, good)).not.toThrow();
    expect(() => fit(without, good, { validationData: good })).toThrow("MISSING_ENTRY");
    const { evaluate: ___, ...silent } = withError(without);
    expect(() => evaluate({ ...silent, loss: () => 0 }, good)).toThrow(/MISSING_ENTRY.*evaluate/);
    const inference = { ...without, spec: { ...without.spec, steps: [] } };
    expect(Object.keys(evaluate(withError(inference), good))).toEqual(["error"]);
    expect(() => evaluate(inference, good)).toThrow(/CHOOSE_STEP.*no training step/);
  });

  test("fitAsync rejects, it does not throw", async () => {
    await expect(fitAsync(model(), good, { epochs: 0 })).rejects.toThrow("BAD_OPTION");
  });
});

test("types: names are checked in the editor", () => {
  const net = linearModel({ capacity: 4, features: 1, rate: 0.1 });
  // @ts-expect-error a misspelt input
  expect(() => fit(net, { inputs: { X: [1] }, targets: { y: [1] } })).toThrow();
  // @ts-expect-error a missing target
  expect(() => fit(net, { inputs: { x: [1] }, targets: {} })).toThrow();
  // @ts-expect-error a misspelt option
  expect(() => fit(net, line(3), { epoch: 1 })).toThrow();
  // Generated interfaces have no index signature.
  interface Views {
    readonly x: Float32Array;
  }
  const declared: typeof net & { readonly inputs: Views } = net;
  expect(() => fit(declared, line(3))).not.toThrow();
  // As in a generated module.
  const leaf = { shape: ["batch", 1], dtype: "float32" } as const;
  const spec = {
    name: "line",
    capacity: 4,
    dtype: "float32",
    inputs: { x: leaf },
    targets: { y: leaf },
    outputs: { prediction: leaf },
    parameters: {},
    states: {},
    steps: ["step"],
    arenaBytes: 64,
  } as const;
  expect(() => fit({ ...declared, spec }, line(3))).not.toThrow();
  expectTypeOf<CompiledModel>().toExtend<Model>();
});
