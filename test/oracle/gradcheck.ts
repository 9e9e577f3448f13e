// Gradients against differences. The compiler's derivative of sum(f(x) * w) for random w is evaluated on the interpreter
// and compared with differences of the same sum; likewise the derivative of the derivative.

import { differentiate } from "../../compiler/1-differentiate/index.js";
import type { Node, TensorType } from "../../src/graph/node.js";
import type { SampleInput } from "../../src/graph/op.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { add, mul } from "../../src/ops/pointwise/arithmetic.js";
import { constant } from "../../src/ops/leaf/leaves.js";
import { gradient } from "../../src/ops/marker/markers.js";
import { sum } from "../../src/ops/reduce/reduce.js";
import { gradientByDifferences, type Quotients } from "../../compiler/differences.js";
import { elements, evaluator, floats, leaf, randomNumbers, valuesFor } from "./leaves.js";

export type Build = (inputs: readonly Node[]) => Node;

export interface Check {
  readonly inputs: readonly SampleInput[];
  readonly build: Build;
  /** The same function with another derivative: what negative controls differentiate. */
  readonly differentiated?: Build;
  readonly rows: number;
  readonly seed: number;
  /** 1: gradients, to 1e-8 of the largest. 2: the gradient of a weighted sum of gradients, to 1e-6. */
  readonly order: 1 | 2;
}

/** Steps are 2^-7, half, a quarter and an eighth of it: the truncation error falls with the eighth power. */
export const FINE: Quotients = { step: 2 ** -7, levels: 4 };

const TOLERANCE = { 1: 1e-8, 2: 1e-6 } as const;

/** The largest number that occurred, for each float input: a check that sees nothing but zeros proves little. */
export type Largest = readonly number[];

/** Throws where the derivative is not what differences say. */
export function expectGradient(check: Check): Largest {
  const { inputs, rows, seed, order } = check;
  const random = randomNumbers(seed);
  const leaves = inputs.map((type, i) => leaf(`x${i}`, type, type.below));
  const given = inputs.map((type) => valuesFor(type, rows, random));
  const varied = inputs.flatMap((type, i) => (type.dtype === "float32" ? [i] : []));
  const scalar = weighted(check.build(leaves), rows, random);
  const wrong = check.differentiated && weighted(check.differentiated(leaves), rows, random, scalar.weights);
  const values = new Map<Node, ArrayLike<number>>(leaves.map((x, i) => [x, given[i]!]));
  const xs = varied.map((i) => leaves[i]!);

  const once = (y: Tensor): Tensor[] => xs.map((x) => gradient(y, x));
  const second = directions(xs, rows, random);
  const target = order === 1 ? scalar.value : second(once(scalar.value));
  const derivatives = order === 1 ? once((wrong ?? scalar).value) : once(second(once((wrong ?? scalar).value)));
  for (const [leaf, array] of [...scalar.leaves, ...second.leaves]) values.set(leaf, array);

  const actual = evaluator(differentiate(derivatives), rows)(values);
  const evaluate = evaluator(differentiate([target]), rows);
  const expected = gradientByDifferences(
    () => evaluate(values)[0]![0]!,
    varied.map((i) => given[i]!),
    FINE,
  );
  return expected.map((reference, k) => {
    expectClose(actual[k]!, reference, TOLERANCE[order], `input ${varied[k]!}, rows ${rows}, seed ${seed}`);
    return largest(reference);
  });
}

const largest = (array: Float64Array): number => array.reduce((m, x) => Math.max(m, Math.abs(x)), 0);

function expectClose(actual: Float64Array, expected: Float64Array, tolerance: number, what: string): void {
  if (actual.length !== expected.length) throw new Error(`${what}: ${actual.length} numbers for ${expected.length}`);
  const size = largest(expected);
  // Where there is no slope, differences see rounding only.
  const bound = tolerance * (size > 1e-5 ? size : 1);
  expected.forEach((value, i) => {
    if (Math.abs(actual[i]! - value) <= bound) return;
    throw new Error(`${what}: element ${i} of the gradient is ${actual[i]}, but differences give ${value}`);
  });
}

/** sum(y * w) with weights away from zero. */
function weighted(y: Node, rows: number, random: () => number, known?: readonly [Tensor, Float64Array]) {
  const weights = known ?? ([leaf("w", float(y)), weightsFor(y, rows, random)] as const);
  return { value: sum(mul(y as Tensor, weights[0])) as Tensor, weights, leaves: [weights] };
}

const float = ({ shape }: TensorType): TensorType => ({ shape, dtype: "float32" });

const weightsFor = (type: TensorType, rows: number, random: () => number): Float64Array =>
  floats(elements(type, rows), random).map((x) => x + Math.sign(x));

/** A weighted sum of all gradients, with one set of weights however often it is asked. */
function directions(xs: readonly Tensor[], rows: number, random: () => number) {
  const leaves = xs.map((x, k) => [leaf(`v${k}`, float(x)), weightsFor(x, rows, random)] as const);
  const combine = (gradients: readonly Tensor[]): Tensor =>
    gradients
      .map((g, k): Tensor => sum(mul(g, leaves[k]![0])) as Tensor)
      .reduce((a, b) => add(a, b) as Tensor, constant(0) as Tensor);
  return Object.assign(combine, { leaves });
}
