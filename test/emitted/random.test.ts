// Small random networks: broadcasts, reductions, slices, concats, transposes, matmuls and the like, emitted in float64 and
// float32 and compared with the interpreter. A failure prints its seed and its shrunk choices.

import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import { BATCH, dim, evaluateDim, isOne, sameDim, sizeOf, type PublicDim, type Shape } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { network } from "../../src/network.js";
import { sgd } from "../../src/optimizers/sgd.js";
import * as ops from "../ops/api.js";
import { expectEntry, expectState, fill, pairOf, type Float } from "./harness.js";

const SEED = 20240611;
const CAPACITY = 3;
const MOST_ELEMENTS = 240;
/** Milliseconds after which no further network is drawn, and a failing one is not made smaller. */
const MOST_TIME = 4_000;

const INPUTS: readonly Shape[] = [[BATCH, dim(3)], [BATCH, dim(2), dim(3)], [BATCH]];
const PARAMETERS: readonly Shape[] = [[dim(3), dim(4)], [dim(3)], [dim(4), dim(3)], [], [dim(2), dim(1)]];

type Choose = (below: number) => number;
type Any = never;

const UNARY: readonly ((x: Tensor) => Node)[] = [
  ops.tanh,
  ops.sigmoid,
  ops.sin,
  ops.relu,
  ops.neg,
  (x) => ops.square(ops.tanh(x)),
  (x) => ops.exp(ops.tanh(x)),
  (x) => ops.mul(x, 0.5),
  ops.softplus,
  ops.stopGradient,
  (x) => ops.sqrt(ops.add(ops.square(x), 0.1)),
];

const BINARY: readonly ((a: Tensor, b: Tensor) => Node)[] = [
  (a, b) => ops.add(a, b as Any),
  (a, b) => ops.sub(a, b as Any),
  (a, b) => ops.mul(ops.tanh(a), b as Any),
  (a, b) => ops.div(a, ops.add(ops.square(b), 1) as Any),
  (a, b) => ops.maximum(a, b as Any),
  (a, b) => ops.where(ops.greater(a, b as Any), ops.sin(a) as Any, b as Any),
];

/** One more node, or nothing where the choice does not fit. */
function next(x: Tensor, pool: readonly Node[], choose: Choose): Node | undefined {
  const rank = x.shape.length;
  const axis = choose(rank);
  const other = (fits: (shape: Shape) => boolean): Tensor | undefined => {
    const fitting = pool.filter((node) => fits(node.shape));
    return fitting[choose(fitting.length)] as Tensor | undefined;
  };
  const kind = choose(16);
  if (kind < 4) return UNARY[choose(UNARY.length)]!(x);
  if (kind < 7) {
    const y = other((shape) => combines(x.shape, shape));
    return y && BINARY[choose(BINARY.length)]!(x, y);
  }
  if (rank === 0) return ops.broadcast(x, [2, 3]);
  const fixed = x.shape[axis]!.power === 0 ? x.shape[axis]!.times : 0;
  const before = Array.from({ length: axis }, () => null);
  switch (kind) {
    case 7:
    case 8: {
      const axes = x.shape.map((_, i) => i).filter(() => choose(2) === 0);
      return [ops.sum, ops.mean, ops.max, ops.logSumExp][choose(4)]!(x, { axis: axes, keepAxes: choose(2) === 0 });
    }
    case 9:
      return ops.transpose(
        x,
        x.shape.map((_, i) => (i + 1 + axis) % rank),
      );
    case 10: {
      if (fixed === 0) return ops.flip(x, axis);
      const from = choose(fixed);
      return ops.slice(x, [...before, [from, null, 1 + choose(2)]]);
    }
    case 11:
      return ops.concat([x, ops.sin(x) as Tensor] as Any, { axis });
    case 12:
      return fixed === 0 ? undefined : ops.pad(x, x.shape.map((_, i) => (i === axis ? [choose(2), 1] : [0, 0])) as Any);
    case 13: {
      const y = other((shape) => shape.length === 2 && sameDim(shape[0]!, x.shape.at(-1)!));
      return y && ops.mul(ops.matmul(x, y as Any) as Tensor, 0.4);
    }
    case 14:
      return ops.softmax(x, { axis });
    default:
      return choose(2) === 0 ? ops.flatten(x, axis) : ops.stack([x, ops.tanh(x)] as Any, { axis });
  }
}

const combines = (a: Shape, b: Shape): boolean =>
  Array.from({ length: Math.min(a.length, b.length) }, (_, i) => [a.at(-1 - i)!, b.at(-1 - i)!] as const).every(
    ([x, y]) => sameDim(x, y) || isOne(x) || isOne(y),
  );

const written = (shape: Shape): PublicDim[] => shape as unknown as PublicDim[];

/** What each output adds to the loss: any smooth function of it. */
const wavy = (y: Tensor): Node => ops.mul(y, ops.cos(y) as Any);
/**
 * The same for float32, whose rounding of a stored sum of 20 is 1e-6: x cos x passes it on twentyfold, and the difference says
 * nothing of the kernels. This function passes on a fifth.
 */
const gentle = (y: Tensor): Node => ops.tanh(ops.mul(y, 0.2));

/** The choices decide each node; the last few are outputs and make up the loss. */
function randomNetwork(choices: readonly number[], term = wavy): Network {
  let at = 0;
  const choose: Choose = (below) => (choices[at++] ?? 0) % Math.max(1, below);
  const pool: Node[] = [
    ...INPUTS.map((shape, i) => ops.input(`x${i}`, written(shape))),
    ...PARAMETERS.map((shape, i) => ops.parameter(written(shape) as number[], 0.1, { name: `p${i}` })),
  ];
  const leaves = pool.length;
  while (at < choices.length) {
    const node = next(pool[pool.length - 1 - choose(Math.min(pool.length, 8))]! as Tensor, pool, choose);
    if (node && node.shape.length <= 4 && evaluateDim(sizeOf(node.shape), CAPACITY) <= MOST_ELEMENTS) pool.push(node);
  }
  const last = pool.slice(leaves).slice(-4) as Tensor[];
  const everyLeaf = pool.slice(0, leaves) as Tensor[];
  const terms = [...last.map((y) => ops.mean(term(y) as Tensor)), ...everyLeaf.map((p) => ops.mean(ops.square(p)))];
  const loss = terms.reduce((a, b) => ops.add(a, b as Any) as Any) as Tensor;
  const outputs = Object.fromEntries(last.map((y, i) => [`y${i}`, y]));
  return network("random", { batch: CAPACITY, outputs, loss, optimizer: sgd({ rate: 0.05, momentum: 0.5 }) });
}

/** Throws where the two differ. `other` is interpreted. */
function expectRandom(declared: Network, dtype: Float, other: Network = declared): void {
  const pair = pairOf(other, { dtype, compiled: compile(declared, { dtype }) });
  fill(pair, SEED, { parameters: true });
  for (const rows of [CAPACITY, 1]) {
    for (const entry of ["predict", "gradients", "step"]) expectEntry(pair, entry, rows);
    expectState(pair);
  }
}

const choices = fc.array(fc.nat(5039), { minLength: 10, maxLength: 80 });

const check = (runs: number, property: (list: number[]) => void): fc.RunDetails<[number[]]> =>
  fc.check(fc.property(choices, property), { seed: SEED, numRuns: runs, interruptAfterTimeLimit: MOST_TIME });

const report = (details: fc.RunDetails<[number[]]>): string =>
  `seed ${SEED}, path ${details.counterexamplePath}: [${details.counterexample?.[0].join(", ")}] ` +
  String(details.errorInstance ?? "");

test("random networks in float64 are what the interpreter makes of them", () => {
  const details = check(100, (list) => expectRandom(randomNetwork(list), "float64"));
  expect(details.counterexample, report(details)).toBe(null);
  expect(details.numRuns).toBeGreaterThan(0);
});

test("random networks in float32 are what the interpreter makes of them", () => {
  const details = check(60, (list) => expectRandom(randomNetwork(list, gentle), "float32"));
  expect(details.counterexample, report(details)).toBe(null);
  expect(details.numRuns).toBeGreaterThan(0);
});

/** Networks that were once wrong, as small as they get. */
const found: Readonly<Record<string, readonly number[]>> = {
  // prettier-ignore
  "a velocity that is stored before its parameter is": [
    0, 0, 2347, 2004, 0, 542, 3706, 899, 2247, 1608, 4069, 3206, 1266, 2388, 2860, 3647, 4912, 1700, 4428, 1423, 4345, 1244,
    4820, 4485, 955, 3579, 2708, 2578, 2827,
  ],
  "a reduction that a later loop needs": [0, 3937, 411, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1641, 750],
  "a shifted read of what the same kernel stores": [0, 0, 3612, 0, 0, 0, 5034, 4, 0, 0],
};

test.each(Object.entries(found))("%s", (_, list) => expectRandom(randomNetwork(list), "float64"));

test("negative control: one op in place of another is found", () => {
  const swapped = (declared: Network): Network => {
    const { y0 } = declared.outputs;
    return { ...declared, outputs: { ...declared.outputs, y0: ops.add(y0 as Tensor, 1e-9) as Node } };
  };
  const details = check(5, (list) => {
    const declared = randomNetwork(list);
    expectRandom(declared, "float64", declared.outputs["y0"] ? swapped(declared) : declared);
  });
  expect(report(details)).toMatch(/outputs y0/);
});
