import { describe, expect, test } from "vitest";
import { evaluate, fit, load, predict, save } from "../../src/train/index.js";
import { echoModel, line, linearModel, withError } from "./fake-model.js";

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
    evaluate(net, line(10));
    evaluate(withError(net), line(10));
    predict(net, line(10));
    expect([net.parameters, net.states]).toEqual(before);
    expect(net.calls.map((call) => call.entry)).not.toContain("step");
  });

  test("metrics stand beside the loss, and weigh rows alike", () => {
    const results = evaluate(withError(trained(4)), line(11));
    expect(Object.keys(results)).toEqual(["loss", "error"]);
    expect(results["loss"]).toBeCloseTo(evaluate(trained(11), line(11))["loss"]!, 6);
    expect(results["error"]).toBeCloseTo(evaluate(withError(trained(11)), line(11))["error"]!, 6);
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
