import { describe, expect, test } from "vitest";
import {
  accuracy,
  evaluate,
  fit,
  load,
  meanAbsoluteError,
  meanSquaredError,
  predict,
  rootMeanSquaredError,
  save,
  type Metric,
} from "../../src/train/index.js";
import { echoModel, line, linearModel } from "./fake-model.js";

const trained = (capacity: number) => {
  const net = linearModel({ capacity, features: 1, rate: 0.1 });
  net.parameters["line.weight"].set([1.5]);
  net.parameters["line.bias"].set([0.25]);
  return net;
};

describe("evaluate", () => {
  test("the loss is that of all rows at once, whatever the batch", () => {
    const whole = evaluate(trained(11), line(11))["loss"]!;
    const batches = [4, 4, 3].map((rows, i) => {
      const from = i * 4;
      const { inputs, targets } = line(11);
      const part = {
        inputs: { x: inputs.x.slice(from, from + rows) },
        targets: { y: targets.y.slice(from, from + rows) },
      };
      return evaluate(trained(11), part)["loss"]!;
    });
    expect(evaluate(trained(4), line(11))["loss"]).toBeCloseTo(whole, 6);
    const unweighted = batches.reduce((sum, loss) => sum + loss, 0) / 3;
    expect(Math.abs(unweighted - whole), "the plain mean of batches is another number").toBeGreaterThan(1e-3);
  });

  test("nothing but the views of inputs, targets and outputs changes", () => {
    const net = trained(4);
    const before = structuredClone([net.parameters, net.states]);
    evaluate(net, line(10), { metrics: [meanSquaredError()] });
    predict(net, line(10));
    expect([net.parameters, net.states]).toEqual(before);
    expect(net.calls.map((call) => call.entry)).not.toContain("step");
  });

  test("metrics stand beside the loss, and weigh rows alike", () => {
    const results = evaluate(trained(4), line(11), { metrics: [meanSquaredError(), rootMeanSquaredError()] });
    expect(Object.keys(results)).toEqual(["loss", "meanSquaredError", "rootMeanSquaredError"]);
    expect(results["meanSquaredError"]).toBeCloseTo(results["loss"]!, 6);
    expect(results["rootMeanSquaredError"]).toBeCloseTo(Math.sqrt(results["loss"]!), 6);
  });
});

describe("predict", () => {
  test.each([1, 3, 4, 5, 8, 11])("%i rows by a capacity of 4", (rows) => {
    const { inputs } = line(rows);
    const { prediction } = predict(trained(4), { inputs });
    expect(prediction).toBeInstanceOf(Float32Array);
    expect([...prediction!]).toEqual([...inputs.x].map((x) => Math.fround(x * 1.5 + 0.25)));
  });

  test("outputs of several columns, in rows", () => {
    const net = echoModel({ capacity: 4, output: ["batch", 2, 3], target: { shape: ["batch"], dtype: "float32" } });
    const values = Float32Array.from({ length: 7 * 6 }, (_, i) => i);
    expect(predict(net, { inputs: { values } })["values"]).toEqual(values);
  });

  test("the result is the caller's own", () => {
    const net = trained(4);
    const { prediction } = predict(net, line(4));
    const kept = [...prediction!];
    net.outputs.prediction.fill(NaN);
    expect([...prediction!]).toEqual(kept);
  });

  test("outputs can be named", () => {
    const net = trained(4);
    expect(Object.keys(predict(net, line(4), { outputs: [] }))).toEqual([]);
    expect(() => predict(net, line(4), { outputs: ["predicton"] })).toThrow(/UNKNOWN_NAME.*\n.*"prediction"/);
  });
});

describe("metrics", () => {
  const measure = (
    output: readonly (number | string)[],
    target: object,
    values: readonly number[],
    wanted: readonly number[],
    metric: Metric,
  ) => {
    const net = echoModel({ capacity: 2, output, target: { shape: ["batch"], dtype: "float32", ...target } });
    return evaluate(net, { inputs: { values }, targets: { wanted } }, { metrics: [metric], rejectNaN: false })[
      metric.name
    ];
  };
  const classes = { dtype: "int32", below: 3 };

  test.each([
    ["classes", ["batch", 3], classes, [0, 1, 0, 5, 4, 3, 0, 0, 1], [1, 0, 0], {}, 2 / 3],
    ["ties go to the first", ["batch", 3], classes, [1, 1, 0, 0, 2, 2], [0, 2], {}, 1 / 2],
    ["NaN is wrong", ["batch", 3], classes, [1, NaN, NaN, NaN, NaN, NaN], [0, 0], {}, 0],
    [
      "a sequence of classes",
      ["batch", 2, 3],
      { ...classes, shape: ["batch", 2] },
      [1, 0, 0, 0, 1, 0],
      [0, 0],
      {},
      1 / 2,
    ],
    ["one-hot", ["batch", 2], { shape: ["batch", 2] }, [1, 2, 1, 2, 1, 2], [0, 1, 0, 1, 1, 0], {}, 2 / 3],
    ["one column", ["batch", 1], { shape: ["batch", 1] }, [0.2, 0.8, 0.5, 0.9], [0, 1, 1, 0], {}, 1 / 2],
    ["one column against a plain target", ["batch"], {}, [0.2, 0.8, 0.5], [0, 1, 0], {}, 1],
    ["one column of logits", ["batch", 1], { shape: ["batch", 1] }, [-1, 0.2, 3], [0, 1, 1], { threshold: 0 }, 1],
    ["one column NaN", ["batch", 1], { shape: ["batch", 1] }, [NaN, 0], [0, 0], {}, 1 / 2],
    ["one column with int labels", ["batch", 1], { dtype: "int32", below: 2 }, [0.3, 0.7, 0.7], [0, 1, 0], {}, 2 / 3],
  ])("accuracy: %s", (_, output, target, values, wanted, options, expected) => {
    expect(measure(output, target, values, wanted, accuracy(options))).toBeCloseTo(expected, 12);
  });

  test("mean errors over rows and columns", () => {
    const errors = [1, -2, 0, 4, -1, 2]; // three rows of two columns, by a capacity of two
    const run = (metric: Metric) =>
      measure(
        ["batch", 2],
        { shape: ["batch", 2] },
        errors.map((e, i) => i + e),
        errors.map((_, i) => i),
        metric,
      );
    expect(run(meanAbsoluteError())).toBeCloseTo(10 / 6, 12);
    expect(run(meanSquaredError())).toBeCloseTo(26 / 6, 12);
    expect(run(rootMeanSquaredError())).toBeCloseTo(Math.sqrt(26 / 6), 12);
  });

  test("what a metric cannot read is refused by name", () => {
    const net = echoModel({ capacity: 2, output: ["batch", 3], target: { shape: ["batch"], dtype: "float32" } });
    const data = { inputs: { values: [1, 2, 3] }, targets: { wanted: [1] } };
    const run = (metrics: readonly Metric[]) => () => evaluate(net, data, { metrics });
    expect(run([accuracy()])).toThrow(/METRIC_SHAPE.*"values" \(3 numbers a row\).*"wanted" \(1 a row\)/);
    expect(run([meanSquaredError()])).toThrow("METRIC_SHAPE");
    expect(run([accuracy({ output: "value" })])).toThrow(/UNKNOWN_NAME.*\n.*did you mean "values"/);
    expect(run([accuracy({ target: "label" })])).toThrow(/UNKNOWN_NAME.*target.*\n.*known: "wanted"/);
    expect(run([accuracy(), accuracy()])).toThrow("DUPLICATE_METRIC");
    expect(run([accuracy({ name: "loss" })])).toThrow("DUPLICATE_METRIC");
    const two = {
      ...net,
      spec: { ...net.spec, outputs: { ...net.spec.outputs, other: net.spec.outputs.values } },
      outputs: { ...net.outputs, other: net.outputs.values },
    };
    expect(() => evaluate(two, data, { metrics: [accuracy()] })).toThrow(/AMBIGUOUS_METRIC.*"values", "other"/);
  });
});

describe("save and load", () => {
  test("what is saved can be loaded into another model", () => {
    const net = trained(4);
    fit(net, line(10));
    const saved = save(net);
    const other = linearModel({ capacity: 2, features: 1, rate: 0.1 });
    load(other, saved);
    expect(other.parameters).toEqual(net.parameters);
    net.parameters["line.bias"].fill(7);
    expect(saved["line.bias"]![0]).not.toBe(7);
  });

  test("all or nothing, and everything wrong at once", () => {
    const net = trained(4);
    const before = structuredClone(net.parameters);
    expect(() => load(net, { "line.weight": [9], "line.bais": [1] })).toThrow(
      /did you mean "line.bias"[^]*MISSING_DATA/,
    );
    expect(() => load(net, { "line.weight": [9], "line.bias": [1, 2] })).toThrow("BAD_LENGTH");
    expect(() => load(net, { "line.weight": [9], "line.bias": [NaN] })).toThrow("BAD_VALUE");
    expect(net.parameters).toEqual(before);
    load(net, { "line.weight": [9], "line.bias": [1] });
    expect(net.parameters["line.weight"][0]).toBe(9);
  });
});
