// Metrics: what an output is compared with, as sums over rows that are divided once at the end, so that partial batches
// weigh what they should. Computed from the views that `predict` has filled.

import * as say from "./messages.js";
import { leavesOf, type Leaf, type Model } from "./model.js";

/** A metric, not yet bound to a model. */
export interface Metric {
  /** The key of its result. */
  readonly name: string;
  readonly bind: (model: Model) => Meter;
}

/** A metric that runs: reset, then add every batch after `predict`, then read the result. */
export interface Meter {
  readonly reset: () => void;
  /** Adds the first `rows` rows of the model's output and target views. */
  readonly add: (rows: number) => void;
  readonly result: () => number;
}

export interface MetricOptions {
  /** The output it reads. Default: the model's only output. */
  readonly output?: string | undefined;
  /** The target it reads. Default: the model's only target. */
  readonly target?: string | undefined;
  /** The key of the result. Default: the function's name. */
  readonly name?: string | undefined;
}

export interface AccuracyOptions extends MetricOptions {
  /** One-column outputs say "yes" above it. Default 0.5, which suits probabilities; for logits give 0. */
  readonly threshold?: number | undefined;
}

/**
 * The share of right answers, in 0 .. 1 (Keras: `accuracy`, which likewise picks by the shapes):
 * - output [batch, ..., classes] and int32 target [batch, ...]: the largest class is the target's (the first of equals);
 * - output and target of the same shape with several columns: both have their largest number in the same column;
 * - output and target of one column: both are above `threshold` (the target above 0.5), or neither.
 * A row whose outputs are NaN is wrong. Throws TrainError when it is bound: UNKNOWN_NAME, AMBIGUOUS_METRIC, METRIC_SHAPE.
 */
export function accuracy(options: AccuracyOptions = {}): Metric {
  return metric(options.name ?? "accuracy", options, (output, target, mismatch) => {
    const classes = output.spec.shape.length > 1 ? Number(output.spec.shape.at(-1)) : 1;
    const places = output.length / classes;
    const oneHot = output.length === target.length && (classes === 1 || target.spec.dtype !== "int32");
    if (!oneHot && (target.length !== places || target.spec.dtype !== "int32")) throw mismatch;
    const threshold = options.threshold ?? 0.5;
    let right = 0;
    let all = 0;
    return {
      reset: () => void (right = all = 0),
      result: () => right / all,
      add(rows) {
        all += rows * places;
        for (let place = 0; place < rows * places; place++) {
          if (classes === 1) {
            const value = output.view[place]!;
            if (value === value && value > threshold === target.view[place]! > 0.5) right++;
          } else {
            const expected = oneHot ? largest(target.view, place * classes, classes) : target.view[place]!;
            if (largest(output.view, place * classes, classes) === expected) right++;
          }
        }
      },
    };
  });
}

/** The mean of |output - target| over rows and columns, in the target's unit (Keras: mean_absolute_error). */
export const meanAbsoluteError = (options: MetricOptions = {}): Metric =>
  meanError(options.name ?? "meanAbsoluteError", options, Math.abs, (mean) => mean);

/** The mean of (output - target)² over rows and columns (Keras: mean_squared_error). */
export const meanSquaredError = (options: MetricOptions = {}): Metric =>
  meanError(
    options.name ?? "meanSquaredError",
    options,
    (x) => x * x,
    (mean) => mean,
  );

/** The root of the mean squared error over *all* rows, in the target's unit (Keras: root_mean_squared_error). */
export const rootMeanSquaredError = (options: MetricOptions = {}): Metric =>
  meanError(options.name ?? "rootMeanSquaredError", options, (x) => x * x, Math.sqrt);

function meanError(
  name: string,
  options: MetricOptions,
  of: (x: number) => number,
  end: (mean: number) => number,
): Metric {
  return metric(name, options, (output, target, mismatch) => {
    if (output.length !== target.length) throw mismatch;
    let sum = 0;
    let all = 0;
    return {
      reset: () => void (sum = all = 0),
      result: () => end(sum / all),
      add(rows) {
        all += rows * output.length;
        for (let i = 0; i < rows * output.length; i++) sum += of(output.view[i]! - target.view[i]!);
      },
    };
  });
}

type Bind = (output: Leaf, target: Leaf, mismatch: say.TrainError) => Meter;

function metric(name: string, options: MetricOptions, bind: Bind): Metric {
  return {
    name,
    bind(model) {
      const output = pick(name, "output", leavesOf(model, "outputs"), options.output);
      const target = pick(name, "target", leavesOf(model, "targets"), options.target);
      const lengths = [output.length, target.length] as const;
      const mismatch = say.metricShape({ metric: name, output: output.name, target: target.name, lengths });
      if (output.axis !== "first" || target.axis !== "first") throw mismatch;
      return bind(output, target, mismatch);
    },
  };
}

function pick(metricName: string, kind: string, leaves: readonly Leaf[], name: string | undefined): Leaf {
  const names = leaves.map((leaf) => leaf.name);
  if (name === undefined && leaves.length !== 1) throw say.ambiguousMetric({ metric: metricName, kind, names });
  const leaf = name === undefined ? leaves[0] : leaves.find((other) => other.name === name);
  if (leaf === undefined) throw say.unknownName({ kind, name: name!, known: names });
  return leaf;
}

/** The column of the largest number, the first of equals; -1 where any is NaN. */
function largest(values: Leaf["view"], start: number, count: number): number {
  let best = 0;
  for (let k = 0; k < count; k++) {
    const value = values[start + k]!;
    if (value !== value) return -1;
    if (value > values[start + best]!) best = k;
  }
  return best;
}
