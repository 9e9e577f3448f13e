// Gradients that a definition states itself, checked against differences of its own forward function before anything is
// compiled from them: at a few random points, on the float64 interpreter.

import { interpreterOf } from "../src/graph/interpret.js";
import type { Entry } from "../src/graph/network.js";
import { createNode, type Node, type Region } from "../src/graph/node.js";
import { evaluateDim, sizeOf } from "../src/graph/shape.js";
import { replaceNodes, topological } from "../src/graph/walk.js";
import { add } from "../src/ops/pointwise/arithmetic.js";
import { throwAll, wrongGradient, type TapelessError } from "../src/messages.js";
import { customGradientDef, type CustomGradientAttrs } from "../src/ops/marker/custom-gradient.js";
import {
  constantDef,
  inputDef,
  regionParameterDef,
  type ConstantAttrs,
  type InputAttrs,
} from "../src/ops/leaf/leaves.js";
import type { ScanAttrs } from "../src/ops/scan/scan-record.js";
import { differentiate } from "./1-differentiate/index.js";
import { alongElement, derivativeAt0 } from "./differences.js";
import { resolveScalar } from "./formula/resolve.js";
import { randomNumbers } from "./random-numbers.js";

/** Ranges that operands are drawn from, until the forward function is finite: all numbers, then the positive ones. */
const RANGES = [
  [-1.5, 1.5],
  [0.2, 0.9],
  [1.1, 2.5],
] as const;

const POINTS = 2;
const COORDINATES = 12;
const ROWS = 2;
/** Elements that may be computed for one coordinate and all of them together; wide functions are checked at fewer places. */
const BUDGET = 4e6;

/** Checks each statement of a gradient once. Throws a TapelessError for each that is wrong. */
export function checkGradients(entries: readonly Entry[]): void {
  const roots = entries.flatMap(({ results, updates }) => [...results, ...updates].map(({ value }) => value));
  const stated = new Map<object, Node>();
  const seen = new Set<Node>();
  const visit = (results: readonly Node[]): void => {
    for (const node of topological(results)) {
      if (seen.has(node)) continue;
      seen.add(node);
      const isStated = node.def === customGradientDef && (node.attrs as CustomGradientAttrs).check;
      if (isStated && !stated.has(node.origin.site)) stated.set(node.origin.site, node);
      if (node.def.family === "scan") for (const region of node.regions) visit(withCaptures(node, region));
    }
  };
  visit(roots);
  throwAll([...stated.values()].flatMap(errorsOf));
}

/** The body of a loop with what the loop is handed: what depends on it keeps to it. */
function withCaptures(loop: Node, { parameters, results }: Region): readonly Node[] {
  const { carries, sequences } = loop.attrs as ScanAttrs;
  const captured = parameters.slice(carries + sequences);
  return replaceNodes(results, new Map(captured.map((p, i) => [p, loop.inputs[carries + sequences + i]!])));
}

type Values = ReadonlyMap<Node, Float64Array>;

/** The function by itself: its operands are leaves, whatever they were computed from. */
interface Alone {
  readonly operands: readonly Node[];
  readonly value: Node;
  /** Of each operand, given the adjoint of the value. */
  readonly adjoints: readonly Node[];
  readonly seed: Node;
  readonly leaves: readonly Node[];
}

function errorsOf(node: Node): TapelessError[] {
  const alone = isolate(node);
  const random = randomNumbers(node.origin.site.order ?? 0);
  const run = interpreterOf([alone.value, ...alone.adjoints], { rows: ROWS, scalarOf: resolveScalar });
  const work = topological([alone.value, ...alone.adjoints]).reduce((sum, n) => sum + elementsOf(n), 0);
  const coordinates = Math.max(1, Math.min(COORDINATES, Math.floor(BUDGET / (work * POINTS * 4))));
  for (const range of RANGES) {
    for (let point = 0; point < POINTS; point++) {
      const values = new Map(alone.leaves.map((leaf) => [leaf, drawn(leaf, range, random)]));
      const at = run((leaf) => values.get(leaf)!);
      if (![...at.get(alone.value)!].every(Number.isFinite)) break;
      const error = wrongAt(node, alone, values, run, coordinates, random);
      if (error) return [error];
      if (point === POINTS - 1) return [];
    }
  }
  // A function that is finite nowhere among these points cannot be judged.
  return [];
}

function isolate(node: Node): Alone {
  const count = (node.attrs as CustomGradientAttrs).operands;
  const given = node.inputs.slice(1, 1 + count);
  const unique = [...new Set(given)].filter(({ dtype }) => dtype === "float32");
  const leaf = (like: Node, index: number): Node =>
    createNode(regionParameterDef, [], { index, shape: like.shape, dtype: like.dtype }, like.origin);
  const replacement = new Map(unique.map((operand, i) => [operand, leaf(operand, i)]));
  // Gradients that the statement takes are done first: they are by its own arguments, of which two may be one operand.
  const [inside] = differentiate(replaceNodes([node], replacement)) as [Node];
  const value = inside.inputs[0]!;
  const seed = leaf(value, unique.length);
  const all = node.def.vjp!({ ...inside, output: inside, gradient: seed });
  const operands = unique.map((operand) => replacement.get(operand)!);
  const adjoints = operands.map((operand) => {
    const parts = inside.inputs.flatMap((input, i) => (input === operand && i > 0 && all[i] ? [all[i]!] : []));
    return parts.reduce((a, b) => add.at(node.origin, a, b));
  });
  const ready = differentiate([value, ...adjoints]);
  return {
    operands,
    value: ready[0]!,
    adjoints: ready.slice(1),
    seed,
    leaves: topological([...ready, seed]).filter((n) => n.inputs.length === 0),
  };
}

/** The first coordinate where the statement differs from the differences. */
function wrongAt(
  node: Node,
  alone: Alone,
  values: Values,
  run: (leaf: (node: Node) => Float64Array) => Map<Node, Float64Array>,
  coordinates: number,
  random: () => number,
): TapelessError | undefined {
  const weights = values.get(alone.seed)!;
  const total = (): number => {
    const value = run((leaf) => values.get(leaf)!).get(alone.value)!;
    return value.reduce((sum, v, i) => sum + v * weights[i]!, 0);
  };
  const stated = run((leaf) => values.get(leaf)!);
  for (const [index, operand] of alone.operands.entries()) {
    const own = values.get(operand);
    const gradient = stated.get(alone.adjoints[index]!)!;
    const count = gradient.length;
    for (let n = 0; n < Math.min(coordinates, count); n++) {
      const at = count <= coordinates ? n : Math.floor(random() * count);
      const centre = own?.[at] ?? 0;
      const along = own ? alongElement(own, at, total) : () => 0;
      const agrees = (measured: number, share: number): boolean =>
        Math.abs(measured - gradient[at]!) <= share * (1 + Math.abs(measured) + Math.abs(gradient[at]!));
      // Richardson's rule cancels the largest error; a kink within the wider step is not within the narrow one.
      const wide = derivativeAt0(along, { step: 1e-3, levels: 2 });
      if (agrees(wide, 1e-5)) continue;
      const narrow = derivativeAt0(along, { step: 1e-6, levels: 1 });
      if (agrees(narrow, 1e-4) || !Number.isFinite(narrow)) continue;
      const operands = node.inputs.slice(1, 1 + (node.attrs as CustomGradientAttrs).operands);
      return wrongGradient({
        operand: index,
        operands: operands.length,
        element: at,
        stated: gradient[at]!,
        measured: narrow,
        value: centre,
        site: node.origin.site,
      });
    }
  }
  return undefined;
}

const elementsOf = (node: Node): number => evaluateDim(sizeOf(node.shape), ROWS);

/** Random values for a leaf, of its own kind; constants have theirs. */
function drawn(leaf: Node, [low, high]: readonly [number, number], random: () => number): Float64Array {
  if (leaf.def === constantDef) return Float64Array.from((leaf.attrs as ConstantAttrs).values);
  const below = leaf.def === inputDef ? ((leaf.attrs as InputAttrs).below ?? 2) : 2;
  const draw = {
    float32: () => low + (high - low) * random(),
    int32: () => Math.floor(random() * below),
    bool: () => Math.floor(random() * 2),
  }[leaf.dtype];
  return Float64Array.from({ length: elementsOf(leaf) }, draw);
}
