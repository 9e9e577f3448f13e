// From a node's meaning to a function of its operands' values: map, reduce and scatter, element by element in row-major
// order.

import { compileExpression } from "../../scalar/evaluate.js";
import { isApply, type Argument, type Scalar } from "../../scalar/expression.js";
import { instructions } from "../../scalar/instructions.js";
import { identityOf, type Body, type Combiner, type Load, type Lowering } from "../lowering.js";
import type { Node } from "../node.js";
import { evaluateDim, evaluateShape, sizeOf } from "../shape.js";
import { invariant } from "../../messages.js";
import { compileBody, compilePosition, plainPosition, type BodyContext } from "./body.js";
import { createOdometer } from "./odometer.js";

export type NodeEvaluator = (operands: readonly Float64Array[]) => Float64Array;

export const elementsOf = (node: Pick<Node, "shape">, rows: number): number => evaluateDim(sizeOf(node.shape), rows);

/** A formula, applied at each position. */
export function pointwiseKernel(node: Node, scalar: Scalar, rows: number): NodeEvaluator {
  const count = elementsOf(node, rows);
  let values: readonly Float64Array[] = [];
  let position = 0;
  const evaluate = compileExpression<Argument>(
    scalar,
    ({ index }) =>
      () =>
        values[index]![position]!,
  );
  return (operands) => {
    values = operands;
    const output = new Float64Array(count);
    for (position = 0; position < count; position++) output[position] = evaluate();
    return output;
  };
}

type Of<K extends Lowering["kind"]> = Extract<Lowering, { kind: K }>;

export function mapKernel(node: Node, { body }: Of<"map">, rows: number): NodeEvaluator {
  const [context, fill] = contextOf(node, evaluateShape(node.shape, rows), rows);
  const { odometer } = context;
  const evaluate = compileBody(body, context);
  const count = elementsOf(node, rows);
  return (operands) => {
    fill(operands);
    const output = new Float64Array(count);
    odometer.start();
    for (let i = 0; i < count; i++, odometer.advance()) output[i] = evaluate();
    return output;
  };
}

export function reduceKernel(node: Node, lowering: Of<"reduce">, rows: number): NodeEvaluator {
  const { body, combiner } = lowering;
  const reduced = evaluateShape(lowering.axes, rows);
  const count = elementsOf(node, rows);
  const depth = reduced.reduce((product, size) => product * size, 1);
  const [context, fill] = contextOf(node, [...evaluateShape(node.shape, rows), ...reduced], rows);
  const { odometer } = context;
  const products = productLoads(body, combiner);
  if (products && reduced.length > 0) {
    const kernel = sumOfProducts(products, context, count, depth);
    if (kernel) return kernel;
  }
  const evaluate = compileBody(body, context);
  const combine = instructions[COMBINE[combiner]].value as (a: number, b: number) => number;
  return (operands) => {
    fill(operands);
    const output = new Float64Array(count);
    odometer.start();
    for (let i = 0; i < count; i++) {
      let sum: number = identityOf[combiner];
      for (let k = 0; k < depth; k++, odometer.advance()) sum = combine(sum, evaluate());
      output[i] = sum;
    }
    return output;
  };
}

const COMBINE = { sum: "add", prod: "mul", max: "max", min: "min" } as const satisfies Record<Combiner, string>;

/** The loads of `sum of a * b`. */
function productLoads(body: Body, combiner: Combiner): readonly [Load, Load] | undefined {
  if (combiner !== "sum" || !isApply(body) || body.op !== "mul") return undefined;
  const [a, b] = [body.args[0]!, body.args[1]!];
  return a.kind === "load" && b.kind === "load" ? [a, b] : undefined;
}

/** Contractions are most of a network's work: their innermost loop runs without calls. The order of summation is the same. */
function sumOfProducts(
  [a, b]: readonly [Load, Load],
  context: BodyContext,
  count: number,
  depth: number,
): NodeEvaluator | undefined {
  const [left, right] = [plainPosition(a, context), plainPosition(b, context)];
  if (!left || !right) return undefined;
  const { extents } = context.odometer;
  const inner = extents.length - 1;
  const length = extents[inner]!;
  const outer = createOdometer(extents.slice(0, inner));
  const [atLeft, atRight] = [left, right].map(({ base, factors }) =>
    outer.follow({ base, factors: factors.slice(0, inner) }),
  );
  const [stepLeft, stepRight] = [left.factors[inner]!, right.factors[inner]!];
  return (operands) => {
    const [x, y] = [operands[a.operand]!, operands[b.operand]!];
    const output = new Float64Array(count);
    outer.start();
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let k = 0; k < depth; k += length, outer.advance()) {
        let p = outer.at[atLeft!]!;
        let q = outer.at[atRight!]!;
        for (let j = 0; j < length; j++, p += stepLeft, q += stepRight) sum += x[p]! * y[q]!;
      }
      output[i] = sum;
    }
    return output;
  };
}

export function scatterKernel(node: Node, lowering: Of<"scatter">, rows: number): NodeEvaluator {
  const { onto, domain, at, body } = lowering;
  const combiner = lowering.combiner ?? "sum";
  const identity = combiner === "last" ? undefined : identityOf[combiner];
  invariant(onto !== undefined || identity !== undefined, "a scatter that keeps the last starts as an operand");
  const extents = evaluateShape(domain, rows);
  const [context, fill] = contextOf(node, extents, rows);
  const { odometer } = context;
  const evaluate = compileBody(body, context);
  const position = compilePosition(at, node, context);
  const count = elementsOf(node, rows);
  const steps = extents.reduce((product, size) => product * size, 1);
  const combine =
    combiner === "last"
      ? (_: number, next: number): number => next
      : (instructions[COMBINE[combiner]].value as (a: number, b: number) => number);
  return (operands) => {
    fill(operands);
    const output = onto === undefined ? new Float64Array(count).fill(identity!) : Float64Array.from(operands[onto]!);
    odometer.start();
    for (let i = 0; i < steps; i++, odometer.advance()) {
      const element = position();
      output[element] = combine(output[element]!, evaluate());
    }
    return output;
  };
}

/** Where a body is compiled, and how the operands of a run are put in. */
function contextOf(
  node: Node,
  extents: readonly number[],
  rows: number,
): [context: BodyContext, fill: (operands: readonly Float64Array[]) => void] {
  const operands: Float64Array[] = [];
  const fill = (values: readonly Float64Array[]): void => {
    values.forEach((value, i) => {
      operands[i] = value;
    });
  };
  return [{ node, rows, odometer: createOdometer(extents), operands }, fill];
}
