// Random graphs for comparing a rewritten graph with the original: a list of numbers decides each choice, so that
// fast-check can shrink it.

import type { Node } from "../../src/graph/node.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { BATCH, dim, evaluateDim, isOne, sameDim, sizeOf, type Shape } from "../../src/graph/shape.js";
import { relu, leakyRelu, softplus } from "../../src/ops/pointwise/activations.js";
import {
  abs,
  add,
  cos,
  div,
  exp,
  maximum,
  mul,
  neg,
  sigmoid,
  sin,
  square,
  sub,
  tanh,
} from "../../src/ops/pointwise/arithmetic.js";
import { broadcastLast } from "../../src/ops/view/broadcast.js";
import { concat } from "../../src/ops/view/concat.js";
import { matmul } from "../../src/ops/contract/contract.js";
import { greater, logicalNot, where } from "../../src/ops/pointwise/logic.js";
import { stopGradient } from "../../src/ops/marker/markers.js";
import { max, mean, sum } from "../../src/ops/reduce/reduce.js";
import { pad } from "../../src/ops/view/pad.js";
import { slice } from "../../src/ops/view/slicing.js";
import { logSoftmax, softmax } from "../../src/ops/composite/softmax.js";
import { expandDims, flatten, squeeze, transpose } from "../../src/ops/view/views.js";
import { leaf, ORIGIN, weigh } from "../differentiate/check.js";
import { makeFilled } from "../../src/ops/leaf/leaves.js";

export const ROWS = 3;

export interface RandomGraph {
  readonly leaves: readonly Node[];
  readonly values: ReadonlyMap<Node, number[]>;
  /** Nodes made on the way. */
  readonly made: readonly Node[];
  /** A scalar that depends on the last of them. */
  readonly loss: Node;
}

const LEAVES: readonly Shape[] = [
  [BATCH, dim(3)],
  [dim(3), dim(4)],
  [BATCH, dim(4)],
  [dim(3)],
  [dim(4)],
  [],
  [BATCH, dim(1)],
];

type Unary = (x: Tensor) => Node;
type Binary = (a: Tensor, b: Tensor) => Node;

/** Bounded, so that values stay comparable. */
const UNARY: readonly Unary[] = [
  neg,
  tanh,
  sigmoid,
  sin,
  cos,
  relu,
  abs,
  (x) => square(sin(x)),
  (x) => leakyRelu(x, 0.2),
  (x) => exp(tanh(x)),
  softplus,
  stopGradient,
  (x) => neg(neg(x)),
  (x) => add(x, 0),
  (x) => mul(x, 1),
  (x) => mul(x, -1),
  (x) => mul(mul(x, 2), 0.25),
  (x) => div(x, -2),
  (x) => sub(0, x),
  (x) => add(x, x),
];

const BINARY: readonly Binary[] = [
  add,
  sub,
  (a, b) => mul(tanh(a), b),
  (a, b) => div(a, add(square(b), 1)),
  maximum,
  (a, b) => where(greater(a, b), a, neg(b)),
  (a, b) => where(logicalNot(greater(a, b)), tanh(a), b),
  (a, b) => add(neg(a), b),
  (a, b) => sub(a, neg(b)),
  (a, b) => mul(neg(tanh(a)), b),
] as readonly Binary[];

/** Builds a graph from the choices; each list of numbers gives one. */
export function randomGraph(choices: readonly number[]): RandomGraph {
  let at = 0;
  const choose = (below: number): number => (choices[at++] ?? 0) % Math.max(1, below);
  const leaves = LEAVES.map((shape, i) => leaf(`x${i}`, shape));
  const values = new Map(
    leaves.map((node, k) => {
      const count = evaluateDim(sizeOf(node.shape), ROWS);
      return [node, Array.from({ length: count }, (_, i) => Math.sin(1 + 7 * k + 3.7 * i) * 1.1)] as const;
    }),
  );
  const pool: Node[] = [...leaves];
  while (at < choices.length) {
    const x = pool[pool.length - 1 - choose(Math.min(pool.length, 9))]!;
    const next = step(x, pool, choose);
    if (next && next.shape.length <= 4 && evaluateDim(sizeOf(next.shape), ROWS) <= 400) pool.push(next);
  }
  const made = pool.slice(leaves.length);
  const used = made.length > 0 ? made.slice(-3) : [leaves[0]!];
  const loss = used
    .map((node) => weigh(node, makeFilled(ORIGIN, 0.7, node.shape, "float32")))
    .reduce((a, b) => add.at(ORIGIN, a, b));
  return { leaves, values, made, loss };
}

function step(node: Node, pool: readonly Node[], choose: (below: number) => number): Node | undefined {
  const x = node as Tensor;
  const rank = node.shape.length;
  const other = (fits: (y: Node) => boolean): Tensor | undefined => {
    const fitting = pool.filter(fits);
    return fitting[choose(fitting.length)] as Tensor | undefined;
  };
  const batchFree = node.shape.flatMap((d, i) => (d.power === 0 ? [i] : []));
  switch (choose(14)) {
    case 0:
    case 1:
    case 2:
      return UNARY[choose(UNARY.length)]!(x);
    case 3:
    case 4:
    case 5: {
      const y = other((n) => combines(node.shape, n.shape));
      return y && BINARY[choose(BINARY.length)]!(x, y);
    }
    case 6:
    case 7: {
      if (rank === 0) return undefined;
      const axes = node.shape.map((_, i) => i).filter(() => choose(2) === 0);
      const reduce = [sum, mean, max][choose(3)]!;
      return reduce(x, { axis: axes, keepAxes: choose(2) === 0 });
    }
    case 8: {
      const order = node.shape.map((_, i) => i);
      for (let i = rank - 1; i > 0; i--) {
        const j = choose(i + 1);
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return transpose(x, order);
    }
    case 9: {
      const kind = choose(3);
      if (kind === 0) return expandDims(x, choose(rank + 1));
      return kind === 1 ? squeeze(x) : rank > 0 ? flatten(x, choose(rank)) : undefined;
    }
    case 10:
      return broadcastLast(ORIGIN, x, [dim(2), ...node.shape]);
    case 11: {
      if (rank === 0) return undefined;
      const y = other((n) => n.shape.length === 2 && sameDim(n.shape[0]!, node.shape.at(-1)!));
      return y && mul(matmul(x, y as never), 0.3);
    }
    case 12: {
      const axis = batchFree[choose(batchFree.length)];
      if (axis === undefined) return undefined;
      const size = node.shape[axis]!.times;
      const kind = choose(3);
      if (kind === 0) return slice(x, [...Array.from({ length: axis }, () => null), [choose(size), null]]);
      if (kind === 1) return pad(x, node.shape.map((_, i) => (i === axis ? [1, 1] : [0, 0])) as never);
      return concat([x, tanh(x)], { axis });
    }
    default:
      return rank === 0 ? undefined : (choose(2) === 0 ? softmax : logSoftmax)(x, { axis: choose(rank) });
  }
}

const combines = (a: Shape, b: Shape): boolean =>
  Array.from({ length: Math.min(a.length, b.length) }, (_, i) => [a.at(-1 - i)!, b.at(-1 - i)!] as const).every(
    ([x, y]) => sameDim(x, y) || isOne(x) || isOne(y),
  );
