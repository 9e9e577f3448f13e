// Models written by hand after the contract of emitted modules, simple enough that a test can know every number.

import type { LeafSpec } from "../../src/train/model.js";

export interface Call {
  readonly entry: string;
  readonly rows: number;
  /** The first feature of each row, by which a test knows which rows came. */
  readonly firsts: readonly number[];
}

/**
 * y = x·w + b by least squares: loss = mean over rows of (y - target)², plain gradient descent with momentum 0.5 (so that
 * there is a state). Counts its steps in a state, and refuses what an emitted module refuses.
 */
export function linearModel(options: { capacity: number; features: number; rate: number }) {
  const { capacity, features, rate } = options;
  const x = new Float32Array(capacity * features);
  const y = new Float32Array(capacity);
  const prediction = new Float32Array(capacity);
  const w = new Float32Array(features);
  const b = new Float32Array(1);
  const velocity = new Float32Array(features + 1);
  const steps = new Float32Array(1);
  const calls: Call[] = [];
  const real = (shape: readonly (number | string)[]): LeafSpec => ({ shape, dtype: "float32" });

  const enter = (entry: string, rows: number): void => {
    if (!(Number.isInteger(rows) && rows >= 1 && rows <= capacity)) throw new RangeError(`rows ${rows}`);
    calls.push({ entry, rows, firsts: Array.from({ length: rows }, (_, i) => x[i * features]!) });
  };
  const forward = (rows: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, i) => {
      let sum = b[0]!;
      for (let k = 0; k < features; k++) sum += x[i * features + k]! * w[k]!;
      return sum;
    });
  const lossOf = (outputs: Float64Array): number =>
    outputs.reduce((sum, output, i) => sum + (output - y[i]!) ** 2, 0) / outputs.length;

  return {
    spec: {
      name: "line",
      capacity,
      inputs: { x: real(["batch", features]) },
      targets: { y: real(["batch", 1]) },
      outputs: { prediction: real(["batch", 1]) },
      steps: ["step"],
    },
    inputs: { x },
    targets: { y },
    outputs: { prediction },
    parameters: { "line.weight": w, "line.bias": b },
    states: { velocity, steps },
    calls,
    step(rows: number): number {
      enter("step", rows);
      const outputs = forward(rows);
      const gradient = new Float64Array(features + 1);
      outputs.forEach((output, i) => {
        const delta = (2 * (output - y[i]!)) / rows;
        for (let k = 0; k < features; k++) gradient[k]! += delta * x[i * features + k]!;
        gradient[features]! += delta;
      });
      for (let k = 0; k <= features; k++) {
        velocity[k] = 0.5 * velocity[k]! + gradient[k]!;
        if (k < features) w[k]! -= rate * velocity[k]!;
        else b[0]! -= rate * velocity[k]!;
      }
      steps[0]!++;
      return lossOf(outputs);
    },
    loss(rows: number): number {
      enter("loss", rows);
      return lossOf(forward(rows));
    },
    predict(rows: number): void {
      enter("predict", rows);
      prediction.set(forward(rows));
    },
  };
}

export type LinearModel = ReturnType<typeof linearModel>;

/** The same model, with a network's metric: the mean of |prediction - target|. As in emitted modules, `evaluate` gives the loss. */
export function withError<M extends Omit<LinearModel, "loss">>(net: M) {
  const statistics = { sum: new Float64Array(1), count: new Float64Array(1) };
  const error = { shape: [], statistics: { sum: "sum", count: "count" }, result: ["divide", "sum", "count"] } as const;
  return {
    ...net,
    spec: { ...net.spec, metrics: { error } },
    statistics,
    evaluate(rows: number): number {
      net.predict(rows);
      const errors = Array.from({ length: rows }, (_, i) => net.outputs.prediction[i]! - net.targets.y[i]!);
      statistics.sum[0] = errors.reduce((sum, each) => sum + Math.abs(each), 0);
      statistics.count[0] = rows;
      return errors.reduce((sum, each) => sum + each ** 2, 0) / rows;
    },
  };
}

/** Rows of the line y = 2x + 1 at x = 0, 1/n, 2/n, ...: the first feature names the row. */
export function line(rows: number) {
  const x = Float32Array.from({ length: rows }, (_, i) => i / rows);
  return { inputs: { x }, targets: { y: x.map((value) => 2 * value + 1) } };
}

/** A model that outputs its input: what a metric sees is what a test writes. Its loss is the mean of its inputs. */
export function echoModel(options: {
  capacity: number;
  output: readonly (number | string)[];
  target: LeafSpec;
  more?: Record<string, LeafSpec>;
}) {
  const { capacity, output, target } = options;
  const length = (shape: readonly (number | string)[]): number =>
    shape.reduce<number>((product, size) => product * (size === "batch" ? capacity : Number(size)), 1);
  const view = ({ shape, dtype }: LeafSpec): Float32Array | Int32Array | Uint8Array =>
    new { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype]!(length(shape));
  const values: LeafSpec = { shape: output, dtype: "float32" };
  const inputs = { values: view(values), ...mapped(options.more ?? {}, view) };
  const outputs = { values: view(values) };
  return {
    spec: {
      name: "echo",
      capacity,
      inputs: { values, ...options.more },
      targets: { wanted: target },
      outputs: { values },
      steps: ["step"],
    },
    inputs,
    targets: { wanted: view(target) },
    outputs,
    parameters: {},
    step: (rows: number): number => rows,
    loss(rows: number): number {
      const seen = inputs.values.subarray(0, (rows * inputs.values.length) / capacity);
      return [...seen].reduce((sum, value) => sum + value, 0) / seen.length;
    },
    predict: (): void => outputs.values.set(inputs.values),
  };
}

const mapped = <From, To>(record: Record<string, From>, of: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));
