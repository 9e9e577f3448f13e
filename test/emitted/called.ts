// A network around calls of an op, and its comparison with the interpreter.

import type { TargetName } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import type { Sample, SampleInput } from "../../src/graph/op.js";
import type { PublicDim, Shape } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { network } from "../../src/network.js";
import { sgd } from "../../src/optimizers/sgd.js";
import * as ops from "../ops/api.js";
import { copyStates, expectEntry, expectState, fill, pairOf, type Float, type Pair, type Range } from "./harness.js";
import { compiledOf } from "./once.js";

export const CAPACITY = 4;
const SEED = 31;

export interface Called {
  readonly network: Network;
  readonly ranges: Readonly<Record<string, Range>>;
}

const written = (shape: Shape): PublicDim[] => shape as unknown as PublicDim[];
const isBatch = (shape: Shape): boolean => shape.some((d) => d.power > 0);

interface Leaves {
  readonly ranges: Record<string, Range>;
  /** The float inputs: gradients with respect to them are outputs. */
  readonly inputs: [name: string, node: Tensor][];
}

/** What has no batch axis is trained; an operand with one is the sum of an input and a parameter, half of it each. */
function operand({ shape, dtype, below, range: [low, high] }: SampleInput, name: string, leaves: Leaves): Node {
  const [x, p] = [`x${name}`, `p${name}`];
  leaves.ranges[x] = leaves.ranges[p] = [low, high];
  if (dtype !== "float32") return ops.input(x, written(shape), { dtype, ...(below === undefined ? {} : { below }) });
  const sizes = shape.map(({ times, power }) => (power === 0 ? times : 1));
  if (!isBatch(shape)) return ops.parameter(sizes, 0, { name: p });
  leaves.ranges[x] = leaves.ranges[p] = [low / 2, high / 2];
  const input = ops.input(x, written(shape)) as Tensor;
  leaves.inputs.push([`slope${name}`, input]);
  return ops.add(input, ops.parameter(sizes, 0, { name: p }) as never);
}

/** One network that makes all the calls: their results are outputs, and trained where a gradient passes. */
export function networkOf(samples: readonly Sample[], differentiable: boolean): Called {
  const leaves: Leaves = { ranges: {}, inputs: [] };
  const outputs: Record<string, Tensor> = {};
  const losses: Tensor[] = [];
  samples.forEach(({ inputs, build }, i) => {
    const y = build(inputs.map((type, k) => operand(type, `${i}_${k}`, leaves))) as Tensor;
    outputs[`y${i}`] = y;
    if (!differentiable || y.dtype !== "float32" || !inputs.some(({ dtype }) => dtype === "float32")) return;
    leaves.ranges[`w${i}`] = [0.5, 1.5];
    losses.push(ops.mean(ops.mul(y, ops.input(`w${i}`, written(y.shape)) as never) as Tensor));
  });
  if (losses.length === 0) return { network: network("called", { batch: CAPACITY, outputs }), ranges: leaves.ranges };
  const loss = losses.reduce((a, b) => ops.add(a, b as never) as Tensor);
  for (const [name, node] of leaves.inputs) outputs[name] = ops.gradient(loss, node);
  const optimizer = sgd({ rate: 0.05, momentum: 0.5 });
  return { network: network("called", { batch: CAPACITY, outputs, loss, optimizer }), ranges: leaves.ranges };
}

/** Throws where the emitted model and the interpreter differ. `other`: a network to interpret in place of the same one. */
export function expectEqual(
  { network: declared, ranges }: Called,
  dtype: Float,
  { other = declared, target = "typescript" }: { other?: Network; target?: TargetName } = {},
): void {
  expectCalls(pairOf(other, { dtype, compiled: compiledOf(declared, dtype, target), seed: SEED }), ranges);
}

/** Every entry, at one row and at all. */
export function expectCalls(pair: Pair, ranges: Called["ranges"]): void {
  for (const rows of [1, CAPACITY]) {
    copyStates(pair);
    fill(pair, SEED + rows, { parameters: true, ranges });
    expectEntry(pair, "predict", rows);
    if (!("step" in pair.model)) continue;
    expectEntry(pair, "loss", rows);
    expectEntry(pair, "gradients", rows);
    expectEntry(pair, "step", rows);
    if (pair.dtype === "float64") expectEntry(pair, "step", rows);
    expectState(pair);
  }
}
