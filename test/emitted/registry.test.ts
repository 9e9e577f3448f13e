// Every op of the registry in a network of its own: outputs, loss, gradients with respect to parameters and inputs,
// parameters after steps, in both float types, at one row and at all.

import { describe, expect, test } from "vitest";
import { compile, type Compilation } from "../../compiler/pipeline.js";
import type { Network } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import type { OpDef, Sample, SampleInput } from "../../src/graph/op.js";
import type { PublicDim, Shape } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { everyNode } from "../../src/graph/walk.js";
import { network } from "../../src/network.js";
import { registry } from "../../src/ops/registry.js";
import { sgd } from "../../src/optimizers/sgd.js";
import { withScaledArgument } from "../oracle/scaled-rule.js";
import { drawFrom, randomNumbers } from "../oracle/leaves.js";
import * as ops from "../ops/api.js";
import { expectEntry, expectState, fill, pairOf, type Float, type Range } from "./harness.js";
import { unsampled } from "./unsampled.js";

const CAPACITY = 3;
const SEED = 31;

interface Called {
  readonly network: Network;
  readonly ranges: Readonly<Record<string, Range>>;
  readonly batch: boolean;
}

const written = (shape: Shape): PublicDim[] => shape as unknown as PublicDim[];
const isBatch = (shape: Shape): boolean => shape.some((d) => d.power > 0);

/** The op's operands as leaves: what has no batch axis is trained; an input is half of the operand, a parameter the rest. */
function calledBy({ inputs, build }: Sample, differentiable: boolean): Called {
  const ranges: Record<string, Range> = { w: [0.5, 1.5] };
  const leaves: Tensor[] = [];
  const operand = ({ shape, dtype, below, range: [low, high] }: SampleInput, i: number): Node => {
    const [x, p] = [`x${i}`, `p${i}`];
    ranges[x] = [low, high];
    if (dtype !== "float32") return ops.input(x, written(shape), { dtype, ...(below === undefined ? {} : { below }) });
    const make = (): Tensor => {
      const sizes = shape.map(({ times, power }) => (power === 0 ? times : 1));
      return ops.parameter(sizes, 0, { name: p }) as Tensor;
    };
    ranges[p] = [low, high];
    if (!isBatch(shape)) return make();
    ranges[x] = ranges[p] = [low / 2, high / 2];
    const leaf = ops.input(x, written(shape)) as Tensor;
    leaves.push(leaf);
    return ops.add(leaf, make() as never);
  };
  const y = build(inputs.map(operand)) as Tensor;
  const batch = inputs.some(({ shape }) => isBatch(shape)) || isBatch(y.shape);
  const trained = differentiable && y.dtype === "float32" && inputs.some(({ dtype }) => dtype === "float32");
  if (!trained) return { network: network("called", { batch: CAPACITY, outputs: { y } }), ranges, batch };
  const loss = ops.mean(ops.mul(y, ops.input("w", written(y.shape)) as never) as Tensor);
  const toInputs = leaves.map((leaf, i) => [`slope${i}`, ops.gradient(loss, leaf)] as const);
  const outputs = { y, ...Object.fromEntries(toInputs) };
  const optimizer = sgd({ rate: 0.05, momentum: 0.5 });
  return { network: network("called", { batch: CAPACITY, outputs, loss, optimizer }), ranges, batch };
}

/** Throws where the emitted model and the interpreter differ. `other`: a network to interpret in place of the same one. */
function expectEqual(called: Called, dtype: Float, other: Network = called.network): void {
  const compiled: Compilation = compile(called.network, { dtype });
  for (const rows of called.batch ? [1, CAPACITY] : [1]) {
    const pair = pairOf(other, { dtype, compiled, seed: SEED });
    fill(pair, SEED + rows, { parameters: true, ranges: called.ranges });
    expectEntry(pair, "predict", rows);
    if (!("step" in pair.model)) continue;
    expectEntry(pair, "loss", rows);
    expectEntry(pair, "gradients", rows);
    expectEntry(pair, "step", rows);
    if (dtype === "float64") expectEntry(pair, "step", rows);
    expectState(pair);
  }
}

const samplesOf = (def: OpDef): readonly Sample[] => def.samples(drawFrom(randomNumbers(SEED)));
const sampled = registry.filter((def) => samplesOf(def).length > 0);

describe.each(["float64", "float32"] as const)("%s: emitted = interpreted", (dtype) => {
  test.each(sampled.map((def) => [def.name, def] as const))("%s", (_, def) => {
    const failures: string[] = [];
    samplesOf(def).forEach((sample, i) => {
      try {
        expectEqual(calledBy(sample, def.differentiable), dtype);
      } catch (error) {
        failures.push(`sample ${i}: ${(error as Error).message}`);
      }
    });
    expect(failures).toEqual([]);
  });

  test.each(Object.entries(unsampled))("%s", (_, { build, ranges = {} }) => {
    expectEqual({ network: build(CAPACITY), ranges, batch: true }, dtype);
  });
});

test("every op is met", () => {
  // Two kinds of leaves stand in every network with a region or with randomness but are no roots of it.
  const met = new Set<OpDef>(sampled);
  const visit = (roots: readonly Node[]): void => {
    for (const node of everyNode(roots)) {
      met.add(node.def);
      for (const region of node.regions) visit([...region.parameters, ...region.results]);
    }
  };
  for (const { build } of Object.values(unsampled)) {
    const { outputs, steps } = build(CAPACITY);
    visit([...Object.values(outputs), ...Object.values(steps).map((step) => step.loss)]);
  }
  const hidden = new Set(["hyper"]); // every optimizer has one
  expect(registry.filter((def) => !met.has(def) && !hidden.has(def.name)).map((def) => def.name)).toEqual([]);
});

describe("negative controls", () => {
  const sample: Sample = samplesOf(registry.find((def) => def.name === "contract")!)[0]!;

  test.each([
    ["float64", 1 + 1e-9],
    ["float32", 1 + 1e-4],
  ] as const)("%s: a rule that is off by a factor of %d is seen", (dtype, factor) => {
    const off = { ...sample, build: withScaledArgument(0, factor, sample.build) };
    expect(() => expectEqual(calledBy(sample, true), dtype, calledBy(off, true).network)).toThrow(/apart/);
  });
});
