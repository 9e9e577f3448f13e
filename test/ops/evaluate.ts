// A second opinion on lowerings: the plainest evaluator that could be right, apart from the library's own interpreter.

import { resolveScalar } from "../../compiler/formula/resolve.js";
import { evaluateAffine } from "../../src/graph/affine.js";
import {
  identityOf,
  type Body,
  type BodyLeaf,
  type Combiner,
  type Index,
  type Lowering,
} from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import { evaluateDim, evaluateShape, sizeOf, type Shape } from "../../src/graph/shape.js";
import { topological } from "../../src/graph/walk.js";
import type { ConstantAttrs, InputAttrs } from "../../src/ops/leaf/leaves.js";
import { compileExpression, compileScalar } from "../../src/scalar/evaluate.js";

export type Given = Readonly<Record<string, readonly number[]>>;

interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** The value of a node, given its inputs by name. */
export function valueOf(root: Node, given: Given = {}, rows = 1): number[] {
  const leaf = (node: Node): ArrayLike<number> => {
    if (node.def.name === "constant") return (node.attrs as ConstantAttrs).values;
    const values = given[(node.attrs as InputAttrs).name];
    if (!values) throw new Error(`no value for a leaf of op ${node.def.name}`);
    return values;
  };
  return [...evaluate([root], rows, leaf)[0]!];
}

function evaluate(roots: readonly Node[], rows: number, leaf: (node: Node) => ArrayLike<number>): Float64Array[] {
  const known = new Map<Node, Tensor>();
  const tuples = new Map<Node, Float64Array[]>();
  for (const node of topological(roots)) {
    const shape = evaluateShape(node.shape, rows);
    const inputs = node.inputs.map((input) => known.get(input)!);
    known.set(node, { shape, values: one(node, shape, inputs) });
  }
  return roots.map((root) => known.get(root)!.values);

  function one(node: Node, shape: readonly number[], inputs: readonly Tensor[]): Float64Array {
    const { def } = node;
    if (def.expand) return evaluate([def.expand(node)], rows, (inner) => known.get(inner)?.values ?? leaf(inner))[0]!;
    const lowering = def.lower?.({ ...node, output: node });
    if (!lowering) {
      const compute = compileScalar(resolveScalar(def, node.attrs));
      return Float64Array.from(inputs[0]!.values, (_, i) => compute(inputs.map((input) => input.values[i]!)));
    }
    switch (lowering.kind) {
      case "leaf":
        return Float64Array.from(leaf(node));
      case "alias":
        return inputs[0]!.values;
      case "result":
        return tuples.get(node.inputs[0]!)![lowering.index]!;
      case "scan":
        tuples.set(node, loop(lowering, inputs, rows));
        return new Float64Array(1);
      default:
        return loops(lowering, shape, inputs, rows);
    }
  }
}

function loops(
  lowering: Extract<Lowering, { body: Body }>,
  shape: readonly number[],
  inputs: readonly Tensor[],
  rows: number,
): Float64Array {
  const out = new Float64Array(count(shape));
  const compute = (body: Body, at: readonly number[]): number =>
    compileExpression(body, (inner) => () => read(inner, at))();
  const place = (index: readonly Index[], at: readonly number[]): number[] =>
    index.map(({ affine, loaded }) => evaluateAffine(affine, at, rows) + (loaded ? compute(loaded, at) : 0));
  const read = (inner: BodyLeaf, at: readonly number[]): number => {
    if (inner.kind === "size") return evaluateDim(inner.dim, rows);
    if (inner.kind === "index") return evaluateAffine(inner.affine, at, rows);
    const outside = inner.guards.some(({ index, size }) => {
      const position = evaluateAffine(index, at, rows);
      return position < 0 || position >= evaluateDim(size, rows);
    });
    const { shape: from, values } = inputs[inner.operand]!;
    return outside ? inner.otherwise : values[offsetOf(from, place(inner.at, at))]!;
  };
  const { body } = lowering;
  if (lowering.kind === "scatter") {
    const domain = evaluateShape(lowering.domain, rows);
    const combiner = lowering.combiner ?? "sum";
    if (lowering.onto === undefined && combiner !== "last") out.fill(identityOf[combiner]);
    for (const at of positions(domain)) {
      const i = offsetOf(shape, place(lowering.at, at));
      out[i] = combine[combiner](out[i]!, compute(body, at));
    }
    return out;
  }
  const reduced = lowering.kind === "reduce" ? [...positions(evaluateShape(lowering.axes, rows))] : undefined;
  [...positions(shape)].forEach((at, i) => {
    out[i] =
      reduced && lowering.kind === "reduce"
        ? reduced
            .map((inner) => compute(body, [...at, ...inner]))
            .reduce(combine[lowering.combiner], identityOf[lowering.combiner])
        : compute(body, at);
  });
  return out;
}

const combine: Record<Combiner | "last", (a: number, b: number) => number> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  last: (_, b) => b,
};

function loop(scan: Extract<Lowering, { kind: "scan" }>, inputs: readonly Tensor[], rows: number): Float64Array[] {
  const { carries, sequences, reverse, length } = scan;
  const { parameters, results } = scan.region;
  const steps = evaluateDim(length, rows);
  const sizes = (shape: Shape): number => evaluateDim(sizeOf(shape), rows);
  const outputs = results.slice(carries).map(({ shape }) => new Float64Array(steps * sizes(shape)));
  let carried = inputs.slice(0, carries).map((input) => input.values);
  for (let step = 0; step < steps; step++) {
    const time = reverse ? steps - 1 - step : step;
    const given = new Map(
      parameters.map((parameter, i) => {
        if (i < carries) return [parameter, carried[i]!];
        const { values } = inputs[i]!;
        const size = values.length / steps;
        return [parameter, i < carries + sequences ? values.slice(time * size, (time + 1) * size) : values];
      }),
    );
    const made = evaluate(results, rows, (leaf) => given.get(leaf) ?? (leaf.attrs as ConstantAttrs).values);
    carried = made.slice(0, carries);
    made.slice(carries).forEach((values, i) => outputs[i]!.set(values, time * values.length));
  }
  return [...carried, ...outputs];
}

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function* positions(shape: readonly number[], prefix: readonly number[] = []): Generator<readonly number[]> {
  if (prefix.length === shape.length) yield prefix;
  else for (let i = 0; i < shape[prefix.length]!; i++) yield* positions(shape, [...prefix, i]);
}

function offsetOf(shape: readonly number[], at: readonly number[]): number {
  if (at.some((index, i) => !(index >= 0 && index < shape[i]!))) throw new Error(`[${at}] lies outside [${shape}]`);
  return at.reduce((offset, index, i) => offset * shape[i]! + index, 0);
}
