// A random network from a seed and an index.

import { everyNode } from "../../src/graph/walk.js";
import { TapelessError } from "../../src/messages.js";
import { inputDef, type InputAttrs } from "../../src/ops/leaf/leaves.js";
import { isCarry } from "../../src/ops/leaf/leaf-records.js";
import { isTrainable, trainableUnder } from "../../src/reach.js";
import { networkOf, valueOf } from "./build.js";
import {
  call,
  elements,
  find,
  isFloat,
  leaf,
  randomShape,
  rankOf,
  Rejected,
  size,
  step,
  take,
  type Canvas,
  type Profile,
  type Value,
} from "./canvas.js";
import { drawOf, type Draw } from "./draw.js";
import { ownEntries } from "./entries.js";
import { generatorsWith, type Generator } from "./generators/index.js";
import { motifs } from "./generators/motifs.js";
import { optimizerOf } from "./generators/training.js";
import { createSampler } from "./sample.js";
import { withoutDead, type Arg, type Sketch, type TrainingStep } from "./sketch.js";

export interface Generated {
  readonly sketch: Sketch;
  /** Calls that the language refused while the graph was drawn, with its answer. */
  readonly rejected: readonly Rejected[];
}

/** What the language does that is neither a value nor an error of the user's. */
export class Broken extends Error {
  override readonly name = "Broken";
  constructor(
    readonly sketch: Sketch,
    override readonly cause: unknown,
  ) {
    super(String(cause));
  }
}

type OfKind<K extends Generator["kind"]> = Extract<Generator, { readonly kind: K }>;
type Described = Extract<Generator, { readonly make: (canvas: Canvas) => Arg }>;

export const generators = generatorsWith((canvas) => grow(canvas, []));

const names = Object.keys(generators);
const kindOf = (name: string): Generator["kind"] => generators[name]!.kind;
const namesOf = (kind: Generator["kind"]): string[] => names.filter((name) => kindOf(name) === kind);

const outerChoices = namesOf("value").map((name) => {
  const generator = generators[name] as OfKind<"value">;
  return [generator.weight, generator] as const;
});
const innerChoices = outerChoices.filter(([, { inner }]) => inner);

/** Runs what draws; nothing where it does not fit. */
function attempt<T>(rejected: Rejected[], make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    rejected.push(error);
    return undefined;
  }
}

/** One more value by a generator that is drawn, or by the named one. */
function grow(canvas: Canvas, rejected: Rejected[], named?: string): Value | undefined {
  const choices = canvas.outer ? innerChoices : outerChoices;
  const generator = named === undefined ? canvas.draw.weighted(choices) : (generators[named] as OfKind<"value">);
  return attempt(rejected, () => generator.make(canvas));
}

/** Exports that each graph shows: all of them in turn. */
const featuredOf = (index: number): string[] => [0, 1].map((n) => names[(index * 2 + n) % names.length]!);

function profileOf(draw: Draw): Profile {
  const several = (sizes: readonly number[], count: number): (readonly [number, number])[] => {
    const chosen = draw.shuffled(sizes).slice(0, count);
    return [[draw.pick([0.5, 1, 1.5, 3]) * count * 0.6, 1] as const, ...chosen.map((n) => [1, n] as const)];
  };
  // Few sizes a graph: what is drawn then fits together.
  if (draw.chance(0.82)) {
    return { name: "small", sizes: several([2, 2, 3, 3, 4, 5, 6, 7, 8, 9], draw.between(1, 3)), mostElements: 320 };
  }
  return {
    name: "wide",
    sizes: several([3, 8, 12, 16, 17, 24, 32, 33, 48, 64], draw.between(3, 4)),
    mostElements: 3200,
  };
}

const ATTEMPTS = 6;

export function generate(seed: number, index: number): Generated {
  for (let turn = 0; ; turn++) {
    const draw = drawOf(seed, index, turn);
    const capacity = draw.weighted([
      [4, 3],
      [2, 4],
      [2, 5],
      [1, 2],
      [1, 7],
    ] as const);
    let next = 0;
    const canvas: Canvas = {
      draw,
      capacity,
      profile: profileOf(draw),
      steps: [],
      values: [],
      isInner: false,
      scope: new Map(),
      sampler: createSampler(draw, capacity),
      fresh: () => next++,
      outer: undefined,
    };
    const rejected: Rejected[] = [];
    try {
      return { sketch: withoutDead(drawSketch(canvas, featuredOf(index), rejected)), rejected };
    } catch (error) {
      if ((error instanceof Rejected || error instanceof TapelessError) && turn < ATTEMPTS) continue;
      throw new Broken({ capacity, steps: canvas.steps, outputs: {}, training: {}, metrics: {}, entries: {} }, error);
    }
  }
}

const LEAVES = ["input", "parameter", "constant", "target", "labels", "state", "carry", "attentionCache", "hyper"];

export const isLeafCall = (name: unknown): boolean => typeof name === "string" && LEAVES.includes(name);

function drawSketch(canvas: Canvas, featured: readonly string[], rejected: Rejected[]): Sketch {
  const { draw } = canvas;
  leaf(canvas, ["batch", size(canvas)]);
  leaf(canvas, randomShape(canvas, draw.pick([0, 1, 2, 3] as const)));
  /** What features are of; they are read by a loss or an output. */
  const shown: Value[] = [];
  const wanted = draw.between(2, 11);
  const pending = featured.filter((name) => kindOf(name) === "value");
  const count = (): number => canvas.steps.filter(({ call: name }) => !isLeafCall(name)).length;
  for (let turn = 0; turn < 60 && count() < wanted; turn++) {
    if (pending.length > 0 && draw.chance(0.3)) {
      const value = grow(canvas, rejected, pending[0]!);
      if (value) {
        shown.push(value);
        pending.shift();
      }
    } else if (draw.chance(0.17)) {
      attempt(rejected, () => draw.weighted(motifs)(canvas));
    } else grow(canvas, rejected);
  }
  for (const name of pending) {
    let value: Value | undefined;
    for (let turn = 0; turn < 6 && !value; turn++) value = grow(canvas, rejected, name);
    if (value) shown.push(value);
  }
  for (const name of featured) {
    if (kindOf(name) === "initializer")
      attempt(rejected, () => started(canvas, generators[name] as OfKind<"initializer">));
  }
  return finish(canvas, { featured, shown }, rejected);
}

/** A parameter by an initialiser, in a product with something. */
function started(canvas: Canvas, { leastRank, make }: OfKind<"initializer">): Value {
  const shape = Array.from({ length: canvas.draw.between(Math.max(1, leastRank), 3) }, () => Math.min(size(canvas), 9));
  const weight = take(canvas, step(canvas, "parameter", shape, make(canvas)));
  return call(canvas, "mul", weight.ref, 0.5);
}

const readsTarget = ({ node }: Value): boolean =>
  everyNode([node]).some(({ def, attrs }) => (def as unknown) === inputDef && (attrs as InputAttrs).role === "target");

/** The value as a scalar that training can make smaller. */
function scalarOf(canvas: Canvas, value: Value): Value {
  const { draw } = canvas;
  const bent = draw.weighted<() => Value>([
    [value.size <= 2 ? 4 : 1, () => call(canvas, "square", value.ref)],
    [1, () => call(canvas, "sin", value.ref)],
    [1, () => call(canvas, "tanh", value.ref)],
    [3, () => value],
  ])();
  if (rankOf(bent) === 0) return bent;
  return call(canvas, draw.chance(0.6) || elements(canvas, bent.node.shape) > 12 ? "mean" : "sum", bent.ref);
}

interface Features {
  readonly featured: readonly string[];
  readonly shown: readonly Value[];
}

function lossOf(canvas: Canvas, { featured, shown }: Features, rejected: Rejected[]): Value {
  const { draw } = canvas;
  const isStep = ({ ref }: Value): boolean => !isLeafCall(canvas.steps.find(({ id }) => id === ref.$ref)?.call);
  const candidates = canvas.values.filter((v) => isFloat(v) && isStep(v));
  const unused = candidates.filter(({ uses }) => uses === 0);
  const some = draw.shuffled(unused.length > 0 ? unused : candidates).slice(0, draw.between(1, 4));
  const sinks = new Set([...shown.filter((value) => unused.includes(value)), ...some]);
  const terms: Value[] = [];
  const add = (make: () => Value): void => {
    const term = attempt(rejected, make);
    if (term) terms.push(term);
  };
  for (const value of sinks) add(() => scalarOf(canvas, value));
  const stated = featured.filter((name) => kindOf(name) === "loss");
  const chosen = stated.length > 0 ? stated : draw.chance(0.3) ? [draw.pick(namesOf("loss"))] : [];
  for (const name of chosen) add(() => (generators[name] as OfKind<"loss">).make(canvas));
  const sum = (a: Value, b: Value): Value => call(canvas, "add", a.ref, b.ref);
  const loss = terms.length > 0 ? terms.reduce(sum) : undefined;
  if (loss && trainableUnder(loss.node).length > 0) return loss;
  const weight =
    find(canvas, ({ node }) => isTrainable(node)) ?? take(canvas, step(canvas, "parameter", [size(canvas)], 0.5));
  const trained = scalarOf(canvas, weight);
  return loss ? sum(loss, trained) : trained;
}

function finish(canvas: Canvas, features: Features, rejected: Rejected[]): Sketch {
  const { featured } = features;
  const { draw, capacity } = canvas;
  const several = draw.chance(0.07);
  const metrics = metricsOf(canvas, featured, rejected);
  const training: Record<string, TrainingStep> = {};
  for (const name of several ? ["left", "right"] : ["step"]) {
    const { ref } = lossOf(canvas, features, rejected);
    training[name] = { loss: ref, optimizer: optimizerOf(canvas, name === "right" ? [] : featured) };
  }
  const values = canvas.values.filter((value) => !readsTarget(value));
  // What no loss reads is seen as an output or not at all.
  const [last, others] = [true, false].map((isLast) =>
    draw.shuffled(values.filter((value) => isLast === (value.uses === 0 && !isFloat(value)))),
  ) as [Value[], Value[]];
  const outputs = Object.fromEntries(
    [...last.slice(0, 2), ...others.slice(0, draw.between(1, 3))].map(({ ref }, i) => [`y${i}`, ref]),
  );
  // What is drawn for an entry reads no target, so that it may be shown.
  const carries = values.some(({ node }) => isCarry(node));
  const entries = draw.chance(carries ? 0.85 : 0.12) ? ownEntries(canvas, values) : {};
  const sketch: Sketch = { capacity, steps: canvas.steps, outputs, training, metrics, entries };
  networkOf(sketch, canvas.scope);
  return sketch;
}

/** A metric that the language takes. */
function described(canvas: Canvas, name: string): Arg {
  const made = (generators[name] as Described).make(canvas);
  try {
    valueOf(made, canvas.scope);
  } catch (error) {
    if (error instanceof TapelessError) throw new Rejected(name, error.message.split("\n")[0]!);
    throw error;
  }
  return made;
}

function metricsOf(canvas: Canvas, featured: readonly string[], rejected: Rejected[]): Record<string, Arg> {
  const { draw } = canvas;
  const stated = featured.filter((name) => kindOf(name) === "metric");
  const chosen = stated.length > 0 ? stated : draw.chance(0.2) ? [draw.pick(namesOf("metric"))] : [];
  const metrics: Record<string, Arg> = {};
  for (const name of chosen) {
    const made = attempt(rejected, () => described(canvas, name));
    if (made !== undefined) metrics[name] = made;
  }
  return metrics;
}
