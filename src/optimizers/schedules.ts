// Schedules: factors of the base rate that depend on the number of updates done, computed inside the step. The rate itself
// stays a hyper-parameter that may change at run time.

import * as is from "../ops/call/checks.js";
import type { Node } from "../graph/node.js";
import { callSite } from "../graph/origin.js";
import { requireOptions, type Known } from "../ops/call/options.js";
import type { Arithmetic } from "./arithmetic.js";
import { count, flag, number, positive, refuse } from "./settings.js";

/**
 * A factor of the rate for each update, computed inside the step. The rate itself stays a hyper-parameter that may
 * change at run time. {@link cosineDecay} makes one.
 */
export interface Schedule {
  /** Says that it is a schedule. */
  readonly kind: "schedule";
  /** The name of the function that made it. */
  readonly name: string;
  /** The factor after `done` updates (a float scalar, 0 at the first update). */
  readonly factor: (math: Arithmetic, done: Node) => Node;
}

const schedule = (name: string, factor: Schedule["factor"]): Schedule =>
  Object.freeze({ kind: "schedule", name, factor });

function settings<O extends object>(op: string, options: O, known: Known<NoInfer<O>>): O {
  requireOptions(callSite(op), options, known);
  return options;
}

/**
 * The rate as it is: factor 1.
 * @returns a schedule, for an optimizer's option `schedule`
 * @example
 * ```ts
 * const w = parameter([1], 0, { name: "w" });
 * const optimizer = sgd({ rate: 1, schedule: constantRate() });
 * const model = compile(network("example", { batch: 1, loss: sum(w), optimizer })).create();
 * // The gradient of w is 1: a step takes the rate off.
 * const rates = [1, 2, 3, 4, 5].map(() => {
 *   model.parameters.w!.fill(0);
 *   model.step(1);
 *   return -model.parameters.w![0]!;
 * }); // [1, 1, 1, 1, 1]
 * ```
 */
export const constantRate = (): Schedule => schedule("constantRate", (math) => math.node(1));

/** The options of {@link stepDecay}. */
export interface StepDecayOptions {
  /** What each drop multiplies the rate by; 0.1 unless stated. */
  readonly factor?: number;
}

/**
 * The rate drops: `stepDecay(1000)` has factor^floor(t / 1000) after t updates (PyTorch's StepLR), `stepDecay([1000,
 * 1500])` factor^(the number of entries that t has reached) (MultiStepLR).
 * @param steps updates between two drops, or a list of the numbers of updates after which it drops
 * @returns a schedule, for an optimizer's option `schedule`
 * @throws BAD_ARGUMENT for steps that are neither, or a factor that is not above 0
 * @example
 * ```ts
 * const w = parameter([1], 0, { name: "w" });
 * const optimizer = sgd({ rate: 1, schedule: stepDecay(2, { factor: 0.5 }) });
 * const model = compile(network("example", { batch: 1, loss: sum(w), optimizer })).create();
 * // The gradient of w is 1: a step takes the rate off.
 * const rates = [1, 2, 3, 4, 5].map(() => {
 *   model.parameters.w!.fill(0);
 *   model.step(1);
 *   return -model.parameters.w![0]!;
 * }); // [1, 1, 0.5, 0.5, 0.25]
 * ```
 */
export function stepDecay(steps: number | readonly number[], options: StepDecayOptions = {}): Schedule {
  const op = "stepDecay";
  const drop = positive(op, "factor", settings(op, options, { factor: is.finite }).factor ?? 0.1);
  if (Array.isArray(steps)) {
    if (steps.length === 0) refuse(op, "steps", steps, "one number of updates at least");
    const drops = (steps as readonly unknown[]).map((one, i) => count(op, `steps[${i}]`, one, 1));
    return schedule(op, (math, done) =>
      drops.map((one) => math.where(math.less(done, one), 1, drop)).reduce((a, b) => math.mul(a, b)),
    );
  }
  const every = count(op, "steps", steps, 1);
  return schedule(op, (math, done) => math.pow(drop, math.floor(math.div(done, every))));
}

/** The options of {@link exponentialDecay}. */
export interface ExponentialDecayOptions {
  /** Updates that multiply the rate by the factor; 1 unless stated. */
  readonly steps?: number;
  /** True: it drops once in so many updates. False unless stated. */
  readonly staircase?: boolean;
}

/**
 * factor^(t / steps) after t updates: Keras' ExponentialDecay; with `steps` 1 PyTorch's ExponentialLR.
 * @param factor above 0
 * @returns a schedule, for an optimizer's option `schedule`
 * @throws BAD_ARGUMENT for a factor that is not above 0, or steps that are no positive integer
 * @example
 * ```ts
 * const w = parameter([1], 0, { name: "w" });
 * const optimizer = sgd({ rate: 1, schedule: exponentialDecay(0.5) });
 * const model = compile(network("example", { batch: 1, loss: sum(w), optimizer })).create();
 * // The gradient of w is 1: a step takes the rate off.
 * const rates = [1, 2, 3, 4, 5].map(() => {
 *   model.parameters.w!.fill(0);
 *   model.step(1);
 *   return -model.parameters.w![0]!;
 * }); // [1, 0.5, 0.25, 0.125, 0.0625]
 * ```
 */
export function exponentialDecay(factor: number, options: ExponentialDecayOptions = {}): Schedule {
  const op = "exponentialDecay";
  const own = settings(op, options, { steps: is.wholeNumber, staircase: is.flag });
  const drop = positive(op, "factor", factor);
  const steps = count(op, "steps", own.steps ?? 1, 1);
  const staircase = flag(op, "staircase", own.staircase, false);
  return schedule(op, (math, done) => {
    const drops = math.div(done, steps);
    return math.pow(drop, staircase ? math.floor(drops) : drops);
  });
}

/** The options of {@link warmUp}. */
export interface WarmUpOptions {
  /** The first factor; 0 unless stated. */
  readonly start?: number;
  /** What follows, counted from the end of the warm-up. The rate as it is unless stated. */
  readonly schedule?: Schedule;
}

/**
 * From `start` linearly to 1 in `steps` updates, then another schedule.
 * @param steps updates of the warm-up: a positive integer
 * @returns a schedule, for an optimizer's option `schedule`
 * @throws BAD_ARGUMENT for steps that are no positive integer, a start below 0, or what is no schedule
 * @example
 * ```ts
 * const w = parameter([1], 0, { name: "w" });
 * const optimizer = sgd({ rate: 1, schedule: warmUp(2) });
 * const model = compile(network("example", { batch: 1, loss: sum(w), optimizer })).create();
 * // The gradient of w is 1: a step takes the rate off.
 * const rates = [1, 2, 3, 4, 5].map(() => {
 *   model.parameters.w!.fill(0);
 *   model.step(1);
 *   return -model.parameters.w![0]!;
 * }); // [0, 0.5, 1, 1, 1]
 * ```
 */
export function warmUp(steps: number, options: WarmUpOptions = {}): Schedule {
  const op = "warmUp";
  const own = settings(op, options, {
    start: is.finite,
    schedule: is.madeBy("schedule", "a schedule, such as cosineDecay(1000)"),
  });
  const length = count(op, "steps", steps, 1);
  const start = number(op, "start", own.start ?? 0, 0);
  const after = own.schedule ?? constantRate();
  if (after?.kind !== "schedule") refuse(op, "schedule", after, "a schedule");
  return schedule(op, (math, done) => {
    const rising = line(math, start, 1, math.div(done, length));
    return math.where(math.less(done, length), rising, after.factor(math, math.max(math.sub(done, length), 0)));
  });
}

/** The options of {@link cosineDecay} and {@link linearDecay}. */
export interface DecayOptions {
  /** Updates of linear warm-up before the decay; none unless stated. */
  readonly warmUp?: number;
  /** The factor at the first update of the warm-up; 0 unless stated. */
  readonly start?: number;
  /** The last factor, which then stays; 0 unless stated. */
  readonly end?: number;
}

const DECAY_OPTIONS = {
  warmUp: is.finite,
  start: is.finite,
  end: is.finite,
} satisfies Known<DecayOptions>;

function decay(
  op: string,
  steps: number,
  options: DecayOptions,
  shape: (math: Arithmetic, progress: Node, end: number) => Node,
): Schedule {
  const own = settings(op, options, DECAY_OPTIONS);
  const length = count(op, "steps", steps, 1);
  const end = number(op, "end", own.end ?? 0, 0);
  const warm = count(op, "warmUp", own.warmUp ?? 0, 0);
  const start = number(op, "start", own.start ?? 0, 0);
  const falling = schedule(op, (math, done) => shape(math, math.min(math.div(done, length), 1), end));
  return warm === 0 ? falling : schedule(op, warmUp(warm, { start, schedule: falling }).factor);
}

/**
 * end + (1 - end) (1 + cos(pi t / steps)) / 2 after t updates, constant beyond: Loshchilov & Hutter (2017),
 * arXiv:1608.03983, one period. As in Keras' CosineDecay the warm-up comes before the `steps` of the decay, and the
 * first update of a warm-up has the factor `start`.
 * @param steps updates of the decay: a positive integer
 * @returns a schedule, for an optimizer's option `schedule`
 * @throws BAD_ARGUMENT for numbers that are out of range
 * @example
 * ```ts
 * const w = parameter([1], 0, { name: "w" });
 * const optimizer = sgd({ rate: 1, schedule: cosineDecay(4) });
 * const model = compile(network("example", { batch: 1, loss: sum(w), optimizer })).create();
 * // The gradient of w is 1: a step takes the rate off.
 * const rates = [1, 2, 3, 4, 5].map(() => {
 *   model.parameters.w!.fill(0);
 *   model.step(1);
 *   return -model.parameters.w![0]!;
 * }); // [1, 0.8536, 0.5, 0.1464, 0]
 * ```
 */
export const cosineDecay = (steps: number, options: DecayOptions = {}): Schedule =>
  decay("cosineDecay", steps, options, (math, progress, end) => cosine(math, 1, end, progress));

/**
 * From 1 linearly to `end` in `steps` updates, constant beyond.
 * @param steps updates of the decay: a positive integer
 * @returns a schedule, for an optimizer's option `schedule`
 * @throws BAD_ARGUMENT for numbers that are out of range
 * @example
 * ```ts
 * const w = parameter([1], 0, { name: "w" });
 * const optimizer = sgd({ rate: 1, schedule: linearDecay(4) });
 * const model = compile(network("example", { batch: 1, loss: sum(w), optimizer })).create();
 * // The gradient of w is 1: a step takes the rate off.
 * const rates = [1, 2, 3, 4, 5].map(() => {
 *   model.parameters.w!.fill(0);
 *   model.step(1);
 *   return -model.parameters.w![0]!;
 * }); // [1, 0.75, 0.5, 0.25, 0]
 * ```
 */
export const linearDecay = (steps: number, options: DecayOptions = {}): Schedule =>
  decay("linearDecay", steps, options, (math, progress, end) => line(math, 1, end, progress));

/** The options of {@link oneCycle}. */
export interface OneCycleOptions {
  /** The share of the cycle in which the rate rises, between 0 and 1; 0.3 unless stated. */
  readonly rising?: number;
  /** The first factor; 1/25 unless stated. */
  readonly start?: number;
  /** The last factor, which then stays; 1/250,000 unless stated. */
  readonly end?: number;
}

/**
 * One cycle: from `start` up to 1 and down to `end`, both along cosines. Smith & Topin (2018), arXiv:1708.07120. The
 * base rate is the highest. PyTorch's OneCycleLR with two phases and its defaults (`div_factor` 25, `final_div_factor`
 * 10,000); momentum stays as it is.
 * @param steps updates of the whole cycle, 2 or more
 * @returns a schedule, for an optimizer's option `schedule`
 * @throws BAD_ARGUMENT for numbers that are out of range
 * @example
 * ```ts
 * const w = parameter([1], 0, { name: "w" });
 * const optimizer = sgd({ rate: 1, schedule: oneCycle(5) });
 * const model = compile(network("example", { batch: 1, loss: sum(w), optimizer })).create();
 * // The gradient of w is 1: a step takes the rate off.
 * const rates = [1, 2, 3, 4, 5].map(() => {
 *   model.parameters.w!.fill(0);
 *   model.step(1);
 *   return -model.parameters.w![0]!;
 * }); // [0.04, 0.9505, 0.6113, 0.1883, 0.000004]
 * ```
 */
export function oneCycle(steps: number, options: OneCycleOptions = {}): Schedule {
  const op = "oneCycle";
  const own = settings(op, options, { rising: is.finite, start: is.finite, end: is.finite });
  const length = count(op, "steps", steps, 2);
  const share = number(op, "rising", own.rising ?? 0.3, 0, 1);
  const start = number(op, "start", own.start ?? 1 / 25, 0);
  const end = number(op, "end", own.end ?? 1 / 250_000, 0);
  const peak = Math.max(share * length - 1, 0);
  return schedule(op, (math, done) => {
    const down = math.min(math.div(math.sub(done, peak), Math.max(length - 1 - peak, 1e-9)), 1);
    const falling = cosine(math, 1, end, math.max(down, 0));
    if (peak === 0) return falling;
    return math.where(math.less(done, peak), cosine(math, start, 1, math.div(done, peak)), falling);
  });
}

const line = (math: Arithmetic, from: number, to: number, progress: Node): Node =>
  math.add(math.mul(progress, to - from), from);

/** From one factor to another along half a period. */
const cosine = (math: Arithmetic, from: number, to: number, progress: Node): Node =>
  math.add(math.mul(math.add(math.cos(math.mul(progress, Math.PI)), 1), (from - to) / 2), to);
