// Gradients against Richardson-extrapolated central differences on the reference interpreter.

import { resolveScalar } from "../../compiler/formula/resolve.js";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { interpreterOf } from "../../src/graph/interpret.js";
import { createNode, type Node } from "../../src/graph/node.js";
import { originOf } from "../../src/graph/origin.js";
import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import { everyNode } from "../../src/graph/walk.js";
import { mul } from "../../src/ops/pointwise/arithmetic.js";
import { makeSum } from "../../src/ops/adjoint-pairs.js";
import { constantDef, inputDef, type ConstantAttrs } from "../../src/ops/leaf/leaves.js";
import { gradientAt } from "../../src/ops/marker/markers.js";

export const ORIGIN = originOf(Object.freeze({ call: "test" }));

/** A leaf for tests: any shape and dtype. */
export const leaf = (name: string, shape: Node["shape"], dtype: Node["dtype"] = "float32"): Node =>
  createNode(inputDef, [], { name, role: "input", shape, dtype }, ORIGIN);

export type Values = ReadonlyMap<Node, ArrayLike<number>>;

/** The values of several roots; leaves that are not given hold the constant's numbers, or zeros. */
export function run(roots: readonly Node[], values: Values, rows: number): Float64Array[] {
  const evaluate = interpreterOf(roots, { rows, scalarOf: resolveScalar });
  const all = evaluate(leafValues(values, rows));
  return roots.map((root) => all.get(root)!);
}

const leafValues =
  (values: Values, rows: number) =>
  (node: Node): ArrayLike<number> => {
    const given = values.get(node);
    if (given) return given;
    const count = evaluateDim(sizeOf(node.shape), rows);
    return node.def === constantDef ? (node.attrs as ConstantAttrs).values : new Array<number>(count).fill(0);
  };

/** A scalar that depends on every element of `x` differently. */
export function weigh(x: Node, weights: Node): Node {
  return makeSum(
    ORIGIN,
    mul.at(ORIGIN, x, weights),
    x.shape.map((_, i) => i),
  );
}

/** Numbers in a range, the same for the same seed. */
export function drawer(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x45d9f3b);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

export const draw = (next: () => number, count: number, low: number, high: number): number[] =>
  Array.from({ length: count }, () => low + (high - low) * next());

export interface Difference {
  /** The largest deviation over the largest gradient. */
  readonly error: number;
  readonly gradients: readonly Float64Array[];
}

/** How far the derived gradients of `y` are from differences of its values. */
export function gradientError(
  y: Node,
  wanted: readonly Node[],
  values: Values,
  rows: number,
  transform: (roots: readonly Node[]) => readonly Node[] = (roots) => roots,
): Difference {
  const derived = transform(differentiate(wanted.map((x) => gradientAt(ORIGIN, y, x))));
  const gradients = run(derived, values, rows);
  const reference = differences(differentiate([y])[0]!, wanted, values, rows);
  const largest = Math.max(1e-3, ...reference.flatMap((list) => list.map(Math.abs)));
  let error = 0;
  gradients.forEach((gradient, k) =>
    gradient.forEach((value, i) => {
      const off = Math.abs(value - reference[k]![i]!) / largest;
      error = Number.isNaN(off) ? Infinity : Math.max(error, off);
    }),
  );
  return { error, gradients };
}

/** Central differences of y, extrapolated twice: the error is of the sixth order. */
function differences(y: Node, wanted: readonly Node[], values: Values, rows: number): number[][] {
  const evaluate = interpreterOf([y], { rows, scalarOf: resolveScalar });
  return wanted.map((x) => {
    const at = Float64Array.from(values.get(x)!);
    const changed = new Map(values).set(x, at);
    const read = leafValues(changed, rows);
    return Array.from(at, (centre, i) => {
      const value = (step: number): number => {
        at[i] = centre + step;
        const result = evaluate(read).get(y)![0]!;
        at[i] = centre;
        return result;
      };
      const slope = (h: number): number => (value(h) - value(-h)) / (2 * h);
      const h = 2e-3;
      const [a, b, c] = [slope(h), slope(h / 2), slope(h / 4)];
      const [ab, bc] = [(4 * b - a) / 3, (4 * c - b) / 3];
      return (16 * bc - ab) / 15;
    });
  });
}

export const opsOf = (roots: readonly Node[]): string[] => everyNode(roots).map((node) => node.def.name);
