// Leaves of given types, seeded values for them, and evaluation on the interpreter.

import { resolveScalar } from "../../compiler/formula/resolve.js";
import { interpreterOf, type LeafValues } from "../../src/graph/interpret.js";
import { createNode, type Node, type TensorType } from "../../src/graph/node.js";
import { callSite, originOf } from "../../src/graph/origin.js";
import type { SampleInput } from "../../src/graph/op.js";
import { BATCH, dim, evaluateDim, sizeOf, type PublicDim, type Shape } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { inputDef, type ConstantAttrs } from "../../src/ops/leaf/leaves.js";
import { randomNumbers } from "./random.js";

export { randomNumbers };

/** What a record's samples draw from. */
export const drawFrom = (random: () => number) => (below: number) => Math.floor(random() * below);

export const shape = (...axes: readonly PublicDim[]): Shape => axes.map((a) => (a === "batch" ? BATCH : dim(a)));

export const elements = (type: { readonly shape: Shape }, rows: number): number =>
  evaluateDim(sizeOf(type.shape), rows);

/** An input; ints may be known to lie below a bound. */
export function leaf(name: string, { shape, dtype }: TensorType, below?: number): Tensor {
  const bound = below === undefined ? {} : { below };
  return createNode(
    inputDef,
    [],
    { name, role: "input", ...bound, shape, dtype },
    originOf(callSite("input")),
  ) as Tensor;
}

export const floatLeaf = (name: string, ...axes: readonly PublicDim[]): Tensor =>
  leaf(name, { shape: shape(...axes), dtype: "float32" });

/** Ints from 0 to `below`, excluded. */
export const intLeaf = (name: string, below: number, ...axes: readonly PublicDim[]): Tensor =>
  leaf(name, { shape: shape(...axes), dtype: "int32" }, below);

/** Values of a sample's input: floats evenly from its range, ints below its bound, bools. */
export function valuesFor(input: SampleInput, rows: number, random: () => number): Float64Array {
  const [low, high] = input.range;
  const draw = {
    float32: () => low + (high - low) * random(),
    int32: () => Math.floor(random() * (input.below ?? high)),
    bool: () => (random() < 0.5 ? 0 : 1),
  }[input.dtype];
  return Float64Array.from({ length: elements(input, rows) }, draw);
}

/** Numbers from -2 to 2. */
export const floats = (count: number, random: () => number): Float64Array =>
  Float64Array.from({ length: count }, () => 4 * random() - 2);

export type Values = ReadonlyMap<Node, ArrayLike<number>>;

/** Leaves by map; constants know their own. */
const leafValues =
  (values: Values): LeafValues =>
  (node) =>
    values.get(node) ?? (node.attrs as ConstantAttrs).values;

/** Prepares the graph; the function evaluates its roots for given leaf values. */
export function evaluator(roots: readonly Node[], rows: number): (values: Values) => Float64Array[] {
  const run = interpreterOf(roots, { rows, scalarOf: resolveScalar });
  return (values) => {
    const results = run(leafValues(values));
    return roots.map((root) => results.get(root)!);
  };
}

/** The value of one node. */
export const valueOf = (root: Node, values: Values = new Map(), rows = 3): number[] =>
  Array.from(evaluator([root], rows)(values)[0]!);
