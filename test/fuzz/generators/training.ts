// Optimizers with their parts, and metrics.

import { call, leaf, type Canvas } from "../canvas.js";
import type { Arg } from "../sketch.js";
import type { Generator, Table } from "./kinds.js";
import { labelsOf, prediction, scores, share, targetOf } from "./losses.js";

type Options = Record<string, Arg>;

const SCHEDULES: Readonly<Record<string, (c: Canvas) => Arg[]>> = {
  constantRate: () => [],
  cosineDecay: (c) => [3, { ...(c.draw.chance(0.4) && { warmUp: 1 }), end: 0.125 }],
  exponentialDecay: (c) => [0.5, ...(c.draw.chance(0.4) ? [{ steps: 2, staircase: true }] : [])],
  linearDecay: () => [4, { end: 0.25 }],
  oneCycle: () => [4],
  stepDecay: (c) => (c.draw.chance(0.5) ? [2, 0.5] : [[1, 2]]),
  warmUp: (c) => [2, { start: 0.25, ...(c.draw.chance(0.4) && { schedule: { $call: "linearDecay", args: [3] } }) }],
};

const CLIPPINGS: Readonly<Record<string, Arg[]>> = {
  clipByGlobalNorm: [0.5],
  clipByNorm: [0.25],
  clipByValue: [-0.125, 0.125],
};

const scheduleOf = (c: Canvas, name = c.draw.pick(Object.keys(SCHEDULES))): Arg => ({
  $call: name,
  args: SCHEDULES[name]!(c),
});
const clippingOf = (c: Canvas, name = c.draw.pick(Object.keys(CLIPPINGS))): Arg => ({
  $call: name,
  args: CLIPPINGS[name]!,
});
const maxNorm: Arg = { $call: "maxNorm", args: [0.75] };

/** Divisors that are not next to zero: an update says nothing of a gradient that is rounding only. */
const EPSILON = 0.0625;

const OWN: Readonly<Record<string, (c: Canvas) => Options>> = {
  sgd: (c) => ({
    rate: 0.125,
    ...(c.draw.chance(0.3) && { momentum: 0.5 }),
    ...(c.draw.chance(0.2) && { weightDecay: 0.125 }),
  }),
  momentum: () => ({ rate: 0.125 }),
  nesterov: () => ({ rate: 0.125 }),
  adam: (c) => ({
    rate: 0.125,
    epsilon: EPSILON,
    ...(c.draw.chance(0.2) && { amsgrad: true }),
    ...(c.draw.chance(0.2) && { epsilonHat: true }),
  }),
  adamw: () => ({ rate: 0.125, epsilon: EPSILON }),
  amsgrad: () => ({ rate: 0.125, epsilon: EPSILON }),
  adamax: () => ({ rate: 0.125, epsilon: EPSILON }),
  adadelta: () => ({ rate: 0.5, epsilon: EPSILON }),
  adagrad: (c) => ({
    rate: 0.125,
    epsilon: EPSILON,
    initialSum: 0.25,
    ...(c.draw.chance(0.3) && { rateDecay: 0.125 }),
  }),
  rmsprop: (c) => ({
    rate: 0.125,
    epsilon: EPSILON,
    ...(c.draw.chance(0.3) && { centered: true }),
    ...(c.draw.chance(0.3) && { momentum: 0.5 }),
  }),
  lion: () => ({ rate: 0.0625 }),
};

const WRAPPERS: Readonly<Record<string, (c: Canvas) => Arg>> = {
  accumulate: () => 2,
  movingAverage: (c) => ({ decay: 0.75, ...(c.draw.chance(0.4) && { inference: "parameters" }) }),
};

/** An optimizer, by chance with a schedule and the like. `shown`: exports that must be in it. */
export function optimizerOf(c: Canvas, shown: readonly string[]): Arg {
  const among = (table: object): string | undefined => shown.find((name) => name in table);
  const name = among(OWN) ?? c.draw.pick(Object.keys(OWN));
  const schedule = among(SCHEDULES);
  const clip = among(CLIPPINGS);
  const options: Options = {
    ...OWN[name]!(c),
    ...((schedule !== undefined || c.draw.chance(0.2)) && { schedule: scheduleOf(c, schedule) }),
    ...((clip !== undefined || c.draw.chance(0.2)) && { clip: clippingOf(c, clip) }),
    ...((shown.includes("maxNorm") || c.draw.chance(0.1)) && { constraint: maxNorm }),
  };
  const plain: Arg = { $call: name, args: [options] };
  const wrapper = among(WRAPPERS) ?? (c.draw.chance(0.1) ? c.draw.pick(Object.keys(WRAPPERS)) : undefined);
  return wrapper === undefined ? plain : { $call: wrapper, args: [plain, WRAPPERS[wrapper]!(c)] };
}

const part = (kind: "optimizer" | "schedule" | "clipping" | "constraint", name: string): Generator => ({
  kind,
  make: (c) => optimizerOf(c, [name]),
});

const table = (kind: "optimizer" | "schedule" | "clipping" | "constraint", names: readonly string[]): Table =>
  Object.fromEntries(names.map((name) => [name, part(kind, name)]));

const metric = (make: (c: Canvas) => readonly Arg[], name: string): Generator => ({
  kind: "metric",
  make: (c) => ({ $call: name, args: make(c) }),
});

const ofClasses =
  (more: (c: Canvas) => Options = () => ({})) =>
  (c: Canvas): readonly Arg[] => {
    const x = scores(c);
    const options = {
      ...more(c),
      ...(c.draw.chance(0.2) && { weights: call(c, "sigmoid", leaf(c, ["batch"]).ref).ref }),
    };
    return [x.ref, labelsOf(c, x), ...(Object.keys(options).length > 0 ? [options] : [])];
  };

const ofPairs = (c: Canvas): readonly Arg[] => {
  const x = prediction(c);
  return [x.ref, targetOf(c, x.node.shape)];
};

const averaged = (c: Canvas): Options =>
  c.draw.chance(0.5) ? { average: c.draw.pick(["micro", "macro", "weighted", "none"]) } : {};

export const training: Table = {
  ...table("optimizer", [...Object.keys(OWN), ...Object.keys(WRAPPERS)]),
  ...table("schedule", Object.keys(SCHEDULES)),
  ...table("clipping", Object.keys(CLIPPINGS)),
  ...table("constraint", ["maxNorm"]),
  accuracy: metric(ofClasses(), "accuracy"),
  confusionMatrix: metric(ofClasses(), "confusionMatrix"),
  f1: metric(ofClasses(averaged), "f1"),
  precision: metric(ofClasses(averaged), "precision"),
  recall: metric(ofClasses(averaged), "recall"),
  topKAccuracy: metric(
    ofClasses(() => ({ k: 2 })),
    "topKAccuracy",
  ),
  perplexity: metric(ofClasses(), "perplexity"),
  rSquared: metric(ofPairs, "rSquared"),
  rootMeanSquaredError: metric(ofPairs, "rootMeanSquaredError"),
  average: metric((c) => [prediction(c).ref], "average"),
  auc: metric((c) => {
    const x = prediction(c);
    return [share(c, x.ref), share(c, targetOf(c, x.node.shape)), { bins: 4 }];
  }, "auc"),
  metric: metric((c) => {
    const x = prediction(c);
    const sum = call(c, "sum", x.ref);
    const rows = call(c, "size", x.ref);
    return [{ statistics: { sum: sum.ref, rows: rows.ref }, result: ["divide", "sum", "rows"] }];
  }, "metric"),
};
