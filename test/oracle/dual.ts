// A third opinion: values and directional derivatives by dual numbers, in one sweep forwards. It reads the same records as
// everything else but evaluates them in the plainest way, with derivatives of scalars written down anew.

import { resolveScalar } from "../../compiler/formula/resolve.js";
import { evaluateAffine } from "../../src/graph/affine.js";
import {
  identityOf,
  type Body,
  type BodyLeaf,
  type Combiner,
  type Load,
  type Lowering,
} from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import { evaluateDim, evaluateShape } from "../../src/graph/shape.js";
import { topological } from "../../src/graph/walk.js";
import type { ConstantAttrs } from "../../src/ops/leaf/leaves.js";
import { isApply, isConstant, type Argument, type Expr, type ScalarOp } from "../../src/scalar/expression.js";
import { instructionOf } from "../../src/scalar/instructions.js";
import { elements } from "./leaves.js";
import { indices } from "./plain.js";

type Pair = readonly [value: number, tangent: number];

export interface Dual {
  readonly value: ArrayLike<number>;
  readonly tangent: ArrayLike<number>;
}

/** The slope along a direction, from operands' values x, tangents d and the value y. */
const SLOPES: Partial<Record<ScalarOp, (x: readonly number[], d: readonly number[], y: number) => number>> = {
  add: (_, [a, b]) => a! + b!,
  sub: (_, [a, b]) => a! - b!,
  mul: ([x, z], [a, b]) => a! * z! + x! * b!,
  div: ([x, z], [a, b]) => (a! * z! - x! * b!) / z! ** 2,
  neg: (_, [a]) => -a!,
  abs: ([x], [a]) => (x! < 0 ? -a! : x! > 0 ? a! : 0),
  sqrt: ([x], [a]) => a! / (2 * Math.sqrt(x!)),
  exp: ([x], [a]) => a! * Math.exp(x!),
  expm1: ([x], [a]) => a! * Math.exp(x!),
  log: ([x], [a]) => a! / x!,
  log1p: ([x], [a]) => a! / (1 + x!),
  sin: ([x], [a]) => a! * Math.cos(x!),
  cos: ([x], [a]) => -a! * Math.sin(x!),
  tanh: ([x], [a]) => a! / Math.cosh(x!) ** 2,
  sigmoid: ([x], [a]) => a! / (2 + 2 * Math.cosh(x!)),
  erf: ([x], [a]) => (a! * 2 * Math.exp(-x! * x!)) / Math.sqrt(Math.PI),
  pow: ([x, z], [a, b]) => (a === 0 ? 0 : a! * z! * x! ** (z! - 1)) + (b === 0 ? 0 : b! * x! ** z! * Math.log(x!)),
  min: ([x, z], [a, b]) => (x! < z! ? a! : x! > z! ? b! : (a! + b!) / 2),
  max: ([x, z], [a, b]) => (x! > z! ? a! : x! < z! ? b! : (a! + b!) / 2),
};

function evaluate<Leaf extends { readonly kind: string }>(expr: Expr<Leaf>, leaf: (leaf: Leaf) => Pair): Pair {
  if (isConstant(expr)) return [expr.value, 0];
  if (!isApply(expr)) return leaf(expr as Leaf);
  if (expr.op === "select") return evaluate(expr.args[evaluate(expr.args[0]!, leaf)[0] === 0 ? 2 : 1]!, leaf);
  const args = expr.args.map((arg) => evaluate(arg, leaf));
  const x = args.map(([value]) => value);
  const y = instructionOf(expr.op).value(...x);
  return [
    y,
    SLOPES[expr.op]?.(
      x,
      args.map(([, tangent]) => tangent),
      y,
    ) ?? 0,
  ];
}

interface Scope {
  readonly rows: number;
  readonly duals: Map<Node, Dual>;
  readonly tuples: Map<Node, readonly Dual[]>;
}

/** Values and tangents of the roots; leaves that are not given are constants. */
export function forward(roots: readonly Node[], given: ReadonlyMap<Node, Dual>, rows: number): Dual[] {
  const scope: Scope = { rows, duals: new Map(given), tuples: new Map() };
  return roots.map((root) => dualOf(root, scope));
}

function dualOf(root: Node, scope: Scope): Dual {
  for (const node of topological([root])) {
    if (scope.duals.has(node) || scope.tuples.has(node)) continue;
    const dual = evaluateNode(node, scope);
    if (dual) scope.duals.set(node, dual);
  }
  return scope.duals.get(root)!;
}

function evaluateNode(node: Node, scope: Scope): Dual | undefined {
  const { rows, duals, tuples } = scope;
  const { def } = node;
  if (def.expand) return dualOf(def.expand(node), scope);
  const operands = node.inputs.map((input) => duals.get(input)!);
  if (def.family === "pointwise") {
    const scalar = resolveScalar(def, node.attrs);
    const at =
      (i: number) =>
      (leaf: Argument): Pair =>
        element(operands[leaf.index]!, i);
    return fromPairs(Array.from({ length: elements(node, rows) }, (_, i) => evaluate(scalar, at(i))));
  }
  const lowering = def.lower!({ ...node, output: node });
  switch (lowering.kind) {
    case "alias":
      return operands[0]!;
    case "leaf":
      return constantDual((node.attrs as ConstantAttrs).values);
    case "result":
      return tuples.get(node.inputs[0]!)![lowering.index]!;
    case "scan":
      tuples.set(node, scan(lowering, operands, scope));
      return undefined;
    default:
      return loops(node, lowering, operands, rows);
  }
}

const element = ({ value, tangent }: Dual, i: number): Pair => [value[i]!, tangent[i]!];
const fromPairs = (pairs: readonly Pair[]): Dual => ({
  value: pairs.map(([v]) => v),
  tangent: pairs.map(([, t]) => t),
});
const constantDual = (value: readonly number[]): Dual => ({ value, tangent: value.map(() => 0) });

const COMBINE = { sum: "add", prod: "mul", max: "max", min: "min" } as const satisfies Record<Combiner, ScalarOp>;

function combined(combiner: Combiner, a: Pair, b: Pair): Pair {
  const both = { kind: "apply", op: COMBINE[combiner], args: [{ kind: "a" }, { kind: "b" }] } as const;
  return evaluate<{ kind: "a" | "b" }>(both, (leaf) => (leaf.kind === "a" ? a : b));
}

function loops(
  node: Node,
  lowering: Extract<Lowering, { kind: "map" | "reduce" | "scatter" }>,
  operands: readonly Dual[],
  rows: number,
): Dual {
  const at = (body: Body, index: readonly number[]): Pair => evaluate(body, (leaf) => bodyLeaf(leaf, index));
  const position = (access: Load["at"], shape: readonly number[], index: readonly number[]): number =>
    access.reduce((sum, { affine, loaded }, i) => {
      const n = evaluateAffine(affine, index, rows) + (loaded ? at(loaded, index)[0] : 0);
      if (!(n >= 0 && n < shape[i]!)) throw new RangeError(`${node.def.name} reads ${n} of ${shape[i]}`);
      return sum * shape[i]! + n;
    }, 0);

  function bodyLeaf(leaf: BodyLeaf, index: readonly number[]): Pair {
    if (leaf.kind === "size") return [evaluateDim(leaf.dim, rows), 0];
    if (leaf.kind === "index") return [evaluateAffine(leaf.affine, index, rows), 0];
    const outside = leaf.guards.some((guard) => {
      const n = evaluateAffine(guard.index, index, rows);
      return n < 0 || n >= evaluateDim(guard.size, rows);
    });
    if (outside) return [leaf.otherwise, 0];
    const shape = evaluateShape(node.inputs[leaf.operand]!.shape, rows);
    return element(operands[leaf.operand]!, position(leaf.at, shape, index));
  }

  const output = evaluateShape(node.shape, rows);
  if (lowering.kind === "map") return fromPairs(indices(output).map((index) => at(lowering.body, index)));
  if (lowering.kind === "scatter") {
    const { onto } = lowering;
    const combiner = lowering.combiner ?? "sum";
    const start: Pair = [combiner === "last" ? NaN : identityOf[combiner], 0];
    const sums = indices(output).map((_, i): Pair => (onto === undefined ? start : element(operands[onto]!, i)));
    for (const index of indices(evaluateShape(lowering.domain, rows))) {
      const k = position(lowering.at, output, index);
      const next = at(lowering.body, index);
      sums[k] = combiner === "last" ? next : combined(combiner, sums[k]!, next);
    }
    return fromPairs(sums);
  }
  const inner = indices(evaluateShape(lowering.axes, rows));
  return fromPairs(
    indices(output).map((index) =>
      inner.reduce<Pair>(
        (sum, rest) => combined(lowering.combiner, sum, at(lowering.body, [...index, ...rest])),
        [identityOf[lowering.combiner], 0],
      ),
    ),
  );
}

function scan(attrs: Extract<Lowering, { kind: "scan" }>, inputs: readonly Dual[], { rows }: Scope): readonly Dual[] {
  const { parameters, results } = attrs.region;
  const length = evaluateDim(attrs.length, rows);
  let carries = inputs.slice(0, attrs.carries);
  const stacked: Dual[][] = results.slice(attrs.carries).map(() => []);
  for (let n = 0; n < length; n++) {
    const time = attrs.reverse ? length - 1 - n : n;
    const given = inputs.map((input, i) => {
      if (i < attrs.carries) return carries[i]!;
      return i < attrs.carries + attrs.sequences ? part(input, time, length) : input;
    });
    const now = forward(results, new Map(parameters.map((parameter, i) => [parameter, given[i]!])), rows);
    carries = now.slice(0, attrs.carries);
    stacked.forEach((list, k) => (list[time] = now[attrs.carries + k]!));
  }
  const join = (lists: readonly ArrayLike<number>[]): number[] => lists.flatMap((list) => Array.from(list));
  const outputs = stacked.map((list) => ({
    value: join(list.map((d) => d.value)),
    tangent: join(list.map((d) => d.tangent)),
  }));
  return [...carries, ...outputs];
}

function part({ value, tangent }: Dual, time: number, length: number): Dual {
  const cut = (list: ArrayLike<number>): number[] =>
    Array.from(list).slice((time * list.length) / length, ((time + 1) * list.length) / length);
  return { value: cut(value), tangent: cut(tangent) };
}
