// What arrangements a graph has, beside the exports that it calls: those that are meant to be drawn are counted.

import { evaluateDim, isOne, sizeOf } from "../../src/graph/shape.js";
import { everyNode } from "../../src/graph/walk.js";
import { build } from "./build.js";
import {
  isLambda,
  isOptions,
  isRef,
  visit,
  visitSketch,
  visitStep,
  type Arg,
  type Sketch,
  type Step,
} from "./sketch.js";

const VIEWS = "slice transpose reshape flip pad concat expandDims squeeze flatten split stack tile broadcast".split(
  " ",
);

export const TRAITS = [
  "axis of size 1",
  "scalar",
  "batch by batch",
  "cube of the batch",
  "scan in a scan",
  "reversed scan",
  "gradient in a scan",
  "gradient of a gradient",
  "value read whole and through a view",
  "output that others read",
  "index from an input",
  "index from a constant",
  "index that is computed",
  "two training steps",
] as const;

export type Trait = (typeof TRAITS)[number];

export function traitsOf(sketch: Sketch): ReadonlySet<Trait> {
  return new Set([...ofShapes(sketch), ...ofSteps(sketch)]);
}

function ofShapes(sketch: Sketch): Trait[] {
  const { outputs, steps } = build(sketch);
  const nodes = everyNode([...Object.values(outputs), ...Object.values(steps).map(({ loss }) => loss)]);
  const power = Math.max(...nodes.map(({ shape }) => sizeOf(shape).power));
  const traits: Trait[] = [];
  if (nodes.some(({ shape }) => shape.some(isOne))) traits.push("axis of size 1");
  if (nodes.some(({ shape, inputs }) => shape.length === 0 && inputs.length > 0 && evaluateDim(sizeOf(shape), 2) === 1))
    traits.push("scalar");
  if (power >= 2) traits.push("batch by batch");
  if (power >= 3) traits.push("cube of the batch");
  return traits;
}

function ofSteps(sketch: Sketch): Trait[] {
  const traits: Trait[] = [];
  const steps = new Map<number, Step>();
  visitSketch(
    sketch,
    () => {},
    (step) => steps.set(step.id, step),
  );
  const inner = (step: Step): Step[] => {
    const found: Step[] = [];
    for (const arg of step.args) {
      if (isLambda(arg))
        for (const each of arg.body)
          visitStep(
            each,
            () => {},
            (one) => found.push(one),
          );
    }
    return found;
  };
  const readers = new Map<number, Step[]>();
  for (const step of steps.values()) {
    for (const id of refsIn(step.args)) readers.set(id, [...(readers.get(id) ?? []), step]);
  }
  for (const step of steps.values()) {
    if (step.call === "scan") {
      if (inner(step).some(({ call }) => call === "scan")) traits.push("scan in a scan");
      if (inner(step).some(({ call }) => call === "gradient")) traits.push("gradient in a scan");
      if (step.args.some((arg) => isOptions(arg) && arg["reverse"] === true)) traits.push("reversed scan");
    }
    if (step.call === "gradient" && under(step, steps).some(({ call }) => call === "gradient"))
      traits.push("gradient of a gradient");
    const views = (readers.get(step.id) ?? []).map(({ call }) => typeof call === "string" && VIEWS.includes(call));
    if (views.includes(true) && views.includes(false)) traits.push("value read whole and through a view");
    traits.push(...ofIndex(step, steps));
  }
  const shown = Object.values(sketch.outputs).flatMap((arg) => refsIn([arg]));
  if (shown.some((id) => readers.has(id))) traits.push("output that others read");
  if (Object.keys(sketch.training).length > 1) traits.push("two training steps");
  return traits;
}

const INDEXED = ["take", "pick", "takeAlong", "scatterAdd", "addAt", "embedding", "oneHot"];

function ofIndex({ call, args }: Step, steps: ReadonlyMap<number, Step>): Trait[] {
  if (typeof call !== "string" || !INDEXED.includes(call)) return [];
  const [index] = refsIn(call === "embedding" || call === "oneHot" ? args : args.slice(1));
  const source = index === undefined ? undefined : steps.get(index)?.call;
  if (source === undefined) return [];
  return [
    source === "input"
      ? "index from an input"
      : source === "constant"
        ? "index from a constant"
        : "index that is computed",
  ];
}

function refsIn(args: readonly Arg[]): number[] {
  const refs: number[] = [];
  for (const arg of args) visit(arg, (each) => void (isRef(each) && refs.push(each.$ref)));
  return refs;
}

/** The steps that a step reads, directly or not. */
function under(step: Step, steps: ReadonlyMap<number, Step>): Step[] {
  const seen = new Set<number>();
  const open = refsIn(step.args);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const below = steps.get(id);
    if (!below || seen.has(id)) continue;
    seen.add(id);
    open.push(...refsIn(below.args));
  }
  return [...seen].map((id) => steps.get(id)!);
}
