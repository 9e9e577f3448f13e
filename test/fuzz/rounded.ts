// The interpreter with an error put on the result of each op: how far a graph carries honest rounding. It evaluates by the
// interpreter's own kernels.

import { resolveScalar } from "../../compiler/formula/resolve.js";
import type { LeafValues } from "../../src/graph/interpret.js";
import {
  elementsOf,
  mapKernel,
  pointwiseKernel,
  reduceKernel,
  scatterKernel,
  type NodeEvaluator,
} from "../../src/graph/interpret/kernels.js";
import { evaluationOrder, type Scheduled } from "../../src/graph/interpret/order.js";
import { scanKernel } from "../../src/graph/interpret/scan.js";
import type { Lowering } from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import {
  applyScalar,
  isApply,
  isConstant,
  type Expr,
  type Scalar,
  type ScalarOp,
} from "../../src/scalar/expression.js";

export interface Rounding {
  /** A number that an op has computed. */
  readonly result: (value: number) => number;
  /** A sum, whose terms' magnitudes sum up to `size`. */
  readonly sum: (value: number, size: number) => number;
  /** A sum of two numbers, whose magnitudes sum up to `size`, and which need not have been rounded alike. */
  readonly pair: (value: number, size: number) => number;
  /** A number that is written in the graph or kept in memory. */
  readonly kept: (value: number) => number;
}

const sign = (random: () => number): number => (random() < 0.5 ? -1 : 1);

/** Half a unit in the last place of a float32 next to 1. */
const HALF = 2 ** -24;

/**
 * Every op rounded to float32: to the nearest, or with `jitter` 1 or -1 by chance to one of its neighbours as well; of the same
 * random numbers the two move results in opposite ways.
 */
export const toFloat32 = (random: () => number, jitter: 0 | 1 | -1): Rounding => ({
  result: (value) => Math.fround(jitter === 0 ? value : value * (1 + jitter * sign(random) * HALF)),
  sum: (value, size) => Math.fround(value + (jitter || 1) * sign(random) * HALF * size),
  pair: (value, size) => Math.fround(value + jitter * sign(random) * HALF * size),
  kept: Math.fround,
});

/** Every op off by a few units of float64; a negative unit moves results the other way. */
export const noise = (random: () => number, unit: number): Rounding => ({
  result: (value) => value * (1 + sign(random) * unit),
  sum: (value, size) => value + sign(random) * unit * size,
  pair: (value, size) => value + sign(random) * unit * size,
  kept: (value) => value,
});

/** What is done to results at present: what was prepared once runs exactly and rounded. */
export interface Mode {
  /** Absent: nothing is rounded. */
  rounding: Rounding | undefined;
}

export interface RoundedOptions {
  readonly rows: number;
  readonly mode: Mode;
  /** Values of nodes that are not computed. */
  readonly known?: ReadonlyMap<Node, Float64Array> | undefined;
}

interface Run {
  readonly values: Map<Node, Float64Array>;
  readonly tuples: Map<Node, readonly Float64Array[]>;
  readonly leaf: LeafValues;
}

/** Prepares a graph without gradient markers; the function gives the value of every node. */
export function roundedInterpreterOf(
  roots: readonly Node[],
  options: RoundedOptions,
): (leaf: LeafValues) => Map<Node, Float64Array> {
  const { known } = options;
  const steps = needed(evaluationOrder(roots), roots, known).map((scheduled) => stepOf(scheduled, options));
  return (leaf) => {
    const run: Run = { values: new Map(known), tuples: new Map(), leaf };
    for (const step of steps) step(run);
    return run.values;
  };
}

/** The part of an order that must run where some values are known. */
function needed(
  order: readonly Scheduled[],
  roots: readonly Node[],
  known: ReadonlyMap<Node, Float64Array> | undefined,
): readonly Scheduled[] {
  if (!known) return order;
  const wanted = new Set<Node>(roots);
  const result: Scheduled[] = [];
  for (const scheduled of [...order].reverse()) {
    const { node, expansion } = scheduled;
    if (!wanted.has(node) || known.has(node)) continue;
    result.push(scheduled);
    if (expansion) wanted.add(expansion);
    else node.inputs.forEach((input) => wanted.add(input));
  }
  return result.reverse();
}

function stepOf({ node, expansion }: Scheduled, options: RoundedOptions): (run: Run) => void {
  const { rows, mode } = options;
  const operandsIn = ({ values }: Run): Float64Array[] => node.inputs.map((input) => values.get(input)!);
  const by = (kernel: NodeEvaluator, exact: boolean) => {
    const isRounded = !exact && node.dtype === "float32";
    return (run: Run) => {
      const values = kernel(operandsIn(run));
      const round = isRounded ? mode.rounding?.result : undefined;
      if (round) for (let i = 0; i < values.length; i++) values[i] = round(values[i]!);
      run.values.set(node, values);
    };
  };
  if (expansion) return ({ values }) => void values.set(node, values.get(expansion)!);
  if (node.def.family === "pointwise") {
    const scalar = resolveScalar(node.def, node.attrs);
    const kernel = pointwiseKernel(node, scalar, rows);
    return node.dtype === "float32" && isSum(scalar) ? pointwiseSum(node, kernel, mode) : by(kernel, isExact(scalar));
  }
  const lowering = node.def.lower!({ ...node, output: node });
  switch (lowering.kind) {
    case "map":
      return by(mapKernel(node, lowering, rows), isExact(lowering.body));
    case "reduce":
      return lowering.combiner === "sum" && node.dtype === "float32"
        ? sumStep(node, lowering, rows, mode)
        : by(reduceKernel(node, lowering, rows), lowering.combiner !== "prod" && isExact(lowering.body));
    case "scatter":
      return by(scatterKernel(node, lowering, rows), lowering.combiner !== undefined && isExact(lowering.body));
    case "alias":
      return by(([first]) => first!, true);
    case "leaf":
      return ({ values, leaf }) => void values.set(node, leafValue(node, leaf, options));
    case "scan": {
      const scan = scanKernel(node, lowering, rows, (results) => roundedInterpreterOf(results, { rows, mode }));
      return (run) => void run.tuples.set(node, scan(operandsIn(run), run.leaf));
    }
    case "result": {
      const { index } = lowering;
      return ({ values, tuples }) => void values.set(node, tuples.get(node.inputs[0]!)![index]!);
    }
  }
}

const isSum = (scalar: Scalar): boolean =>
  !isConstant(scalar) && isApply(scalar) && (scalar.op === "add" || scalar.op === "sub");

/** What cancels keeps the errors of its terms. Sums of integers are what they are. */
const pointwiseSum =
  (node: Node, kernel: NodeEvaluator, mode: Mode) =>
  (run: Run): void => {
    const operands = node.inputs.map((input) => run.values.get(input)!);
    const values = kernel(operands);
    const { rounding } = mode;
    if (rounding) {
      for (let i = 0; i < values.length; i++) {
        const terms = operands.map((operand) => operand[i]!);
        const size = terms.reduce((sum, term) => sum + Math.abs(term), 0);
        values[i] = rounding.pair(values[i]!, terms.every(Number.isInteger) ? 0 : size);
      }
    }
    run.values.set(node, values);
  };

/** Partial sums are rounded as well: the error grows with the terms, not with their sum. */
function sumStep(
  node: Node,
  lowering: Extract<Lowering, { kind: "reduce" }>,
  rows: number,
  mode: Mode,
): (run: Run) => void {
  const kernel = reduceKernel(node, lowering, rows);
  let sizes: NodeEvaluator | undefined;
  return (run) => {
    const operands = node.inputs.map((input) => run.values.get(input)!);
    const values = kernel(operands);
    const { rounding } = mode;
    if (rounding) {
      sizes ??= reduceKernel(node, { ...lowering, body: applyScalar("abs", lowering.body) }, rows);
      const size = sizes(operands);
      for (let i = 0; i < values.length; i++) values[i] = rounding.sum(values[i]!, size[i]!);
    }
    run.values.set(node, values);
  };
}

function leafValue(node: Node, leaf: LeafValues, { rows, mode: { rounding } }: RoundedOptions): Float64Array {
  const given = leaf(node);
  const copy = Float64Array.from({ length: elementsOf(node, rows) }, (_, i) => given[i]!);
  return rounding && node.dtype === "float32" ? copy.map(rounding.kept) : copy;
}

/** Instructions that give one of their operands, an int or a truth. */
const CHOOSING: ReadonlySet<ScalarOp> = new Set<ScalarOp>(
  "neg abs sign floor ceil round min max eq ne lt le gt ge and or not select hash uniform".split(" ") as ScalarOp[],
);

/** What moves and chooses numbers rounds none. */
function isExact<Leaf extends { readonly kind: string }>(expression: Expr<Leaf>): boolean {
  if (isConstant(expression) || !isApply(expression)) return true;
  return CHOOSING.has(expression.op) && expression.args.every(isExact);
}
