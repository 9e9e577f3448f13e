// The reference interpreter: evaluates a graph in float64, each node once, straight from its record. Everything the
// compiler emits is compared with it, so it shares nothing with fusion, planning and emission.
//
// Gradient markers must have been replaced. Ints are stored as numbers, bools as 0 and 1. Sums run in index order.

import { invariant } from "../messages.js";
import type { Scalar } from "../scalar/expression.js";
import {
  elementsOf,
  mapKernel,
  pointwiseKernel,
  reduceKernel,
  scatterKernel,
  type NodeEvaluator,
} from "./interpret/kernels.js";
import { evaluationOrder, type Scheduled } from "./interpret/order.js";
import { scanKernel } from "./interpret/scan.js";
import type { Node } from "./node.js";
import type { OpDef } from "./op.js";

export interface InterpreterOptions {
  /** The number of rows of this run. */
  readonly rows: number;
  /** The scalar expression of a pointwise op: formulas are text until the compiler resolves them. */
  readonly scalarOf: (def: OpDef, attrs: object) => Scalar;
  /** What a node's value passes through before others read it, in loops too: to hold it, or to round it. Absent: as it is. */
  readonly through?: (node: Node, value: Float64Array) => Float64Array;
}

/** Where leaves take their values: at least as many elements as the leaf has. */
export type LeafValues = (leaf: Node) => ArrayLike<number>;

export interface EvaluateContext extends InterpreterOptions {
  readonly leaf: LeafValues;
}

/** The value of every node under the roots, in row-major order. A node with several results has none; its results have. */
export const evaluate = (roots: readonly Node[], context: EvaluateContext): Map<Node, Float64Array> =>
  interpreterOf(roots, context)(context.leaf);

/** Prepares a graph once, to be evaluated with many sets of values. */
export function interpreterOf(
  roots: readonly Node[],
  options: InterpreterOptions,
): (leaf: LeafValues) => Map<Node, Float64Array> {
  const { through } = options;
  const steps = evaluationOrder(roots).map((scheduled) => {
    const step = stepOf(scheduled, options);
    return through ? passed(step, scheduled.node, through) : step;
  });
  return (leaf) => {
    const run: Run = { values: new Map(), tuples: new Map(), leaf };
    for (const step of steps) step(run);
    return run.values;
  };
}

interface Run {
  readonly values: Map<Node, Float64Array>;
  /** The results of nodes that have several. */
  readonly tuples: Map<Node, readonly Float64Array[]>;
  readonly leaf: LeafValues;
}

const passed =
  (step: (run: Run) => void, node: Node, through: NonNullable<InterpreterOptions["through"]>) =>
  (run: Run): void => {
    step(run);
    const value = run.values.get(node);
    if (value) run.values.set(node, through(node, value));
  };

function stepOf({ node, expansion }: Scheduled, options: InterpreterOptions): (run: Run) => void {
  const { rows } = options;
  const operandsIn = ({ values }: Run): Float64Array[] => node.inputs.map((input) => values.get(input)!);
  const by = (kernel: NodeEvaluator) => (run: Run) => void run.values.set(node, kernel(operandsIn(run)));
  if (expansion) return ({ values }) => void values.set(node, values.get(expansion)!);
  if (node.def.family === "pointwise") {
    return by(pointwiseKernel(node, options.scalarOf(node.def, node.attrs), rows));
  }
  invariant(node.def.lower, `${node.def.name} is evaluated from its lowering`);
  const lowering = node.def.lower({ ...node, output: node });
  switch (lowering.kind) {
    case "map":
      return by(mapKernel(node, lowering, rows));
    case "reduce":
      return by(reduceKernel(node, lowering, rows));
    case "scatter":
      return by(scatterKernel(node, lowering, rows));
    case "alias":
      return by(([first]) => first!);
    case "leaf":
      return ({ values, leaf }) => void values.set(node, leafValue(node, leaf, rows));
    case "scan": {
      const scan = scanKernel(node, lowering, rows, (results) => interpreterOf(results, options));
      return (run) => void run.tuples.set(node, scan(operandsIn(run), run.leaf));
    }
    case "result": {
      const { index } = lowering;
      return ({ values, tuples }) => void values.set(node, tuples.get(node.inputs[0]!)![index]!);
    }
  }
}

/** A copy, so that what was read stays what it was when the caller's memory changes. */
function leafValue(node: Node, leaf: LeafValues, rows: number): Float64Array {
  const given = leaf(node) as ArrayLike<number> | undefined;
  const count = elementsOf(node, rows);
  invariant(given && given.length >= count, `the leaf ${node.origin.name ?? node.def.name} has ${count} values`);
  const copy = new Float64Array(count);
  for (let i = 0; i < count; i++) copy[i] = given[i]!;
  return copy;
}
