// Batch norm against loops from ONNX' BatchNormalization (with PyTorch's unbiased running variance), over several steps.

import { describe, expect, test } from "vitest";
import { compile } from "tapeless/compiler";
import {
  add,
  batchNorm,
  dense,
  input,
  mean,
  meanSquaredError,
  network,
  sgd,
  square,
  state,
  target,
  type Tensor,
} from "tapeless";
import {
  average,
  CAPACITY,
  closeTo,
  count,
  EPSILON,
  groupedBy,
  indices,
  numbers,
  options,
  sized,
  type Dims,
} from "./norm-loops.js";

const mean3 = (a: Tensor, b: Tensor, c: Tensor): Tensor => mean(square(add(add(a, b as never), c as never) as Tensor));

/** A batch norm before a mean squared error, and what it should become. */
function trained(shape: Dims, axis: number, momentum: number) {
  const x = input("x", shape) as Tensor;
  const y = batchNorm(x, { ...options, axis, momentum });
  const loss = meanSquaredError(y as never, target("t", shape) as never);
  const optimizer = sgd({ rate: 0.05 });
  return compile(network("norm", { batch: CAPACITY, outputs: { y }, loss, optimizer }), { dtype: "float64" }).create({
    seed: 2,
  });
}

describe("batch norm", () => {
  const cases: readonly (readonly [string, Dims, number, number])[] = [
    ["rows", ["batch", 3], -1, 0.1],
    ["images, channels last", ["batch", 2, 2, 3], -1, 0.3],
    ["images, channels first", ["batch", 2, 3], 1, 1],
    ["a frozen average", ["batch", 2], 1, 0],
    ["one channel", ["batch", 1], 1, 0.5],
  ];
  test.each(cases)("%s: training values, and running statistics over steps", (_, shape, axis, momentum) => {
    const model = trained(shape, axis, momentum);
    const channel = (index: readonly number[]): number => index.at(axis)!;
    const channels = shape.at(axis) as number;
    const running = { mean: Array<number>(channels).fill(0), variance: Array<number>(channels).fill(1) };
    // Fewer rows than the capacity, and a single one: there n may be 1.
    for (const [step, rows] of [CAPACITY, 3, 1, 2].entries()) {
      const full = sized(shape, rows);
      const [x, t] = [numbers(count(full), step), numbers(count(full), step + 10)];
      model.inputs["x"]!.set(x);
      model.targets["t"]!.set(t);
      const parameters = {
        weight: Array.from(model.parameters["n.weight"]!),
        bias: Array.from(model.parameters["n.bias"]!),
      };
      const statistics = groupedBy(x, full, (index) => `${channel(index)}`);
      const own = (index: number[], { mean, variance }: { mean: number; variance: number }, at: number): number =>
        ((x[at]! - mean) / Math.sqrt(variance + EPSILON)) * parameters.weight[channel(index)]! +
        parameters.bias[channel(index)]!;
      const loss = (y: number[]): number => average(y.map((value, i) => (value - t[i]!) ** 2));

      const inference = indices(full).map((index, at) => {
        const c = channel(index);
        return own(index, { mean: running.mean[c]!, variance: running.variance[c]! }, at);
      });
      model.predict(rows);
      closeTo(model.outputs["y"]!, inference);
      closeTo([model.loss(rows)], [loss(inference)]);

      const training = loss(indices(full).map((index, at) => own(index, statistics(index), at)));
      const before = { ...running };
      closeTo([model.gradients(rows)], [training]);
      closeTo(model.states["n.runningMean"]!, before.mean);
      closeTo(model.states["n.runningVariance"]!, before.variance);
      closeTo([model.step(rows)], [training]);
      for (let c = 0; c < channels; c++) {
        const index = full.map(() => 0).with(axis, c);
        const { mean, variance, count: n } = statistics(index);
        running.mean[c] = (1 - momentum) * running.mean[c]! + momentum * mean;
        if (n > 1) running.variance[c] = (1 - momentum) * running.variance[c]! + (momentum * variance * n) / (n - 1);
      }
      closeTo(model.states["n.runningMean"]!, running.mean);
      closeTo(model.states["n.runningVariance"]!, running.variance);
    }
  });

  test("control: the biased variance would be seen", () => {
    const model = trained(["batch", 1], 1, 1);
    model.inputs["x"]!.set([1, 3]);
    model.step(2);
    expect(model.states["n.runningVariance"]![0]).toBeCloseTo(2, 12);
    expect(model.states["n.runningVariance"]![0]).not.toBeCloseTo(1, 3);
  });

  test("parameters and statistics in their first state", () => {
    const net = network("n", { batch: 1, outputs: { y: batchNorm(input("x", ["batch", 2]), { name: "n" }) } });
    const model = compile(net).create();
    expect(Object.keys(model.parameters)).toEqual(["n.weight", "n.bias"]);
    expect(model.states).toEqual({ "n.runningMean": new Float32Array(2), "n.runningVariance": Float32Array.of(1, 1) });
  });

  test("switched off, frozen and shared parts", () => {
    const x = input("x", ["batch", 2]);
    const bare = batchNorm(x, { scale: false, center: false, name: "bare" });
    const frozen = batchNorm(x, { trainable: false, name: "frozen" });
    const [mean, variance] = [state("mean", [2], 1), state("variance", [2], 4)];
    const shared = batchNorm(x, {
      parameters: { runningMean: mean, runningVariance: variance },
      scale: false,
      name: "shared",
    });
    const loss = mean3(bare, frozen, shared);
    const optimizer = sgd({ rate: 0.1 });
    const net = network("n", { batch: 2, outputs: { bare, frozen, shared }, loss, optimizer });
    const model = compile(net, { dtype: "float64" }).create();
    expect(Object.keys(model.parameters).sort()).toEqual(["frozen.bias", "frozen.weight", "shared.bias"]);
    model.inputs["x"]!.set([1, 2, 3, 8]);
    model.step(2);
    closeTo(model.states["frozen.runningMean"]!, [0, 0]);
    closeTo(model.states["frozen.runningVariance"]!, [1, 1]);
    expect(model.parameters["frozen.weight"]).toEqual(Float64Array.of(1, 1));
    closeTo(model.states["mean"]!, [1.1, 1.4]);
    closeTo(model.states["variance"]!, [3.8, 5.4]);
  });

  test("only the step that reads the layer moves its statistics", () => {
    const x = input("x", ["batch", 2]);
    const y = batchNorm(x, { name: "n" });
    const other = dense(x, 1, { name: "other" });
    const optimizer = sgd({ rate: 0.1 });
    const steps = { norm: { loss: mean(square(y)), optimizer }, other: { loss: mean(square(other)), optimizer } };
    const model = compile(network("n", { batch: 2, steps }), { dtype: "float64" }).create();
    model.inputs["x"]!.set([1, 2, 3, 8]);
    model["other"](2);
    closeTo(model.states["n.runningMean"]!, [0, 0]);
    model["norm"](2);
    closeTo(model.states["n.runningMean"]!, [0.2, 0.5]);
  });
});
