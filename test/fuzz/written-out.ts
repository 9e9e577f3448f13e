// An opinion of loops that knows nothing of regions: each step is declared anew, on what the step before has made. A gradient
// that a step takes is then one among plain values, where nothing lies between it and what is outside.

import type { Node } from "../../src/graph/node.js";
import { everyNode, topological } from "../../src/graph/walk.js";
import { isFree } from "../../src/ops/scan/region.js";
import { api, stepValue, type Language, type Scope } from "./build.js";
import { drawOf } from "./draw.js";
import { createSampler } from "./sample.js";
import { exportsOf, type Sketch } from "./sketch.js";

type Lists = { readonly carries: readonly Node[]; readonly outputs: readonly Node[] };
type Step = (carries: readonly Node[], elements: readonly Node[]) => Lists;

interface Options {
  readonly axis?: number;
  readonly reverse?: boolean;
}

interface Pair {
  readonly looped: Node;
  readonly writtenOut: Node;
}

/** Loops in loops in loops are written out no further: their size is a product. */
const MOST_DEPTH = 2;

/** Bounds the difference, as a share of the largest value or of 1: both ways compute the same numbers in nearly the same order. */
const ALLOWED = 1e-9;

/** The first loop of a sketch whose results are not those of its steps one after the other. `language`: what is called. */
export function loopProblem(sketch: Sketch, seed: number, language: Language = api): string | undefined {
  if (!exportsOf(sketch).has("scan")) return undefined;
  const pairs = pairsOf(sketch, language);
  const sampler = createSampler(drawOf(seed, 78), sketch.capacity);
  for (const { looped, writtenOut } of pairs) {
    if (!sharesLeaves(looped, writtenOut)) continue;
    const [actual, expected] = [sampler(looped), sampler(writtenOut)];
    const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    if (!Number.isFinite(size)) continue;
    const at = expected.findIndex((value, i) => !(Math.abs(value - actual[i]!) <= ALLOWED * size));
    if (at >= 0) return `a loop gives ${actual[at]} where its steps, one after the other, give ${expected[at]}`;
  }
  return undefined;
}

function pairsOf(sketch: Sketch, language: Language): readonly Pair[] {
  const pairs: Pair[] = [];
  // While the step of a loop is declared: what it is given has no values.
  let isInside = false;
  let depth = 0;
  function both(step: Step, initial: readonly Node[], sequences: readonly Node[], options: Options = {}): Lists {
    const inside = (given: Step): Step => {
      return (carries, elements) => {
        const before = isInside;
        isInside = true;
        const made = given(carries, elements);
        isInside = before;
        return made;
      };
    };
    const looped = language["scan"]!(inside(step), initial, sequences, options) as Lists;
    if (isInside || depth === MOST_DEPTH) return looped;
    depth++;
    const steps = writtenOut(step, initial, sequences, options);
    depth--;
    looped.carries.forEach((node, i) => pairs.push({ looped: node, writtenOut: steps.carries[i]! }));
    looped.outputs.forEach((node, i) => pairs.push({ looped: node, writtenOut: steps.outputs[i]! }));
    return looped;
  }
  const scope: Scope = new Map();
  const calls: Language = { ...language, scan: both as Language[string] };
  for (const made of sketch.steps) scope.set(made.id, stepValue(made, scope, calls));
  return pairs;
}

/** What a step is given is a value of its own to it: a gradient that it takes sees nothing behind. */
const given = (node: unknown): Node => api["stopGradient"]!(node) as Node;

function writtenOut(
  step: Step,
  initial: readonly Node[],
  sequences: readonly Node[],
  { axis = 0, reverse = false }: Options,
): Lists {
  const length = sequences[0]!.shape[axis]!.times;
  const element = (node: Node, time: number): Node => {
    const part = api["slice"]!(node, [...Array.from({ length: axis }, () => null), [time, time + 1]]);
    return given(api["squeeze"]!(part, axis));
  };
  const outputs: Node[][] = [];
  let carries = initial;
  for (let n = 0; n < length; n++) {
    const time = reverse ? length - 1 - n : n;
    const made = step(
      carries.map(given),
      sequences.map((node) => element(node, time)),
    );
    carries = made.carries;
    made.outputs.forEach((output, i) => ((outputs[i] ??= [])[time] = output));
  }
  return { carries, outputs: outputs.map((list) => api["stack"]!(list, { axis: axis }) as Node) };
}

/** A step that declares leaves of its own declares others for each of its runs. */
function sharesLeaves(looped: Node, other: Node): boolean {
  const known = new Set(everyNode([looped]));
  return topological([other]).every((node) => known.has(node) || node.inputs.length > 0 || isFree(node, () => false));
}
