// What arrangements a graph has, beside the exports that it calls: those that are meant to be drawn are counted.

import { evaluateDim, isOne, sizeOf } from "../../src/graph/shape.js";
import { declaredRoots, entriesOf } from "../../src/entries.js";
import type { Assignment, Entry } from "../../src/graph/network.js";
import type { OpDef } from "../../src/graph/op.js";
import { everyNode } from "../../src/graph/walk.js";
import { isCarry } from "../../src/ops/leaf/leaf-records.js";
import { setAtDef } from "../../src/ops/scatter/set-at.js";
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
  "carry of each row",
  "carry of integers or truths",
  "carry that two entries change",
  "carry that a training step changes",
  "carry that is written at indices",
  "cache of attention in an entry",
  "random number in an entry of its own",
] as const;

export type Trait = (typeof TRAITS)[number];

export function traitsOf(sketch: Sketch): ReadonlySet<Trait> {
  return new Set([...ofShapes(sketch), ...ofSteps(sketch), ...ofEntries(sketch)]);
}

function ofShapes(sketch: Sketch): Trait[] {
  const nodes = everyNode(declaredRoots(build(sketch)));
  const power = Math.max(...nodes.map(({ shape }) => sizeOf(shape).power));
  const traits: Trait[] = [];
  if (nodes.some(({ shape }) => shape.some(isOne))) traits.push("axis of size 1");
  if (nodes.some(({ shape, inputs }) => shape.length === 0 && inputs.length > 0 && evaluateDim(sizeOf(shape), 2) === 1))
    traits.push("scalar");
  if (power >= 2) traits.push("batch by batch");
  if (power >= 3) traits.push("cube of the batch");
  return traits;
}

/** What entries carry from call to call. */
function ofEntries(sketch: Sketch): Trait[] {
  const entries = entriesOf(build(sketch));
  const own = entries.filter(({ kind }) => kind === "own");
  const carriedBy = (entry: Entry): readonly Assignment[] =>
    entry.updates.filter(({ leaf }) => isCarry(leaf) && /^c\d+$/.test(leaf.origin.name ?? ""));
  const all = own.flatMap(carriedBy);
  const inSteps = entries.filter(({ kind }) => kind === "step").flatMap(carriedBy);
  const isWritten = ({ leaf, value }: Assignment): boolean =>
    value.def === (setAtDef as OpDef) && value.inputs[0] === leaf;
  const randoms = own.filter(({ results, updates }) =>
    everyNode([...results, ...updates].map(({ value }) => value)).some(({ def }) => def.family === "random"),
  );
  const cached = own.some((entry) => entry.updates.some(({ leaf }) => leaf.origin.name?.endsWith(".keys")));
  const shown: readonly (readonly [Trait, boolean])[] = [
    ["carry of each row", all.some(({ leaf }) => leaf.shape[0]?.power === 1)],
    ["carry of integers or truths", all.some(({ leaf }) => leaf.dtype !== "float32")],
    ["carry that two entries change", own.length > 1 && all.length > new Set(all.map(({ leaf }) => leaf)).size],
    ["carry that a training step changes", inSteps.some(({ leaf }) => all.some((other) => other.leaf === leaf))],
    ["carry that is written at indices", all.some(isWritten)],
    ["cache of attention in an entry", cached],
    ["random number in an entry of its own", randoms.length > 0],
  ];
  return shown.flatMap(([trait, has]) => (has ? [trait] : []));
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

const INDEXED = ["take", "pick", "takeAlong", "scatterAdd", "addAt", "setAt", "embedding", "oneHot"];

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
